"""Did the association of decisions and outcomes change, when one person's decisions are alike?"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from hitl.stats.association import AssociationChange, association_change
from hitl.stats.counts import Counts, checked_counts
from hitl.stats.interval import Interval, one_sided_level
from hitl.stats.ratio import FEW_CLUSTERS


def clustered_association_change(
    before: Counts, after: Counts, confidence: float = 0.95
) -> AssociationChange:
    """Bound the change of a log odds ratio between two periods, each a fourfold table by cluster.

    Student's t on the jackknife over clusters, both periods of a cluster left out together, so that
    what a cluster has in common in both cancels. The error is never less than that of independent
    rows, which holds where the clusters happen to agree too well.

    Assumes that clusters are independent. With few clusters that hold an outcome, half a row that
    is added to each cell pulls the ratio towards none.

    Args:
        before: counts by cluster, decision and outcome, with the shape (clusters, 2, 2).
        after: the same, the same cluster in the same place.
        confidence: two-sided, strictly between 0 and 1.

    Returns:
        No difference where either table has no ratio, or for fewer than two clusters in a period.

    Raises:
        ValueError: for other shapes, counts that are no counts, or a confidence outside (0, 1).

    Source: Efron and Stein (1981), Annals of Statistics 9, 586.
    """
    level = one_sided_level(confidence)
    first = checked_counts(before, "before", (before.shape[0], 2, 2))
    second = checked_counts(after, "after", (before.shape[0], 2, 2))
    plain = association_change(first.sum(axis=0), second.sum(axis=0), confidence)
    if plain.difference is None:
        return plain
    sizes = [one.sum(axis=(1, 2)).astype(np.float64) for one in (first, second)]
    fewest = min(int(np.count_nonzero(one)) for one in sizes)
    if fewest < 2:
        reason = f"{fewest} cluster(s) do not show how much a difference varies"
        return AssociationChange(None, None, None, plain.n, reason)
    there = sizes[0] + sizes[1] > 0
    moves = _left_out(second[there]) - _left_out(first[there])
    clusters = moves.size
    spread = (clusters - 1) / clusters * float(((moves - moves.mean()) ** 2).sum())
    error = math.sqrt(max(spread, _alone(first) + _alone(second)))
    freedom = max(1.0, min(float(n.sum()) ** 2 / float(n @ n) for n in sizes) - 1.0)
    estimate, reach = plain.difference.estimate, -float(stdtrit(freedom, level)) * error
    method = "difference of log odds ratios, jackknife by cluster"
    method += ", few clusters" if fewest < FEW_CLUSTERS else ""
    bound = Interval(estimate, estimate - reach, estimate + reach, confidence, method, plain.n)
    z = estimate / error
    return AssociationChange(bound, z, 2.0 * float(stdtr(freedom, -abs(z))), plain.n)


def _left_out(tables: Counts) -> NDArray[np.float64]:
    """The log odds ratio without each cluster in turn."""
    cells = tables.sum(axis=0) - tables + 0.5
    ratios: NDArray[np.float64] = np.log(
        cells[:, 0, 0] * cells[:, 1, 1] / (cells[:, 0, 1] * cells[:, 1, 0])
    )
    return ratios


def _alone(tables: Counts) -> float:
    """The variance of the log odds ratio of independent rows."""
    return float((1.0 / (tables.sum(axis=0) + 0.5)).sum())
