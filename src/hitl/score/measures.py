"""Latency, cost, tokens, length and numeric grades: both arms side by side, over the same cases."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil, log
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from hitl.manifest.gate_class import Statistic
from hitl.score.arm import ArmScores
from hitl.score.pairs import FEWEST_CLUSTERS
from hitl.stats.bootstrap import MeasureComparison, compare_measure
from hitl.stats.interval import Interval
from hitl.stats.quantile import quantile_interval

Chance = Callable[[str], np.random.Generator]
"""Gives each named random choice its own seeded generator."""

_QUANTILE = {Statistic.MEDIAN: 0.5, Statistic.P95: 0.95}


@dataclass(frozen=True, slots=True)
class MeasureColumns:
    """One measure as case means of both arms over the same cases; NaN where no reply says."""

    name: str
    previous: NDArray[np.float64]
    candidate: NDArray[np.float64]
    clusters: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.previous)

    def taken(self, order: NDArray[np.intp]) -> "MeasureColumns":
        """Return the cases in another order, their clusters numbered as they appear in it.

        Resampling draws clusters by number, and the order of subsets is nobody's evidence.
        """
        _, first, inverse = np.unique(self.clusters[order], return_index=True, return_inverse=True)
        clusters = np.argsort(np.argsort(first))[inverse].astype(np.int64)
        return MeasureColumns(self.name, self.previous[order], self.candidate[order], clusters)

    @property
    def known(self) -> NDArray[np.bool_]:
        """Cases that both arms measured."""
        return ~(np.isnan(self.previous) | np.isnan(self.candidate))

    @property
    def missing_share(self) -> float:
        """Share of cases that an arm did not measure; 1 when there is no case."""
        return 1 - float(np.mean(self.known)) if len(self) else 1.0


def measure_columns(
    name: str, previous: ArmScores, candidate: ArmScores, span: range, clusters: NDArray[np.int64]
) -> MeasureColumns:
    """Average a measure over the repeats of each case in a span of the suite."""
    return MeasureColumns(
        name, case_means(previous, name, span), case_means(candidate, name, span), clusters
    )


def owed_columns(
    name: str, previous: ArmScores, candidate: ArmScores, span: range, clusters: NDArray[np.int64]
) -> MeasureColumns:
    """Average a measure over the repeats of each case of one subset, where none is missing.

    An arm owes as many values of each case as any of its cases got replies, so that a slow
    or dear reply cannot leave a mean by being lost.
    """
    before = case_means(previous, name, span, previous.most_repeats)
    after = case_means(candidate, name, span, candidate.most_repeats)
    return MeasureColumns(name, before, after, clusters)


def case_means(arm: ArmScores, name: str, span: range, owed: int = 1) -> NDArray[np.float64]:
    """Return the mean of a measure over the repeats of each case; NaN where fewer than `owed` replies give it."""
    means = np.full(len(span), np.nan)
    if name not in arm.measures:
        return means
    rows = slice(*np.searchsorted(arm.case, [span.start, span.stop]))
    values, position = arm.measures[name][rows], arm.case[rows] - span.start
    there = ~np.isnan(values)
    sums = np.bincount(position[there], weights=values[there], minlength=len(span))
    counts = np.bincount(position[there], minlength=len(span))
    np.divide(sums, counts, out=means, where=counts >= owed)
    return means


def fewest_clusters(statistic: Statistic, confidence: float) -> int:
    """Return the clusters below which resampling promises nothing about a statistic.

    A tail that no observation has reached cannot be resampled: a p95 takes so many that one of
    them lies above it but for the one-sided error, 59 at 95 %. A mean of a skewed measure takes
    30 before a bootstrap limit keeps anything like its level.
    """
    level = (1 - confidence) / 2
    match statistic:
        case Statistic.P95:
            return ceil(log(level) / log(0.95))
        case Statistic.MEAN:
            return 30
        case Statistic.MEDIAN:
            return FEWEST_CLUSTERS
        case _:
            assert_never(statistic)


def compare_columns(
    columns: MeasureColumns, statistic: Statistic, confidence: float, chance: Chance
) -> MeasureComparison | None:
    """Compare a statistic over the cases that both arms measured; None if they are too few."""
    known = columns.known
    clusters = columns.clusters[known]
    if len(np.unique(clusters)) < fewest_clusters(statistic, confidence):
        return None
    generator = chance(f"{columns.name}.{statistic}")
    before, after = columns.previous[known], columns.candidate[known]
    found = compare_measure(before, after, clusters, statistic.value, confidence, generator)
    if min(before.min(), after.min()) < 0:
        return replace(found, ratio=None)  # a ratio of what can be negative says nothing of size
    return found


def statistic_interval(
    columns: MeasureColumns, statistic: Statistic, confidence: float, chance: Chance
) -> Interval | None:
    """Return an interval of the candidate's own statistic; None if the cases are too few for one.

    Quantiles of independent cases are bounded by order statistics, which is exact whatever the
    distribution; means, and cases in clusters, by resampling clusters.
    """
    values, clusters = columns.candidate[columns.known], columns.clusters[columns.known]
    if statistic in _QUANTILE and 0 < len(values) == len(np.unique(clusters)):
        return quantile_interval(values, _QUANTILE[statistic], confidence)
    nothing = replace(columns, previous=np.where(columns.known, 0.0, np.nan))
    comparison = compare_columns(nothing, statistic, confidence, chance)
    return comparison.increase if comparison else None
