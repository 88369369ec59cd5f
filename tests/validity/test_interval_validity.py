from typing import Literal

import numpy as np
import pytest
from scipy.stats import binom, lognorm

from hitl.stats.bootstrap import compare_measure
from hitl.stats.proportion import exact_interval
from hitl.stats.quantile import quantile_interval

pytestmark = pytest.mark.validity


def most_errors(promised: float, runs: int) -> int:
    """Errors that a kept promise exceeds once in a million simulations."""
    return int(binom.ppf(1.0 - 1e-6, runs, promised))


@pytest.mark.parametrize("n", [1, 10, 59, 149])
def test_exact_limits_cover_every_rate_at_least_as_often_as_they_say(n: int) -> None:
    bounds = [exact_interval(k, n, 0.90) for k in range(n + 1)]
    lows, highs = (np.array([getattr(b, side) for b in bounds]) for side in ("low", "high"))

    # Summed over every outcome instead of simulated.
    for rate in np.linspace(0.001, 0.999, 333):
        chance = binom.pmf(np.arange(n + 1), n, rate)
        assert float(chance @ (lows > rate)) <= 0.05 + 1e-9
        assert float(chance @ (highs < rate)) <= 0.05 + 1e-9


@pytest.mark.parametrize(("n", "q"), [(20, 0.5), (150, 0.95)])
def test_order_statistics_cover_a_quantile_of_any_distribution(n: int, q: float) -> None:
    rng, runs, truth = np.random.default_rng(n), 2_000, float(lognorm.ppf(q, 1.0))
    missed = 0
    for values in rng.lognormal(size=(runs, n)):
        bound = quantile_interval(values, q, 0.90)
        assert bound is not None
        missed += not bound.low <= truth <= bound.high

    assert missed <= most_errors(0.10, runs)


@pytest.mark.parametrize("statistic", ["mean", "median"])
def test_the_same_latency_twice_is_seldom_called_slower(
    statistic: Literal["mean", "median"],
) -> None:
    rng, runs, n = np.random.default_rng(12), 600, 80
    slower = 0
    for _ in range(runs):
        case = rng.lognormal(0.0, 0.5, n)
        previous, candidate = (case * rng.lognormal(0.0, 0.3, n) for _ in range(2))
        result = compare_measure(previous, candidate, np.arange(n), statistic, 0.90, rng, 200)
        assert result.ratio is not None
        slower += result.ratio.low > 1.0

    assert slower <= most_errors(0.06, runs)  # percentile intervals are a little too narrow
