import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from hitl.golden.case import Case
from hitl.manifest.release import ModelSpec, Provider
from hitl.run.local.caller import FunctionCaller
from hitl.run.local.function import FunctionHost, FunctionModel
from hitl.run.model import CallError, Completion, Fault, Request

ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/", "OTHER": "not for you"}
CASE = Case(id="case-1", input="What now?", reference="the-reference", slices={"a": "the-slice"})
REQUEST = Request("case-1", ({"role": "user", "content": "What now?"},), case=CASE)

FUNCTIONS = """
import asyncio, os, pathlib, signal, subprocess, sys, time

def same(value): return value
async def same_later(value):
    await asyncio.sleep(0)
    return value
def makes_a_coroutine(value): return same_later(value)
class Callable_:
    def __call__(self, value): return value
nested = Callable_()
text = "no function"

def fails(value): raise ValueError("no\\n\\x1b[31mluck")
async def fails_later(value): raise KeyError("gone")
def leaves(value): sys.exit(3)
async def leaves_later(value): raise SystemExit(3)
def stops(value): raise StopIteration
def cancels(value): raise asyncio.CancelledError
def crashes(value): print("out of memory", file=sys.stderr, flush=True); os._exit(9)
def prints(value):
    print("hello"); os.system("echo from a shell"); sys.stdout.flush(); os.write(1, b"raw")
    return [value, sys.stdin.read()]
def returns_a_set(value): return {1}
def returns_nan(value): return float("nan")
def returns_a_lot(value): return "x" * (17 << 20)
def returns_a_loop(value):
    loop = []; loop.append(loop)
    return loop
def environment(value): return dict(os.environ)
async def waits(seconds): await asyncio.sleep(seconds); return seconds
def where(value): return [sys.path[0], os.getcwd(), os.getpid()]
def hangs(value):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    pathlib.Path("pids").write_text(f"{child.pid} {os.getpid()}")
    time.sleep(600)
def meets(name):
    pathlib.Path(f"here-{name}").touch()
    deadline = time.monotonic() + 60
    while len(list(pathlib.Path(".").glob("here-*"))) < 8 and time.monotonic() < deadline:
        time.sleep(0.01)
    return name
def once(name):
    mark = pathlib.Path(f"begun-{name}")
    if mark.exists():
        return [name, "again"]
    mark.touch()
    time.sleep(600)
def crashes_when_met(name):
    deadline = time.monotonic() + 60
    while len(list(pathlib.Path(".").glob("begun-*"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    os._exit(9)
def writes_into_the_pipe(value):
    for fd in range(3, 20):
        try: os.write(fd, b"garbage\\n")
        except OSError: pass
    time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine.py").write_text(FUNCTIONS)
    return tmp_path


def hosted(folder: Path, work: Callable[[FunctionHost], Coroutine[Any, Any, Any]]):
    async def run():
        host = FunctionHost(folder, ENVIRONMENT)
        try:
            return await work(host)
        finally:
            await host.close()

    return asyncio.run(run())


def call(folder: Path, function: str, value: object = 1, timeout_s: float = 20):
    async def work(host: FunctionHost) -> object:
        return (await host.call(f"mine:{function}", (value,), timeout_s)).value

    return hosted(folder, work)


def fault_of(folder: Path, function: str, timeout_s: float = 20) -> tuple[Fault, str]:
    async def work(host: FunctionHost) -> tuple[Fault, str]:
        with pytest.raises(CallError) as caught:
            await host.call(function, (1,), timeout_s)
        return caught.value.fault, str(caught.value)

    fault, message = hosted(folder, work)
    assert message.isprintable()
    return fault, message


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


@pytest.mark.parametrize("function", ["same", "same_later", "makes_a_coroutine", "nested"])
@pytest.mark.parametrize("value", ["Zoë \ud800\n", {"a": [1, None, 2.5]}, True, None])
def test_a_value_goes_in_and_comes_back(folder: Path, function: str, value: object) -> None:
    assert call(folder, function, value) == value


@pytest.mark.parametrize(
    ("function", "fault", "says"),
    [
        ("fails", Fault.CRASHED, "raised ValueError: no \\u001b[31mluck"),
        ("fails_later", Fault.CRASHED, "raised KeyError: 'gone'"),
        ("leaves", Fault.CRASHED, "raised SystemExit: 3"),
        ("leaves_later", Fault.CRASHED, "raised SystemExit: 3"),
        ("stops", Fault.CRASHED, "raised StopIteration"),
        ("cancels", Fault.CRASHED, "CancelledError"),
        ("crashes", Fault.CRASHED, "ended its process: out of memory"),
        ("writes_into_the_pipe", Fault.CRASHED, "ended its process"),
        ("returns_a_set", Fault.MALFORMED, "set is not JSON serializable"),
        ("returns_nan", Fault.MALFORMED, "no JSON"),
        ("returns_a_loop", Fault.MALFORMED, "no JSON"),
        ("returns_a_lot", Fault.TOO_LARGE, "at most 16777216"),
        ("gone", Fault.NOT_FOUND, "has no attribute 'gone'"),
        ("text", Fault.NOT_FOUND, "text is str, not a function"),
    ],
)
def test_a_function_that_gives_no_value_says_why(
    folder: Path, function: str, fault: Fault, says: str
) -> None:
    found, message = fault_of(folder, f"mine:{function}")

    assert found is fault
    assert says in message
    assert "Traceback" not in message


def test_a_module_that_is_missing_or_broken_says_so(folder: Path) -> None:
    (folder / "broken.py").write_text("def f(:\n")
    (folder / "needy.py").write_text("import not_installed_anywhere\n")
    (folder / "fatal.py").write_text("import os; os._exit(4)\n")

    assert "No module named 'gone'" in fault_of(folder, "gone:f")[1]
    assert str(folder) in fault_of(folder, "gone:f")[1]
    assert "SyntaxError: invalid syntax (line 1)" in fault_of(folder, "broken:f")[1]
    assert "No module named 'not_installed_anywhere'" in fault_of(folder, "needy:f")[1]
    assert fault_of(folder, "fatal:f")[0] is Fault.CRASHED
    assert fault_of(folder, "no colon")[0] is Fault.NOT_FOUND


def test_a_module_of_the_folder_cannot_stand_in_for_one_that_the_host_needs(folder: Path) -> None:
    for name in ("json", "hitl", "asyncio"):
        (folder / f"{name}.py").write_text("raise RuntimeError('taken over')\n")

    assert call(folder, "same", 4) == 4


def test_what_a_function_prints_does_not_disturb_its_answer(folder: Path) -> None:
    assert call(folder, "prints", 4) == [4, ""]


def test_functions_see_the_environment_that_they_are_given_only(folder: Path) -> None:
    seen = call(folder, "environment")

    assert "USER" not in seen
    assert set(seen) <= set(ENVIRONMENT) | {"LC_CTYPE"}


def test_functions_run_in_the_folder_and_are_looked_for_there_first(folder: Path) -> None:
    path, place, _ = call(folder, "where")

    assert (path, Path(place)) == (str(folder), folder.resolve())


def test_one_process_serves_many_calls(folder: Path) -> None:
    async def work(host: FunctionHost) -> set[object]:
        found = [await host.call("mine:where", (1,), 20) for _ in range(5)]
        return {returned.value[2] for returned in found}

    assert len(hosted(folder, work)) == 1


def test_twenty_calls_that_wait_take_the_time_of_one(folder: Path) -> None:
    async def work(host: FunctionHost) -> tuple[list[object], float]:
        await host.load("mine:waits")
        started = monotonic()
        found = await asyncio.gather(
            *(host.call("mine:waits", (1 + number / 1000,), 20) for number in range(20))
        )
        return [returned.value for returned in found], monotonic() - started

    values, took = hosted(folder, work)

    assert values == [1 + number / 1000 for number in range(20)]
    assert took < 10  # one after the other: 20 s


def test_functions_that_are_not_async_run_side_by_side_too(folder: Path) -> None:
    async def work(host: FunctionHost) -> list[object]:
        calls = (host.call("mine:meets", (name,), 50) for name in range(8))
        return [returned.value for returned in await asyncio.gather(*calls)]

    assert hosted(folder, work) == list(range(8))


def test_a_hang_is_ended_with_its_children_and_the_next_call_works(folder: Path) -> None:
    async def work(host: FunctionHost) -> object:
        with pytest.raises(CallError, match="within 2 s") as caught:
            await host.call("mine:hangs", (1,), 2)
        assert caught.value.fault is Fault.TIMEOUT
        assert all(is_gone(int(pid)) for pid in (folder / "pids").read_text().split())
        return (await host.call("mine:same", (4,), 20)).value

    assert hosted(folder, work) == 4


def test_an_import_that_is_slow_is_not_counted_against_the_call(folder: Path) -> None:
    (folder / "slow.py").write_text("import time; time.sleep(2)\ndef f(value): return value\n")

    async def work(host: FunctionHost) -> object:
        return (await host.call("slow:f", (4,), 1)).value

    assert hosted(folder, work) == 4


@pytest.mark.parametrize("culprit", ["hangs", "crashes_when_met"])
def test_calls_beside_a_culprit_are_asked_again_and_only_the_culprit_fails(
    folder: Path, culprit: str
) -> None:
    async def work(host: FunctionHost) -> list[object]:
        calls = [host.call("mine:once", (name,), 20) for name in range(3)]
        calls.append(host.call(f"mine:{culprit}", (1,), 3))
        return await asyncio.gather(*calls, return_exceptions=True)

    *beside, guilty = hosted(folder, work)

    assert [found.value for found in beside] == [[0, "again"], [1, "again"], [2, "again"]]
    assert isinstance(guilty, CallError)
    assert guilty.fault is (Fault.TIMEOUT if culprit == "hangs" else Fault.CRASHED)


def test_an_interrupt_ends_the_process_with_its_children(folder: Path) -> None:
    async def work(host: FunctionHost) -> None:
        calling = asyncio.create_task(host.call("mine:hangs", (1,), 600))
        while not (folder / "pids").is_file() or len((folder / "pids").read_text().split()) < 2:
            await asyncio.sleep(0.02)
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
        assert all(is_gone(int(pid)) for pid in (folder / "pids").read_text().split())

    hosted(folder, work)


def test_an_interrupt_at_any_moment_is_over_at_once(folder: Path) -> None:
    async def work(host: FunctionHost) -> None:
        for number in range(30):
            call = asyncio.create_task(host.call("mine:waits", (600,), 900))
            await asyncio.sleep(number / 300)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(call, 30)

    hosted(folder, work)


def test_a_parent_that_is_killed_leaves_no_process_behind(folder: Path) -> None:
    source = f"""
