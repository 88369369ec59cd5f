"""Are stated scores right as often as they say? From counts in bins of the score."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from hitl.stats.counts import Counts, Numbers, checked_counts, checked_events, checked_shares
from hitl.stats.interval import Interval, one_sided_level
from hitl.stats.proportion import exact_interval

# Cells of resampled counts held in memory at once.
_CHUNK = 2_000_000


@dataclass(frozen=True, slots=True)
class CalibrationError:
    """Distances between score and truth over cells, weighted by the rows in them, 0 to 1.

    ``l1`` is the mean distance (ECE), ``rms`` the root of the mean square, ``largest`` the
    greatest of any cell that has a row. It has no interval: see `null_band`.
    """

    l1: float
    rms: float
    largest: float
    n: int
    cells: int


@dataclass(frozen=True, slots=True)
class NullBand:
    """What ECE would be if every score were right, beside the ECE that was found.

    ``mean``, ``low`` and ``high`` describe it under perfect scores; ``p_worse`` is the chance of
    one at least as large as ``observed``, so alarm on that and never on ``observed`` alone.
    """

    observed: float
    mean: float
    low: float
    high: float
    p_worse: float
    confidence: float
    resamples: int
    n: int
    k: int
    method: str


@dataclass(frozen=True, slots=True)
class Spiegelhalter:
    """A test of "every score is right"; ``z`` above 0 where scores are too near to 0 and 1.

    ``z`` and ``p_two_sided`` are None where the scores leave nothing to test; ``reason`` says why.
    """

    z: float | None
    p_two_sided: float | None
    n: int
    k: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """One point of a reliability diagram; no interval where the bin is empty."""

    score: float
    k: int
    n: int
    interval: Interval | None


def calibration_error(n: Counts, score: Numbers, truth: Numbers) -> CalibrationError:
    """Measure how far scores lie from known truth, cell by cell.

    The truth is the mean of what is known in a cell: the share of right rows, or the mean of true
    probabilities. A cell need not be a bin of the score: where it is also one of something else
    that the reader of a score knows, the error is that of multicalibration.

    Args:
        n: rows in each cell; cells without rows do not count.
        score: the mean score of each cell, 0 to 1.
        truth: the mean truth of each cell, 0 to 1.

    Raises:
        ValueError: for counts that are no counts, no row at all, or numbers outside [0, 1] (also
            in an empty cell).

    >>> calibration_error(np.array([1, 3]), np.array([0.5, 0.75]), np.array([0.75, 0.75])).l1
    0.0625
    """
    n = checked_counts(n.ravel(), "n")
    rows = int(n.sum())
    if rows < 1:
        raise ValueError("no row at all is no evidence; expected n >= 1 in some cell")
    score = checked_shares(score.ravel(), "score", n.shape)
    away = np.abs(score - checked_shares(truth.ravel(), "truth", n.shape))
    l1, square = float(n @ away) / rows, float(n @ (away * away)) / rows
    cells = int(np.count_nonzero(n))
    return CalibrationError(l1, math.sqrt(square), float(away[n > 0].max()), rows, cells)


def expected_calibration_error(n: Counts, k: Counts, score: Numbers) -> CalibrationError:
    """Measure how far scores lie from the share of right rows in each bin.

    Biased upwards: perfectly calibrated scores in 10 bins have a mean ECE of 0.11 to 0.15 with 50
    rows and of about 0.02 with 2,000. Read it beside `null_band`.

    Args:
        n: rows in each bin; bins without rows do not count.
        k: right rows in each bin.
        score: the mean score of each bin, 0 to 1. Midpoints add up to half a bin of their own.

    Raises:
        ValueError: as `calibration_error`, and for k > n.

    Source: Naeini, Cooper and Hauskrecht (2015), AAAI, 2901.
    """
    k, n = checked_events(k.ravel(), n.ravel())
    return calibration_error(n, score, k / np.maximum(n, 1))


def null_band(
    n: Counts,
    k: Counts,
    score: Numbers,
    rng: np.random.Generator,
    confidence: float = 0.95,
    resamples: int = 2000,
) -> NullBand:
    """Find what ECE is when every score is right, by drawing the right rows of each bin anew.

    Draws k ~ Binomial(n, score) in each bin. Scores that vary inside a bin make the true band a
    little narrower, so an alarm comes rather too late than too early; rows that are alike (one
    reviewer's, one day's) make it wider, and the draws do not know that.

    Args:
        n: rows in each bin.
        k: right rows in each bin.
        score: the mean score of each bin, 0 to 1.
        rng: a seeded generator.
        confidence: of the two-sided band, strictly between 0 and 1.
        resamples: at least 100.

    Raises:
        ValueError: as `expected_calibration_error`, for fewer than 100 resamples, or a confidence
            outside (0, 1).

    Source: Bröcker and Smith (2007), Weather and Forecasting 22, 651.
    """
    level = one_sided_level(confidence)
    if resamples < 100:
        raise ValueError(f"expected 100 resamples or more, not {resamples}")
    found = expected_calibration_error(n, k, score).l1
    some = n.ravel() > 0
    trials, scores = n.ravel()[some], score.ravel()[some]
    rows = int(trials.sum())
    drawn = np.empty(resamples)
    step = max(1, _CHUNK // trials.size)
    for start in range(0, resamples, step):
        stop = min(resamples, start + step)
        right = rng.binomial(trials, scores, size=(stop - start, trials.size))
        drawn[start:stop] = np.abs(right - trials * scores).sum(axis=1) / rows
    low, high = np.quantile(drawn, [level, 1.0 - level])
    # Drawn and found values add the same numbers in another order, which must not undo a tie.
    reached = int(np.count_nonzero(drawn >= found - 1e-12))
    return NullBand(
        observed=found,
        mean=float(drawn.mean()),
        low=float(low),
        high=float(high),
        p_worse=(reached + 1) / (resamples + 1),
        confidence=confidence,
        resamples=resamples,
        n=rows,
        k=int(k.sum()),
        method="ECE of binomial draws at the scores",
    )


def spiegelhalter(n: Counts, k: Counts, score: Numbers) -> Spiegelhalter:
    """Test whether all scores can be right, without choosing bins for the test itself.

    ``z = sum (k - n p)(1 - 2p) / sqrt(sum n (1 - 2p)² p (1 - p))``: with one row a cell the
    original, from bins near it. Above 0 the Brier score is worse than the scores promise
    (over-confident), below 0 better. Errors that balance on both sides of one half are not seen,
    nor is anything at a score of exactly one half. Needs independent rows.

    Args:
        n: rows in each cell.
        k: right rows in each cell.
        score: the score of each cell, 0 to 1.

    Returns:
        No z where every score is 0, one half or 1: the test has no variance then.

    Raises:
        ValueError: as `expected_calibration_error`.

    Source: Spiegelhalter (1986), Statistics in Medicine 5, 421.

    >>> spiegelhalter(np.array([25]), np.array([15]), np.array([0.8])).z
    2.5
    """
    k, n = checked_events(k.ravel(), n.ravel())
    score = checked_shares(score.ravel(), "score", n.shape)
    away = 1.0 - 2.0 * score
    variance = float((n * away * away * score * (1.0 - score)).sum())
    rows, right = int(n.sum()), int(k.sum())
    if variance <= 0.0:
        reason = "every score is 0, one half or 1, which leaves the test no variance"
        return Spiegelhalter(None, None, rows, right, reason)
    z = float(((k - n * score) * away).sum()) / math.sqrt(variance)
    return Spiegelhalter(z, 2.0 * float(ndtr(-abs(z))), rows, right)


def reliability(
    n: Counts, k: Counts, score: Numbers, confidence: float = 0.95
) -> tuple[ReliabilityBin, ...]:
    """Return the points of a reliability diagram, each with the exact interval of its rate.

    Each interval holds by itself, for independent rows: of twenty right bins one lies outside.

    Raises:
        ValueError: as `expected_calibration_error`, or for a confidence outside (0, 1).
    """
    one_sided_level(confidence)
    k, n = checked_events(k.ravel(), n.ravel())
    score = checked_shares(score.ravel(), "score", n.shape)
    return tuple(
        ReliabilityBin(
            float(p), int(right), int(rows), exact_interval(int(right), int(rows), confidence)
        )
        if rows
        else ReliabilityBin(float(p), 0, 0, None)
        for rows, right, p in zip(n, k, score, strict=True)
    )
