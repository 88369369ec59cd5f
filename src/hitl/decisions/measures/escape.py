"""Errors among decisions: all of them where labels can speak for all, labelled ones otherwise."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from hitl.decisions.counts import Table
from hitl.decisions.measures.group import ACTED, ALONE, FIRST, GroupCounts
from hitl.decisions.measures.lanes import lane_basis
from hitl.decisions.measures.measured import Basis, Figure, joined, measured, only, refused
from hitl.decisions.measures.parts import Measured
from hitl.decisions.measures.rules import FULL_LABELS, BaselineRules
from hitl.decisions.measures.sampling import PER_ONE, Strata
from hitl.decisions.measures.words import Metric
from hitl.decisions.words import HumanAction
from hitl.stats.interval import Interval
from hitl.stats.ratio import plain_rate
from hitl.stats.stratified import (
    StratifiedRate,
    corrected_for_detection,
    stratified_rate,
    weighted_rate,
)

MOST_STRATA = 10
"""Review probabilities up to which each must have a label, and is weighted by those that it has."""
_LABELS = (0, 1)
_CHANCE = "that ran alone say how likely a person was to see them (`review_probability`)"
_NAMED = "that ran alone or name no lane can be spoken for"
_EITHER = "the limits hold whether they are right or wrong"
_NOBODY_ALONE = "no decision ran alone (lanes `auto` and `audit`)"


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """The share of wrong decisions among all rows of a set, or why it cannot be said."""

    basis: Basis
    k: int
    interval: Interval | None = None
    reason: str = ""
    """Why there is none, or what limits it."""


def escape_measures(group: GroupCounts) -> Iterator[Measured]:
    """Yield the error escape rate, the same corrected for what people miss, and the rate of labelled decisions."""
    rules = group.rules
    metric = Metric.ERROR_ESCAPE_RATE
    found = error_escape(group, rules.confidence)
    if found.interval is None:
        yield refused(metric, found.basis, found.reason)
    else:
        yield measured(metric, found.basis, Figure.of(found.interval, found.k), found.reason)
    yield _corrected(group)
    yield labelled_error_rate(group)


def labelled_error_rate(group: GroupCounts) -> Measured:
    """Return the share of wrong decisions among those with a label, in whatever lane."""
    labelled = group.cells.where(correct=_LABELS)
    basis = Basis(labelled.n, labelled.n, "", "no decision has a label (`correct`)")
    if not labelled.n:
        return refused(Metric.LABELLED_ERROR_RATE, basis, basis.nothing)
    rate = plain_rate(labelled.where(correct=0).n, labelled.n, group.rules.confidence)
    figure = Figure.of(rate.interval, rate.k)
    return measured(Metric.LABELLED_ERROR_RATE, basis, figure, label_note(group.cells))


def label_note(cells: Table) -> str:
    """Return whom labelled decisions do not speak for; empty if all have a label."""
    n = cells.where(correct=_LABELS).n
    return (
        "" if n == cells.n else f"{only(n, cells.n, 'decisions')} have a label: it speaks for those"
    )


def error_escape(group: GroupCounts, confidence: float) -> ErrorRate:
    """Estimate the share of wrong decisions among those that ran alone."""
    return error_of_alone(group.cells, group.rules, confidence)


def error_of_alone(cells: Table, rules: BaselineRules, confidence: float) -> ErrorRate:
    """Estimate the share of wrong decisions among those that ran alone; what names no lane may have run alone too."""
    lanes = lane_basis(cells)
    if reason := lanes.refusal(rules.coverage_floor):
        return ErrorRate(lanes, 0, reason=reason)
    found = error_rate(cells.where(lane=ALONE), rules, confidence)
    unnamed = lanes.population - lanes.attributed
    if not unnamed or found.interval is None:
        return found
    basis = replace(found.basis, population=found.basis.population + unnamed, has=_NAMED)
    if reason := basis.refusal(rules.coverage_floor):
        return ErrorRate(basis, found.k, reason=reason)
    return replace(found, basis=basis)


def error_rate(cells: Table, rules: BaselineRules, confidence: float) -> ErrorRate:
    """Estimate the share of wrong rows among all: directly, or by labels of known probability."""
    labelled = cells.where(correct=_LABELS)
    wrong = labelled.where(correct=0).n
    basis = Basis(cells.n, labelled.n, "that ran alone have a label", _NOBODY_ALONE)
    if not labelled.n:
        return ErrorRate(basis, 0, reason=basis.refusal(rules.coverage_floor))
    if labelled.n >= FULL_LABELS * cells.n:
        return ErrorRate(basis, wrong, *_direct(wrong, labelled.n, cells.n, confidence))
    return _by_probability(cells, rules, confidence)


def _by_probability(cells: Table, rules: BaselineRules, confidence: float) -> ErrorRate:
    strata = Strata.of(cells)
    basis = Basis(cells.n, strata.n, _CHANCE, _NOBODY_ALONE)
    labelled = cells.where(correct=_LABELS)
    wrong = labelled.where(correct=0).n
    seen = f"{wrong:,} of {labelled.n:,} labelled ones are wrong, {cells.n:,} ran alone"
    is_few = strata.probability.size <= MOST_STRATA
    reason = (
        basis.refusal(rules.coverage_floor)
        or strata.fault(rules.coverage_floor)
        or strata.silence(is_strict=is_few)
    )
    if reason:
        return ErrorRate(basis, wrong, reason=f"{reason} ({seen})")
    found = _estimated(strata, confidence, is_few=is_few)
    if found.interval is None:
        return ErrorRate(basis, wrong, reason=found.reason)
    weight = f"weighs as much as {found.effective_n:,.0f} labels drawn at random"
    interval, unjudged = found.interval, int(strata.unjudged.sum())
    if not unjudged and not strata.missing.any():
        return ErrorRate(basis, found.k, interval, weight)
    best, worst = (
        _estimated(strata.judged(as_wrong=as_wrong), confidence, is_few=is_few).interval
        for as_wrong in (False, True)
    )
    seen = f"{unjudged:,} of those that a person acted on have no label" if unjudged else ""
    said = f"{joined(seen, strata.shortfall())}: {_EITHER}"
    return ErrorRate(basis, found.k, _widened(interval, best, worst), joined(weight, said))


def _direct(wrong: int, n: int, n_all: int, confidence: float) -> tuple[Interval, str]:
    """The rate of the labels; the limits take those without one for right, and for wrong."""
    interval = plain_rate(wrong, n, confidence).interval
    if n == n_all:
        return interval, ""
    best = plain_rate(wrong, n_all, confidence).interval
    worst = plain_rate(wrong + n_all - n, n_all, confidence).interval
    return _widened(interval, best, worst), f"of the others {_EITHER}"


def _widened(interval: Interval, best: Interval | None, worst: Interval | None) -> Interval:
    low = min(interval.low, best.low) if best else 0.0
    high = max(interval.high, worst.high) if worst else 1.0
    return replace(
        interval, low=low, high=high, method=f"{interval.method}, missing labels either way"
    )


def _estimated(strata: Strata, confidence: float, *, is_few: bool) -> StratifiedRate:
    if strata.probability.size == 1:
        return stratified_rate(strata.sizes, strata.labelled, strata.wrong, confidence)
    if is_few:
        # Exact limits of each stratum, added, were two to three times as wide, and covered in 100 % of simulations.
        drawn = strata.labelled / strata.sizes
        return weighted_rate(strata.sizes, drawn, strata.labelled, strata.wrong, confidence)
    # Strata in which chance left no label add nothing to a weighted sum, and so are left out of it.
    some = strata.without_silent()
    chance = some.probability.astype(np.float64) / PER_ONE
    return weighted_rate(some.sizes, chance, some.labelled, some.wrong, confidence)


def _corrected(group: GroupCounts) -> Measured:
    metric = Metric.DETECTED_ESCAPE_RATE
    acted = group.planted.where(human_action=ACTED)
    caught = acted.n - acted.where(human_action=HumanAction.APPROVE).n
    # Both limits err together, so each is taken at half the error.
    found = error_escape(group, (1.0 + group.rules.confidence) / 2.0)
    if not acted.n:
        return refused(metric, found.basis, "people acted on no planted error (`seeded_error`): what they miss is not known")  # fmt: skip
    if found.interval is None:
        return refused(metric, found.basis, found.reason)
    corrected = corrected_for_detection(found.interval, caught, acted.n)
    if corrected.interval is None:
        return refused(metric, found.basis, corrected.reason)
    note = f"people noticed {caught:,} of {acted.n:,} planted errors"
    return measured(metric, found.basis, Figure.of(corrected.interval, found.k), note, found.reason)


def routing_measures(group: GroupCounts) -> Iterator[Measured]:
    """Yield how much of the review was needed, and how much of the harm it was sent."""
    rules = group.rules
    first = group.cells.where(lane=FIRST)
    labelled = first.where(correct=_LABELS)
    lanes = lane_basis(group.cells)
    basis = Basis(first.n, labelled.n, "that were sent to a person first have a label", "no decision was sent to a person first")  # fmt: skip
    reason = lanes.refusal(rules.coverage_floor) or basis.refusal(rules.coverage_floor)
    if reason:
        yield refused(Metric.REVIEW_PRECISION, basis, reason)
        yield refused(Metric.REVIEW_RECALL, basis, reason)
        return
    wrong = labelled.where(correct=0).n
    rate = plain_rate(wrong, labelled.n, rules.confidence)
    note = label_note(first)
    yield measured(Metric.REVIEW_PRECISION, basis, Figure.of(rate.interval, rate.k), note)
    yield _review_recall(group, basis, (wrong, labelled.n))


def _review_recall(group: GroupCounts, first: Basis, wrong_first: tuple[int, int]) -> Measured:
    metric = Metric.REVIEW_RECALL
    each = (1.0 + group.rules.confidence) / 2.0
    alone = error_escape(group, each)
    n_alone = group.cells.where(lane=ALONE).n
    if not n_alone:
        return refused(metric, first, "no decision ran alone, so the routing chose nothing")
    if alone.interval is None:
        return refused(metric, alone.basis, f"errors of decisions that ran alone: {alone.reason}")
    sent = plain_rate(*wrong_first, each).interval
    basis = Basis(
        first.population + alone.basis.population, first.attributed + alone.basis.attributed, ""
    )
    n_wrong = sent.estimate * first.population + alone.interval.estimate * n_alone
    if n_wrong == 0:
        return refused(metric, basis, "no decision is known to be wrong")

    def share(sent_rate: float, alone_rate: float) -> float:
        caught, missed = first.population * sent_rate, n_alone * alone_rate
        return caught / (caught + missed) if caught + missed else 0.0

    figure = Figure(
        share(sent.estimate, alone.interval.estimate),
        share(sent.low, alone.interval.high),
        share(sent.high, alone.interval.low),
        "opposite limits of both error rates",
        wrong_first[1] + alone.interval.n,
        wrong_first[0],
    )
    return measured(metric, basis, figure, alone.reason)
