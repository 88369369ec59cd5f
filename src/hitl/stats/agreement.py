"""Do raters agree more often than chance would have them agree, and how sure is that?"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from hitl.stats.interval import Interval, one_sided_level
from hitl.stats.proportion import exact_interval

Counts = NDArray[np.int64]
Numbers = NDArray[np.float64]
Weights = Literal["none", "quadratic"]
Coefficient = Literal["ac1", "fleiss"]

_Chance = Callable[[Numbers], tuple[float, Numbers]]

# A spread that fewer clusters show is not believed.
FEWEST_CLUSTERS = 8


@dataclass(frozen=True, slots=True)
class Agreement:
    """A coefficient of agreement: 1 is complete, 0 what chance gives, below 0 less than chance.

    ``estimate`` is None where the coefficient has no value, ``interval`` where nothing can be
    said about its error; ``reason`` then says why and is empty otherwise. ``observed`` and
    ``by_chance`` are the (weighted) shares of agreement that it compares.
    """

    estimate: float | None
    interval: Interval | None
    standard_error: float | None
    observed: float | None
    by_chance: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Clustering:
    """How far units are from independent: clusters, and the variance that they add as a factor."""

    n_clusters: int
    design_effect: float = 1.0


def cross_table(first: Counts, second: Counts, categories: int) -> Counts:
    """Count pairs of categories 0, 1, ... that two raters gave to the same units, first by second.

    Raises:
        ValueError: for arrays of unequal length, or a category outside the range.

    >>> cross_table(np.array([0, 1, 1]), np.array([0, 1, 0]), 2).tolist()
    [[1, 0], [1, 1]]
    """
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError("expected two flat arrays of one length")
    both = np.concatenate([first, second])
    if both.size and not (both.min() >= 0 and both.max() < categories):
        raise ValueError(f"expected categories from 0 to {categories - 1}")
    cells = np.bincount(first * categories + second, minlength=categories * categories)
    return cells.reshape(categories, categories).astype(np.int64)


def raw_agreement(table: Counts, confidence: float = 0.95) -> Interval | None:
    """Bound the share of units on which two raters agree, exactly; None without a unit."""
    n = _checked(table)
    return exact_interval(int(np.trace(table)), n, confidence) if n else None


def cohen_kappa(
    table: Counts,
    confidence: float = 0.95,
    weights: Weights = "none",
    clustering: Clustering | None = None,
) -> Agreement:
    """Estimate Cohen's kappa of two raters, with its large-sample interval.

    The formula alone clears a rater who is exactly at a limit twice as often as it says, and
    gives complete agreement no error at all. So the lower limit is taken as if one more unit had
    disagreed, and never exceeds what complete agreement of as many clusters would prove. The
    upper limit is at most 1. With clusters the variance grows by the design effect and the
    quantile is Student's.

    Kappa has no value where chance alone would agree always, as when both raters use one
    category throughout. With a category that is rare it can be near 0 at high agreement: read
    `gwet_ac1` beside it.

    Args:
        table: counts, first rater by second, square.
        confidence: two-sided, strictly between 0 and 1.
        weights: "quadratic" for ordered categories, whose distance counts.
        clustering: where units share clusters.

    Raises:
        ValueError: for a table that is not square or holds negative counts, or a confidence
            outside (0, 1).

    Source: Cohen (1960), Educational and Psychological Measurement 20; Fleiss, Cohen and Everitt
    (1969), Psychological Bulletin 72.

    >>> kappa = cohen_kappa(np.array([[20, 5], [10, 15]]))
    >>> round(kappa.estimate, 2), round(kappa.standard_error, 3)
    (0.4, 0.127)
    """
    level = one_sided_level(confidence)
    n = _checked(table)
    if n == 0:
        return Agreement(None, None, None, None, None, "no unit was rated by both")
    share = table / n
    weight = agreement_weights(len(table), weights)
    observed = float((share * weight).sum())
    by_chance = float(share.sum(axis=1) @ weight @ share.sum(axis=0))
    if by_chance >= 1.0 - 1e-12:
        reason = "both raters use one category only, so chance alone agrees always"
        return Agreement(None, None, None, observed, by_chance, reason)
    kappa = (observed - by_chance) / (1.0 - by_chance)
    influence = kappa_influence(table, weights)
    error = math.sqrt(float((share * influence * influence).sum()) / n)
    method = "kappa, large sample" if weights == "none" else "quadratic kappa, large sample"
    return _bounded(_Estimated(kappa, error, observed, by_chance, n), method, level, clustering)


def kappa_influence(table: Counts, weights: Weights = "none") -> Numbers:
    """Return what one more unit in each cell does to kappa, times n; its mean over units is 0.

    The mean square over units, divided by n, is the variance of Fleiss, Cohen and Everitt. The
    table must have a kappa.
    """
    share = table / table.sum()
    weight = agreement_weights(len(table), weights)
    rows, columns = share.sum(axis=1), share.sum(axis=0)
    by_chance = float(rows @ weight @ columns)
    observed = float((share * weight).sum())
    disagreement = (1.0 - observed) / (1.0 - by_chance)
    chance = (weight @ columns)[:, None] + (rows @ weight)[None, :]
    raw: Numbers = (weight - chance * disagreement) / (1.0 - by_chance)
    return raw - float((share * raw).sum())


def agreement_weights(categories: int, weights: Weights) -> Numbers:
    """Return how far two categories agree, 0 to 1.

    >>> agreement_weights(3, "quadratic")[0].tolist()
    [1.0, 0.75, 0.0]
    """
    if weights == "none" or categories < 2:
        return np.eye(categories)
    steps = np.arange(categories)
    return np.asarray(1.0 - ((steps[:, None] - steps[None, :]) / (categories - 1)) ** 2)


def gwet_ac1(
    ratings: Counts,
    confidence: float = 0.95,
    clustering: Clustering | None = None,
    times: Counts | None = None,
) -> Agreement:
    """Estimate Gwet's AC1 of any number of raters, some of whom may have skipped units.

    Unlike kappa it stays near the raw agreement where one category is rare. Units with a single
    rating count towards the categories' shares only. The lower limit is held as in `cohen_kappa`.

    Args:
        ratings: how many raters put each unit (row) into each category (column); every category
            that could have been used has a column.
        confidence: two-sided, strictly between 0 and 1.
        clustering: where units share clusters.
        times: how many units each row stands for; one by default.

    Raises:
        ValueError: for a table that is not two-dimensional or holds negative counts, or a
            confidence outside (0, 1).

    Source: Gwet (2008), British Journal of Mathematical and Statistical Psychology 61.
    """
    level = one_sided_level(confidence)
    found = _many_raters(ratings, times, _chance_of_ac1)
    if isinstance(found, str):
        return Agreement(None, None, None, None, None, found)
    return _bounded(found.estimated, "AC1, large sample", level, clustering)


def fleiss_kappa(
    ratings: Counts,
    confidence: float = 0.95,
    clustering: Clustering | None = None,
    times: Counts | None = None,
) -> Agreement:
    """Estimate Fleiss' kappa of any number of raters, some of whom may have skipped units.

    Raters are exchangeable: who rated is not asked. Where units have unequal numbers of ratings the observed agreement
    is the mean over units with two ratings or more, each counting once, and the categories' shares are means over
    all rated units, as in Gwet's generalisation; with equal numbers it is Fleiss' own. It fails at skewed categories as
    `cohen_kappa` does, and its lower limit is held in the same way. In simulations of 60 and 200 units that limit lies above
    the truth in at most 4 % at a nominal 2.5. The upper one lies below it in 1 to 7 %, and far more often where kappa is
    near 0 and one category holds nine ratings in ten: read `gwet_ac1` there.

    Arguments and errors are those of `gwet_ac1`.

    Returns:
        No kappa where no unit was rated twice, or all ratings are of one category.

    Source: Fleiss (1971), Psychological Bulletin 76, 378; Gwet (2014), Handbook of Inter-Rater Reliability, 4th
    edition, chapter 2; the error is that of Gwet (2008).

    >>> found = fleiss_kappa(np.array([[2, 0], [1, 1]] * 8))
    >>> round(found.estimate, 3), found.observed
    (-0.333, 0.5)
    """
    level = one_sided_level(confidence)
    found = _many_raters(ratings, times, _chance_of_fleiss)
    if isinstance(found, str):
        return Agreement(None, None, None, None, None, found)
    if found.estimated.by_chance >= 1.0 - 1e-12:
        reason = "all ratings are of one category, so chance alone agrees always"
        return Agreement(None, None, None, found.estimated.observed, 1.0, reason)
    return _bounded(found.estimated, "Fleiss' kappa, large sample", level, clustering)


def rating_influence(ratings: Counts, coefficient: Coefficient) -> Numbers:
    """Return what each unit (row) adds to a coefficient of many raters, times n; for `design_effect`.

    0 for units that were not rated, and throughout where the coefficient has no value.
    """
    found = _many_raters(ratings, None, _CHANCES[coefficient])
    return np.zeros(len(ratings)) if isinstance(found, str) else found.influence


def pair_ratings(categories: int) -> Counts:
    """Return the ratings of two raters in each cell of their table, row by row.

    With the table's counts as `times` they are what `gwet_ac1` takes.

    >>> pair_ratings(2).tolist()
    [[2, 0], [1, 1], [1, 1], [0, 2]]
    """
    kinds = np.eye(categories, dtype=np.int64)
    return (kinds[:, None, :] + kinds[None, :, :]).reshape(-1, categories)


def design_effect(influence: Numbers, clusters: Counts) -> float:
    """Return by how much shared clusters raise a variance, at least 1.

    Args:
        influence: what each unit adds to the estimate.
        clusters: the cluster of each unit, any integers.

    >>> design_effect(np.array([1.0, 1.0, -1.0, -1.0]), np.array([0, 0, 1, 1]))
    2.0
    """
    alone = float(influence @ influence)
    if alone == 0.0:
        return 1.0
    _, members = np.unique(clusters, return_inverse=True)
    sums = np.bincount(members, weights=influence)
    return max(1.0, float(sums @ sums) / alone)


@dataclass(frozen=True, slots=True)
class _Estimated:
    estimate: float
    error: float
    observed: float
    by_chance: float
    n: int


@dataclass(frozen=True, slots=True)
class _ManyRaters:
    estimated: _Estimated
    influence: Numbers


def _many_raters(ratings: Counts, times: Counts | None, chance: _Chance) -> _ManyRaters | str:
    """Compare the agreement of pairs of ratings with chance, or say why that cannot be done."""
    if ratings.ndim != 2 or (ratings.size and ratings.min() < 0):
        raise ValueError("expected counts, units by categories")
    units = np.ones(len(ratings), dtype=np.int64) if times is None else times
    is_rated = (ratings.sum(axis=1) > 0) & (units > 0)
    rated, units = ratings[is_rated].astype(np.float64), units[is_rated]
    raters = rated.sum(axis=1)
    twice = raters >= 2.0
    n = int(units[twice].sum())
    if n == 0:
        return "no unit was rated twice"
    if ratings.shape[1] < 2:
        return "with one category there is no other choice"
    weights = units / units.sum()
    agreed = np.zeros(len(rated))
    agreed[twice] = (rated * (rated - 1.0)).sum(axis=1)[twice] / (raters * (raters - 1.0))[twice]
    observed = float((agreed * units)[twice].sum()) / n
    shares = rated / raters[:, None]
    mean = weights @ shares
    by_chance, slope = chance(mean)
    influence = np.zeros(len(ratings))
    if by_chance >= 1.0 - 1e-12:
        return _ManyRaters(_Estimated(math.nan, math.nan, observed, by_chance, n), influence)
    coefficient = (observed - by_chance) / (1.0 - by_chance)
    pairs = np.where(twice, agreed - observed, 0.0) * (int(units.sum()) / n)
    moved = (shares - mean) @ slope
    own = (pairs - (1.0 - observed) / (1.0 - by_chance) * moved) / (1.0 - by_chance)
    influence[is_rated] = own
    error = math.sqrt(float(weights @ (own * own)) / int(units.sum()))
    return _ManyRaters(_Estimated(coefficient, error, observed, by_chance, n), influence)


def _chance_of_ac1(shares: Numbers) -> tuple[float, Numbers]:
    """Agreement of raters who guess evenly where they guess, and its slope by category."""
    others = len(shares) - 1
    return float((shares * (1.0 - shares)).sum()) / others, (1.0 - 2.0 * shares) / others


def _chance_of_fleiss(shares: Numbers) -> tuple[float, Numbers]:
    """Agreement of two ratings drawn from all, and its slope by category."""
    return float(shares @ shares), 2.0 * shares


_CHANCES: dict[Coefficient, _Chance] = {"ac1": _chance_of_ac1, "fleiss": _chance_of_fleiss}


def _bounded(
    found: _Estimated, method: str, level: float, clustering: Clustering | None
) -> Agreement:
    of = clustering or Clustering(found.n)
    error = large_sample = found.error * math.sqrt(of.design_effect)
    if of.n_clusters < FEWEST_CLUSTERS:
        reason = f"{of.n_clusters} independent units are too few to bound it; expected {FEWEST_CLUSTERS} or more"
        return Agreement(found.estimate, None, None, found.observed, found.by_chance, reason)
    if of.n_clusters < found.n:
        quantile, method = -float(stdtrit(of.n_clusters - 1, level)), f"{method}, by cluster"
    else:
        quantile = -float(ndtri(level))
    error *= math.sqrt(of.n_clusters / (of.n_clusters - 1))
    one_more = 1.0 / (of.n_clusters * (1.0 - found.by_chance))
    most = complete_agreement_limit(of.n_clusters, level, found.by_chance)
    low = max(-1.0, min(found.estimate - quantile * error - one_more, most))
    high = min(1.0, found.estimate + quantile * error)
    interval = Interval(found.estimate, low, high, 1.0 - 2.0 * level, method, found.n)
    return Agreement(found.estimate, interval, large_sample, found.observed, found.by_chance)


def complete_agreement_limit(n: int, level: float, by_chance: float) -> float:
    """Return the highest lower limit that n units can give a coefficient, all of them agreeing.

    A share of ``1 - level^(1/n)`` of disagreements stays unseen with probability ``level``.
    """
    return 1.0 + math.expm1(math.log(level) / n) / (1.0 - by_chance)


def _checked(table: Counts) -> int:
    if table.ndim != 2 or len(table) != table.shape[1] or (table.size and table.min() < 0):
        raise ValueError("expected a square table of counts")
    return int(table.sum())
