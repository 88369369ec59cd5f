"""Arms and expectations that are programs of the user, through `hitl gate`."""

import sys

import pytest

from tests.cli.workspace import Row
from tests.live.arms import NEW, OLD, Live

COMMAND = """
import json, sys
asked = json.load(sys.stdin)
assert "expect" not in json.dumps(asked)
print(json.dumps({"text": sys.argv[1], "resolved_model": asked["model"], "cost_usd": 0.001}))
"""
MODULE = """
def answer(asked):
    return {"text": "yes", "resolved_model": asked["model"]}

def is_yes(reply, case):
    return reply["text"] == "yes"
"""


@pytest.fixture
def commands(live: Live) -> Live:
    """Return a release whose arms are a small program."""
    (live.root / "arm.py").write_text(COMMAND)
    live.manifest["previous_model"] = an_arm(OLD)
    live.manifest["candidate_model"] = an_arm(NEW)
    return live.size(10).limits(concurrency=2)


def an_arm(model: str, says: str = "yes") -> Row:
    return {"id": model, "provider": "command", "command": [sys.executable, "arm.py", says]}


@pytest.fixture
def functions(live: Live) -> Live:
    """Return a release whose arms are a Python function."""
    (live.root / "arms.py").write_text(MODULE)
    for arm, model in (("previous_model", OLD), ("candidate_model", NEW)):
        live.manifest[arm] = {"id": model, "provider": "python", "function": "arms:answer"}
    return live


def test_a_program_is_asked_and_judged(commands: Live) -> None:
    commands.gate_class["margin"] = 0.5

    assert commands.gate() == 0
    assert commands.record["candidate_model"]["resolved"] == [NEW]
    assert commands.record["subsets"][0]["candidate"]["n_passed"] == 10


def test_a_program_that_answers_wrongly_holds(commands: Live) -> None:
    commands.manifest["candidate_model"] = an_arm(NEW, "no")
    commands.gate_class["margin"] = 0.5

    assert commands.gate() == 10
    assert commands.record["subsets"][0]["candidate"]["n_passed"] == 0


def test_a_program_that_always_fails_is_no_verdict(
    commands: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    commands.manifest["candidate_model"]["command"] = [sys.executable, "-c", "raise SystemExit(3)"]

    assert commands.gate() == 12
    assert "Traceback" not in capsys.readouterr().err
    assert not commands.record_path.exists()


def test_functions_run_only_when_allowed(
    functions: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    assert functions.gate() == 2
    assert "--allow-python" in capsys.readouterr().err
    assert functions.wrote_nothing()

    assert functions.gate("--allow-python") == 0


def test_expectations_in_python_are_unmeasured_until_they_are_allowed(commands: Live) -> None:
    (commands.root / "arms.py").write_text(MODULE)
    commands.size(20).gate_class["margin"] = 0.3
    commands.expect({"python": "arms:is_yes"})

    assert commands.gate() == 10
    assert commands.record["subsets"][0]["state"] == "unmeasured"
    assert commands.gate("--allow-python") == 0
    assert commands.record["subsets"][0]["state"] == "pass"
    assert len(commands.replies()) == 40


@pytest.fixture
def redacted(commands: Live) -> Live:
    """Return a release whose replies hold an address, which a Python expectation wants to see."""
    (commands.root / "arms.py").write_text(MODULE.replace('== "yes"', '== "mail me@example.com"'))
    for arm, model in (("previous_model", OLD), ("candidate_model", NEW)):
        commands.manifest[arm] = an_arm(model, "mail me@example.com")
    commands.size(20).gate_class["margin"] = 0.3
    commands.expect({"python": "arms:is_yes"})
    return commands


def test_a_run_with_leave_lets_python_expectations_see_replies_before_redaction(
    redacted: Live,
) -> None:
    assert redacted.run("--allow-python") == 0
    assert b"me@example.com" not in redacted.journal.read_bytes()

    assert redacted.gate("--allow-python") == 0
    assert len(redacted.replies()) == 40


def test_a_run_without_leave_leaves_them_unmeasured(redacted: Live) -> None:
    assert redacted.run() == 0

    assert redacted.gate("--allow-python") == 10
    assert redacted.record["subsets"][0]["state"] == "unmeasured"