import asyncio, pathlib
from hitl.run.local.function import FunctionHost
host = FunctionHost(pathlib.Path({str(folder)!r}), {ENVIRONMENT!r})
asyncio.run(host.call("mine:hangs", (1,), 600))
"""
    parent = subprocess.Popen([sys.executable, "-c", source])
    while not (folder / "pids").is_file() or len((folder / "pids").read_text().split()) < 2:
        assert parent.poll() is None
        sleep(0.02)

    parent.send_signal(signal.SIGKILL)
    parent.wait()

    assert all(is_gone(int(pid)) for pid in (folder / "pids").read_text().split())


def test_a_closed_host_calls_nothing(folder: Path) -> None:
    async def work(host: FunctionHost) -> None:
        await host.call("mine:same", (1,), 20)
        await host.close()
        with pytest.raises(CallError, match="the run is over"):
            await host.call("mine:same", (1,), 20)

    hosted(folder, work)


def test_closing_fails_the_calls_in_flight(folder: Path) -> None:
    async def work(host: FunctionHost) -> CallError:
        calling = asyncio.create_task(host.call("mine:waits", (600,), 900))
        await host.call("mine:same", (1,), 20)
        await host.close()
        with pytest.raises(CallError) as caught:
            await calling
        return caught.value

    assert hosted(folder, work).fault is Fault.CRASHED


# The model.


def a_model(folder: Path, source: str, function: str = "f", **fields: object) -> FunctionModel:
    (folder / "model.py").write_text(source)
    spec = ModelSpec(id="mine", provider=Provider.PYTHON, function=f"model:{function}", **fields)
    environment = ENVIRONMENT | {"MY_KEY": "very-secret"}
    return FunctionModel(spec, folder, 20, environment)


def ask(model: FunctionModel) -> Completion:
    async def work() -> Completion:
        try:
            return await model.ask(REQUEST, 2)
        finally:
            await model.close()

    return asyncio.run(work())


def test_a_function_answers_with_text_or_with_fields(folder: Path) -> None:
    text = ask(a_model(folder, "def f(request): return 'Zoë'"))
    fields = ask(a_model(folder, "async def f(request): return {'text': 'a', 'confidence': 0.5}"))

    assert (text.text, text.confidence) == ("Zoë", None)
    assert (fields.text, fields.confidence) == ("a", 0.5)
    assert text.latency_ms is not None
    assert 0 <= text.latency_ms < 20_000


def test_a_function_sees_the_question_and_none_of_the_answers(folder: Path) -> None:
    source = "import json\ndef f(request): return json.dumps(request)"

    asked = json.loads(ask(a_model(folder, source, params={"temperature": 0})).text or "")

    assert asked == {
        "case_id": "case-1",
        "repeat": 2,
        "model": "mine",
        "messages": [{"role": "user", "content": "What now?"}],
        "tools": [],
        "input": "What now?",
        "context": None,
        "params": {"temperature": 0},
    }


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("5", "is int; expected text, or an object"),
        ("None", "is NoneType"),
        ("['a']", "is list"),
        ("{}", "holds no reply"),
        ("{'text': 'a', 'txt': 1}", "unknown keys: txt"),
        ("{'text': 5}", "text: found 5; expected text"),
        (r"'\ud800'", "is not JSON"),
    ],
)
def test_a_value_that_is_no_reply_is_malformed(folder: Path, value: str, says: str) -> None:
    with pytest.raises(CallError) as caught:
        ask(a_model(folder, f"def f(request): return {value}"))

    assert caught.value.fault is Fault.MALFORMED
    assert says in str(caught.value)


def test_a_function_has_its_key_and_no_error_tells_it(folder: Path) -> None:
    source = "import os\ndef f(request): raise ValueError(os.environ['MY_KEY'])"

    with pytest.raises(CallError, match=r"ValueError: \*\*\*$"):
        ask(a_model(folder, source, api_key_env="MY_KEY"))
    with pytest.raises(CallError, match="KeyError"):
        ask(a_model(folder, source))


def test_a_changed_module_is_another_endpoint_and_is_not_run_to_find_out(folder: Path) -> None:
    source = "import pathlib; pathlib.Path('ran').touch()\ndef f(request): return 'a'\n"
    before, again = a_model(folder, source).endpoint, a_model(folder, source).endpoint
    after = a_model(folder, source + "# changed").endpoint

    assert before == again != after
    assert "no file" not in before
    assert not (folder / "ran").exists()


def test_the_endpoint_of_a_module_in_a_package_follows_its_file(folder: Path) -> None:
    inner = folder / "outer" / "inner.py"
    inner.parent.mkdir()
    (inner.parent / "__init__.py").write_text("raise RuntimeError('was run')")
    spec = ModelSpec(id="mine", provider=Provider.PYTHON, function="outer.inner:f")
    inner.write_text("a = 1")
    before = FunctionModel(spec, folder, 20, {}).endpoint
    inner.write_text("a = 2")

    assert FunctionModel(spec, folder, 20, {}).endpoint != before


def test_a_probe_imports_the_function_and_does_not_call_it(folder: Path) -> None:
    async def probed(model: FunctionModel) -> object:
        try:
            return (await model.probe()).resolved_model
        finally:
            await model.close()

    source = "import pathlib\ndef f(request): pathlib.Path('ran').touch()"
    assert asyncio.run(probed(a_model(folder, source))) is None
    assert not (folder / "ran").exists()
    with pytest.raises(CallError, match="has no attribute 'gone'"):
        asyncio.run(probed(a_model(folder, source, function="gone")))
    with pytest.raises(CallError, match="NO_SUCH_KEY"):
        asyncio.run(probed(a_model(folder, source, api_key_env="NO_SUCH_KEY")))


# For code that waits.


def test_a_caller_gives_values_and_lets_go_of_its_process(folder: Path) -> None:
    with FunctionCaller(folder, ENVIRONMENT) as caller:
        pid = caller.call("mine:where", 1)[2]
        assert caller.call("mine:same", {"a": 1}) == {"a": 1}
        assert "OTHER" not in caller.call("mine:environment", 1)

    assert is_gone(pid)


def test_a_caller_that_calls_nothing_starts_nothing(folder: Path) -> None:
    with FunctionCaller(folder / "gone", ENVIRONMENT) as caller:
        pass

    assert caller._thread is None


def test_a_caller_goes_on_after_a_hang(folder: Path) -> None:
    with FunctionCaller(folder, ENVIRONMENT, timeout_s=1) as caller:
        with pytest.raises(CallError, match="within 1 s"):
            caller.call("mine:hangs", 1)
        assert caller.call("mine:same", 4) == 4


def test_an_interrupt_while_a_caller_waits_ends_everything(folder: Path) -> None:
    source = f"""
import pathlib, signal
from hitl.run.local.caller import FunctionCaller
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job may have it switched off
with FunctionCaller(pathlib.Path({str(folder)!r}), {ENVIRONMENT!r}, timeout_s=600) as caller:
    caller.call("mine:hangs", 1)
"""
    parent = subprocess.Popen([sys.executable, "-c", source], stderr=subprocess.PIPE)
    while not (folder / "pids").is_file() or len((folder / "pids").read_text().split()) < 2:
        assert parent.poll() is None
        sleep(0.02)

    parent.send_signal(signal.SIGINT)
    try:
        _, said = parent.communicate(timeout=60)
    finally:
        parent.kill()
        parent.wait()

    assert said.strip().splitlines()[-1] == b"KeyboardInterrupt"
    assert b"never" not in said  # no task or exception that nobody looked at
    assert all(is_gone(int(pid)) for pid in (folder / "pids").read_text().split())


def test_a_folder_that_is_gone_is_told(folder: Path) -> None:
    with (
        FunctionCaller(folder / "gone", ENVIRONMENT) as caller,
        pytest.raises(CallError, match="can be started"),
    ):
        caller.call("mine:same", 1)
