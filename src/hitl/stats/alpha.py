"""How far do any number of raters agree, on any scale, when some skip units?"""

from dataclasses import dataclass
from typing import Literal, assert_never

import numpy as np
from numpy.typing import NDArray

from hitl.stats.agreement import FEWEST_CLUSTERS, complete_agreement_limit
from hitl.stats.counts import Counts, Numbers, checked_counts
from hitl.stats.interval import Interval, one_sided_level

Scale = Literal["nominal", "ordinal", "interval", "ratio"]
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Alpha:
    """Krippendorff's alpha: 1 is complete agreement, 0 what chance gives, below 0 less.

    ``observed`` and ``expected`` are the mean disagreements, in squared units of the scale.
    ``estimate`` is None where alpha has no value and ``interval`` where its error is unknown;
    ``reason`` then says why. ``n_units`` counts the units with two ratings or more.
    """

    estimate: float | None
    interval: Interval | None
    observed: float | None
    expected: float | None
    n_units: int
    n_ratings: int
    reason: str = ""


def krippendorff_alpha(
    ratings: Counts,
    scale: Scale,
    rng: np.random.Generator,
    values: Numbers | None = None,
    confidence: float = 0.95,
    resamples: int = 2000,
) -> Alpha:
    """Estimate Krippendorff's alpha, with the percentile interval of resampled units.

    ``1 - observed / expected`` disagreement, observed between the ratings of one unit, expected
    between any two ratings. Units with one rating do not count. The lower limit never exceeds
    what complete agreement of as many units would prove. Units are independent.

    Args:
        ratings: how many raters put each unit (row) into each category (column).
        scale: how far two categories are apart: "nominal" all alike, "ordinal" by the ratings
            that lie between, "interval" by the difference of their values, "ratio" by the
            difference over the sum.
        rng: a seeded generator.
        values: the value of each category, rising; 1, 2, ... by default. "ratio" needs all of
            them at least 0.
        confidence: two-sided, strictly between 0 and 1.
        resamples: at least 100.

    Returns:
        No alpha where no unit was rated twice, or all ratings that count are of one category:
        chance alone would agree always. No interval for fewer than 8 units.

    Raises:
        ValueError: for a table that is not two-dimensional or holds no counts, values that do
            not rise or do not suit the scale, fewer than 100 resamples, or a confidence outside
            (0, 1).

    Source: Krippendorff (2019), Content Analysis, 4th edition, chapter 12.
    """
    return clustered_alpha(ratings, scale, rng, Resampling(None, resamples), values, confidence)


@dataclass(frozen=True, slots=True)
class Resampling:
    """What is drawn anew, and how often."""

    clusters: Counts | None = None
    """The cluster of each unit, any integers: whole clusters are drawn. None: units are independent."""
    resamples: int = 2000
    """At least 100."""


def clustered_alpha(
    ratings: Counts,
    scale: Scale,
    rng: np.random.Generator,
    resampling: Resampling,
    values: Numbers | None = None,
    confidence: float = 0.95,
) -> Alpha:
    """Estimate Krippendorff's alpha as `krippendorff_alpha`, drawing whole clusters of units anew.

    Clusters are counted where the number of units would be: fewer than 8 give no interval, and the lower limit never
    exceeds what complete agreement of as many clusters would prove.

    Raises:
        ValueError: as `krippendorff_alpha`, and for another number of clusters than units.
    """
    level = one_sided_level(confidence)
    table = checked_counts(ratings, "ratings")
    if table.ndim != 2 or resampling.resamples < 100:
        raise ValueError("expected ratings by unit and category, and 100 resamples or more")
    of = _members(resampling.clusters, table)
    points = _checked_values(values, table.shape[1], scale)
    twice = table.sum(axis=1) >= 2
    table, of = table[twice], np.unique(of[twice], return_inverse=True)[1]
    units, number, groups = len(table), int(table.sum()), int(of.max(initial=-1)) + 1
    if units == 0:
        return Alpha(None, None, None, None, 0, 0, "no unit was rated twice")
    distance = _distances(table.sum(axis=0).astype(np.float64), points, scale)
    own = _disagreement(table.astype(np.float64), distance)
    totals = table.sum(axis=0).astype(np.float64)
    observed, expected = float(own.sum()) / number, float(_expected(totals[None, :], distance)[0])
    if expected <= 0.0:
        reason = "all ratings are of one category, so chance alone agrees always"
        return Alpha(None, None, observed, expected, units, number, reason)
    estimate = 1.0 - observed / expected
    what = "units" if groups == units else "clusters of units"
    if groups < FEWEST_CLUSTERS:
        reason = f"{groups} {what} are too few to bound it; expected {FEWEST_CLUSTERS} or more"
        return Alpha(estimate, None, observed, expected, units, number, reason)
    columns = np.zeros((groups, table.shape[1] + 1))
    np.add.at(columns, of, np.column_stack([own, table]))
    drawn = _resampled(columns, distance, rng, resampling.resamples)
    low, high = (float(limit) for limit in np.quantile(drawn, [level, 1.0 - level]))
    most = complete_agreement_limit(groups, level, 1.0 - expected / float(distance.max()))
    interval = Interval(
        estimate,
        min(low, most, estimate),
        max(high, estimate),
        confidence,
        f"{scale} alpha, percentile of {resampling.resamples} resamples of {what}",
        units,
    )
    return Alpha(estimate, interval, observed, expected, units, number)


