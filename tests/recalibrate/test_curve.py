"""Risk and coverage by threshold, on decisions that were made to have a known curve."""

import pytest

from hitl.policy import Policy
from hitl.recalibrate.parts import TypeResult
from hitl.recalibrate.recalibration import Subject, recalibrate
from hitl.recalibrate.scores import Planted, Scores
from hitl.recalibrate.threshold import Ask
from tests.policy.policies import one_type
from tests.recalibrate.counts import AT, BEFORE, MODEL, Line, some_scores

# At or above each threshold: 1000, 2000, ... 5000 decisions, of which 0.3 %, 1.3 %, 2.4 %, 5.1 %, 8.2 % are wrong.
WORKED = (
    Line(0.92, right=997, wrong=3),
    Line(0.85, right=977, wrong=23),
    Line(0.80, right=954, wrong=46),
    Line(0.70, right=868, wrong=132),
    Line(0.60, right=794, wrong=206),
)


def a_result(scores: Scores, previous: str | None = None, **policy: object) -> TypeResult:
    rules: Policy = one_type(**policy)  # type: ignore[arg-type]  # parts of a policy
    return recalibrate(scores, rules, Ask(AT), Subject(MODEL, previous)).types[0]


def test_the_worked_example_is_reproduced() -> None:
    result = a_result(some_scores(*WORKED))

    assert [(point.threshold, round(point.error or 0, 4)) for point in result.curve] == [
        (0.92, 0.003),
        (0.85, 0.013),
        (0.80, 0.024),
        (0.70, 0.051),
        (0.60, 0.082),
    ]
    assert [point.coverage for point in result.curve] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    # 26 errors of 2000 prove 2 %, 72 of 3000 do not.
    assert result.proposed == 0.85
    assert [point.passes for point in result.curve] == [True, True, False, False, False]
    assert [point.is_tested for point in result.curve] == [True, True, True, False, False]


def test_a_week_of_work_is_counted() -> None:
    result = a_result(some_scores(*WORKED, Line(0.92, right=500, eligible=False)))

    point = result.curve[1]
    # In one week 2,000 of 5,500 run alone; the other 3,500 take half a minute each.
    assert point.per_week == 2000
    assert point.misses_per_week == pytest.approx(26)
    assert point.reviewer_hours_per_week == pytest.approx(3500 * 0.5 / 60)
    assert point.escalation == pytest.approx(3500 / 5500)
    assert point.coverage == pytest.approx(0.4)


def test_without_times_nothing_is_said_by_the_week() -> None:
    result = a_result(some_scores(*WORKED, days={}))

    assert {(p.per_week, p.misses_per_week, p.reviewer_hours_per_week) for p in result.curve} == {
        (None, None, None)
    }


def test_both_models_are_shown_at_the_same_thresholds() -> None:
    before = Line(0.88, right=900, wrong=100, model=BEFORE)
    result = a_result(some_scores(*WORKED, before, Line(0.2, right=100, model=BEFORE)), BEFORE)

    assert [p.threshold for p in result.previous_curve] == [p.threshold for p in result.curve]
    assert [p.n_all for p in result.previous_curve] == [0, 1000, 1000, 1000, 1000]
    assert [p.error for p in result.previous_curve] == [None, 0.1, 0.1, 0.1, 0.1]


def test_the_previous_curve_stands_alone_where_the_model_has_no_decision() -> None:
    before = (Line(0.9, right=90, wrong=10, model=BEFORE), Line(0.5, right=100, model=BEFORE))

    result = a_result(some_scores(*before), BEFORE)

    assert result.curve == ()
    assert [p.threshold for p in result.previous_curve] == [0.9, 0.85, 0.5]


def test_the_threshold_in_force_is_on_the_curve() -> None:
    result = a_result(some_scores(Line(0.9, right=500), Line(0.86, right=300, wrong=100), Line(0.3, wrong=1)))  # fmt: skip

    assert 0.85 in [point.threshold for point in result.curve]
    assert result.current_error == pytest.approx(100 / 900)
    assert result.current_error_high is not None
    assert result.current_error_high > 100 / 900


def test_errors_are_weighted_by_the_chance_of_a_label() -> None:
    # 2 of 100 audits wrong among 2,000 that ran alone, 100 of 500 escalated ones: (40 + 100) / 2500.
    result = a_result(some_scores(
        Line(0.9, right=98, wrong=2, unlabelled=1900, probability=0.05),
        Line(0.4, right=400, wrong=100, probability=1.0),
    ))  # fmt: skip

    assert result.curve[0].error == pytest.approx(0.02)
    assert result.curve[-1].error == pytest.approx(140 / 2500)


def test_errors_are_not_said_where_labels_speak_for_nothing() -> None:
    # The audit promises 150 labels and 20 are there.
    result = a_result(some_scores(Line(0.9, right=20, unlabelled=2980, probability=0.05), Line(0.4, right=500)))  # fmt: skip

    assert {(point.error, point.error_high, point.misses_per_week) for point in result.curve} == {
        (None, None, None)
    }
    assert result.curve[0].n == 20


def test_missed_errors_raise_the_rate_and_its_limit() -> None:
    plain = a_result(some_scores(*WORKED)).curve[2]
    raised = a_result(some_scores(*WORKED, planted=Planted(n=200, caught=100))).curve[2]

    assert plain.error == pytest.approx(0.024)
    assert raised.error == pytest.approx(0.048)
    assert plain.error_high is not None
    assert raised.error_high is not None
    assert raised.error_high > 2 * plain.error_high


def test_a_curve_of_one_confidence_has_one_point_and_proves_nothing() -> None:
    result = a_result(some_scores(Line(0.9, right=990, wrong=10)))

    assert [(point.threshold, point.error) for point in result.curve] == [(0.9, 0.01), (0.85, 0.01)]
    assert not any(point.passes for point in result.curve)
    assert result.proposed == "never"
