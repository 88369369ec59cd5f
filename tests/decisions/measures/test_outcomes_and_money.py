import math

import pytest

from hitl.decisions.measures.rules import BaselineRules
from hitl.decisions.measures.words import Metric
from hitl.stats.proportion import exact_interval
from tests.decisions.measures.baselines import Row, baseline_of, found, reviewed, rows, value, why

LATE = "2026-05-20T00:00:00Z"
OLD_ENOUGH, TOO_YOUNG = "2026-05-06T00:00:00Z", "2026-05-07T00:00:00Z"


def turned_out(n: int, action: str, outcome: str | None, at: str = OLD_ENOUGH) -> list[Row]:
    return reviewed(n, action, outcome=outcome, at=at, reviewer_id=None)


@pytest.fixture
def log() -> list[Row]:
    return [
        *turned_out(6, "reject", "bad"),
        *turned_out(4, "modify", "good"),
        *turned_out(2, "approve", "bad"),
        *turned_out(38, "approve", "good"),
        *turned_out(7, "approve", "bad", TOO_YOUNG),
        *rows(1, at=LATE),
    ]


def test_the_association_is_a_log_odds_ratio_of_mature_decisions(log: list[Row]) -> None:
    baseline = baseline_of(log)

    one = found(baseline, Metric.OUTCOME_LOG_ODDS)
    error = math.sqrt(1 / 6.5 + 1 / 4.5 + 1 / 2.5 + 1 / 38.5)
    assert one.value == pytest.approx(math.log(6.5 * 38.5 / (4.5 * 2.5)))
    assert one.high == pytest.approx((one.value or 0) + 1.959964 * error, rel=1e-6)
    assert "its outcome is a judgement" in one.reason
    assert "7 decisions younger than 14 days" in one.reason
    assert value(baseline, Metric.BAD_IF_OVERRIDDEN) == pytest.approx(0.6)
    assert value(baseline, Metric.BAD_IF_APPROVED) == pytest.approx(0.05)


def test_less_maturity_lets_more_decisions_in(log: list[Row]) -> None:
    baseline = baseline_of(log, BaselineRules(outcome_maturity_days=13))

    assert value(baseline, Metric.BAD_IF_APPROVED) == pytest.approx(9 / 47)


def test_each_arm_needs_its_own_outcomes(log: list[Row]) -> None:
    baseline = baseline_of([*log, *turned_out(10, "reject", None)])

    assert "only 50 % of 20 decisions that people overrode" in why(
        baseline, Metric.BAD_IF_OVERRIDDEN
    )
    assert "only 50 % of 20" in why(baseline, Metric.OUTCOME_LOG_ODDS)
    assert value(baseline, Metric.BAD_IF_APPROVED) == pytest.approx(0.05)


def test_outcomes_without_a_bad_one_have_nothing_to_compare() -> None:
    log = [*turned_out(5, "reject", "good"), *turned_out(5, "approve", "good"), *rows(1, at=LATE)]

    assert "no outcome is bad" in why(baseline_of(log), Metric.OUTCOME_LOG_ODDS)
    assert value(baseline_of(log), Metric.BAD_IF_APPROVED) == 0


def test_rows_without_a_time_are_never_mature() -> None:
    log = [*turned_out(9, "approve", "good", ""), *rows(1, at=LATE)]

    reason = why(baseline_of(log), Metric.BAD_IF_APPROVED)

    assert "left out: 9 decisions younger than 14 days, or without a time" in reason


def test_the_cost_of_a_corrected_decision_is_that_of_all_over_the_corrected() -> None:
    log = [
        *rows(80, lane="auto", cost_usd=0.01),
        *reviewed(16, "approve", cost_usd=0.02, review_seconds=30, reviewer_id=None),
        *reviewed(4, "reject", cost_usd=0.02, review_seconds=90, reviewer_id=None),
    ]

    plain, hourly = baseline_of(log), baseline_of(log, BaselineRules(hourly_cost_usd=40))

    # 80 * 0.01 + 20 * 0.02 = 1.20 USD; reviews 16 * 30 + 4 * 90 = 840 s, at 40 USD an hour 9.33 USD.
    one = found(plain, Metric.COST_PER_CORRECTED)
    limits = exact_interval(4, 20)
    assert one.value == pytest.approx(1.2 / 4)
    assert (one.low, one.high) == pytest.approx((1.2 / (20 * limits.high), 1.2 / (20 * limits.low)))
    assert one.reason == "counts the model's cost alone"
    assert value(hourly, Metric.COST_PER_CORRECTED) == pytest.approx((1.2 + 840 / 3600 * 40) / 4)


def test_nothing_corrected_has_no_cost_of_a_corrected_decision() -> None:
    log = reviewed(5, "approve", cost_usd=0.02)

    assert (
        why(baseline_of(log), Metric.COST_PER_CORRECTED)
        == "people corrected none of 5 decisions on which they acted"
    )


def test_costs_and_times_that_most_lack_are_no_total() -> None:
    log = [*reviewed(5, "reject", cost_usd=0.02), *reviewed(5, "reject")]
    untimed = reviewed(5, "reject", cost_usd=0.02)

    assert why(baseline_of(log), Metric.COST_PER_CORRECTED).startswith(
        "only 50 % of 10 decisions say what the model cost"
    )
    reason = why(baseline_of(untimed, BaselineRules(hourly_cost_usd=1)), Metric.COST_PER_CORRECTED)
    assert reason.startswith("none of 5 decisions on which a person acted say how long")
