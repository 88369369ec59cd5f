"""How long people take for a decision, by pool and person."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from hitl.decisions.source import Log
from hitl.stats.counts import Counts, Numbers

FINEST = 0.001
"""Seconds: below a millisecond a review took no time that anybody measured."""
ACTED = "human_action IN ('approve', 'modify', 'reject', 'escalate')"
"""A person decided."""


@dataclass(frozen=True)
class Pace:
    """Review times of one pool, in seconds, one entry a person."""

    n: Counts
    sums: Numbers
    squares: Numbers

    @property
    def mean(self) -> float:
        """Mean time of a review."""
        return float(self.sums.sum() / self.n.sum())

    @property
    def cv2(self) -> float | None:
        """Squared coefficient of variation; None for fewer than two reviews, or a mean of nothing."""
        n, mean = int(self.n.sum()), self.mean
        if n < 2 or mean < FINEST:
            return None
        variance = (float(self.squares.sum()) - n * mean * mean) / (n - 1)
        return max(variance, 0.0) / (mean * mean)


def review_paces(log: Log) -> dict[str | None, Pace]:
    """Return the review times of each pool that has any; planted rows do not count.

    Reviews of which nobody says who did them are taken as one person's.
    """
    sql = f"""SELECT reviewer_pool, reviewer_id, COUNT(*), SUM(review_seconds), SUM(review_seconds * review_seconds)
        FROM decisions WHERE review_seconds IS NOT NULL AND {ACTED} AND (seeded_error IS NULL OR NOT seeded_error)
        GROUP BY reviewer_pool, reviewer_id"""  # noqa: S608  # constants
    pools: dict[str | None, list[tuple[str, int, float, float]]] = defaultdict(list)
    for pool, person, n, total, squares in log.rows(sql):
        pools[pool].append((person or "", int(n), float(total), float(squares)))
    return {pool: _pace(sorted(people)) for pool, people in pools.items()}


def _pace(people: list[tuple[str, int, float, float]]) -> Pace:
    _, n, sums, squares = zip(*people, strict=True)
    return Pace(np.array(n, dtype=np.int64), np.array(sums), np.array(squares))
