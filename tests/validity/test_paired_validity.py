from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom, multinomial, norm

from hitl.stats.cluster import clustered_difference
from hitl.stats.paired import PairedCounts, difference_interval, mcnemar

pytestmark = pytest.mark.validity

MARGIN, ALPHA, RUNS = 0.05, 0.05, 4_000


def most_errors(promised: float, runs: int) -> int:
    """Errors that a kept promise exceeds once in a million simulations."""
    return int(binom.ppf(1.0 - 1e-6, runs, promised))


def pass_rates(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Cases of mean pass rate 0.92, most of them easy and a few hard."""
    return rng.beta(4.6, 0.4, shape)


def how_often(regressed: NDArray[np.int64], improved: NDArray[np.int64], n: int,
              holds: Callable[[PairedCounts], bool]) -> int:  # fmt: skip
    tables = Counter(zip(regressed.tolist(), improved.tolist(), strict=True))
    return sum(times for (b, c), times in tables.items() if holds(PairedCounts(n - b - c, b, c, 0)))


def is_cleared(counts: PairedCounts) -> bool:
    return difference_interval(counts, 1.0 - 2.0 * ALPHA).low > -MARGIN


def is_flagged(counts: PairedCounts) -> bool:
    return mcnemar(counts).worse <= ALPHA


def same_model_twice(n: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    rates = pass_rates(rng, (RUNS, n))
    previous, candidate = (rng.random((RUNS, n)) < rates for _ in range(2))
    return (previous & ~candidate).sum(axis=1), (candidate & ~previous).sum(axis=1)


@pytest.mark.parametrize("n", [20, 50, 100, 200, 500])
def test_the_same_model_twice_is_called_worse_no_more_often_than_promised(n: int) -> None:
    regressed, improved = same_model_twice(n, seed=n)

    flagged = how_often(regressed, improved, n, is_flagged)
    naive = int(np.count_nonzero(regressed > improved))

    assert flagged <= most_errors(ALPHA, RUNS)
    assert naive > 0.25 * RUNS  # what "the score dropped" does


def test_more_cases_clear_the_same_model_more_often() -> None:
    shares = [
        how_often(*same_model_twice(n, seed=n), n, is_cleared) / RUNS
        for n in (20, 60, 100, 200, 500)
    ]

    assert shares[0] < 0.2
    assert shares == sorted(shares)
    assert shares[-1] > 0.9


@pytest.mark.parametrize("churn", [0.0, 0.02, 0.10])
@pytest.mark.parametrize("n", [20, 50, 100, 300])
def test_a_candidate_worse_by_the_margin_is_cleared_no_more_often_than_promised(
    n: int, churn: float
) -> None:
    rng = np.random.default_rng(round(1000 * churn) + n)
    chances = [churn + MARGIN, churn, 1.0 - 2.0 * churn - MARGIN]
    regressed, improved, _ = rng.multinomial(n, chances, RUNS).T

    assert how_often(regressed, improved, n, is_cleared) <= most_errors(ALPHA, RUNS)


@pytest.mark.parametrize(
    ("n", "wald", "ours"), [(20, 0.38, 0.0), (30, 0.22, 0.0), (50, 0.076, 0.0), (100, 0.108, 0.036)]
)
def test_wald_clears_a_bad_candidate_where_the_deciding_interval_does_not(
    n: int, wald: float, ours: float
) -> None:
    # Only regressions, 5 pp worse, summed over every outcome instead of simulated.
    b = np.arange(n + 1)
    chance = binom.pmf(b, n, MARGIN)
    wald_low = -b / n - norm.ppf(0.95) * np.sqrt(b / n * (1 - b / n) / n)
    cleared = [is_cleared(PairedCounts(n - k, k, 0, 0)) for k in b.tolist()]

    # The table was simulated with an error of about 0.01.
    assert float(chance @ (wald_low > -MARGIN)) == pytest.approx(wald, abs=0.025)
    assert float(chance @ cleared) == pytest.approx(ours, abs=0.005)


def test_the_deciding_interval_covers_almost_as_often_as_it_says() -> None:
    # Exact coverage over all tables of 40 cases; a score interval keeps its level on average.
    n, coverages = 40, []
    for b_rate, c_rate in ((0.05, 0.05), (0.1, 0.05), (0.2, 0.1), (0.02, 0.02), (0.1, 0.3)):
        covered = 0.0
        for b in range(n + 1):
            for c in range(n + 1 - b):
                weight = multinomial.pmf(
                    [b, c, n - b - c], n, [b_rate, c_rate, 1 - b_rate - c_rate]
                )
                if weight > 1e-7:
                    bound = difference_interval(PairedCounts(n - b - c, b, c, 0), 0.95)
                    covered += weight * (bound.low <= c_rate - b_rate <= bound.high)
        coverages.append(covered)

    assert min(coverages) > 0.93


def test_a_second_chance_for_the_candidate_alone_turns_a_loss_into_a_gain() -> None:
    rng, n, runs = np.random.default_rng(33), 200, 1_000
    previous = rng.random((runs, n)) < 0.90
    first, second = (rng.random((runs, n)) < 0.85 for _ in range(2))

    def estimates(candidate: NDArray[np.bool_]) -> NDArray[np.float64]:
        pairs = zip(previous, candidate, strict=True)
        return np.array([PairedCounts.of(one, other).difference for one, other in pairs])

    once, retried = estimates(first), estimates(first | second)

    assert once.mean() == pytest.approx(-0.05, abs=0.005)
    assert np.mean(once >= 0) < 0.10
    assert retried.mean() == pytest.approx(0.0775, abs=0.005)  # 0.85 + 0.15 * 0.85 - 0.90
    assert np.mean(retried >= 0) > 0.95


def scores(rng: np.random.Generator, cases: int, repeats: int) -> NDArray[np.float64]:
    """Two arms of equal mean that differ case by case, each case repeated."""
    rates = rng.beta(2.0, 1.0, (2, cases))
    return np.asarray(rng.binomial(repeats, rates) / repeats)


@pytest.mark.parametrize(("cases", "repeats"), [(50, 5), (50, 10), (200, 10)])
def test_repeats_counted_as_cases_raise_false_alarms_and_cases_do_not(
    cases: int, repeats: int
) -> None:
    rng, runs = np.random.default_rng(cases + repeats), 1_500
    by_case = pooled = 0
    for _ in range(runs):
        previous, candidate = scores(rng, cases, repeats)
        result = clustered_difference(candidate - previous, np.arange(cases), 0.95)
        by_case += result.p_two_sided <= ALPHA
        n, rates = cases * repeats, np.array([previous.mean(), candidate.mean()])
        error = np.sqrt(2.0 * rates.mean() * (1.0 - rates.mean()) / n)
        pooled += abs(rates[1] - rates[0]) > norm.ppf(0.975) * error

    assert by_case <= most_errors(ALPHA, runs)
    assert pooled > most_errors(ALPHA, runs)


def test_scenarios_shared_by_cases_raise_false_alarms_unless_they_are_the_clusters() -> None:
    rng, runs = np.random.default_rng(45), 2_000
    scenario = np.repeat(np.arange(20), 5)
    clustered = naive = 0
    for _ in range(runs):
        shared, own = rng.normal(0, 0.15, 20)[scenario], rng.normal(0, 0.15, 100)
        differences = np.clip(shared + own, -1, 1)
        clustered += clustered_difference(differences, scenario).p_two_sided <= ALPHA
        naive += clustered_difference(differences, np.arange(100)).p_two_sided <= ALPHA

    assert clustered <= most_errors(ALPHA, runs)
    assert naive > 0.2 * runs
