import pytest

from hitl.cli.session import suite_of
from hitl.run.inputs import load_release
from tests.cli.workspace import Row, Workspace, hold

NOT_TRUE = [
    pytest.param("true", id="the text true"),
    pytest.param("1", id="the text 1"),
    pytest.param("yes", id="the text yes"),
    pytest.param("NaN", id="the text NaN"),
    pytest.param(1, id="the number 1"),
    pytest.param(1.0, id="the number 1.0"),
    pytest.param(None, id="null"),
    pytest.param([True], id="a list"),
    pytest.param({"value": True}, id="an object"),
]


@pytest.mark.parametrize("grade", NOT_TRUE)
@pytest.mark.parametrize("arm", ["previous", "candidate"])
def test_a_grade_that_is_not_true_is_not_measured(
    release: Workspace, grade: object, arm: str
) -> None:
    release.expect({"label": "passed", "equals": True})
    release.both(labels={"passed": True})
    for row in rows(release, arm):
        row["labels"] = {"passed": grade}

    record = hold(release, "block_unmeasured")

    assert record["subsets"][0]["state"] == "unmeasured"


@pytest.mark.parametrize("arm", ["previous", "candidate"])
def test_one_missing_grade_is_enough_to_hold(release: Workspace, arm: str) -> None:
    release.expect({"label": "passed", "equals": True})
    release.both(labels={"passed": True})
    rows(release, arm)[5]["labels"] = {"other": True}

    record = hold(release, "block_unmeasured")

    assert record["subsets"][0]["missing_cases"] == ["c005"]


def test_a_flipped_grade_is_seen(release: Workspace) -> None:
    release.expect({"label": "passed", "equals": True})
    release.both(labels={"passed": True})
    release.gate_class.update(max_regressions=0)
    del release.gate_class["margin"]
    release.candidate[7] = release.candidate[7] | {"labels": {"passed": False}}

    record = hold(release, "block_fail")

    assert record["subsets"][0]["regressed_cases"] == ["c007"]


@pytest.mark.parametrize(
    "rule",
    [
        {"must_not_include": ["x"]},
        {"matches": "."},
        {"tool_calls": {"deny": ["restart"]}},
        {"tool_calls": {"read_only": True}},
        {"posture": "read_only"},
        {"field": "a", "absent": True},
        {"outcome": "answer"},
        {"similar_to": "yes", "at_least": 0},
        {"judge": "grounded", "at_least": 1},
        {"python": "os:getcwd"},
    ],
)
def test_a_reply_of_grades_alone_meets_no_rule_on_its_content(
    release: Workspace, rule: Row
) -> None:
    release.golden["rubrics"] = {"grounded": {"version": "1", "text": "Is it grounded?"}}
    release.expect(rule)
    for row in release.candidate:
        del row["text"]
        row["labels"] = {"seen": True}

    hold(release, "block_unmeasured")


@pytest.mark.parametrize("name", ["latency_ms", "cost_usd"])
def test_a_missing_measure_never_meets_its_limit(release: Workspace, name: str) -> None:
    release.both(**{name: 1.0})
    release.expect({name: {"at_most": 5}})
    del release.candidate[3][name]

    hold(release, "block_unmeasured")


def rows(release: Workspace, arm: str) -> list[Row]:
    return release.previous if arm == "previous" else release.candidate


def test_a_recorded_reply_cannot_bring_its_own_grade(release: Workspace) -> None:
    release.expect({"equals": "yes"})
    suite = suite_of(load_release(release.write()))
    for row in release.candidate:
        stored = {"checks": suite.checks_digest(suite.index[row["case_id"]]), "mark": "pass"}
        row.update(text="no", redacted={"email": 1}, graded=stored)

    hold(release, "block_unmeasured")
