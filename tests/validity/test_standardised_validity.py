import numpy as np
import pytest
from scipy.stats import binom

from hitl.stats.standardised import Period, mix_shift

pytestmark = pytest.mark.validity

RUNS = 1_000
RATES, FIRST, SECOND = (
    np.array([0.05, 0.10, 0.30, 0.50]),
    np.array([0.4, 0.3, 0.2, 0.1]),
    np.array([0.2, 0.3, 0.2, 0.3]),
)


def most_misses(promised: float, runs: int = RUNS) -> int:
    """Misses that a kept promise exceeds once in a million simulations."""
    return int(binom.ppf(1.0 - 1e-6, runs, promised))


@pytest.mark.parametrize("strictness", [0.0, 0.5], ids=["alike reviewers", "strict and lenient"])
@pytest.mark.parametrize("reviewers", [8, 20])
@pytest.mark.parametrize("change", [0.0, 0.02], ids=["same rates", "two points more"])
def test_the_part_within_strata_is_covered_and_a_new_mix_is_not_called_a_change(
    reviewers: int, strictness: float, change: float
) -> None:
    rng = np.random.default_rng([reviewers, int(10 * strictness), int(100 * change)])
    within = standardised = crude_called = 0
    for _ in range(RUNS):
        rows = rng.integers(40, 200, reviewers)
        own = rng.uniform(1.0 - strictness, 1.0 + strictness, reviewers)

        def period(mix: np.ndarray, rates: np.ndarray, rows=rows, own=own) -> Period:  # type: ignore[no-untyped-def]
            n = rng.multinomial(rows, mix).T
            return Period(rng.binomial(n, np.outer(rates, own)), n)

        found = mix_shift(period(FIRST, RATES), period(SECOND, RATES + change))
        assert found.within_part is not None
        assert found.standardised is not None
        within += not found.within_part.low <= change <= found.within_part.high
        standardised += not found.standardised.low <= change <= found.standardised.high
        crude_called += found.crude.low > change

    assert within <= most_misses(0.05)
    assert standardised <= most_misses(0.05)
    # The mix alone adds 9 points, which the crude change shows as if decisions had changed.
    assert crude_called > 0.5 * RUNS
