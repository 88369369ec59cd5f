"""The score statistic of a paired difference under a hypothesis, for one table or for many."""

import numpy as np
from numpy.typing import NDArray

from hitl.stats.root import bisect


def score_statistic(n: int, regressed: int, improved: int, difference: float) -> float:
    """Return Tango's Z for one table of n cases at a true difference in [-1, 1].

    A positive difference is worked out on the swapped table, so that swapping the arms turns the
    sign of the answer exactly.
    """
    if difference > 0.0:
        return -score_statistic(n, improved, regressed, -difference)
    counts = np.asarray(float(regressed)), np.asarray(float(improved))
    return float(score_at_margin(n, *counts, -difference))


def score_lower_limit(n: int, regressed: int, improved: int, z: float) -> float:
    """Return the smallest difference that the score test at z > 0 does not reject."""
    if regressed == n:
        return -1.0
    estimate = (improved - regressed) / n
    return bisect(lambda at: score_statistic(n, regressed, improved, at) > z, -1.0, estimate)


def score_at_margin(
    n: int, regressed: NDArray[np.float64], improved: NDArray[np.float64], margin: float
) -> NDArray[np.float64]:
    """Return `tango_z` at a difference of ``-margin`` for many tables of n cases at once.

    The arrays hold whole numbers and broadcast. ``margin`` lies in [0, 1]: on this side of zero
    the constrained estimate is free of cancellation, and the other side is its mirror.
    """
    excess = improved - regressed + n * margin
    # 2n q² - slope q + product = 0, q being the probability of a regression under the hypothesis.
    slope = regressed + improved + (2 * n - improved + regressed) * margin
    product = regressed * margin * (1.0 + margin)
    q = (slope + np.sqrt(np.maximum(slope * slope - 8.0 * n * product, 0.0))) / (4.0 * n)
    variance = n * np.maximum(2.0 * q - margin * (1.0 + margin), 0.0)
    certain = np.where(excess == 0.0, 0.0, np.copysign(np.inf, excess))
    scale = np.sqrt(np.where(variance > 0.0, variance, 1.0))
    return np.where(variance > 0.0, excess / scale, certain)
