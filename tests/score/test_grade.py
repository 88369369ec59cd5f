import itertools

import pytest

from hitl.golden.case import Case
from hitl.golden.expectation import FieldRule, LabelRule, OutcomeClass, OutcomeRule, TextRule
from hitl.policy.posture import PosturePolicy
from hitl.run.reply import Finish, Reply
from hitl.score.expect.compile import CheckContext, compile_checks
from hitl.score.grade import grade_reply

CASE = Case(id="c")


def grade(rules, **reply):
    return grade_reply(
        compile_checks(rules, CheckContext({}, PosturePolicy())),
        Reply(case_id="c", **reply),
        CASE,
    )


HOLDS, FAILS, UNKNOWN = (
    TextRule(must_include=("a",)),
    TextRule(must_include=("z",)),
    LabelRule(label="ok", equals=True),
)


@pytest.mark.parametrize(
    ("rules", "mark"),
    [
        pytest.param([HOLDS], "pass", id="all hold"),
        pytest.param([HOLDS, FAILS], "fail", id="one fails"),
        pytest.param([HOLDS, UNKNOWN], "unmeasured", id="one is not measured"),
        pytest.param([UNKNOWN, FAILS], "fail", id="a failure outweighs what is not measured"),
        pytest.param([], "unmeasured", id="nothing is expected"),
    ],
)
def test_checks_are_taken_together(rules, mark):
    for order in itertools.permutations(rules):
        assert grade(order, text="a").mark == mark


def test_only_findings_that_are_no_pass_are_kept():
    assert [finding.mark for finding in grade([HOLDS, FAILS, UNKNOWN], text="a").findings] == [
        "fail",
        "unmeasured",
    ]
    assert grade([HOLDS], text="a").findings == ()


@pytest.mark.parametrize(
    "reply", [{"error": "time\nout"}, {"error": ""}, {"text": "a", "finish": Finish.ERROR}]
)
def test_a_failed_call_is_not_measured(reply):
    found = grade([HOLDS], **reply)

    assert found.mark == "unmeasured"
    assert found.findings[0].saw.startswith("the call failed: ")
    assert "\n" not in found.findings[0].saw


def test_nothing_expected_says_so():
    assert grade([], text="a").findings[0].saw == "nothing is expected of this case"


def test_the_tier_counts_only_where_json_was_asked_for():
    assert grade([HOLDS], text='{"a": 1}').tier == ""
    assert grade([FieldRule(field="a", equals=1)], text='{"a": 1}').tier == "strict"
    assert grade([FieldRule(field="a", equals=1)], text='```\n{"a": 1}\n```').tier == "fenced"
    assert grade([FieldRule(field="a", equals=1)], text="a").tier == "none"


def test_the_outcome_is_given_where_it_was_asked_for_or_graded():
    refused = "I can't help with that."

    assert grade([HOLDS], text=refused).outcome == ""
    assert grade([OutcomeRule(outcome=OutcomeClass.ANSWER)], text=refused).outcome == "refusal"
    assert grade([HOLDS], text="a", labels={"outcome": "escalate"}).outcome == "escalate"
    assert grade([HOLDS], text="a", labels={"outcome": "odd"}).outcome == ""
