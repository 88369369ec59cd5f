"""By how much did a rate or a mean change, when the same people stand in both periods?"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from hitl.stats.counts import Counts, Numbers, checked_events
from hitl.stats.interval import Interval, one_sided_level
from hitl.stats.ratio import (
    FEW_CLUSTERS,
    Mean,
    Rate,
    Spread,
    clustered_mean,
    clustered_rate,
    mean_spread,
    rate_spread,
)
from hitl.stats.wilson import joined


@dataclass(frozen=True, slots=True)
class RateChange:
    """The rate after minus the rate before; ``correlation`` is that of the two estimates."""

    interval: Interval
    before: Rate
    after: Rate
    n_clusters: int
    correlation: float


def rate_change(
    before: tuple[Counts, Counts], after: tuple[Counts, Counts], confidence: float = 0.95
) -> RateChange:
    """Bound the change of a rate between two periods, each given as (events, rows) by cluster.

    The distances from both rates to their own limits (`clustered_rate`) are joined as Zou and
    Donner do, with the correlation that the clusters show: a person who overrides often does so
    in both periods, and that part of the error cancels. So no event in either period still leaves
    a width. The limits lie in [-1, 1].

    Assumes that clusters are independent of each other and that a row stands in one period only.

    Args:
        before: events and rows of each cluster; the same cluster has the same index in both
            periods, with no row where it stands in one only.
        after: the same.
        confidence: two-sided, strictly between 0 and 1.

    Raises:
        ValueError: as `clustered_rate`, for arrays of unequal length, and when a period has no row.

    Source: Zou and Donner (2008), Statistics in Medicine 27, 1693.
    """
    (k0, n0), (k1, n1) = checked_events(*before), checked_events(*after)
    if n0.shape != n1.shape or n0.ndim != 1:
        raise ValueError("expected both periods flat, with the same clusters in the same order")
    first, second = (clustered_rate(k, n, confidence) for k, n in ((k0, n0), (k1, n1)))
    shared = _shared(rate_spread(k0, n0), rate_spread(k1, n1))
    scale = _error(first) * _error(second)
    correlation = max(-1.0, min(1.0, shared / scale)) if scale > 0.0 else 0.0
    a, b = first.interval, second.interval
    change = b.estimate - a.estimate
    low = change - joined(b.estimate - b.low, a.high - a.estimate, correlation)
    high = change + joined(b.high - b.estimate, a.estimate - a.low, correlation)
    clusters = int(np.count_nonzero(n0 + n1))
    method = f"joined limits, {b.method}" if a.method == b.method else "joined limits, by cluster"
    interval = Interval(change, max(-1.0, low), min(1.0, high), confidence, method, a.n + b.n)
    return RateChange(interval, first, second, clusters, correlation)


def mean_change(
    before: tuple[Numbers, Counts], after: tuple[Numbers, Counts], confidence: float = 0.95
) -> Mean:
    """Bound the change of a mean between two periods, each given as (sums, rows) by cluster.

    Student's t on the jackknife of the difference over clusters. Of logarithms it is the
    logarithm of the ratio of geometric means. Clusters are given as in `rate_change`.

    Returns:
        No interval for fewer than two clusters, or where no cluster moves the difference.

    Raises:
        ValueError: as `hitl.stats.ratio.clustered_mean`, and for arrays of unequal length.
    """
    level = one_sided_level(confidence)
    means = [clustered_mean(sums, n, confidence) for sums, n in (before, after)]
    if before[1].shape != after[1].shape or before[1].ndim != 1:
        raise ValueError("expected both periods flat, with the same clusters in the same order")
    there = before[1] + after[1] > 0
    spreads = [mean_spread(sums[there], n[there].astype(float)) for sums, n in (before, after)]
    change, rows = means[1].estimate - means[0].estimate, means[0].n + means[1].n
    clusters = int(np.count_nonzero(there))
    moved = Spread(spreads[1].moves - spreads[0].moves, spreads[0].sizes)
    variance = moved.variance
    size = max(1.0, means[0].estimate ** 2, means[1].estimate ** 2)
    if min(one.n_clusters for one in means) < 2 or variance <= 1e-18 * size:
        reason = f"{clusters} cluster(s) do not show how much a difference varies"
        return Mean(change, None, rows, clusters, None, reason)
    error = math.sqrt(variance)
    reach = -float(stdtrit(min(one.freedom for one in spreads), level)) * error
    method = "t of paired clusters" + (", few clusters" if clusters < FEW_CLUSTERS else "")
    interval = Interval(change, change - reach, change + reach, confidence, method, rows)
    return Mean(change, interval, rows, clusters, error)


def _shared(first: Spread, second: Spread) -> float:
    clusters = int(np.count_nonzero(first.sizes + second.sizes))
    return (clusters - 1) / clusters * float(first.moves @ second.moves)


def _error(rate: Rate) -> float:
    share = rate.interval.estimate
    return math.sqrt(rate.design_effect * share * (1.0 - share) / rate.interval.n)
