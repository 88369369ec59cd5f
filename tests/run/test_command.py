import asyncio
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import pytest

from hitl.golden.case import Case
from hitl.manifest.release import ModelSpec, Provider
from hitl.run.local.command import CommandModel
from hitl.run.model import CallError, Completion, Fault, Request
from hitl.run.reply import Finish

ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/", "LC_ALL": "C.UTF-8", "OTHER": "not for you"}
CASE = Case.model_validate(
    {
        "id": "case-1",
        "input": "What now?",
        "context": {"runbook": "restart"},
        "expect": [{"equals": "the-expected"}],
        "reference": "the-reference",
        "outcome": "escalate",
        "zero_tolerance": True,
        "slices": {"impact": "the-slice"},
        "notes": "the-note",
    },
    strict=False,
)
REQUEST = Request("case-1", ({"role": "user", "content": "What now?"},), case=CASE)
SHOW = (
    "import sys, json; asked = json.load(sys.stdin); print(json.dumps({'text': json.dumps(asked)}))"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def a_model(
    folder: Path, *command: str, timeout_s: float = 20, environment=ENVIRONMENT, **fields: object
) -> CommandModel:
    spec = ModelSpec(id="mine", provider=Provider.COMMAND, command=command, **fields)
    return CommandModel(spec, folder, timeout_s, environment)


def in_python(folder: Path, source: str, **fields) -> CommandModel:
    (folder / "model.py").write_text(source)
    return a_model(folder, sys.executable, "model.py", **fields)


def ask(model: CommandModel, request: Request = REQUEST) -> Completion:
    return asyncio.run(model.ask(request, 2))


def fault_of(model: CommandModel) -> tuple[Fault, str]:
    with pytest.raises(CallError) as caught:
        ask(model)
    message = str(caught.value)
    assert message.isprintable()
    return caught.value.fault, message


def is_gone(pid: int) -> bool:
    deadline = monotonic() + 10
    while monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":  # whoever adopted it has not looked yet
            return True
        sleep(0.02)
    return False


def test_every_field_of_a_reply_is_read(folder: Path) -> None:
    reply = {
        "text": "Zoë",
        "tool_calls": [{"name": "look", "arguments": {"id": 4}}],
        "finish": "tool_calls",
        "resolved_model": "mine-2",
        "input_tokens": 3,
        "output_tokens": 1,
        "cost_usd": 0.5,
        "confidence": 0.25,
        "action_type": "advise",
        "labels": {"outcome": "answer"},
    }

    found = ask(in_python(folder, f"print({json.dumps(reply)!r})"))

    assert (found.text, found.finish, found.resolved_model) == (
        "Zoë",
        Finish.TOOL_CALLS,
        "mine-2",
    )
    assert [call.model_dump() for call in found.tool_calls or ()] == reply["tool_calls"]
    assert (found.input_tokens, found.output_tokens, found.cost_usd) == (3, 1, 0.5)
    assert (found.confidence, found.action_type, found.labels) == (
        0.25,
        "advise",
        {"outcome": "answer"},
    )
    assert found.latency_ms is not None
    assert 0 < found.latency_ms < 20_000


def test_the_program_sees_the_question_and_none_of_the_answers(folder: Path) -> None:
    asked = ask(in_python(folder, SHOW, params={"temperature": 0})).text or ""

    assert json.loads(asked) == {
        "case_id": "case-1",
        "repeat": 2,
        "model": "mine",
        "messages": [{"role": "user", "content": "What now?"}],
        "tools": [],
        "input": "What now?",
        "context": {"runbook": "restart"},
        "params": {"temperature": 0},
    }
    for secret in ("the-expected", "the-reference", "escalate", "the-slice", "the-note"):
        assert secret not in asked


def test_without_a_case_there_is_no_input(folder: Path) -> None:
    asked = json.loads(ask(in_python(folder, SHOW), Request("item", ())).text or "")

    assert (asked["case_id"], asked["input"], asked["context"]) == ("item", None, None)


def test_the_program_sees_a_small_environment_and_the_key_that_the_manifest_names(
    folder: Path,
) -> None:
    source = "import os, json; print(json.dumps({'labels': dict(os.environ)}))"
    environment = ENVIRONMENT | {"MY_KEY": "k-1", "OTHER_KEY": "k-2"}

    found = ask(in_python(folder, source, environment=environment, api_key_env="MY_KEY")).labels

    assert found is not None
    assert found["MY_KEY"] == "k-1"
    assert set(found) <= {"PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "MY_KEY"}


def test_a_program_with_a_slash_is_relative_to_the_folder_and_runs_there(folder: Path) -> None:
    program = folder / "bin" / "model"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nprintf \'{"text": "%s"}\' "$PWD $1"\n')
    program.chmod(0o755)

    found = ask(a_model(folder, "bin/model", "$HOME; echo"))

    assert found.text == f"{folder.resolve()} $HOME; echo"


def test_a_program_need_not_read_its_question(folder: Path) -> None:
    long = Request("case", ({"role": "user", "content": "x" * 3_000_000},))

    assert ask(in_python(folder, 'print(\'{"text": "fine"}\')'), long).text == "fine"


@pytest.mark.parametrize(
    ("output", "says"),
    [
        pytest.param("Hello!", "is not JSON", id="plain text"),
        pytest.param("", "is not JSON", id="nothing"),
        pytest.param('{"text": "cut', "is not JSON", id="cut"),
        pytest.param('{"text": "a"}\n{"text": "b"}', "is not JSON", id="two"),
        pytest.param('"text"', "the whole", id="a text"),
        pytest.param("[]", "the whole", id="a list"),
        pytest.param("{}", "holds no reply", id="an empty object"),
        pytest.param('{"input_tokens": 4}', "holds no reply", id="only numbers"),
        pytest.param('{"text": "a", "txt": 1, "more": 2}', "unknown keys: more, txt", id="unknown"),
        pytest.param('{"text": 5}', "text: found 5; expected text", id="a number as text"),
        pytest.param('{"text": "a", "confidence": 2}', "confidence: found 2", id="past 1"),
        pytest.param(
            '{"text": "a", "output_tokens": true}', "output_tokens: ", id="true as number"
        ),
        pytest.param('{"text": "a", "labels": {"x": NaN}}', "NaN or an infinity", id="NaN"),
        pytest.param('{"text": "a", "cost_usd": 1e999}', "cost_usd: ", id="infinity"),
        pytest.param('{"text": "a", "\\u001b[31m": 1}', "unknown keys", id="escape codes"),
    ],
)
def test_output_that_is_no_reply_is_malformed_and_says_why(
    folder: Path, output: str, says: str
) -> None:
    fault, message = fault_of(in_python(folder, f"print({output!r})"))

    assert fault is Fault.MALFORMED
    assert says in message


def test_bytes_that_are_no_text_are_malformed(folder: Path) -> None:
    source = "import sys; sys.stdout.buffer.write(bytes(range(256)) * 100)"

    assert fault_of(in_python(folder, source))[0] is Fault.MALFORMED


def test_a_program_may_say_that_it_failed(folder: Path) -> None:
    fault, message = fault_of(
        in_python(folder, 'print(\'{"finish": "error", "text": "no quota"}\')')
    )

    assert fault is Fault.CRASHED
    assert "no quota" in message


def test_a_crash_tells_the_exit_code_and_the_last_line_of_stderr(folder: Path) -> None:
    source = (
        "import sys; print('first\\n\\x1b[31mno memory\\u202e\\n', file=sys.stderr); sys.exit(3)"
    )

    fault, message = fault_of(in_python(folder, source))

    assert fault is Fault.CRASHED
    assert message.endswith("ended with exit code 3: \\u001b[31mno memory\\u202e")


def test_a_crash_never_tells_the_key(folder: Path) -> None:
    source = "import os, sys; sys.exit('refused ' + os.environ['KEY'])"
    environment = ENVIRONMENT | {"KEY": "very-secret"}

    _, message = fault_of(in_python(folder, source, environment=environment, api_key_env="KEY"))

    assert message.endswith("refused ***")


def test_a_program_that_is_killed_is_a_crash(folder: Path) -> None:
    fault, message = fault_of(in_python(folder, "import os; os.kill(os.getpid(), 9)"))

    assert fault is Fault.CRASHED
    assert "SIGKILL" in message


def test_a_reply_before_a_crash_does_not_count(folder: Path) -> None:
    fault, _ = fault_of(in_python(folder, 'import sys; print(\'{"text": "a"}\'); sys.exit(1)'))

    assert fault is Fault.CRASHED


@pytest.mark.parametrize("command", [("gone",), ("./gone",), ("./",), ("",), ("a\0b",)])
def test_a_program_that_is_not_there_says_what_to_correct(
    folder: Path, command: tuple[str, ...]
) -> None:
    model = a_model(folder, *command)

    fault, message = fault_of(model)
    with pytest.raises(CallError) as probed:
        asyncio.run(model.probe())

    assert fault is probed.value.fault is Fault.NOT_FOUND
    assert "correct `command`" in message
    assert "correct `command`" in str(probed.value)


HANG = """
import subprocess, sys, time, pathlib
children = [subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) for _ in range(2)]
pathlib.Path("pids").write_text(" ".join(str(child.pid) for child in children))
time.sleep(600)
"""


def test_a_hang_is_ended_with_its_children(folder: Path) -> None:
    fault, message = fault_of(in_python(folder, HANG, timeout_s=3))

    assert fault is Fault.TIMEOUT
    assert "within 3 s" in message
    pids = [int(pid) for pid in (folder / "pids").read_text().split()]
    assert len(pids) == 2
    assert all(is_gone(pid) for pid in pids)


def test_an_interrupt_ends_the_program_with_its_children(folder: Path) -> None:
    model = in_python(folder, HANG, timeout_s=600)

    async def interrupted() -> None:
        call = asyncio.create_task(model.ask(REQUEST, 0))
        while not (folder / "pids").is_file() or len((folder / "pids").read_text().split()) < 2:
            await asyncio.sleep(0.02)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    asyncio.run(interrupted())

    assert all(is_gone(int(pid)) for pid in (folder / "pids").read_text().split())


def programs_with(argument: str) -> list[int]:
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(FileNotFoundError, ProcessLookupError):
            if argument.encode() in place.read_bytes().split(b"\0"):
                found.append(int(place.parent.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/cmdline").is_file(), reason="looks for processes in /proc")
def test_an_interrupt_at_any_moment_leaves_no_program_running(folder: Path) -> None:
    mark = f"mark-of-{folder.name}-{os.getpid()}"
    model = a_model(folder, sys.executable, "-c", "import time; time.sleep(600)", mark)

    async def interrupted() -> None:
        for n_turns in range(20):
            call = asyncio.create_task(model.ask(REQUEST, 0))
            for _ in range(n_turns):
                await asyncio.sleep(0)  # one turn of the event loop
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(call, 30)

    asyncio.run(interrupted())

    assert all(is_gone(pid) for pid in programs_with(mark))


def test_children_that_a_program_leaves_behind_are_ended(folder: Path) -> None:
    source = HANG.replace("time.sleep(600)\n", 'print(\'{"text": "a"}\')\n', 1).rsplit("time.", 1)[
        0
    ]
    source = HANG.rpartition("time.sleep(600)")[0] + 'print(\'{"text": "a"}\')'

    assert ask(in_python(folder, source)).text == "a"

    assert all(is_gone(int(pid)) for pid in (folder / "pids").read_text().split())


def test_a_child_outside_the_group_cannot_hold_up_the_answer(folder: Path) -> None:
    source = """
import subprocess, sys, pathlib
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"], start_new_session=True)
pathlib.Path("pid").write_text(str(child.pid))
print('{"text": "a"}')
"""
    started = monotonic()

    try:
        assert ask(in_python(folder, source)).text == "a"
        assert monotonic() - started < 20
    finally:
        os.kill(int((folder / "pid").read_text()), 9)


@pytest.mark.parametrize(
    ("stream", "limit"), [("stdout", 16 << 20), ("stderr", 64 << 10)], ids=["stdout", "stderr"]
)
def test_a_flood_is_cut_off(folder: Path, stream: str, limit: int) -> None:
    source = f"""
import sys, pathlib
for _ in range(50):
    sys.{stream}.write("x" * (1 << 20))
pathlib.Path("finished").touch()
"""
    fault, message = fault_of(in_python(folder, source))

    assert fault is Fault.TOO_LARGE
    assert f"more than {limit} bytes to {stream}" in message
    assert not (folder / "finished").exists()


def test_a_reply_just_under_the_limit_is_whole(folder: Path) -> None:
    found = ask(in_python(folder, "print('{\"text\": \"' + 'x' * 16_000_000 + '\"}')"))

    assert len(found.text or "") == 16_000_000


def test_programs_run_side_by_side(folder: Path) -> None:
    source = """
import pathlib, json, sys, time
asked = json.load(sys.stdin)
pathlib.Path(f"here-{asked['repeat']}").touch()
deadline = time.monotonic() + 60
while len(list(pathlib.Path(".").glob("here-*"))) < 4 and time.monotonic() < deadline:
    time.sleep(0.02)
print(json.dumps({"text": str(asked["repeat"])}))
"""
    model = in_python(folder, source, timeout_s=50)

    async def all_at_once() -> list[Completion]:
        return await asyncio.gather(*(model.ask(REQUEST, repeat) for repeat in range(4)))

    assert [found.text for found in asyncio.run(all_at_once())] == ["0", "1", "2", "3"]


def test_a_changed_program_is_another_endpoint(folder: Path) -> None:
    before = in_python(folder, "print(1)").endpoint
    again = in_python(folder, "print(1)").endpoint
    after = in_python(folder, "print(2)").endpoint
    warmer = in_python(folder, "print(1)", params={"temperature": 1}).endpoint

    assert before == again
    assert len({before, after, warmer}) == 3


def test_an_endpoint_holds_no_key_and_no_path_of_this_machine(folder: Path) -> None:
    (folder / "model").write_text("#!/bin/sh\n")

    endpoint = a_model(
        folder, "./model", environment=ENVIRONMENT | {"KEY": "very-secret"}, api_key_env="KEY"
    ).endpoint

    assert "very-secret" not in endpoint
    assert str(folder) not in endpoint


def test_a_probe_misses_the_key_before_any_call(folder: Path) -> None:
    model = in_python(folder, "raise SystemExit(1)", api_key_env="GONE_KEY")

    with pytest.raises(CallError, match="GONE_KEY") as caught:
        asyncio.run(model.probe())

    assert caught.value.fault is Fault.UNAUTHORIZED


def test_a_probe_runs_nothing(folder: Path) -> None:
    model = in_python(folder, "import pathlib; pathlib.Path('ran').touch()")

    probe = asyncio.run(model.probe())

    assert probe.resolved_model is None
    assert not (folder / "ran").exists()