def _checked_values(values: Numbers | None, categories: int, scale: Scale) -> Numbers:
    points = np.arange(1.0, categories + 1.0) if values is None else values.astype(np.float64)
    if points.shape != (categories,) or not np.all(np.isfinite(points)):
        raise ValueError(f"expected {categories} finite values, one for each category")
    if np.any(np.diff(points) <= 0.0):
        raise ValueError("expected values that rise from category to category")
    if scale == "ratio" and points.size and points[0] < 0.0:
        raise ValueError("a ratio scale has no value below 0")
    return points


def _distances(totals: Numbers, points: Numbers, scale: Scale) -> Matrix:
    """Squared distances between categories; those of an ordinal scale depend on their use."""
    match scale:
        case "nominal":
            return 1.0 - np.eye(totals.size)
        case "ordinal":
            # Half of the end categories lies between them, and all of those inside.
            places = np.cumsum(totals) - totals / 2.0
            return np.asarray((places[:, None] - places[None, :]) ** 2)
        case "interval":
            return np.asarray((points[:, None] - points[None, :]) ** 2)
        case "ratio":
            both = points[:, None] + points[None, :]
            apart = points[:, None] - points[None, :]
            return np.divide(apart, both, out=np.zeros_like(apart), where=both > 0.0) ** 2
        case _:
            assert_never(scale)


def _disagreement(table: Matrix, distance: Matrix) -> Numbers:
    """What the pairs of ratings of each unit add to the observed disagreement."""
    pairs = ((table @ distance) * table).sum(axis=1)
    own: Numbers = pairs / (table.sum(axis=1) - 1.0)
    return own


def _expected(totals: Matrix, distance: Matrix) -> Numbers:
    number = totals.sum(axis=1)
    expected: Numbers = ((totals @ distance) * totals).sum(axis=1) / (number * (number - 1.0))
    return expected


def _members(clusters: Counts | None, table: Counts) -> Counts:
    of = np.arange(len(table)) if clusters is None else clusters
    if of.shape != (len(table),):
        raise ValueError(f"expected {len(table)} clusters, one for each unit")
    return of


def _resampled(
    columns: Matrix, distance: Matrix, rng: np.random.Generator, resamples: int
) -> Numbers:
    """Alpha of rows drawn anew; 1 where a draw holds one category only, as it all agrees.

    Args:
        columns: disagreement and ratings by category, added up by unit or cluster.
        distance: between categories.
        rng: a seeded generator.
        resamples: draws.
    """
    units = len(columns)
    sums = np.empty((resamples, columns.shape[1]))
    for row in range(resamples):
        counts = np.bincount(rng.integers(0, units, units), minlength=units)
        sums[row] = counts @ columns
    number, expected = sums[:, 1:].sum(axis=1), _expected(sums[:, 1:], distance)
    ratio = np.divide(sums[:, 0] / number, expected, out=np.zeros(resamples), where=expected > 0.0)
    drawn: Numbers = 1.0 - ratio
    return drawn
