"""How the six operating metrics lie to their targets."""

from collections.abc import Iterator, Mapping

from hitl.decisions.measures.doubt import Doubt
from hitl.decisions.measures.feedback import Feedback
from hitl.decisions.measures.measured import joined, rounded
from hitl.decisions.measures.parts import Measured, TargetPart
from hitl.decisions.measures.rules import BaselineRules
from hitl.decisions.measures.words import Met, Metric, Stand, Unit
from hitl.decisions.targets import Target

_SIMPLE = {
    "escalation_rate": Metric.ESCALATION_RATE,
    "auto_resolve_rate": Metric.AUTO_RESOLVE_RATE,
    "error_escape_rate": Metric.ERROR_ESCAPE_RATE,
    "review_latency_p95_minutes": Metric.REVIEW_SECONDS_P95,
    "reviewer_agreement": Metric.REVIEWER_AGREEMENT,
}
_OPEN = "within the target, but not if the decisions that are in doubt or not covered lie on the other side"
_TAIL = 0.05
"""Times that lack may all be long: so many of them hide a 95th percentile."""
_FACTOR = {"review_latency_p95_minutes": 1 / 60}


def target_parts(
    found: Mapping[Metric, Measured],
    feedback: Feedback,
    doubts: Mapping[str, Doubt],
    rules: BaselineRules,
) -> Iterator[TargetPart]:
    """Yield the six metrics of the whole log beside their targets."""
    for name, metric in _SIMPLE.items():
        doubt = doubts.get(name, Doubt())
        yield _part(name, getattr(rules.targets, name), _chosen(found, metric), doubt)
    target = rules.targets.feedback_used_within_days
    met = feedback.met(target.at_most, target.at_least)
    yield TargetPart(
        name="feedback_used_within_days",
        at_least=target.at_least,
        at_most=target.at_most,
        value=feedback.days,
        low=feedback.days,
        high=feedback.days if feedback.is_exact else None,
        n=feedback.n_overrides,
        met=met,
        reason=feedback.reason,
    )


def _chosen(found: Mapping[Metric, Measured], metric: Metric) -> Measured:
    """The escape rate counts what people miss where that is known."""
    corrected = found[Metric.DETECTED_ESCAPE_RATE]
    if metric is Metric.ERROR_ESCAPE_RATE and corrected.stand is Stand.MEASURED:
        return corrected
    return found[metric]


def _part(name: str, target: Target, one: Measured, doubt: Doubt) -> TargetPart:
    factor = _FACTOR.get(name, 1.0)
    value, low, high = (
        None if number is None else rounded(number * factor)
        for number in (one.value, one.low, one.high)
    )
    known = one.stand is Stand.MEASURED
    met = how_met(target, low, high) if known else Met.UNMEASURED
    is_open = met is Met.MET and not _holds_for_the_rest(target, one, doubt)
    return TargetPart(
        name=name,
        at_least=target.at_least,
        at_most=target.at_most,
        value=value,
        low=low,
        high=high,
        n=one.n,
        met=Met.UNDECIDED if is_open else met,
        reason=joined(one.reason, doubt.reason if known else "", _OPEN if is_open else ""),
    )


def _holds_for_the_rest(target: Target, one: Measured, doubt: Doubt) -> bool:
    """Say whether a target stays met whatever the decisions are like that the number does not show."""
    lack = max(one.unattributed or 0.0, doubt.lack)
    if one.unit is not Unit.SHARE:
        return lack < _TAIL
    low, high = one.low or 0.0, 1.0 if one.high is None else one.high
    return how_met(target, low * (1.0 - lack), high * (1.0 - lack) + lack) is Met.MET


def how_met(target: Target, low: float | None, high: float | None) -> Met:
    """Say how an interval lies to a range; one without a limit is open on that side.

    >>> how_met(Target(at_most=0.02), 0.001, 0.015), how_met(Target(at_most=0.02), 0.01, None)
    (<Met.MET: 'met'>, <Met.UNDECIDED: 'undecided'>)
    """
    least, most = target.at_least, target.at_most
    if (most is not None and low is not None and low > most) or (
        least is not None and high is not None and high < least
    ):
        return Met.MISSED
    holds_most = most is None or (high is not None and high <= most)
    holds_least = least is None or (low is not None and low >= least)
    return Met.MET if holds_most and holds_least else Met.UNDECIDED
