"""How far are scores from the truth, without bins? The smooth calibration error, with its chance band."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct, idct

from hitl.stats.calibration import NullBand
from hitl.stats.counts import Counts, Numbers, checked_events, checked_shares
from hitl.stats.interval import one_sided_level

_CELLS = 1_000
_HALVINGS = 14
_CHUNK = 500
# Waves this many times a kernel's width apart keep less than 1e-10 of their height.
_SHORTEST = 7.0 / np.pi


@dataclass(frozen=True, slots=True)
class SmoothError:
    """The smooth calibration error, 0 to 1, to four digits; it has no interval: see `smooth_null_band`."""

    value: float
    n: int
    k: int


def smooth_calibration_error(n: Counts, k: Counts, score: Numbers) -> SmoothError:
    """Measure how far scores lie from truth, smoothed just as much as they are off.

    What is right above the score is spread over the neighbouring scores by a normal kernel, reflected at 0 and 1; the
    mean of what is left, in absolute value, falls with the width of the kernel. The error is the width that it equals.
    So there is no bin to choose: a debiased binned error still depends on its bins, jumps when a score crosses an edge,
    and can lie below 0. A single score has the distance of its rate. Scores are taken to a thousandth.

    Biased upwards like every such distance: read it beside `smooth_null_band`.

    Args:
        n: rows in each cell.
        k: right rows in each cell.
        score: the score of each cell, 0 to 1.

    Raises:
        ValueError: for counts that are no counts, k > n, no row at all, or scores outside [0, 1].

    Source: Blasiok and Nakkiran (2023), Smooth ECE, arXiv 2309.12236.

    >>> round(smooth_calibration_error(np.array([50]), np.array([30]), np.array([0.9])).value, 3)
    0.3
    """
    cells = _Cells.of(n, k, score)
    value = float(_widths(cells.spread(cells.k[None, :]))[0])
    return SmoothError(value, int(cells.n.sum()), int(cells.k.sum()))


def smooth_null_band(
    n: Counts,
    k: Counts,
    score: Numbers,
    rng: np.random.Generator,
    confidence: float = 0.95,
    resamples: int = 400,
) -> NullBand:
    """Find what the smooth error is when every score is right, by drawing the right rows anew.

    Draws k ~ Binomial(n, score) at each thousandth of the score. Rows that are alike (one reviewer's, one day's) make
    the true band wider, and the draws do not know that.

    Args:
        n: rows in each cell.
        k: right rows in each cell.
        score: the score of each cell, 0 to 1.
        rng: a seeded generator.
        confidence: of the two-sided band, strictly between 0 and 1.
        resamples: at least 100.

    Raises:
        ValueError: as `smooth_calibration_error`, for fewer than 100 resamples, or a confidence outside (0, 1).

    Source: Bröcker and Smith (2007), Weather and Forecasting 22, 651, with this error in place of bins.
    """
    level = one_sided_level(confidence)
    if resamples < 100:
        raise ValueError(f"expected 100 resamples or more, not {resamples}")
    cells = _Cells.of(n, k, score)
    observed = float(_widths(cells.spread(cells.k[None, :]))[0])
    drawn = np.empty(resamples)
    for start in range(0, resamples, _CHUNK):
        size = min(_CHUNK, resamples - start)
        right = rng.binomial(cells.n, cells.score, size=(size, cells.n.size))
        drawn[start : start + size] = _widths(cells.spread(right))
    low, high = np.quantile(drawn, [level, 1.0 - level])
    reached = int(np.count_nonzero(drawn >= observed))
    return NullBand(
        observed=observed,
        mean=float(drawn.mean()),
        low=float(low),
        high=float(high),
        p_worse=(reached + 1) / (resamples + 1),
        confidence=confidence,
        resamples=resamples,
        n=int(cells.n.sum()),
        k=int(cells.k.sum()),
        method="smooth calibration error of binomial draws at the scores",
    )


@dataclass(frozen=True, slots=True)
class _Cells:
    """Rows by thousandth of the score; those without rows are left out."""

    n: Counts
    k: Counts
    score: Numbers
    """Mean score."""
    place: NDArray[np.int64]

    @classmethod
    def of(cls, n: Counts, k: Counts, score: Numbers) -> "_Cells":
        k, n = checked_events(k.ravel(), n.ravel())
        score = checked_shares(score.ravel(), "score", n.shape)
        cell = np.minimum((score * _CELLS).astype(np.int64), _CELLS - 1)
        rows, right = (np.zeros(_CELLS, dtype=np.int64) for _ in range(2))
        np.add.at(rows, cell, n)
        np.add.at(right, cell, k)
        (place,) = np.nonzero(rows)
        mean = np.bincount(cell, weights=n * score, minlength=_CELLS)[place] / rows[place]
        return cls(rows[place], right[place], np.clip(mean, 0.0, 1.0), place)

    def spread(self, right: Counts) -> Numbers:
        """Return the waves whose sum is what is right above the scores, a share of all rows, for each draw."""
        away = np.zeros((right.shape[0], _CELLS))
        away[:, self.place] = (right - self.n * self.score) / self.n.sum()
        return np.asarray(dct(away, type=2, axis=1))


def _widths(waves: Numbers) -> Numbers:
    """Return for each draw the width of the kernel that equals what it leaves.

    A normal kernel reflected at both ends only damps the cosine waves of its scale, so all draws are smoothed at once.
    """
    low, high = np.zeros(waves.shape[0]), np.ones(waves.shape[0])
    for _ in range(_HALVINGS):
        width = (low + high) / 2.0
        kept = np.pi * np.arange(min(_CELLS, math.ceil(_SHORTEST / float(width.min()))))
        damped = waves[:, : kept.size] * np.exp(-0.5 * (width[:, None] * kept) ** 2)
        left = idct(damped, type=2, n=_CELLS, axis=1)
        is_wider = np.abs(left).sum(axis=1) > width
        low, high = np.where(is_wider, width, low), np.where(is_wider, high, width)
    return (low + high) / 2.0
