"""Precision and recall by action type, and errors weighed by their severity."""

from collections.abc import Iterator

from hitl.decisions.counts import Table
from hitl.decisions.measures.escape import label_note
from hitl.decisions.measures.group import GroupCounts
from hitl.decisions.measures.measured import (
    Basis,
    Figure,
    measured,
    only,
    percent,
    reaches,
    refused,
)
from hitl.decisions.measures.parts import Measured
from hitl.decisions.measures.rules import SEVERITY_WEIGHTS, Key
from hitl.decisions.measures.words import Metric
from hitl.decisions.words import Level
from hitl.stats.interval import one_sided_level
from hitl.stats.proportion import exact_interval
from hitl.stats.ratio import plain_rate

_LABELS = (0, 1)
_NO_LABEL = "no decision has a label (`correct` or `right_action_type`)"
_BY_TYPE = "is said of one action type: see the groups by action type"


def type_measures(group: GroupCounts) -> Iterator[Measured]:
    """Yield precision and recall of the group's action type."""
    action_type = group.by.get(Key.ACTION_TYPE)
    if action_type is None:
        reason = "the group has no action type" if Key.ACTION_TYPE in group.by else _BY_TYPE
        basis = Basis(group.n, 0, "")
        yield refused(Metric.PRECISION, basis, reason)
        yield refused(Metric.RECALL, basis, reason)
        return
    yield _precision(group, action_type)
    yield _recall(group, action_type)


def _precision(group: GroupCounts, action_type: str) -> Measured:
    by_type = group.cells.n - group.cells.where(right_action_type=None).n
    same = group.cells.where(right_action_type=action_type).n
    by_label = group.cells.where(right_action_type=None, correct=_LABELS)
    n, k = by_type + by_label.n, same + by_label.where(correct=1).n
    basis = Basis(n, n, "", _NO_LABEL)
    if not n:
        return refused(Metric.PRECISION, basis, _NO_LABEL)
    rate = plain_rate(k, n, group.rules.confidence)
    note = (
        "" if n == group.n else f"{only(n, group.n, 'decisions')} have a label: it speaks for those"
    )
    return measured(Metric.PRECISION, basis, Figure.of(rate.interval, k), note)


def _recall(group: GroupCounts, action_type: str) -> Measured:
    """A wrong decision whose right type nobody wrote down may have been meant for this one, unless it was this one."""
    cells = group.siblings
    right = cells.where(right_action_type=action_type)
    implied = cells.where(action_type=action_type, right_action_type=None, correct=1)
    n, k = right.n + implied.n, right.where(action_type=action_type).n + implied.n
    unknown = cells.where(right_action_type=None, correct=0)
    open_ = unknown.n - unknown.where(action_type=action_type).n
    has = "that may have asked for this action type say which one was right (`right_action_type`)"
    nothing = "no labelled decision asked for this action type"
    basis = Basis(n + open_, n, has, nothing)
    reason = basis.refusal(group.rules.coverage_floor)
    if not reason and not right.n and not (cells.n - cells.where(right_action_type=None).n):
        reason = "no row says which action type was right (`right_action_type`)"
    if reason:
        return refused(Metric.RECALL, basis, reason)
    rate = plain_rate(k, n, group.rules.confidence)
    return measured(Metric.RECALL, basis, Figure.of(rate.interval, k), _speaks_for_labelled(cells))


def _speaks_for_labelled(cells: Table) -> str:
    n = cells.n - cells.where(right_action_type=None, correct=None).n
    return (
        "" if n == cells.n else f"{only(n, cells.n, 'decisions')} have a label: it speaks for those"
    )


def weighted_false_positives(group: GroupCounts) -> Measured:
    """Return the mean weight of a proposal that people or labels found wrong; 0 for a right one."""
    metric = Metric.WEIGHTED_FALSE_POSITIVES
    labelled = group.cells.where(correct=_LABELS)
    wrong = labelled.where(correct=0)
    weighed = wrong.n - wrong.where(severity=None).n
    n = labelled.n - (wrong.n - weighed)
    basis = Basis(labelled.n, n, "that are labelled and, if wrong, say how severe it is", "no decision has a label (`correct`)")  # fmt: skip
    floor = group.rules.coverage_floor
    reason = basis.refusal(floor)
    if not reason and not reaches(weighed, wrong.n, floor):
        reason = f"{only(weighed, wrong.n, 'wrong decisions')} say how severe it is; the floor is {percent(floor)}"
    if reason:
        return refused(metric, basis, reason)
    counts = {level: wrong.where(severity=level).n for level in Level}
    return measured(metric, basis, _mean_weight(counts, n, group.rules.confidence), label_note(group.cells))  # fmt: skip


def _mean_weight(counts: dict[Level, int], n: int, confidence: float) -> Figure:
    """Bound each severity's rate exactly at a fourth of the error: so an unseen critical error keeps its room."""
    each = 1.0 - 2.0 * one_sided_level(confidence) / len(counts)
    limits = [(SEVERITY_WEIGHTS[level], exact_interval(k, n, each)) for level, k in counts.items()]
    value, low, high = (
        sum(weight * getattr(limit, name) for weight, limit in limits)
        for name in ("estimate", "low", "high")
    )
    most = float(max(SEVERITY_WEIGHTS.values()))
    weights = ", ".join(f"{level} {weight}" for level, weight in SEVERITY_WEIGHTS.items())
    method = f"weights {weights}; exact limits of each severity"
    return Figure(value, low, min(high, most), method, n, sum(counts.values()))
