"""Faults of a policy that loading does not refuse."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hitl.document.tree import Path_
from hitl.policy.expression import compile_decision_rule
from hitl.policy.indicator import parse_moment
from hitl.policy.lane import EXPERT, LaneRules, Reason
from hitl.policy.lanes import PERSON_FIRST, Lane, Risk, Zone
from hitl.policy.people import TIERS
from hitl.policy.summary import TypeSummary, ZoneSummary, summarise

LEAST_AUDIT_RATE = 0.05
"""Below this share the labels of audited decisions cannot be corrected for which decisions were looked at."""


class Level(StrEnum):
    """How bad a fault is."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class PolicyFinding:
    """One fault of a policy."""

    code: str
    level: Level
    at: Path_
    """Place in the file."""
    message: str


def lint_policy(rules: LaneRules, at: datetime) -> tuple[PolicyFinding, ...]:
    """Return every fault of a policy, as it stands at a time."""
    findings = [finding for summary in summarise(rules) for finding in _type(rules, summary)]
    findings += _calibrator(rules)
    findings += _sampling(rules)
    findings += _rules(rules)
    findings += _expired(rules, at)
    findings += _pools(rules)
    findings += _tiers(rules)
    return tuple(findings)


def _type(rules: LaneRules, summary: TypeSummary) -> Iterator[PolicyFinding]:
    name = summary.action_type
    at: Path_ = ("action_types", name)
    yield from _thresholds(summary, at)
    if all(_is_never_seen(zone) for zone in summary.zones):
        message = "nobody ever looks at a decision of this type; give it an audit_rate or a lane with a person"
        yield PolicyFinding("never_reviewed", Level.ERROR, at, message)
    for zone in summary.zones:
        if zone.zone is Zone.LOW and zone.lane not in PERSON_FIRST:
            message = f"below its threshold `review` it still runs ({zone.lane}); expected queue or escalate"
            yield PolicyFinding("low_confidence_runs", Level.WARNING, at, message)
    gated = [zone.zone for zone in summary.zones if Reason.GATE in zone.reasons]
    if gated:
        message = f"it cannot be undone, and the matrix would run it at {' and '.join(gated)}; the pre-action gate queues it instead"
        yield PolicyFinding("irreversible_runs_alone", Level.NOTE, at, message)
    yield from _reviewers(rules, summary, at)


def _thresholds(summary: TypeSummary, at: Path_) -> Iterator[PolicyFinding]:
    limits = summary.thresholds
    if limits is None:
        message = "no thresholds, so no decision of this type runs alone; add `thresholds: {auto, review}`"
        yield PolicyFinding("thresholds_missing", Level.WARNING, at, message)
    elif limits.auto_limit <= limits.review:
        message = f"auto and review are both {limits.auto_limit:g}, so nothing is answered and reviewed; set review lower to have that"
        yield PolicyFinding("no_review_zone", Level.WARNING, (*at, "thresholds"), message)
    if limits is not None and limits.auto_limit <= 0:
        message = "every confidence reaches auto, so it decides nothing"
        yield PolicyFinding("threshold_without_effect", Level.WARNING, (*at, "thresholds"), message)
    medium = [zone for zone in summary.zones if zone.zone is Zone.MEDIUM]
    if limits is not None and medium and medium[0].lane is Lane.AUTO:
        message = f"auto is {limits.auto}, and the matrix still runs it alone from {limits.review:g}; give {summary.risk} risk a stricter lane at medium_confidence"
        yield PolicyFinding("threshold_without_effect", Level.WARNING, (*at, "thresholds"), message)


def _calibrator(rules: LaneRules) -> Iterator[PolicyFinding]:
    if rules.calibrator is None:
        return
    message = f"confidence is usable from {rules.calibrator.model} alone; a person decides what any other model proposes"
    yield PolicyFinding("calibrated_for_one_model", Level.NOTE, ("calibrator",), message)
    for name in rules.action_types:
        if rules.calibrator.map_for(name) is None:
            message = "the calibrator has no map for this type, so a person decides all of it; fit one, or add `all`"
            yield PolicyFinding("type_not_calibrated", Level.WARNING, ("action_types", name), message)  # fmt: skip


def _is_never_seen(zone: ZoneSummary) -> bool:
    return zone.lane not in PERSON_FIRST and max(zone.audit_rates.values(), default=0.0) == 0.0


