from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from hitl.stats.cluster import clustered_difference, sign_flip

pytestmark = pytest.mark.validity

Numbers = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], Numbers]

ALPHA, RUNS = 0.05, 1_500


def most_errors(promised: float, runs: int) -> int:
    """Errors that a kept promise exceeds once in a million simulations."""
    return int(binom.ppf(1.0 - 1e-6, runs, promised))


def even_noise(rng: np.random.Generator, n: int) -> Numbers:
    return np.clip(rng.normal(-0.05, 0.2, n), -1.0, 1.0)


def flaky_replies(rng: np.random.Generator, n: int) -> Numbers:
    """Five replies a case, the candidate 5 pp worse on each case."""
    rates = 0.1 + 0.85 * rng.beta(9.2, 0.8, n)
    return np.asarray((rng.binomial(5, rates - 0.05) - rng.binomial(5, rates)) / 5)


def rare_gains(rng: np.random.Generator, n: int) -> Numbers:
    """Every case a little worse, some much better."""
    return np.asarray(np.where(rng.random(n) < 0.1, 0.85, -0.15))


def outright_failures(rng: np.random.Generator, n: int) -> Numbers:
    """Replies that do not vary, one case in twenty lost."""
    return np.asarray(np.where(rng.random(n) < 0.05, -1.0, 0.0))


def cleared(draw: Draw, n: int, seed: int) -> int:
    rng = np.random.default_rng(seed)
    lows = [
        clustered_difference(draw(rng, n), np.arange(n), 1.0 - 2.0 * ALPHA).interval.low
        for _ in range(RUNS)
    ]
    return int(np.count_nonzero(np.array(lows) > -0.05))


@pytest.mark.parametrize("n", [10, 20, 50, 100, 200])
@pytest.mark.parametrize("draw", [even_noise, flaky_replies, rare_gains, outright_failures])
def test_a_mean_loss_of_the_margin_is_cleared_no_more_often_than_promised(
    draw: Draw, n: int
) -> None:
    assert cleared(draw, n, seed=n) <= most_errors(ALPHA, RUNS)


@pytest.mark.parametrize(("n", "noise"), [(60, 0.1), (100, 0.1), (200, 0.2)])
def test_rare_failures_among_noise_cost_at_most_the_level_that_is_documented(
    n: int, noise: float
) -> None:
    def failures_among_noise(rng: np.random.Generator, size: int) -> Numbers:
        return np.where(rng.random(size) < 0.05, -1.0, np.clip(rng.normal(0, noise, size), -1, 1))

    assert cleared(failures_among_noise, n, seed=n) <= most_errors(0.13, RUNS)


@pytest.mark.parametrize("n", [10, 40, 150])
def test_sign_flips_of_symmetric_noise_keep_their_level(n: int) -> None:
    rng = np.random.default_rng(n)
    p = [sign_flip(rng.uniform(-0.5, 0.5, n), np.arange(n), rng, flips=399) for _ in range(RUNS)]

    assert int(np.count_nonzero(np.array(p) <= ALPHA)) <= most_errors(ALPHA, RUNS)


def test_unequal_clusters_keep_the_level_from_forty_on() -> None:
    rng = np.random.default_rng(8)
    clusters = np.repeat(np.arange(40), np.arange(40) % 5 + 1)
    false_alarms = 0
    for _ in range(RUNS):
        shared = rng.normal(0, 0.15, 40)[clusters]
        noise = rng.normal(0, 0.15, clusters.size)
        result = clustered_difference(np.clip(shared + noise, -1, 1), clusters)
        false_alarms += result.p_worse <= ALPHA

    assert false_alarms <= most_errors(ALPHA, RUNS)
