import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import binom

from hitl.stats.association_clusters import clustered_association_change

pytestmark = pytest.mark.validity

RUNS, PEOPLE, ROWS = 500, 20, 4_000
Tables = NDArray[np.int64]


def two_periods(spread: float, rng: np.random.Generator) -> tuple[Tables, Tables]:
    """Fourfold tables by person of two periods with one truth; people differ in how often and how well they override."""
    busy = rng.dirichlet(np.full(PEOPLE, 2.0))
    often = expit(-2.2 + rng.normal(0.0, spread, PEOPLE))
    bad = expit(-2.0 + 2.0 + rng.normal(0.0, spread, PEOPLE))
    found = []
    for _ in range(2):
        n = rng.multinomial(ROWS, busy)
        overridden = rng.binomial(n, often)
        first, second = rng.binomial(overridden, bad), rng.binomial(n - overridden, expit(-2.0))
        cells = [first, overridden - first, second, n - overridden - second]
        found.append(np.stack(cells, axis=1).reshape(PEOPLE, 2, 2))
    return found[0], found[1]


@pytest.mark.parametrize("spread", [0.0, 0.6, 1.0])
def test_no_change_is_called_one_no_more_often_than_promised(spread: float) -> None:
    rng = np.random.default_rng(20260504)
    n_held = 0
    for _ in range(RUNS):
        found = clustered_association_change(*two_periods(spread, rng)).difference
        n_held += found is not None and found.low <= 0.0 <= found.high

    assert n_held >= int(binom.ppf(1e-6, RUNS, 0.95))
