import pytest

from hitl.decisions.measures.words import Metric
from hitl.stats.proportion import exact_interval
from tests.decisions.measures.baselines import MODEL, baseline_of, found, rows, value, why


def test_precision_is_what_was_right_of_what_was_proposed() -> None:
    log = [
        *rows(6, action_type="a", correct="true"),
        *rows(2, action_type="a", correct="false"),
        *rows(1, action_type="a", right_action_type="a"),
        *rows(1, action_type="a", right_action_type="b", correct="true"),
        *rows(10, action_type="a"),
        *rows(5, action_type="b", correct="true"),
    ]

    one = found(baseline_of(log), Metric.PRECISION, action_type="a")

    # 10 labelled; 6 by `correct`, 1 by its type; a named other type outweighs `correct`.
    assert (one.k, one.n) == (7, 10)
    assert one.value == pytest.approx(0.7)
    assert one.reason == "only 50 % of 20 decisions have a label: it speaks for those"
    assert value(baseline_of(log), Metric.PRECISION, resolved_model=MODEL, action_type="b") == 1
    assert "see the groups by action type" in why(baseline_of(log), Metric.PRECISION)


def test_recall_is_what_was_proposed_of_what_would_have_been_right() -> None:
    log = [
        *rows(8, action_type="a", correct="true", right_action_type="a"),
        *rows(1, action_type="a", correct="true"),
        *rows(3, action_type="b", correct="false", right_action_type="a"),
        *rows(5, action_type="b", correct="true", right_action_type="b"),
    ]

    baseline = baseline_of(log)

    # Of 12 for which a was right, 9 were proposed as a: a right row without a named type is right as it is.
    one = found(baseline, Metric.RECALL, action_type="a")
    assert (one.k, one.n) == (9, 12)
    assert value(baseline, Metric.RECALL, action_type="b") == 1
    assert value(baseline, Metric.RECALL, resolved_model=MODEL, action_type="a") == pytest.approx(
        0.75
    )


def test_wrong_decisions_without_the_right_type_may_have_been_of_any_other() -> None:
    log = [
        *rows(8, action_type="a", correct="true", right_action_type="a"),
        *rows(3, action_type="b", correct="false"),
    ]

    baseline = baseline_of(log)

    assert why(baseline, Metric.RECALL, action_type="a").startswith(
        "only 72.7 % of 11 decisions that may have asked"
    )
    assert "no labelled decision asked for this action type" in why(
        baseline, Metric.RECALL, action_type="b"
    )


def test_without_any_named_right_type_there_is_no_recall() -> None:
    log = rows(9, action_type="a", correct="true")

    assert "no row says which action type was right" in why(
        baseline_of(log), Metric.RECALL, action_type="a"
    )


def test_errors_weigh_by_their_severity() -> None:
    log = [
        *rows(96, correct="true"),
        *rows(2, correct="false", severity="low"),
        *rows(1, correct="false", severity="high"),
        *rows(1, correct="false", severity="critical"),
    ]

    one = found(baseline_of(log), Metric.WEIGHTED_FALSE_POSITIVES)

    # (2 * 1 + 10 + 30) / 100; each severity is bounded at a fourth of the error.
    each = [(1, 2), (3, 0), (10, 1), (30, 1)]
    limits = [(weight, exact_interval(k, 100, 0.9875)) for weight, k in each]
    assert one.value == pytest.approx(0.42)
    assert one.low == pytest.approx(sum(weight * limit.low for weight, limit in limits))
    assert one.high == pytest.approx(sum(weight * limit.high for weight, limit in limits))
    assert "low 1, medium 3, high 10, critical 30" in one.method


def test_wrong_decisions_without_a_severity_weigh_nothing_and_so_are_refused() -> None:
    log = [*rows(95, correct="true", severity="low"), *rows(5, correct="false")]

    reason = why(baseline_of(log), Metric.WEIGHTED_FALSE_POSITIVES)

    assert reason == "none of 5 wrong decisions say how severe it is; the floor is 80 %"
