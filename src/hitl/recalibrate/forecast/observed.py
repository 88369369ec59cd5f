"""Rates of the previous model as its log has them, by the definitions of a baseline."""

from collections.abc import Iterator

from hitl.decisions.measures.actions import action_measures
from hitl.decisions.measures.escape import escape_measures
from hitl.decisions.measures.group import GroupCounts
from hitl.decisions.measures.lanes import lane_basis, lane_measures
from hitl.decisions.measures.words import Metric, Stand
from hitl.policy.lanes import LANES
from hitl.recalibrate.forecast.traffic import Known
from hitl.stats.ratio import plain_rate

_RATES = {
    Metric.OVERRIDE_RATE: "override_rate",
    Metric.ESCALATION_RATE: "escalation_rate",
    Metric.AUTO_RESOLVE_RATE: "auto_resolve_rate",
    Metric.ERROR_ESCAPE_RATE: "error_escape_rate",
}


def observed_rates(group: GroupCounts, confidence: float) -> dict[str, Known]:
    """Return the rates of a group by their names in an outlook, and `lane.` with the name of each lane."""
    measures = (*action_measures(group), *lane_measures(group), *escape_measures(group))
    found = {
        _RATES[one.metric]: Known(one.value, one.low, one.high)
        if one.stand is Stand.MEASURED
        else Known(None, reason=one.reason)
        for one in measures
        if one.metric in _RATES
    }
    return found | dict(_lanes(group, confidence))


def _lanes(group: GroupCounts, confidence: float) -> Iterator[tuple[str, Known]]:
    reason = lane_basis(group.cells).refusal(group.rules.coverage_floor)
    laned = group.cells.where(lane=LANES)
    for lane in LANES:
        if reason:
            yield f"lane.{lane}", Known(None, reason=reason)
        else:
            rate = plain_rate(laned.where(lane=lane).n, laned.n, confidence).interval
            yield f"lane.{lane}", Known(rate.estimate, rate.low, rate.high)
