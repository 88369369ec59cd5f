"""Can confidence be taken at its word? From labelled decisions, weighted to speak for all where they can."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hitl.decisions.counts import Integers, Table
from hitl.decisions.grid import CONFIDENCE_BINS
from hitl.decisions.measures.calibration_band import LabelBins, Numbers, calibration_band
from hitl.decisions.measures.escape import label_note
from hitl.decisions.measures.group import ALONE, FIRST, GroupCounts
from hitl.decisions.measures.measured import (
    Basis,
    Figure,
    joined,
    measured,
    reaches,
    refused,
    rounded,
)
from hitl.decisions.measures.parts import Calibration, Measured
from hitl.decisions.measures.reliability import reliability_bins
from hitl.decisions.measures.sampling import PER_ONE, Strata
from hitl.decisions.measures.words import Metric
from hitl.stats.calibration import spiegelhalter
from hitl.stats.calibration_line import calibration_line
from hitl.stats.discrimination import discrimination
from hitl.stats.interval import Interval

_LABELS = (0, 1)
_MICRO = "sum_confidence_micro"
_NOTHING = 0.5
_TELLS_NOTHING = "no sign that confidence tells right from wrong"
CONFIDENCE_METRICS = (
    Metric.ECE,
    Metric.SPIEGELHALTER_Z,
    Metric.CALIBRATION_SLOPE,
    Metric.CALIBRATION_INTERCEPT,
    Metric.AUC,
)


@dataclass(frozen=True, slots=True)
class Scored:
    """Decisions with a confidence, by its hundredths."""

    known: Table
    """With a confidence."""
    decisions: Integers
    labelled: Integers
    right: Integers
    is_weighted: bool
    note: str

    @property
    def score(self) -> Numbers:
        """Mean confidence of the labelled decisions of each hundredth; its lower edge where there is none."""
        table = self.known.where(correct=_LABELS)
        return mean_scores(table, np.ones(table.sums["n"].size))


def mean_scores(table: Table, weights: Numbers) -> Numbers:
    """Return the weighted mean confidence of each hundredth; its lower edge where the table has none of it."""
    place = table.keys["confidence_bin"].astype(np.intp)
    n = np.bincount(place, weights * table.sums["n"], minlength=CONFIDENCE_BINS)
    total = np.bincount(place, weights * table.sums[_MICRO], minlength=CONFIDENCE_BINS)
    edges = np.arange(CONFIDENCE_BINS) / 100
    return np.where(n > 0, np.minimum(total / np.where(n > 0, n, 1.0) / 1e6, 1.0), edges)


def confidence_measures(
    group: GroupCounts, rng: np.random.Generator
) -> tuple[list[Measured], Calibration | None]:
    """Return what the labels say of the confidences, and the diagram; none without a label."""
    labelled = group.cells.where(correct=_LABELS)
    scored = _scored(group)
    n = int(scored.labelled.sum())
    basis = Basis(labelled.n, n, "that are labelled have a confidence", "no decision has a label (`correct`)")  # fmt: skip
    reason = basis.refusal(group.rules.coverage_floor)
    if reason or not n:
        return [refused(metric, basis, reason) for metric in CONFIDENCE_METRICS], None
    error, calibration = _error(group, scored, basis, rng)
    return [error, *_tests(group, scored, basis)], calibration


def _scored(group: GroupCounts) -> Scored:
    known = group.cells.between("confidence_bin", 0, CONFIDENCE_BINS)
    is_weighted, note = _speaks_for(group)
    return Scored(
        known,
        _by_bin(known),
        _by_bin(known.where(correct=_LABELS)),
        _by_bin(known.where(correct=1)),
        is_weighted,
        note,
    )


def _by_bin(table: Table) -> Integers:
    counts = np.zeros(CONFIDENCE_BINS, dtype=np.int64)
    np.add.at(counts, table.keys["confidence_bin"], table.sums["n"])
    return counts


def _speaks_for(group: GroupCounts) -> tuple[bool, str]:
    """Say whether labels can be weighted by review probability to speak for all, and for whom they speak if not."""
    labelled = group.cells.where(correct=_LABELS)
    if labelled.n == group.cells.n:
        return False, ""
    with_chance = labelled.between("probability_bin", 1, PER_ONE + 1).n
    if not reaches(with_chance, labelled.n, group.rules.coverage_floor):
        fault = "no review probability says how labels were drawn"
        if labelled.n and labelled.where(lane=FIRST).n == labelled.n:
            return (
                False,
                f"{fault}, and every label is of a decision that was sent to a person: it speaks for reviewed decisions only",
            )
        return False, f"{fault}: it speaks for labelled decisions only"
    # Each by itself: many labels of what was sent to people would hide the few of what ran alone.
    parts = (group.cells, *(group.cells.where(lane=lanes) for lanes in (ALONE, FIRST)))
    for part in parts:
        if fault := Strata.of(part).broken_promise(group.rules.coverage_floor):
            return False, f"{fault}: it speaks for labelled decisions only"
    return True, ""


def _error(
    group: GroupCounts, scored: Scored, labels: Basis, rng: np.random.Generator
) -> tuple[Measured, Calibration]:
    labels_by_bin = _label_bins(scored)
    bins = reliability_bins(scored.known, group.rules.confidence, is_weighted=scored.is_weighted)
    basis = labels
    if scored.is_weighted:
        covered = int(labels_by_bin.decisions.sum())
        basis = Basis(group.n, covered, "have a confidence near which some label is")
    note = joined(scored.note, _single(scored))
    if reason := basis.refusal(group.rules.coverage_floor):
        return refused(Metric.ECE, basis, reason), Calibration(bins=bins, note=joined(reason, note))
    band = calibration_band(labels_by_bin, rng, group.rules.confidence)
    by_chance = f"by chance alone {band.low:.3f} to {band.high:.3f}"
    weighed = "labels weighted by review probability" if scored.is_weighted else "labels unweighted"
    method = f"hundredths of confidence, {weighed}; {by_chance}"
    figure = Figure(band.error, None, None, method, int(labels_by_bin.n.sum()))
    calibration = Calibration(
        bins=bins,
        error=rounded(band.error),
        null_low=rounded(band.low),
        null_high=rounded(band.high),
        is_miscalibrated=band.error > band.high,
        note=note,
    )
    return measured(Metric.ECE, basis, figure, note), calibration


def _single(scored: Scored) -> str:
    there = np.flatnonzero(scored.labelled)
    if there.size != 1:
        return ""
    return f"all labelled decisions have one confidence, about {scored.score[there[0]]:.2f}: it tells nothing apart"


def _label_bins(scored: Scored) -> LabelBins:
    labelled = scored.known.where(correct=_LABELS)
    if not scored.is_weighted:
        weights = np.ones(labelled.sums["n"].size)
        decisions = scored.labelled
    else:
        labelled = labelled.between("probability_bin", 1, PER_ONE + 1)
        weights = PER_ONE / labelled.keys["probability_bin"].astype(np.float64)
        decisions = scored.decisions
    n = labelled.sums["n"]
    place = labelled.keys["confidence_bin"].astype(np.intp)
    right = n * (labelled.keys["correct"] == 1)
    return LabelBins.of(mean_scores(labelled, weights), decisions, (place, weights, n, right))


def _tests(group: GroupCounts, scored: Scored, basis: Basis) -> Iterator[Measured]:
    """Yield tests and fits of the labelled decisions, which nothing weights."""
    n, k, score, level = scored.labelled, scored.right, scored.score, group.rules.confidence
    note = label_note(group.cells)
    single = _single(scored)
    tested = spiegelhalter(n, k, score)
    if tested.z is None or tested.p_two_sided is None:
        yield refused(Metric.SPIEGELHALTER_Z, basis, tested.reason)
    else:
        method = f"two-sided p = {tested.p_two_sided:.3g}; above 0 over-confident"
        figure = Figure(tested.z, None, None, method, tested.n, tested.k)
        yield measured(Metric.SPIEGELHALTER_Z, basis, figure, single, note)
    line = calibration_line(n, k, score, level)
    yield _fitted(Metric.CALIBRATION_SLOPE, basis, line.slope, (single or line.reason, note))
    yield _fitted(
        Metric.CALIBRATION_INTERCEPT, basis, line.intercept, (single or line.reason, note)
    )
    told = discrimination(n, k, score, level)
    tells = "" if told.auc is None or told.auc.low > _NOTHING else _TELLS_NOTHING
    yield _fitted(Metric.AUC, basis, told.auc, (single or told.reason or tells, note))


def _fitted(
    metric: Metric, basis: Basis, interval: Interval | None, said: tuple[str, str]
) -> Measured:
    if interval is None:
        return refused(metric, basis, said[0])
    return measured(metric, basis, Figure.of(interval), *said)
