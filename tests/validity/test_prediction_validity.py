import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from hitl.stats.agreement import (
    Clustering,
    cohen_kappa,
    cross_table,
    design_effect,
    kappa_influence,
)
from hitl.stats.prediction import GuessedSample, LabelledSample, corrected_mean

pytestmark = pytest.mark.validity

RUNS = 1_500


def most_errors(promised: float, runs: int) -> int:
    """Errors that a kept promise exceeds once in a million simulations."""
    return int(binom.ppf(1.0 - 1e-6, runs, promised))


def judged(
    rng: np.random.Generator, passes: NDArray[np.bool_], sensitivity: float, specificity: float
) -> NDArray[np.float64]:
    chance = rng.random(passes.size)
    return np.where(passes, chance < sensitivity, chance > specificity).astype(np.float64)


# A drop from 0.90 to 0.85, and a judge with sensitivity and specificity (0.93, 0.75) for the
# previous arm. With the same errors the drop is seen as 3.4 points; a judge that is kinder to the
# candidate (0.96, 0.60) sees a gain of 1.4.
@pytest.mark.parametrize(
    ("candidate_errors", "seen"), [((0.93, 0.75), -0.034), ((0.96, 0.60), 0.014)]
)
@pytest.mark.parametrize("n", [50, 100, 300])
def test_a_judge_that_errs_differently_is_wrong_and_its_correction_covers(
    candidate_errors: tuple[float, float], seen: float, n: int
) -> None:
    rng, size = np.random.default_rng(n), 1_000
    missed, naive, widths, alone = 0, [], [], []
    for _ in range(RUNS):
        previous, chance = rng.random(size) < 0.90, rng.random(size)
        candidate = np.where(previous, chance < 0.90, chance < 0.40)  # 0.85 in all
        guess = judged(rng, candidate, *candidate_errors) - judged(rng, previous, 0.93, 0.75)
        true = candidate.astype(np.float64) - previous
        labelled, rest = LabelledSample(guess[:n], true[:n]), GuessedSample(guess[n:])
        found = corrected_mean(labelled, rest)
        by_labels = corrected_mean(labelled, rest, tuning=0.0)
        assert found.low is not None
        assert found.high is not None
        missed += not found.low <= -0.05 <= found.high
        naive.append(guess.mean())
        widths.append(found.high - found.low)
        alone.append((by_labels.high or 0) - (by_labels.low or 0))

    assert np.mean(naive) == pytest.approx(seen, abs=0.002)
    assert missed <= most_errors(0.06 if n < 300 else 0.05, RUNS)  # skewed and few: a point more
    assert np.mean(widths) < np.mean(alone)


def test_few_labels_cover_as_well() -> None:
    rng, missed = np.random.default_rng(12), 0
    for _ in range(RUNS):
        true = rng.choice([-1.0, 0.0, 1.0], 212, p=[0.10, 0.85, 0.05])
        guess = np.where(rng.random(212) < 0.8, true, 0.0)
        found = corrected_mean(LabelledSample(guess[:12], true[:12]), GuessedSample(guess[12:]))
        assert found.low is not None
        assert found.high is not None
        missed += not found.low <= -0.05 <= found.high

    assert missed <= most_errors(0.05, RUNS)


def cells(kappa: float, share: float) -> list[float]:
    """Chances of two raters who use both labels alike and agree by this kappa."""
    both = share * share + kappa * share * (1 - share)
    split = share * (1 - share) * (1 - kappa)
    return [both, split, split, 1 - both - 2 * split]


@pytest.mark.parametrize("share", [0.5, 0.7, 0.85])
@pytest.mark.parametrize("n", [50, 100, 300])
def test_a_judge_exactly_at_the_bar_clears_it_no_more_often_than_promised(
    n: int, share: float
) -> None:
    rng, runs = np.random.default_rng(n), 3_000
    cleared = textbook = 0
    for table in rng.multinomial(n, cells(0.6, share), runs):
        found = cohen_kappa(table.reshape(2, 2))
        if found.interval is None or found.estimate is None or found.standard_error is None:
            continue
        cleared += found.interval.low >= 0.6
        textbook += found.estimate - 1.96 * found.standard_error >= 0.6

    assert cleared <= most_errors(0.025, runs)
    assert textbook > cleared


