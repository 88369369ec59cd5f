"""How large is a mean of votes, when items differ and raters differ, and each rates many?"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from hitl.stats.agreement import FEWEST_CLUSTERS
from hitl.stats.counts import Counts, Numbers
from hitl.stats.interval import one_sided_level

FEWEST_RATERS = 2
_NOTHING = 1e-18


@dataclass(frozen=True, slots=True)
class Votes:
    """Votes, each by a rater on an item.

    ``items`` and ``raters`` are any integers; equal ones share errors. Items that are not independent share a number.
    ``least`` and ``most`` are the ends of what a vote can be, infinite for durations.
    """

    values: Numbers
    items: Counts
    raters: Counts
    weights: Numbers | None = None
    """Above 0; one over the chance of being chosen makes a mean of the population. All alike by default."""
    least: float = -math.inf
    most: float = math.inf


@dataclass(frozen=True, slots=True)
class Crossed:
    """A mean or a difference of means, with limits for other items and other raters like these.

    ``low`` and ``high`` are None where nothing shows how far raters or items vary; ``reason`` then says why.
    """

    estimate: float | None
    low: float | None
    high: float | None
    standard_error: float | None
    confidence: float
    n: int
    """Votes."""
    n_items: int
    n_raters: int
    method: str
    reason: str = ""


def crossed_mean(votes: Votes, confidence: float = 0.95) -> Crossed:
    """Bound the weighted mean of votes, whose errors are shared by item and by rater.

    The estimate is ``sum w y / sum w`` (Hájek). Its variance is that of Cameron, Gelbach and Miller: by item, plus by
    rater, less by item and rater together, and never below the larger of the first two. Each part is a jackknife that
    leaves whole clusters out, so that few and unequal raters do not make it too small.

    One quantile for the whole would be that of the raters, who are few: far too wide where raters hardly differ. So
    each part is multiplied by the square of its own Student quantile before they are added up, what is taken off
    belonging to the larger number of clusters. That keeps the level (Banerjee), and is never wider than the one quantile.
    Degrees of freedom are items, and raters, counted by how evenly the weight lies on them, less one. Two or three
    raters give a wide interval all the same: that is what they say of others like them. Raters who agree in everything show no
    difference between raters, and the interval is then one over items: others may differ where these did not.

    Where votes have ends, no limit is tighter than what unseen items could hide: a share ``1 - level^(1/G)`` of G
    items that are as bad as can be stays unseen with probability ``level``. So votes that all are alike keep a width.

    Returns:
        No limits for a single rater, for fewer than 8 items (by weight, as above), and for votes without ends and
        without spread. No estimate without a vote.

    Raises:
        ValueError: for arrays of unequal length, values that are not finite or lie beyond the ends, weights that are
            not finite and above 0, and a confidence outside (0, 1).

    Source: Cameron, Gelbach and Miller (2011), Journal of Business and Economic Statistics 29, 238; Bell and McCaffrey
    (2002), Survey Methodology 28, 169, for the jackknife; Banerjee (1960), Sankhya 22, 351, for the quantiles.

    >>> votes = Votes(np.array([1.0, -1.0] * 9), np.arange(18) // 2, np.arange(18) % 2)
    >>> crossed_mean(votes).estimate
    0.0
    """
    level = one_sided_level(confidence)
    part = _part(votes)
    if part is None:
        return Crossed(None, None, None, None, confidence, 0, 0, 0, "", "no vote")
    return _bounded((part,), (votes.least, votes.most), level)


def crossed_difference(before: Votes, after: Votes, confidence: float = 0.95) -> Crossed:
    """Bound the mean of ``after`` less the mean of ``before``, where both may share items and raters.

    As `crossed_mean`. Numbers that occur on both sides are the same item or rater: what they have in common cancels.

    Returns:
        Also no limits where one side has a single rater or fewer than 8 items; no estimate where one side has no vote.

    Raises:
        ValueError: as `crossed_mean`.
    """
    level = one_sided_level(confidence)
    first, second = _part(before), _part(after)
    if first is None or second is None:
        n = before.values.size + after.values.size
        return Crossed(None, None, None, None, confidence, n, 0, 0, "", "no vote on one side")
    turned = _Part(-first.mean, -first.moves, first.shares, first.items, first.raters)
    ends = (after.least - before.most, after.most - before.least)
    return _bounded((turned, second), ends, level)


@dataclass(frozen=True, slots=True)
class _Part:
    """A mean taken apart: what each vote adds to its error, and the share of weight that it has."""

    mean: float
    moves: Numbers
    shares: Numbers
    items: Counts
    raters: Counts


def _part(votes: Votes) -> _Part | None:
    weights = np.ones_like(votes.values) if votes.weights is None else votes.weights
    _check(votes, weights)
    if not votes.values.size:
        return None
    total = float(weights.sum())
    shares = weights / total
    # Rounding must not carry the mean of votes that are all alike away from them.
    least, most = float(votes.values.min()), float(votes.values.max())
    mean = min(max(float(weights @ votes.values) / total, least), most)
    return _Part(mean, shares * (votes.values - mean), shares, votes.items, votes.raters)


def _bounded(parts: tuple[_Part, ...], ends: tuple[float, float], level: float) -> Crossed:
    items, n_items = _numbered(np.concatenate([part.items for part in parts]))
    raters, n_raters = _numbered(np.concatenate([part.raters for part in parts]))
    estimate = sum(part.mean for part in parts)
    confidence, n = 1.0 - 2.0 * level, sum(part.moves.size for part in parts)
    even_items = min(_even(part.items, part.shares) for part in parts)
    even_raters = min(_even(part.raters, part.shares) for part in parts)
    reason = _too_few(even_items, min(np.unique(part.raters).size for part in parts))
    if reason:
        return Crossed(estimate, None, None, None, confidence, n, n_items, n_raters, "", reason)
    spread = _spread(parts, items, raters)
    variance = spread.variance
    bare = not (math.isfinite(ends[0]) and math.isfinite(ends[1]))
    if bare and variance <= _NOTHING * max(1.0, estimate * estimate):
        reason = "votes without any spread, and without ends, cannot bound a mean"
        return Crossed(estimate, None, None, None, confidence, n, n_items, n_raters, "", reason)
    error = math.sqrt(variance)
    reach = spread.reach(_quantile(even_items, level), _quantile(even_raters, level))
    unseen = -math.expm1(math.log(level) / even_items)
    low = max(ends[0], estimate - max(reach, _hidden(unseen, estimate - ends[0])))
    high = min(ends[1], estimate + max(reach, _hidden(unseen, ends[1] - estimate)))
    method = f"t, {even_items:.3g} items and {even_raters:.3g} raters crossed"
    return Crossed(estimate, low, high, error, confidence, n, n_items, n_raters, method)


@dataclass(frozen=True, slots=True)
class _Spread:
    by_item: float
    by_rater: float
    by_both: float

    @property
    def variance(self) -> float:
        return max(self.by_item + self.by_rater - self.by_both, self.by_item, self.by_rater)

    def reach(self, t_items: float, t_raters: float) -> float:
        items, raters = t_items**2 * self.by_item, t_raters**2 * self.by_rater
        overlap = min(t_items, t_raters) ** 2 * self.by_both
        return math.sqrt(max(items + raters - overlap, items, raters))


def _spread(parts: tuple[_Part, ...], items: Counts, raters: Counts) -> _Spread:
    cells, _ = _numbered(items * (int(raters.max()) + 1) + raters)
    return _Spread(*(_jackknife(parts, groups) for groups in (items, raters, cells)))


def _quantile(even: float, level: float) -> float:
    return -float(stdtrit(max(1.0, even - 1.0), level))


def _jackknife(parts: tuple[_Part, ...], groups: Counts) -> float:
    """Variance of the sum of the means, from how far leaving one group out moves it."""
    n, start = int(groups.max()) + 1, 0
    moved = np.zeros(n)
    for part in parts:
        own = groups[start : start + part.moves.size]
        start += part.moves.size
        rest = 1.0 - np.bincount(own, weights=part.shares, minlength=n)
        sums = np.bincount(own, weights=part.moves, minlength=n)
        moved += np.divide(sums, rest, out=np.zeros(n), where=rest > 1e-12)
    return (n - 1) / n * float(moved @ moved)


def _too_few(even_items: float, raters: int) -> str:
    if raters < FEWEST_RATERS:
        return "a single rater does not show how far raters differ; expected 2 or more"
    # Sizes that are alike up to rounding must not fall below the limit.
    if even_items < FEWEST_CLUSTERS - 1e-9:
        return f"{even_items:.3g} items by weight are too few to bound it; expected {FEWEST_CLUSTERS} or more"
    return ""


def _even(groups: Counts, shares: Numbers) -> float:
    """How many groups of equal weight carry as much."""
    _, place = np.unique(groups, return_inverse=True)
    held = np.bincount(place, weights=shares)
    return 1.0 / float(held @ held)


def _hidden(unseen: float, distance: float) -> float:
    return unseen * distance if math.isfinite(distance) else 0.0


def _numbered(groups: Counts) -> tuple[NDArray[np.int64], int]:
    names, place = np.unique(groups, return_inverse=True)
    return place.astype(np.int64), int(names.size)


def _check(votes: Votes, weights: Numbers) -> None:
    shape = votes.values.shape
    if (
        votes.values.ndim != 1
        or not votes.items.shape == votes.raters.shape == weights.shape == shape
    ):
        raise ValueError("expected an item, a rater and a weight for each vote, all flat")
    if not np.all(np.isfinite(votes.values)):
        raise ValueError("votes must be finite; leave missing ones out")
    if votes.values.size and not (
        votes.least <= votes.values.min() and votes.values.max() <= votes.most
    ):
        raise ValueError(f"expected votes from {votes.least} to {votes.most}")
    if not np.all(np.isfinite(weights) & (weights > 0.0)):
        raise ValueError("weights must be finite and above 0")
