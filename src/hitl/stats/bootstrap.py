"""How much slower, longer or dearer is one arm than the other, on the same cases?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hitl.stats.interval import Interval, one_sided_level
from hitl.stats.resample import Statistic, cluster_draws

StatisticName = Literal["mean", "median", "p95"]

# Percentiles of resamples say too little about fewer clusters than this.
FEWEST_CLUSTERS = 8
# Sums of values below this stay finite.
_LARGEST = 1e150
_METHOD = "percentile bootstrap by cluster"


@dataclass(frozen=True, slots=True)
class PairedMeasure:
    """One measured quantity of both arms on the same cases, and how to sum it up."""

    previous: NDArray[np.float64]
    candidate: NDArray[np.float64]
    statistic: StatisticName


@dataclass(frozen=True, slots=True)
class MeasureComparison:
    """A statistic of both arms, the ratio candidate / previous and the increase between them."""

    statistic: StatisticName
    n: int
    n_clusters: int
    previous: float
    candidate: float
    ratio: Interval | None
    increase: Interval | None


def compare_measure(  # noqa: PLR0913 - a pair, its clusters, a statistic and how to resample
    previous: NDArray[np.float64],
    candidate: NDArray[np.float64],
    clusters: NDArray[np.int64],
    statistic: StatisticName,
    confidence: float,
    rng: np.random.Generator,
    resamples: int = 1000,
) -> MeasureComparison:
    """Compare one measure: `compare_measures` with a single entry."""
    measure = PairedMeasure(previous, candidate, statistic)
    return compare_measures([measure], clusters, confidence, rng, resamples)[0]


def compare_measures(
    measures: Sequence[PairedMeasure],
    clusters: NDArray[np.int64],
    confidence: float,
    rng: np.random.Generator,
    resamples: int = 1000,
) -> tuple[MeasureComparison, ...]:
    """Compare several measures of the same cases over one set of resampled clusters.

    Whole clusters are drawn with return and both arms of a case stay together. The intervals
    are percentiles of the resampled ratio and increase. "median" and "p95" are the smallest
    value with at least that share of values at or below it, so the median of an even number of
    values is the lower middle one.

    With fewer than 8 clusters both intervals are None. The ratio is None when the statistic of
    the previous arm is not positive, in the data or in any resample. No result holds NaN.

    Args:
        measures: finite values below 1e150, one for each case; any unit.
        clusters: the cluster of each case, any integers.
        confidence: two-sided, strictly between 0 and 1.
        rng: the source of chance; the same state gives the same answer.
        resamples: 100 or more. Cost grows with cases x resamples; memory does not.

    Raises:
        ValueError: for no cases, values that are not finite, arrays of unequal length, fewer
            than 100 resamples, or a confidence outside (0, 1).

    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, section 13.3.

    >>> seconds = np.arange(1.0, 41.0)
    >>> slower = PairedMeasure(seconds, 2.0 * seconds, "mean")
    >>> result, = compare_measures([slower], np.arange(40), 0.95, np.random.default_rng(1), 100)
    >>> round(result.ratio.low, 9), round(result.ratio.high, 9)
    (2.0, 2.0)
    """
    level = one_sided_level(confidence)
    if resamples < 100:
        raise ValueError(f"percentiles need 100 resamples or more, not {resamples}")
    for measure in measures:
        _check(measure, clusters)
    names, members = np.unique(clusters, return_inverse=True)
    arms = [
        Statistic.of(values, members, measure.statistic)
        for measure in measures
        for values in (measure.previous, measure.candidate)
    ]
    shape = (0, len(arms))
    drawn = np.empty(shape)
    if names.size >= FEWEST_CLUSTERS:
        drawn = cluster_draws(arms, members, rng, resamples)
    return tuple(
        _comparison(
            measure, names.size, arms[2 * i : 2 * i + 2], drawn[:, 2 * i : 2 * i + 2], level
        )
        for i, measure in enumerate(measures)
    )


def _comparison(
    measure: PairedMeasure,
    n_clusters: int,
    arms: Sequence[Statistic],
    drawn: NDArray[np.float64],
    level: float,
) -> MeasureComparison:
    previous, candidate = arms[0].point, arms[1].point
    ratio = increase = None
    n = measure.previous.size
    if drawn.shape[0]:
        increase = _percentiles(candidate - previous, drawn[:, 1] - drawn[:, 0], level, n)
        if previous > 0.0 and float(drawn[:, 0].min()) > 0.0:
            with np.errstate(over="ignore"):  # an endless ratio becomes None
                ratios = drawn[:, 1] / drawn[:, 0]
            ratio = _percentiles(candidate / previous, ratios, level, n)
    return MeasureComparison(measure.statistic, n, n_clusters, previous, candidate, ratio, increase)


def _percentiles(
    estimate: float, resampled: NDArray[np.float64], level: float, n: int
) -> Interval | None:
    if not (math.isfinite(estimate) and np.all(np.isfinite(resampled))):
        return None
    low, high = np.quantile(resampled, [level, 1.0 - level]).tolist()
    return Interval(estimate, low, high, 1.0 - 2.0 * level, _METHOD, n)


def _check(measure: PairedMeasure, clusters: NDArray[np.int64]) -> None:
    shapes = {measure.previous.shape, measure.candidate.shape, clusters.shape}
    if len(shapes) > 1 or clusters.ndim != 1 or clusters.size == 0:
        raise ValueError(
            "expected both arms and clusters of one length, flat, of at least one case"
        )
    for values in (measure.previous, measure.candidate):
        if not np.all(np.abs(values) < _LARGEST):
            raise ValueError(f"a {measure.statistic} of values that are not finite has no meaning")
