"""Repairs and their band do what they promise over many simulated logs."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from hitl.stats.calibrator import FITS
from hitl.stats.score_map import Method
from hitl.stats.smooth_error import smooth_null_band

pytestmark = pytest.mark.validity

RUNS = 250
SCORES = np.arange(50, 100) / 100.0
Numbers = NDArray[np.float64]


def most_misses(promised: float, runs: int = RUNS) -> int:
    """Misses that a kept promise exceeds once in a million simulations."""
    return int(binom.ppf(1.0 - 1e-6, runs, promised))


def bold(score: Numbers) -> Numbers:
    """Return the truth of a model that is too sure: half of the log-odds, and 0.4 less."""
    return 1.0 / (1.0 + np.exp(0.4 - 0.5 * np.log(score / (1.0 - score))))


@pytest.mark.parametrize("rows", [60, 300, 3000])
def test_perfect_scores_lie_within_the_band_as_often_as_promised(rows: int) -> None:
    rng = np.random.default_rng(rows)
    above = called = 0
    for _ in range(RUNS):
        n = rng.multinomial(rows, np.full(SCORES.size, 1.0 / SCORES.size))
        band = smooth_null_band(n, rng.binomial(n, SCORES), SCORES, rng, resamples=100)
        above += band.observed > band.high
        called += band.p_worse <= 0.05

    # 100 draws add an error of their own to each limit.
    assert above <= most_misses(0.045)
    assert called <= most_misses(0.05)


def test_bold_scores_leave_the_band_and_their_repair_comes_back_into_it() -> None:
    rng = np.random.default_rng(4)
    found = repaired = 0
    for _ in range(RUNS):
        n = np.full(SCORES.size, 20)
        fit = FITS[Method.PLATT](n, rng.binomial(n, bold(SCORES)), SCORES)
        k = rng.binomial(n, bold(SCORES))
        raw = smooth_null_band(n, k, SCORES, rng, resamples=100)
        after = smooth_null_band(n, k, fit.apply(SCORES), rng, resamples=100)
        found += raw.observed > raw.high
        repaired += after.observed <= after.high

    assert found > 0.99 * RUNS
    # The line has an error of its own, which the band of perfect scores does not know.
    assert repaired > 0.8 * RUNS


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        (Method.TEMPERATURE, {"temperature": 2.0}),
        (Method.PLATT, {"slope": 0.5, "intercept": -0.4}),
        (Method.BETA, {"a": 0.5, "b": 0.5, "c0": -0.4}),
    ],
)
def test_fits_are_centred_on_the_truth(method: Method, parameters: dict[str, float]) -> None:
    rng = np.random.default_rng(9)
    truth = bold(SCORES)
    if method is Method.TEMPERATURE:
        truth = 1.0 / (1.0 + np.sqrt((1.0 - SCORES) / SCORES))
    n, estimates = np.full(SCORES.size, 200), []
    for _ in range(RUNS):
        found = FITS[method](n, rng.binomial(n, truth), SCORES).parameters
        assert found is not None
        estimates.append([found[name] for name in parameters])

    mean, spread = np.mean(estimates, axis=0), np.std(estimates, axis=0)
    assert np.all(np.abs(mean - list(parameters.values())) < 0.25 * spread)


def test_isotonic_comes_near_any_rising_truth() -> None:
    rng = np.random.default_rng(2)
    truth = np.where(SCORES < 0.8, 0.55, 0.95)
    away = []
    for _ in range(100):
        n = np.full(SCORES.size, 100)
        fit = FITS[Method.ISOTONIC](n, rng.binomial(n, truth), SCORES)
        away.append(np.abs(fit.apply(SCORES) - truth).mean())

    assert np.mean(away) < 0.02


@pytest.mark.parametrize("method", [Method.PLATT, Method.BETA, Method.ISOTONIC])
def test_a_level_truth_gives_no_map_or_one_that_is_nearly_level(method: Method) -> None:
    rng, away = np.random.default_rng(3), []
    for _ in range(100):
        n = np.full(SCORES.size, 40)
        fit = FITS[method](n, rng.binomial(n, 0.7), SCORES)
        if fit.parameters is not None:
            away.append(np.abs(fit.apply(SCORES) - 0.7)[5:-5].max())

    assert len(away) > 10
    assert np.median(away) < 0.1
