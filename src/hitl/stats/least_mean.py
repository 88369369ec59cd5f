"""A lower limit of a mean by clusters that never rises when an observation falls.

The textbook limit ``mean - t * standard error`` can rise when the best cluster gets worse,
because that cluster also carried the variance. Lowering clusters by hand until the limit stops
rising mends it, and is the same problem as this one: of all non-negative weights around 1 whose
sum of squared deviations is at most t², take those with the lowest weighted mean. Where all
these weights are positive the answer is the textbook limit itself.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class _Piece:
    """The problem with the weight of some clusters held at 0, which has a closed form."""

    kept: NDArray[np.bool_]
    centre: Numbers  # the weights of least spread
    direction: Numbers  # unit spread, towards clusters with high means
    level: float  # weighted sum at the centre
    slope: float  # its fall for each unit of spread
    spread: float  # squared spread of the centre itself

    def weights(self, t: float) -> Numbers:
        return self.centre - self._reach(t) * self.direction

    def total(self, t: float) -> float:
        return self.level - self._reach(t) * self.slope

    def _reach(self, t: float) -> float:
        return math.sqrt(max(t * t - self.spread, 0.0))


def least_mean(sums: Numbers, sizes: Numbers, t: float) -> float:
    """Return the greatest ``mean - t * se`` over all data with no cluster sum above the given.

    ``se² = sum (sum_g - size_g * mean)² / n²``. Non-decreasing in every cluster sum, never above
    the mean, never below the lowest cluster mean, at least the textbook limit, and shifting all
    observations shifts it as much.

    Args:
        sums: observations added up by cluster, at least two clusters.
        sizes: observations in each cluster, 1 or more.
        t: the quantile, 0 or more.

    >>> round(least_mean(np.array([0.0, 0.0, 0.0, 1.0]), np.ones(4), t=2.0), 12)
    0.0
    """
    start = _piece(sums, sizes, np.ones(sums.size, bool))
    return _settled(start, sums, sizes, t).total(t) / float(sizes.sum())


def greatest_t(sums: Numbers, sizes: Numbers) -> float:
    """Return the t at which `least_mean` falls to 0: the statistic for "the mean is positive".

    0 for a mean of 0 or less; infinite when every cluster sum is positive, since then no weight
    makes the mean 0.

    >>> greatest_t(np.array([1.0, 2.0, 0.5]), np.ones(3))
    inf
    """
    nothing = _ROUNDING * float(np.abs(sums).sum())
    piece = _piece(sums, sizes, np.ones(sums.size, bool))
    t = 0.0
    while piece.level > nothing:
        if piece.slope <= nothing:
            return math.inf
        # The root of one piece never lies beyond the root of the whole, so t climbs towards it.
        following = math.sqrt(piece.spread + (piece.level / piece.slope) ** 2)
        if following <= t * (1.0 + _ROUNDING):
            break
        t = following
        piece = _settled(piece, sums, sizes, t)
    return t


def _settled(piece: _Piece, sums: Numbers, sizes: Numbers, t: float) -> _Piece:
    """Hold clusters at weight 0 until no weight is negative; at most about t² clusters are."""
    while True:
        negative = piece.kept & (piece.weights(t) < 0.0)
        if not negative.any():
            return piece
        piece = _piece(sums, sizes, piece.kept & ~negative)


def _piece(sums: Numbers, sizes: Numbers, kept: NDArray[np.bool_]) -> _Piece:
    """Minimise linear weights over an ellipsoid in the plane of constant total weight."""
    n, dropped = float(sizes.sum()), int(kept.size - np.count_nonzero(kept))
    if dropped == 0:
        # Equal weights have no spread of their own.
        centre, mean, spread = np.ones_like(sums), float(sums.sum()) / n, 0.0
        residual = sums - mean * sizes
        ahead = residual - (sizes @ residual) / n
        slope = math.sqrt(float(residual @ residual))
    else:
        size, total = np.where(kept, sizes, 0.0), np.where(kept, sums, 0.0)
        size_ahead = np.where(kept, size + size.sum() / dropped, 0.0)
        scale = float(size @ size_ahead)
        centre, mean, spread = (
            size_ahead * (n / scale),
            float(total @ size_ahead) / scale,
            n * n / scale,
        )
        residual = total - mean * size
        ahead = np.where(kept, residual + residual.sum() / dropped, 0.0)
        slope = math.sqrt(max(float(residual @ ahead), 0.0))
    # Clusters that are alike up to rounding have no direction in which the mean falls.
    if slope <= _ROUNDING * float(np.abs(sums).sum()):
        return _Piece(kept, centre, np.zeros_like(sums), n * mean, 0.0, spread)
    return _Piece(kept, centre, ahead / slope, n * mean, slope, spread)
