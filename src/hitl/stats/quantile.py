"""Where does a quantile lie, whatever the distribution? Two order statistics answer."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

from hitl.stats.interval import Interval, check_share, one_sided_level


def quantile_interval(
    values: NDArray[np.float64], q: float, confidence: float = 0.95
) -> Interval | None:
    """Bound the q-quantile of independent values between two of them.

    Holds with at least the stated confidence, each side at ``(1 + confidence) / 2``, for every
    distribution. The estimate is the smallest value with a share of at least q at or below it.
    None when n is too small for either side: an upper bound of the 95 % quantile at one-sided
    95 % takes 59 values.

    Args:
        values: finite, in any order; none gives None.
        q: strictly between 0 and 1.
        confidence: two-sided, strictly between 0 and 1.

    Raises:
        ValueError: for values that are not flat and finite, or a share outside (0, 1).

    Source: David and Nagaraja (2003), Order Statistics, section 7.1.

    >>> bound = quantile_interval(np.arange(1.0, 60.0), q=0.95, confidence=0.90)
    >>> bound.low, bound.estimate, bound.high
    (53.0, 57.0, 59.0)
    >>> quantile_interval(np.arange(1.0, 59.0), q=0.95, confidence=0.90) is None
    True
    """
    check_share(q, "q")
    level = one_sided_level(confidence)
    if values.ndim != 1 or not np.all(np.isfinite(values)):
        raise ValueError("expected flat, finite values")
    n = values.size
    if n == 0:
        return None
    below = bdtr(np.arange(n), n, q)  # P(at most j values at or below the quantile), j = 0, 1, ...
    # The value of rank r lies above the quantile with chance below[r - 1].
    low_rank = int(np.count_nonzero(below <= level))
    # It lies below the quantile with chance at most 1 - below[r - 1].
    high_rank = int(np.searchsorted(below, 1.0 - level)) + 1
    if low_rank < 1 or high_rank > n:
        return None
    ranked = np.sort(values)
    estimate = float(ranked[quantile_rank(n, q) - 1])
    low, high = float(ranked[low_rank - 1]), float(ranked[high_rank - 1])
    return Interval(estimate, low, high, confidence, "order statistics", n)


def quantile_rank(n: int, q: float) -> int:
    """Return the rank, from 1, of the q-quantile among n ordered values.

    >>> quantile_rank(100, 0.95), quantile_rank(10, 0.5)
    (95, 5)
    """
    # 0.95 * 20 is a little more than 19 in binary; a rank must not jump for that.
    return max(1, math.ceil(q * n * (1.0 - 1e-14)))
