"""A judged margin held against people's labels, with numbers that can be worked out by hand."""

from collections.abc import Mapping

import pytest

from hitl.gate.corrected import corrected_limits, corrected_rules
from hitl.gate.rules import RuleResult, Terms
from hitl.gate.verdict_words import State
from hitl.manifest.gate_class import Authority, GateClass
from hitl.run.arm import Arm
from hitl.score.judge.corrected import CorrectedDifference
from hitl.score.judged import PeopleGrades, ReplyKey
from hitl.stats.prediction import CorrectedMean
from tests.builders import some_cases
from tests.score.judge.world import (
    GROUNDED,
    PAIRED,
    JudgedRelease,
    a_certificate,
    a_judged_set,
    a_release_manifest,
    always,
    put_to_judge,
    wrote,
)

MARGIN = GateClass(subset="main", authority=Authority.BLOCK, margin=0.05)
TERMS = Terms(Authority.BLOCK, 0.95, 0.0, None)
CASES = some_cases(100)


def difference(low: float | None, high: float | None, n_left_out: int = 0) -> CorrectedDifference:
    reason = "" if low is not None else "3 independent labels are too few; expected 8 or more"
    mean = CorrectedMean(-0.01, low, high, 0.5, 40, 60, 0.95, "ppi++, t", reason)
    return CorrectedDifference("main", 0.02, mean, low, high, 100 - n_left_out, n_left_out, 0)


def the_rule(found: CorrectedDifference) -> RuleResult:
    (rule,) = corrected_rules(MARGIN, found, TERMS)
    return rule


@pytest.mark.parametrize(
    ("low", "high", "state"),
    [
        pytest.param(-0.049, 0.02, State.PASS, id="above the margin"),
        pytest.param(-0.05, 0.02, State.UNDECIDED, id="at the margin is not above it"),
        pytest.param(-0.08, -0.05, State.UNDECIDED, id="at the margin is not below it"),
        pytest.param(-0.08, -0.051, State.FAIL, id="below the margin"),
        pytest.param(-0.049, -0.01, State.PASS, id="worse, and within the margin"),
    ],
)
def test_both_limits_are_held_against_the_margin(low: float, high: float, state: State) -> None:
    rule = the_rule(difference(low, high))

    assert (rule.rule, rule.state, rule.value, rule.limit, rule.n) == (
        "corrected_margin",
        state,
        low,
        -0.05,
        40,
    )
    assert not rule.is_short


def test_labels_that_are_too_few_decide_nothing_and_no_condition_lifts_that() -> None:
    rule = the_rule(difference(None, None))

    assert (rule.state, rule.value, rule.is_short) == (State.UNDECIDED, None, True)
    assert "3 independent labels are too few" in rule.message


def test_cases_that_are_left_out_count_as_bad_as_they_could_be() -> None:
    """Ten of a hundred: 0.9 * -0.01 - 0.1 = -0.109, and 0.9 * 0.02 + 0.1 = 0.118."""
    found = difference(-0.01, 0.02, n_left_out=10)

    assert corrected_limits(found) == pytest.approx((-0.109, 0.118))
    assert the_rule(found).state is State.UNDECIDED


def test_without_a_margin_or_labels_there_is_no_rule() -> None:
    floor = GateClass(subset="main", authority=Authority.BLOCK, floor=0.9)

    assert corrected_rules(floor, difference(-0.01, 0.02), TERMS) == ()
    assert corrected_rules(MARGIN, None, TERMS) == ()


def labels(bad: Mapping[Arm, int], n: int = 100) -> PeopleGrades:
    """Label both arms' replies to the first cases; so many of each arm fail."""
    return {
        ReplyKey(arm, case.id, 0): number >= bad.get(arm, 0)
        for arm in Arm
        for number, case in enumerate(CASES[:n])
    }


def release(people: PeopleGrades | None, *authorities: str, rule=GROUNDED) -> JudgedRelease:
    """Let a certified judge that passes everything grade two arms that differ in their words."""
    manifest = a_release_manifest(*authorities)
    return put_to_judge(
        a_judged_set(CASES, rule),
        [wrote(case.id, "old") for case in CASES],
        [wrote(case.id, "new") for case in CASES],
        manifest,
        always("tie", "winner") if rule.pairwise else always(5),
        (a_certificate(manifest, rule),),
        people,
    )


@pytest.mark.parametrize(
    ("people", "state"),
    [
        pytest.param(None, State.PASS, id="no labels are named"),
        pytest.param({}, State.UNDECIDED, id="the labels are empty"),
        pytest.param(labels({}, 7), State.UNDECIDED, id="seven labels"),
        pytest.param(labels({}), State.PASS, id="people see no difference"),
        # 30 of 100 fail; the margin of these releases is 0.1.
        pytest.param(labels({Arm.CANDIDATE: 30}), State.FAIL, id="people see a drop"),
        pytest.param(labels({Arm.PREVIOUS: 30}), State.PASS, id="people see a gain"),
    ],
)
@pytest.mark.parametrize("authority", ["block", "conditional", "rollback_trigger"])
def test_a_judged_subset_passes_only_if_labels_agree(
    people: PeopleGrades | None, state: State, authority: str
) -> None:
    (gate,) = release(people, authority).judgement.gates

    assert gate.state is state
    named = [rule.rule for rule in gate.rules]
    assert ("corrected_margin" in named) == (people is not None)


def test_comparisons_have_no_corrected_margin() -> None:
    (gate,) = release(labels({}), rule=PAIRED).judgement.gates

    assert [rule.rule for rule in gate.rules] == ["margin"]


def test_labels_of_replies_that_are_not_there_correct_nothing() -> None:
    stale = {ReplyKey(arm, f"x{number}", 0): True for arm in Arm for number in range(100)}

    found = release(stale)

    assert found.judgement.gates[0].state is State.UNDECIDED
    assert found.scored.corrected[0].corrected.n_labelled == 0


@pytest.mark.parametrize(("people", "code"), [(labels({}), "judge_corrected"), (None, "judge_uncorrected")])  # fmt: skip
def test_a_reader_learns_whether_people_corrected_the_judge(
    people: PeopleGrades | None, code: str
) -> None:
    manifest_names_labels = {"judge_corrected", "judge_uncorrected"} & release(people).codes

    assert code in manifest_names_labels
