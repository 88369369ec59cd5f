"""The points of a reliability diagram: tenths of confidence, and how often each was right."""

import numpy as np

from hitl.decisions.counts import Table
from hitl.decisions.grid import CONFIDENCE_BINS
from hitl.decisions.measures.measured import rounded
from hitl.decisions.measures.parts import ReliabilityBin
from hitl.decisions.measures.sampling import PER_ONE, Strata
from hitl.stats.interval import Interval
from hitl.stats.proportion import exact_interval
from hitl.stats.stratified import weighted_rate

_LABELS = (0, 1)
_TENTHS = 10


def reliability_bins(
    known: Table, confidence: float, *, is_weighted: bool
) -> tuple[ReliabilityBin, ...]:
    """Return the tenths of confidence in which there is a decision; 1 lies in the last."""
    bins = []
    for tenth in range(_TENTHS):
        low, high = tenth * 10, (tenth + 1) * 10
        there = known.between("confidence_bin", low, CONFIDENCE_BINS if tenth == _TENTHS - 1 else high)  # fmt: skip
        if not there.n:
            continue
        labelled = there.where(correct=_LABELS)
        if is_weighted:
            labelled = labelled.between("probability_bin", 1, PER_ONE + 1)
        right = _right(there, labelled, confidence, is_weighted=is_weighted)
        bins.append(
            ReliabilityBin(
                low=low / 100,
                high=high / 100,
                n_decisions=there.n,
                n=labelled.n,
                said=_said(labelled if labelled.n else there, is_weighted=is_weighted and labelled.n > 0),
                right=rounded(right.estimate) if right else None,
                right_low=rounded(right.low) if right else None,
                right_high=rounded(right.high) if right else None,
            )
        )  # fmt: skip
    return tuple(bins)


def _right(
    there: Table, labelled: Table, confidence: float, *, is_weighted: bool
) -> Interval | None:
    if not labelled.n:
        return None
    if not is_weighted:
        return exact_interval(labelled.where(correct=1).n, labelled.n, confidence)
    strata = Strata.of(there.between("probability_bin", 1, PER_ONE + 1)).without_silent()
    right = strata.labelled - strata.wrong
    chance = strata.probability.astype(np.float64) / PER_ONE
    return weighted_rate(strata.sizes, chance, strata.labelled, right, confidence).interval


def _said(table: Table, *, is_weighted: bool) -> float:
    weights = np.ones(table.sums["n"].size)
    if is_weighted:
        weights = PER_ONE / table.keys["probability_bin"]
    total = float(weights @ table.sums["sum_confidence_micro"])
    return float(f"{total / float(weights @ table.sums['n']) / 1e6:.12g}")