def _reviewers(rules: LaneRules, summary: TypeSummary, at: Path_) -> Iterator[PolicyFinding]:
    if rules.action_types[summary.action_type].pool is None:
        message = "no pool, so nobody is named who looks; add `pool`"
        yield PolicyFinding("pool_missing", Level.WARNING, at, message)
    escalated = [zone for zone in summary.zones if zone.lane is Lane.ESCALATE]
    if any(zone.pool is not None and rules.level(zone.pool) < EXPERT for zone in escalated):
        message = f"its escalated decisions stay with {escalated[0].pool}, below tier 2; add `escalate_to` or a pool of tier 2"
        yield PolicyFinding("no_expert_pool", Level.WARNING, at, message)
    low = [
        f"{rate:.1%} ({zone.zone}, {age})"
        for zone in summary.zones
        for age, rate in zone.audit_rates.items()
        if rate < LEAST_AUDIT_RATE
    ]
    if low:
        message = (
            f"people look at less than 5% of what runs: {', '.join(low)};"
            " such labels cannot be corrected for bias, so no threshold can be shown to hold"
        )
        yield PolicyFinding("low_audit_rate", Level.WARNING, at, message)


def _sampling(rules: LaneRules) -> Iterator[PolicyFinding]:
    if rules.audit.stable < LEAST_AUDIT_RATE:
        message = f"{rules.audit.stable:.1%} of the audit lane is looked at once a model is stable; expected 5% or more"
        yield PolicyFinding("low_audit_rate", Level.WARNING, ("audit", "stable"), message)


def _rules(rules: LaneRules) -> Iterator[PolicyFinding]:
    for place, dynamic in enumerate(rules.dynamic_risk):
        at: Path_ = ("dynamic_risk", place)
        yield from _rule(dynamic.when, (*at, "when"))
        if dynamic.risk is Risk.LOW:
            message = (
                "a rule only raises risk, so `low` does nothing; remove it or name a higher risk"
            )
            yield PolicyFinding("rule_without_effect", Level.WARNING, (*at, "risk"), message)
    for place, indicator in enumerate(rules.indicators):
        if indicator.when is not None:
            yield from _rule(indicator.when, ("risk_indicators", place, "when"))


def _rule(expression: str, at: Path_) -> Iterator[PolicyFinding]:
    """Ask a rule about a decision of which nothing is known."""
    rule = compile_decision_rule(expression)
    found = rule.holds({"decision": {"content": {}}})
    if not rule.variables:
        says = "cannot be evaluated" if found.problem else f"is always {str(found.holds).lower()}"
        message = f"the rule looks at nothing of the decision and {says}"
        yield PolicyFinding("rule_constant", Level.WARNING, at, message)
    elif found.holds:
        message = "the rule holds for a decision of which nothing is known"
        yield PolicyFinding("rule_holds_for_nothing", Level.NOTE, at, message)
    elif not found.problem:
        message = "the rule does not hold for a decision of which nothing is known, so what is missing passes it"
        yield PolicyFinding("absence_passes_rule", Level.NOTE, at, message)


def _expired(rules: LaneRules, at: datetime) -> Iterator[PolicyFinding]:
    for place, indicator in enumerate(rules.indicators):
        if indicator.expires_at is not None and parse_moment(indicator.expires_at) <= at:
            message = f"{indicator.name(place)} ended on {indicator.expires_at}; remove it or give it a new end"
            where = ("risk_indicators", place, "expires_at")
            yield PolicyFinding("indicator_expired", Level.WARNING, where, message)


def _pools(rules: LaneRules) -> Iterator[PolicyFinding]:
    for name, pool in rules.pools.items():
        if not pool.members:
            message = "no members, so nobody looks; add `members`"
            yield PolicyFinding("pool_without_members", Level.WARNING, ("pools", name), message)
        if not pool.capacity_per_hour:
            message = "no capacity, so its load cannot be reckoned; add `capacity_per_hour`"
            yield PolicyFinding("pool_without_capacity", Level.WARNING, ("pools", name), message)


def _tiers(rules: LaneRules) -> Iterator[PolicyFinding]:
    used = {0, *(rules.level(name) for name in rules.pools)}
    for level, name in enumerate(TIERS):
        own = rules.tiers.get(name)
        if own is None and (level not in used or not rules.tiers):
            continue
        if own is None or not own.accountable:
            message = f"nobody answers for tier {name}; add `accountable`"
            yield PolicyFinding("tier_without_owner", Level.WARNING, ("tiers", name), message)
    if not rules.tiers:
        message = "no tier has an owner; describe the tiers with `accountable`"
        yield PolicyFinding("tier_without_owner", Level.WARNING, ("tiers",), message)