def test_a_judge_at_the_bar_whose_items_stand_in_both_arms_clears_it_as_seldom() -> None:
    rng, runs, n = np.random.default_rng(61), 2_000, 80
    items = np.tile(np.arange(n), 2)
    cleared = naive = 0
    for _ in range(runs):
        first, second = (rng.choice(4, n, p=cells(0.6, 0.5)) for _ in range(2))
        both = np.concatenate([first, np.where(rng.random(n) < 0.8, first, second)])
        people, judge = both // 2, both % 2
        table = cross_table(people, judge, 2)
        effect = design_effect(kappa_influence(table)[people, judge], items)
        shared = cohen_kappa(table, clustering=Clustering(n, effect)).interval
        alone = cohen_kappa(table).interval
        assert shared is not None
        assert alone is not None
        cleared += shared.low >= 0.6
        naive += alone.low >= 0.6

    assert cleared <= most_errors(0.025, runs)
    assert naive > most_errors(0.025, runs)


def lineages(
    rng: np.random.Generator, sizes: NDArray[np.int64], lost: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Guesses, labels and clusters of cases that are lost as their cluster is, or else seldom change."""
    clusters = np.repeat(np.arange(sizes.size), sizes)
    drawn = rng.random(clusters.size)
    true = np.where(drawn < lost[clusters], -1.0, np.where(drawn > 0.95, 1.0, 0.0))
    return np.where(rng.random(clusters.size) < 0.7, true, 0.0), true, clusters


def limits(
    guess: NDArray[np.float64], true: NDArray[np.float64], clusters: NDArray[np.int64], n: int
) -> tuple[float, float]:
    """One-sided 95 % lower limits with n labelled clusters: over cases, and of the means of clusters."""
    known = clusters < n
    found = corrected_mean(
        LabelledSample(guess[known], true[known], clusters[known]),
        GuessedSample(guess[~known], clusters[~known]),
        0.90,
    )
    means = np.bincount(clusters[known], true[known]) / np.bincount(clusters[known])
    alone = corrected_mean(LabelledSample(means, means), GuessedSample(np.zeros(0)), 0.90)
    assert found.low is not None
    assert alone.low is not None
    return found.low, alone.low


@pytest.mark.parametrize("n", [20, 40, 100])
def test_losses_that_grow_with_the_cluster_are_not_cleared(n: int) -> None:
    """Clusters of 1 to 4 cases of which 8, 16, 24 and 32 % are lost: 24 % of cases, and 20 % of cluster means."""
    rng, truth = np.random.default_rng(700 + n), 0.05 - 0.24
    above = of_means = 0
    for _ in range(RUNS):
        sizes = rng.integers(1, 5, 400)
        low, by_means = limits(*lineages(rng, sizes, 0.08 * sizes), n)
        above += low > truth
        of_means += by_means > truth

    assert above <= most_errors(0.05, RUNS)
    assert of_means > above


def test_losses_of_few_large_clusters_are_cleared_more_often_as_the_method_says() -> None:
    """A fifth of the clusters hold 12 cases and all losses; a hundred labelled clusters hold twenty of these."""
    rng, truth = np.random.default_rng(800), 0.05 - 0.75 * 0.20
    above = of_means = 0
    for _ in range(RUNS):
        large = rng.random(400) < 0.2
        lost = large * rng.beta(1, 4, 400)
        low, by_means = limits(*lineages(rng, np.where(large, 12, 1), lost), 100)
        above += low > truth
        of_means += by_means > truth

    assert above <= most_errors(0.12, RUNS)
    assert of_means > 0.9 * RUNS
