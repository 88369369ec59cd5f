import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hitl.golden.case import Case
from hitl.golden.expectation import PythonRule
from hitl.policy.posture import PosturePolicy
from hitl.run.local.caller import FunctionCaller
from hitl.run.reply import Reply
from hitl.score.answer import Answer
from hitl.score.expect.compile import CheckContext, compile_checks
from hitl.score.expect.function import PythonCheck
from hitl.score.finding import Finding, Mark
from hitl.score.suite import build_suite
from tests.builders import a_golden_set

CASE = Case.model_validate_json(
    '{"id": "case-1", "input": "What now?", "reference": "fine", "expect": [{"equals": "fine"}]}'
)
RULES = """
import os, sys, time
def as_reference(reply, case): return reply["text"] == case["reference"]
async def later(reply, case): return True
def in_words(reply, case):
    return {"pass": reply["text"] == "fine", "saw": f"{len(reply['text'])} letters\\n\\x1b[31m"}
def silent(reply, case): return {"pass": False, "saw": ""}
def shows(reply, case): raise ValueError(sorted(case))
def fails(reply, case): return reply["no such field"]
def hangs(reply, case): time.sleep(600)
def crashes(reply, case): os._exit(1)
def prints(reply, case): print("true"); return False
def one(reply, case): return 1
def none(reply, case): pass
def text(reply, case): return "pass"
def no_saw(reply, case): return {"pass": True}
def more(reply, case): return {"pass": True, "saw": "", "score": 1}
def unsure(reply, case): return {"pass": "yes", "saw": ""}
def too_few(reply): return True
"""


@pytest.fixture
def caller(tmp_path: Path) -> Iterator[FunctionCaller]:
    (tmp_path / "rules.py").write_text(RULES)
    environment = {"PATH": os.environ["PATH"]}
    with FunctionCaller(tmp_path, environment, timeout_s=2) as caller:
        yield caller


def finding(caller: FunctionCaller | None, function: str, text: str = "fine") -> Finding:
    check = PythonCheck(PythonRule(python=f"rules:{function}"), caller)
    return check(Answer(Reply(case_id="case-1", text=text), CASE))


def test_true_passes_and_false_fails(caller: FunctionCaller) -> None:
    assert finding(caller, "as_reference") == Finding("rules:as_reference holds", Mark.PASS, "")
    assert finding(caller, "as_reference", "no").mark is Mark.FAIL
    assert finding(caller, "later").mark is Mark.PASS
    assert finding(caller, "prints").mark is Mark.FAIL


def test_a_function_can_say_what_it_saw(caller: FunctionCaller) -> None:
    assert finding(caller, "in_words").mark is Mark.PASS
    assert finding(caller, "in_words", "no") == Finding(
        "rules:in_words holds", Mark.FAIL, "2 letters\\u000a\\u001b[31m"
    )
    assert finding(caller, "silent").saw == "false"


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        ("one", "returned 1; expected true, false"),
        ("none", "returned null; expected true, false"),
        ("text", 'returned "pass"; expected true, false'),
        ("no_saw", 'returned {"pass": true}; expected true, false'),
        ("more", "expected true, false"),
        ("unsure", "expected true, false"),
        ("fails", "raised KeyError: 'no such field'"),
        ("too_few", "raised TypeError"),
        ("hangs", "timeout: `rules:hangs` did not return within 2 s"),
        ("crashes", "crashed: `rules:crashes` ended its process"),
        ("gone", "not_found: `rules:gone` cannot be loaded"),
    ],
)
def test_anything_else_is_not_measured_and_says_why(
    caller: FunctionCaller, function: str, reason: str
) -> None:
    found = finding(caller, function)

    assert found.mark is Mark.UNMEASURED
    assert reason in found.saw
    assert finding(caller, "as_reference").mark is Mark.PASS  # the next check is none the worse


def test_the_function_gets_the_whole_case_without_its_expectations(caller: FunctionCaller) -> None:
    saw = finding(caller, "shows").saw

    assert "'reference'" in saw
    assert "expect'" not in saw


def test_user_code_does_not_run_unless_it_is_allowed() -> None:
    assert finding(None, "as_reference") == Finding(
        "rules:as_reference holds",
        Mark.UNMEASURED,
        "user code was not run; allow it with --allow-python",
    )


def test_the_caller_of_a_suite_reaches_its_rules(caller: FunctionCaller) -> None:
    golden = a_golden_set({"main": [CASE]}, (PythonRule(python="rules:as_reference"),))

    def mark(functions: FunctionCaller | None) -> Mark:
        suite = build_suite(golden, PosturePolicy(), Path("set.yaml"), functions=functions)
        return suite.checks[0][0](Answer(Reply(case_id="case-1", text="fine"), CASE)).mark

    assert (mark(caller), mark(None)) == (Mark.PASS, Mark.UNMEASURED)


def test_a_thousand_replies_are_checked_by_one_process(
    caller: FunctionCaller, tmp_path: Path
) -> None:
    (tmp_path / "count.py").write_text(
        "import os, pathlib\ndef f(reply, case):\n"
        "    pathlib.Path(f'pid-{os.getpid()}').touch()\n    return True\n"
    )
    context = CheckContext({}, PosturePolicy(), functions=caller)
    (check,) = compile_checks((PythonRule(python="count:f"),), context)

    replies = (Reply(case_id="case-1", repeat=n, text=json.dumps(n)) for n in range(1000))

    assert {check(Answer(reply, CASE)).mark for reply in replies} == {Mark.PASS}
    assert len(list(tmp_path.glob("pid-*"))) == 1
