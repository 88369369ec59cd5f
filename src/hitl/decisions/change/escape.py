"""Errors among decisions that ran alone, on both sides, where labels can speak for all of them."""

from hitl.decisions.change.crude import change_of
from hitl.decisions.change.metric import refused_metric
from hitl.decisions.change.parts import MetricChange, SideLevel
from hitl.decisions.change.rules import ComparisonRules
from hitl.decisions.change.split import refused_split
from hitl.decisions.change.words import Cluster
from hitl.decisions.change.yardstick import share_yardstick
from hitl.decisions.counts import Table
from hitl.decisions.measures.escape import ErrorRate, error_of_alone
from hitl.decisions.measures.measured import joined, rounded
from hitl.decisions.measures.rules import BaselineRules
from hitl.decisions.measures.words import Metric
from hitl.stats.interval import Interval
from hitl.stats.wilson import joined as joined_arms

ESCAPE = share_yardstick(Metric.ERROR_ESCAPE_RATE, Cluster.DAY)
_WHOLE = "labels are weighted by review probability, and such a rate is not taken apart by mix"
_ALONE = "as if labels were independent"


def escape_change(before: Table, after: Table, rules: ComparisonRules) -> MetricChange:
    """Return the error escape rate on both sides and its change, from cells that are old enough.

    The rates are those of a baseline; the limits of their difference join those of both, which share no decision.
    """
    found = [_rate(cells, rules) for cells in (before, after)]
    n = sum(one.basis.attributed for one in found)
    reasons = [
        f"{name}: {one.reason}"
        for name, one in zip(("before", "after"), found, strict=True)
        if one.interval is None
    ]
    first, second = (one.interval for one in found)
    if first is None or second is None:
        return refused_metric(ESCAPE, "; ".join(reasons), n)
    return MetricChange(
        metric=ESCAPE.metric,
        unit=ESCAPE.unit,
        scale=ESCAPE.scale,
        cluster=ESCAPE.cluster,
        reason=joined(_ALONE, *(one.reason for one in found)),
        before=_level(first, found[0]),
        after=_level(second, found[1]),
        crude=change_of(ESCAPE, _difference(first, second), 0, 1),
        split=refused_split(_WHOLE),
    )


def _rate(cells: Table, rules: ComparisonRules) -> ErrorRate:
    measured_by = BaselineRules(rules.confidence, rules.coverage_floor)
    return error_of_alone(cells, measured_by, rules.confidence)


def _level(interval: Interval, rate: ErrorRate) -> SideLevel:
    return SideLevel(
        value=float(f"{interval.estimate:.12g}"),
        low=rounded(interval.low),
        high=rounded(interval.high),
        k=rate.k,
        n=interval.n,
        population=rate.basis.population,
        unattributed=rounded(rate.basis.unattributed) or 0.0,
    )


def _difference(first: Interval, second: Interval) -> Interval:
    change = second.estimate - first.estimate
    down = joined_arms(second.estimate - second.low, first.high - first.estimate, 0.0)
    up = joined_arms(second.high - second.estimate, first.estimate - first.low, 0.0)
    method = f"joined limits, {second.method}"
    n = first.n + second.n
    return Interval(change, max(-1.0, change - down), min(1.0, change + up), first.confidence, method, n)  # fmt: skip
