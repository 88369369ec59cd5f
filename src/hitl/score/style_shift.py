"""By how much does the candidate write otherwise than the previous model, and is that more than chance?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hitl.score.arm import ArmScores
from hitl.score.pairs import FEWEST_CLUSTERS
from hitl.score.style_words import UNBOUNDED, Feature
from hitl.stats.cluster import ClusteredDifference, clustered_difference
from hitl.stats.interval import Interval
from hitl.stats.multiple import holm

Means = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StyleResult:
    """One style feature side by side, over the cases of which both arms say it."""

    feature: Feature
    n_cases: int
    """Cases of which both arms say it."""
    n_clusters: int
    """Independent ones among them."""
    previous: float | None
    """Mean over these cases; over its own cases where the other arm says it of none; None if it says it of none."""
    candidate: float | None
    """The same of the candidate."""
    difference: Interval | None
    """Candidate minus previous, two-sided; None with fewer than eight independent cases."""
    p_value: float | None
    """Two-sided, corrected over all features that were compared (Holm)."""
    is_beyond_chance: bool
    """Whether the corrected p-value is at most one minus the confidence."""


def compare_style(
    previous: ArmScores, candidate: ArmScores, clusters: NDArray[np.int64], confidence: float
) -> dict[str, StyleResult]:
    """Compare every feature over case means, the features in their order.

    The difference is the cluster-robust one of graded cases. Features without an upper bound are
    divided by the largest difference that was seen, which stands in for the largest possible one,
    so their limits trust the data a little more. A feature that no reply of either arm says or
    shows is left out: it can have no shift, and so is no part of the family that is corrected for.

    Args:
        previous: graded replies.
        candidate: graded replies.
        clusters: of each case of the suite; cases that share a number are not independent.
        confidence: two-sided, of every interval by itself; the p-values are corrected.
    """
    found: list[StyleResult] = []
    tests: list[float] = []
    for feature in Feature:
        before, after = (_means(arm, feature, len(clusters)) for arm in (previous, candidate))
        if not (np.nansum(before) or np.nansum(after)):
            continue
        result = _compared(feature, (before, after), clusters, confidence)
        found.append(result)
        tests += [] if result.p_value is None else [result.p_value]
    return {result.feature.value: result for result in _corrected(found, tests, confidence)}


def _compared(
    feature: Feature, arms: tuple[Means, Means], clusters: NDArray[np.int64], confidence: float
) -> StyleResult:
    before, after = arms
    known = ~(np.isnan(before) | np.isnan(after))
    n = int(np.count_nonzero(known))
    if n == 0:
        return StyleResult(feature, 0, 0, _mean(before), _mean(after), None, None, False)
    before, after, shared = before[known], after[known], clusters[known]
    n_clusters = len(np.unique(shared))
    tested = (
        _difference(feature, (before, after), shared, confidence)
        if n_clusters >= FEWEST_CLUSTERS
        else None
    )
    return StyleResult(
        feature=feature,
        n_cases=n,
        n_clusters=n_clusters,
        previous=_mean(before),
        candidate=_mean(after),
        difference=tested.interval if tested else None,
        p_value=tested.p_two_sided if tested else None,
        is_beyond_chance=False,
    )


def _difference(
    feature: Feature, arms: tuple[Means, Means], clusters: NDArray[np.int64], confidence: float
) -> ClusteredDifference:
    differences = arms[1] - arms[0]
    # Where nothing differs, what could still hide is a difference as large as the largest value.
    largest = float(np.max(np.abs(differences))) or float(np.max(arms[0]))
    scale = largest if feature in UNBOUNDED else 1.0
    found = clustered_difference(differences / scale, clusters, confidence)
    part = found.interval
    wide = replace(
        part, estimate=part.estimate * scale, low=part.low * scale, high=part.high * scale
    )
    return replace(found, interval=wide)


def _corrected(
    found: Sequence[StyleResult], tests: Sequence[float], confidence: float
) -> list[StyleResult]:
    adjusted = iter(holm(tests))
    return [
        result
        if result.p_value is None
        else replace(result, p_value=(p := next(adjusted)), is_beyond_chance=p <= 1.0 - confidence)
        for result in found
    ]


def _means(arm: ArmScores, feature: Feature, n_cases: int) -> Means:
    """Return the mean over the repeats of each case; NaN where no reply says it."""
    means = np.full(n_cases, np.nan)
    values = arm.style.get(feature.value)
    if values is None:
        return means
    there = ~np.isnan(values)
    sums = np.bincount(arm.case[there], weights=values[there], minlength=n_cases)
    counts = np.bincount(arm.case[there], minlength=n_cases)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means


def _mean(values: Means) -> float | None:
    known = values[~np.isnan(values)]
    return float(np.mean(known)) if len(known) else None
