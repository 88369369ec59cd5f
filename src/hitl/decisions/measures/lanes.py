"""Where decisions went: alone, or to a person first."""

from collections.abc import Iterator

from hitl.decisions.counts import Table
from hitl.decisions.measures.actions import came_to_people
from hitl.decisions.measures.group import ACTED, ALONE, FIRST, OVERRIDDEN, GroupCounts
from hitl.decisions.measures.measured import Basis, Figure, measured, refused
from hitl.decisions.measures.parts import Measured
from hitl.decisions.measures.rules import Key
from hitl.decisions.measures.words import Metric
from hitl.decisions.words import HumanAction, Lane
from hitl.stats.ratio import plain_rate

LANE_METRICS = (
    Metric.ESCALATION_RATE,
    Metric.SYNC_REVIEW_RATE,
    Metric.AUTO_RESOLVE_RATE,
    Metric.ESCALATIONS_PER_10000,
)

_OF_PEOPLE = (Metric.SYNC_REVIEW_RATE, Metric.AUTO_RESOLVE_RATE)
"""Lane metrics that need to know what people did."""
_NO_ACTIONS = "no row says what a person did, so changes afterwards are not seen"


def lane_basis(cells: Table) -> Basis:
    """Return all rows, and how many name a lane."""
    return Basis(cells.n, cells.n - cells.where(lane=None).n, "name the lane")


def lane_measures(group: GroupCounts, *, unnamed_pool: str = "") -> Iterator[Measured]:
    """Yield the shares of decisions by lane.

    Args:
        group: the counts.
        unnamed_pool: why shares by pool would mislead; empty if they do not.
    """
    basis = lane_basis(group.cells)
    reason = basis.refusal(group.rules.coverage_floor)
    if Key.LANE in group.by:
        reason = "the group is a lane: the share follows from that alone"
    elif Key.REVIEWER_POOL in group.by and unnamed_pool:
        reason = unnamed_pool
    laned = group.cells.where(lane=tuple(Lane))
    came = came_to_people(laned)
    silent = came.refusal(group.rules.coverage_floor) if came.population else ""
    for metric in LANE_METRICS:
        if reason or (silent and metric in _OF_PEOPLE):
            yield refused(metric, basis, reason or silent)
        else:
            yield _measured(group, laned, metric, basis)


def _measured(group: GroupCounts, laned: Table, metric: Metric, basis: Basis) -> Measured:
    rate = plain_rate(_counted(laned, metric), laned.n, group.rules.confidence)
    figure = Figure.of(rate.interval, rate.k)
    if metric is Metric.ESCALATIONS_PER_10000:
        return measured(metric, basis, figure.scaled(10_000))
    is_silent = metric in _OF_PEOPLE and not laned.where(human_action=tuple(HumanAction)).n
    return measured(metric, basis, figure, _NO_ACTIONS if is_silent else "")


def _counted(laned: Table, metric: Metric) -> int:
    if metric is Metric.ESCALATION_RATE:
        return laned.where(lane=FIRST).n
    if metric is Metric.SYNC_REVIEW_RATE:
        return laned.where(lane=FIRST, human_action=ACTED).n
    if metric is Metric.AUTO_RESOLVE_RATE:
        alone = laned.where(lane=ALONE)
        return alone.n - alone.where(human_action=OVERRIDDEN).n
    passed_on = laned.where(human_action=HumanAction.ESCALATE)
    escalated = laned.where(lane=Lane.ESCALATE)
    return escalated.n + passed_on.n - passed_on.where(lane=Lane.ESCALATE).n
