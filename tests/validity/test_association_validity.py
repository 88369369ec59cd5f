import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from hitl.stats.association import association_change, correlation_change
from hitl.stats.distribution import jensen_shannon, psi

pytestmark = pytest.mark.validity

RUNS, ROWS = 2_000, 1_000


def most_misses(promised: float, runs: int = RUNS) -> int:
    """Misses that a kept promise exceeds once in a million simulations."""
    return int(binom.ppf(1.0 - 1e-6, runs, promised))


def shares(bad: float, overridden: float = 0.1, odds: float = 9.0) -> NDArray[np.float64]:
    """The table of override by bad outcome with these base rates and this odds ratio."""
    if odds == 1.0:
        both = bad * overridden
    else:
        total = 1.0 + (bad + overridden) * (odds - 1.0)
        inner = total * total - 4.0 * odds * (odds - 1.0) * bad * overridden
        both = (total - math.sqrt(inner)) / (2.0 * (odds - 1.0))
    return np.array([both, overridden - both, bad - both, 1.0 - bad - overridden + both])


def phi(table: NDArray[np.int64]) -> float:
    (a, b), (c, d) = table.tolist()
    return (a * d - b * c) / math.sqrt((a + b) * (c + d) * (a + c) * (b + d))


@pytest.mark.parametrize(
    ("before", "after", "by_fisher"),
    [(0.10, 0.10, 0.23), (0.10, 0.04, 0.55), (0.05, 0.20, 0.54)],
    ids=["same base rate", "rarer", "more often"],
)
def test_an_unchanged_odds_ratio_is_called_changed_at_the_level_and_a_correlation_is_not(
    before: float, after: float, by_fisher: float
) -> None:
    rng = np.random.default_rng(int(1000 * after))
    by_odds = by_correlation = 0
    for _ in range(RUNS):
        first, second = (
            rng.multinomial(ROWS, shares(bad)).reshape(2, 2) for bad in (before, after)
        )
        by_odds += (association_change(first, second).p_two_sided or 0.0) <= 0.05
        correlations = (phi(first), ROWS), (phi(second), ROWS)
        by_correlation += (correlation_change(*correlations).p_two_sided or 0.0) <= 0.05

    assert by_odds <= most_misses(0.05)
    assert by_correlation / RUNS == pytest.approx(by_fisher, abs=0.05)


def test_fishers_z_keeps_its_level_for_what_it_is_made_for() -> None:
    rng, called = np.random.default_rng(2), 0
    spread = np.array([[1.0, 0.4], [0.4, 1.0]])
    for _ in range(RUNS):
        first, second = (rng.multivariate_normal([0, 0], spread, 80) for _ in range(2))
        found = correlation_change(
            (float(np.corrcoef(first.T)[0, 1]), 80), (float(np.corrcoef(second.T)[0, 1]), 80)
        )
        called += (found.p_two_sided or 0.0) <= 0.05

    assert called <= most_misses(0.05)


@pytest.mark.parametrize("rows", [100, 1000])
def test_distributions_that_do_not_shift_are_called_at_the_level_and_fixed_limits_are_not(
    rows: int,
) -> None:
    rng = np.random.default_rng(rows)
    found = [
        (psi(*counts), jensen_shannon(*counts))
        for counts in (rng.multinomial(rows, np.full(10, 0.1), size=2) for _ in range(RUNS))
    ]
    values = np.array([index.value for index, _ in found])

    # The chi-square limit is a large-sample one: 5 % to 7 % with ten rows in a cell.
    assert sum((one.p or 0.0) <= 0.05 for one, _ in found) <= most_misses(0.07)
    assert sum((one.p or 0.0) <= 0.05 for _, one in found) <= most_misses(0.06)
    assert values.mean() == pytest.approx(9 * 2 / rows, rel=0.1)
    if rows == 100:
        assert np.mean(values > 0.1) == pytest.approx(0.86, abs=0.04)
        assert np.mean(values > 0.25) == pytest.approx(0.22, abs=0.04)
