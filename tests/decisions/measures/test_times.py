import math

import numpy as np
import pytest

from hitl.decisions.counts import a_table
from hitl.decisions.grid import WIDTH
from hitl.decisions.measures.rules import BaselineRules, Key
from hitl.decisions.measures.times import binned_quantile
from hitl.decisions.measures.words import Metric
from hitl.stats.quantile import quantile_interval
from tests.decisions.measures.baselines import Row, baseline_of, found, reviewed, value, why


def timed(seconds: list[float], **values: object) -> list[Row]:
    return [row for one in seconds for row in reviewed(1, "approve", review_seconds=f"{one:.3f}", wait_seconds=f"{2 * one:.3f}", **values)]  # fmt: skip


@pytest.mark.parametrize(("n", "q"), [(10, 0.5), (59, 0.5), (200, 0.95)])
def test_limits_of_bins_hold_those_of_the_values_and_are_at_most_two_bins_wider(
    n: int, q: float
) -> None:
    seconds = np.round(np.random.default_rng(n).lognormal(3, 1, n), 3)
    baseline = baseline_of(timed(seconds.tolist()))
    exact = quantile_interval(seconds, q)
    metric = Metric.REVIEW_SECONDS_MEDIAN if q == 0.5 else Metric.REVIEW_SECONDS_P95

    one = found(baseline, metric)

    assert exact is not None
    assert one.value is not None
    assert one.low is not None
    assert one.high is not None
    assert exact.low / (1 + WIDTH) - 0.001 <= one.low <= exact.low
    assert exact.high <= one.high + 1e-9 <= exact.high * (1 + WIDTH) + 0.001
    assert one.value == pytest.approx(exact.estimate, rel=WIDTH)


def test_too_few_times_bound_no_quantile() -> None:
    baseline = baseline_of(timed([10.0] * 58))

    assert why(baseline, Metric.REVIEW_SECONDS_P95) == "58 times cannot bound such a quantile"
    assert value(baseline, Metric.REVIEW_SECONDS_MEDIAN) == pytest.approx(10, rel=WIDTH)


def test_an_upper_limit_of_the_95th_percentile_takes_72_times_at_95_percent() -> None:
    assert binned_quantile(a_table(review_bin=[100], n=[71]), "review", 0.95, 0.95) is None
    assert binned_quantile(a_table(review_bin=[100], n=[72]), "review", 0.95, 0.95) is not None


def test_rows_without_a_bin_are_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="rows with a time only"):
        binned_quantile(a_table(review_bin=[-1], n=[72]), "review", 0.5, 0.95)


def test_times_that_most_reviews_lack_are_refused() -> None:
    log = [*timed([10.0] * 20), *reviewed(10, "approve")]

    reason = why(baseline_of(log), Metric.REVIEW_SECONDS_MEDIAN)

    assert (
        reason
        == "only 66.7 % of 30 decisions on which a person acted say how long it took; the floor is 80 %"
    )


def test_the_geometric_mean_is_that_of_the_times_to_half_a_bin() -> None:
    log = [*timed([10.0, 20.0] * 10, reviewer_id="a"), *timed([40.0, 80.0] * 10, reviewer_id="b")]

    one = found(baseline_of(log), Metric.REVIEW_SECONDS_GEOMETRIC_MEAN)

    assert one.value == pytest.approx(math.exp(np.log([10, 20, 40, 80]).mean()), rel=WIDTH / 2)
    assert one.n == 40
    assert "2 reviewers" in one.method
    assert one.value is not None
    assert one.low is not None
    assert one.low < one.value / 2


def test_the_geometric_mean_without_people_has_the_limits_of_independent_rows() -> None:
    seconds = np.round(np.random.default_rng(3).lognormal(3, 1, 400), 3)
    log = timed(seconds.tolist(), reviewer_id=None)

    one = found(baseline_of(log), Metric.REVIEW_SECONDS_GEOMETRIC_MEAN)

    logs = np.log(seconds)
    reach = 1.966 * logs.std(ddof=1) / 20
    assert one.low == pytest.approx(math.exp(logs.mean() - reach), rel=0.02)
    assert one.high == pytest.approx(math.exp(logs.mean() + reach), rel=0.02)
    assert "as if rows were independent: none of 400" in one.method


def test_decisions_to_which_nobody_came_make_the_true_wait_longer_and_are_named() -> None:
    log = [*timed([10.0] * 20), *reviewed(3, "timeout", reviewer_id=None, wait_seconds=9999)]

    one = found(baseline_of(log), Metric.WAIT_SECONDS_MEDIAN)

    assert one.n == 20
    assert one.value == pytest.approx(20, rel=WIDTH)
    assert one.reason.startswith("without 3 decisions to which nobody came in time")


def test_times_are_not_known_by_risk_and_say_so() -> None:
    log = timed([10.0] * 20, risk="low")

    baseline = baseline_of(log, BaselineRules(by=(Key.RISK,)))

    assert "times are counted by" in why(baseline, Metric.REVIEW_SECONDS_MEDIAN, risk="low")
    one = found(baseline, Metric.REVIEW_SECONDS_GEOMETRIC_MEAN, risk="low")
    assert one.value == pytest.approx(10, rel=WIDTH)
    assert (one.low, one.high) == (None, None)
    assert "no interval" in one.reason
    assert (
        "reviewers are not counted by these keys"
        in found(baseline, Metric.OVERRIDE_RATE, risk="low").method
    )
