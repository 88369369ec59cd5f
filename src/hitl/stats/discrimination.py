"""Does a score say anything about who is right? The area under the curve, from counts."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from hitl.stats.counts import Counts, Numbers, checked_events, checked_shares
from hitl.stats.interval import Interval, one_sided_level
from hitl.stats.root import bisect


@dataclass(frozen=True, slots=True)
class Discrimination:
    """The chance that a right row scores higher than a wrong one, ties counted half.

    One half is no information; the score informs where ``auc.low`` exceeds it. ``p_two_sided``
    tests one half. None, with a reason, where only one kind of row or only one score is there.
    """

    auc: Interval | None
    p_two_sided: float | None
    n: int
    k: int
    reason: str = ""


def discrimination(
    n: Counts, k: Counts, score: Numbers, confidence: float = 0.95
) -> Discrimination:
    """Bound the area under the curve of scores that many rows share.

    The limits are the areas that would lie just within reach of the one found, with Hanley and
    McNeil's variance at the limit and not at the estimate: perfect order keeps a width, and the
    limits stay in [0, 1]. The variance is that of scores without ties, which is larger. The test
    is that of Mann and Whitney with its correction for ties. Needs independent rows. Only the
    order of the scores matters.

    Args:
        n: rows in each cell; cells of the same score count as one.
        k: right rows in each cell.
        score: the score of each cell, 0 to 1.
        confidence: two-sided, strictly between 0 and 1.

    Returns:
        No area where all rows are right or all are wrong. With a single score the area is one
        half by definition and no evidence; so it is None, too.

    Raises:
        ValueError: for counts that are no counts, k > n, no row at all, scores outside [0, 1], or
            a confidence outside (0, 1).

    Source: Newcombe (2006), Statistics in Medicine 25, 559, method 5; Mann and Whitney (1947),
    Annals of Mathematical Statistics 18, 50.

    >>> found = discrimination(np.array([10, 10]), np.array([4, 8]), np.array([0.6, 0.9]))
    >>> round(found.auc.estimate, 4), round(found.p_two_sided, 3)
    (0.7083, 0.075)
    """
    level = one_sided_level(confidence)
    k, n = checked_events(k.ravel(), n.ravel())
    score = checked_shares(score.ravel(), "score", n.shape)
    rows, hits = int(n.sum()), int(k.sum())
    misses = rows - hits
    if hits == 0 or misses == 0:
        reason = f"all {rows} rows are {'right' if hits else 'wrong'}; expected some of both"
        return Discrimination(None, None, rows, hits, reason)
    levels, cell = np.unique(score[n > 0], return_inverse=True)
    if levels.size < 2:
        reason = "all rows have one score, which cannot inform"
        return Discrimination(None, None, rows, hits, reason)
    right, wrong = (np.bincount(cell, weights=of[n > 0]) for of in (k, n - k))
    below = np.cumsum(wrong) - wrong / 2.0
    area = float(right @ below) / (hits * misses)
    z = -float(ndtri(level))

    def reached(true: float) -> bool:
        return abs(area - true) <= z * math.sqrt(_variance(true, hits, misses))

    # Right of the area the limit is the last area within reach, left of it the first.
    high = bisect(reached, area, 1.0)
    low = 1.0 - bisect(lambda turned: reached(1.0 - turned), 1.0 - area, 1.0)
    auc = Interval(area, min(low, area), max(high, area), confidence, "newcombe method 5", rows)
    return Discrimination(
        auc, _p(area, (right + wrong).astype(np.float64), hits, misses), rows, hits
    )


def _variance(area: float, hits: int, misses: int) -> float:
    """Hanley and McNeil's variance, both samples taken at their mean size."""
    size = (hits + misses) / 2.0 - 1.0
    pairs = size * ((1.0 - area) / (2.0 - area) + area / (1.0 + area))
    return area * (1.0 - area) * (1.0 + pairs) / (hits * misses)


def _p(area: float, tied: Numbers, hits: int, misses: int) -> float:
    rows = hits + misses
    ties = float((tied**3 - tied).sum()) / (rows * (rows - 1.0))
    variance = (rows + 1.0 - ties) / (12.0 * hits * misses)
    return 2.0 * float(ndtr(-abs(area - 0.5) / math.sqrt(variance)))
