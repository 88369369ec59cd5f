"""Latency, cost, tokens, length and numeric grades: both arms side by side, over the same cases."""

from collections.abc import Callable
from dataclasses import dataclass

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

    An arm owes as many values of each case as its best-served case got replies, so that a slow
    or dear reply cannot leave a mean by being lost.
    """
    before = case_means(previous, name, span, _most_replies(previous, span))
    after = case_means(candidate, name, span, _most_replies(candidate, span))
    return MeasureColumns(name, before, after, clusters)


def _most_replies(arm: ArmScores, span: range) -> int:
    rows = slice(*np.searchsorted(arm.case, [span.start, span.stop]))
    return int(np.bincount(arm.case[rows] - span.start).max(initial=1))


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


def compare_columns(
    columns: MeasureColumns, statistic: Statistic, confidence: float, chance: Chance
) -> MeasureComparison | None:
    """Compare a statistic over the cases that both arms measured; None if they are too few."""
    known = columns.known
    clusters = columns.clusters[known]
    if len(np.unique(clusters)) < FEWEST_CLUSTERS:
        return None
    generator = chance(f"{columns.name}.{statistic}")
    before, after = columns.previous[known], columns.candidate[known]
    return compare_measure(before, after, clusters, statistic.value, confidence, generator)


def statistic_interval(
    columns: MeasureColumns, statistic: Statistic, confidence: float, chance: Chance
) -> Interval | None:
    """Return an interval of the candidate's own statistic; None if the cases are too few for one.

    Quantiles are bounded by order statistics, which is exact whatever the distribution; means by
    resampling clusters.
    """
    values = columns.candidate[columns.known]
    if statistic in _QUANTILE:
        return quantile_interval(values, _QUANTILE[statistic], confidence) if len(values) else None
    nothing = MeasureColumns(
        columns.name, np.zeros_like(columns.candidate), columns.candidate, columns.clusters
    )
    comparison = compare_columns(nothing, statistic, confidence, chance)
    return comparison.increase if comparison else None
