import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from hitl.stats.interval import Interval
from hitl.stats.proportion import exact_interval
from hitl.stats.ratio import clustered_mean, clustered_rate
from hitl.stats.ratio_change import mean_change, rate_change

pytestmark = pytest.mark.validity

Counts = NDArray[np.int64]
Numbers = NDArray[np.float64]

RUNS = 1_500
TWENTY = np.array(
    [10, 15, 20, 25, 30, 30, 40, 40, 50, 60, 60, 70, 80, 90, 100, 120, 150, 200, 300, 400]
)
EIGHT = np.array([20, 30, 50, 80, 100, 150, 250, 400])


def most_misses(promised: float, runs: int = RUNS) -> int:
    """Misses that a kept promise exceeds once in a million simulations."""
    return int(binom.ppf(1.0 - 1e-6, runs, promised))


def reviewers_rates(rng: np.random.Generator, rate: float, alike: float, number: int) -> Numbers:
    """Rates of reviewers whose decisions correlate by ``alike`` (beta-binomial)."""
    if alike == 0.0:
        return np.full(number, rate)
    size = 1.0 / alike - 1.0
    return rng.beta(rate * size, (1.0 - rate) * size, number)


def misses(interval: Interval | None, truth: float) -> bool:
    return interval is None or not interval.low <= truth <= interval.high


def rate_misses(sizes: Counts, rate: float, alike: float) -> int:
    rng = np.random.default_rng([int(1000 * rate), int(1000 * alike), sizes.size])
    found = 0
    for _ in range(RUNS):
        k = rng.binomial(sizes, reviewers_rates(rng, rate, alike, sizes.size))
        found += misses(clustered_rate(k, sizes).interval, rate)
    return found


@pytest.mark.parametrize("alike", [0.0, 0.02, 0.1])
@pytest.mark.parametrize("rate", [0.12, 0.5])
@pytest.mark.parametrize("sizes", [TWENTY, EIGHT], ids=["20 reviewers", "8 reviewers"])
def test_a_rate_of_unequal_reviewers_is_covered_as_promised(
    sizes: Counts, rate: float, alike: float
) -> None:
    assert rate_misses(sizes, rate, alike) <= most_misses(0.05)


@pytest.mark.parametrize(("alike", "missed"), [(0.0, 0.05), (0.02, 0.065), (0.1, 0.08)])
@pytest.mark.parametrize("sizes", [TWENTY, EIGHT], ids=["20 reviewers", "8 reviewers"])
def test_a_rare_rate_is_missed_no_more_often_than_is_documented(
    sizes: Counts, alike: float, missed: float
) -> None:
    assert rate_misses(sizes, 0.04, alike) <= most_misses(missed)


@pytest.mark.parametrize(("variation", "missed"), [(1.0, 0.05), (2.0, 0.1)])
@pytest.mark.parametrize("rate", [0.001, 0.005, 0.02])
def test_a_rate_of_a_few_events_is_missed_no_more_often_than_is_documented(
    rate: float, variation: float, missed: float
) -> None:
    rng, found = np.random.default_rng([int(10_000 * rate), int(variation)]), 0
    for _ in range(RUNS):
        own = rng.gamma(variation**-2, rate * variation**2, TWENTY.size)
        k = rng.binomial(TWENTY, np.minimum(own, 1.0))
        found += misses(clustered_rate(k, TWENTY).interval, rate)

    assert found <= most_misses(missed)


def test_the_interval_of_independent_rows_would_miss_half_of_the_time() -> None:
    rng, missed = np.random.default_rng(1), 0
    for _ in range(RUNS):
        k = rng.binomial(TWENTY, reviewers_rates(rng, 0.12, 0.1, 20))
        missed += misses(exact_interval(int(k.sum()), int(TWENTY.sum())), 0.12)

    assert missed > 0.5 * RUNS


@pytest.mark.parametrize("alike", [0.0, 0.02, 0.1])
@pytest.mark.parametrize(("rate", "later"), [(0.04, 0.04), (0.18, 0.12), (0.5, 0.5)])
def test_a_change_of_the_same_reviewers_is_covered_as_promised(
    rate: float, later: float, alike: float
) -> None:
    rng, missed = np.random.default_rng([int(100 * later), int(100 * alike)]), 0
    for _ in range(RUNS):
        own, after = reviewers_rates(rng, rate, alike, 20), rng.permutation(TWENTY)
        k0, k1 = rng.binomial(TWENTY, own), rng.binomial(after, own * later / rate)
        missed += misses(rate_change((k0, TWENTY), (k1, after)).interval, later - rate)

    assert missed <= most_misses(0.05)


def test_a_mean_and_its_change_are_covered_as_promised() -> None:
    rng, of_mean, of_change = np.random.default_rng(3), 0, 0
    for _ in range(RUNS):
        own = rng.normal(3.0, 0.4, 20)
        first, second = (
            TWENTY * (own + step) + rng.normal(0.0, np.sqrt(TWENTY)) for step in (0.0, 0.2)
        )
        of_mean += misses(clustered_mean(first, TWENTY).interval, 3.0)
        of_change += misses(mean_change((first, TWENTY), (second, TWENTY)).interval, 0.2)

    assert of_mean <= most_misses(0.05)
    assert of_change <= most_misses(0.05)
