"""What a policy amounts to for each action type, while no rule raises anything."""

from dataclasses import dataclass

from hitl.policy.action import Thresholds
from hitl.policy.audit import Maturity
from hitl.policy.expression import fields_of
from hitl.policy.facts import Facts
from hitl.policy.lane import LaneDecision, LaneRules
from hitl.policy.lanes import Lane, Risk, Zone
from hitl.policy.route import find_route


@dataclass(frozen=True, slots=True)
class ZoneSummary:
    """Where decisions of one type go in one zone."""

    zone: Zone
    lane: Lane
    reasons: tuple[str, ...]
    pool: str | None
    tier: int
    sla_minutes: float | None
    audit_rates: dict[Maturity, float]
    """Share that people look at after it ran, by the model's maturity; empty where a person decides first."""


@dataclass(frozen=True, slots=True)
class TypeSummary:
    """What the policy amounts to for one action type."""

    action_type: str
    risk: Risk
    reversible: bool
    thresholds: Thresholds | None
    zones: tuple[ZoneSummary, ...]
    """From high to low confidence; the low one alone where the type has no thresholds."""


def summarise(rules: LaneRules) -> tuple[TypeSummary, ...]:
    """Return what a policy amounts to for each of its action types, in its order."""
    return tuple(
        TypeSummary(
            action_type=name,
            risk=action.risk,
            reversible=action.reversible,
            thresholds=action.thresholds,
            zones=tuple(_zone(rules, name, zone) for zone in reachable(action.thresholds)),
        )
        for name, action in rules.action_types.items()
    )


def reachable(thresholds: Thresholds | None) -> tuple[Zone, ...]:
    """Return the zones in which a confidence can lie, from high to low."""
    if thresholds is None:
        return (Zone.LOW,)
    high = (Zone.HIGH,) if thresholds.auto_limit <= 1 else ()
    medium = (Zone.MEDIUM,) if thresholds.review < thresholds.auto_limit else ()
    low = (Zone.LOW,) if thresholds.review > 0 else ()
    return (*high, *medium, *low)


def asked_fields(rules: LaneRules) -> tuple[str, ...]:
    """Return the fields of a decision that rules and indicators ask for; without one they count as holding."""
    asked: set[str] = {name for rule in rules.dynamic_risk for name in fields_of(rule.when)}
    for indicator in rules.indicators:
        if indicator.when is not None:
            asked |= set(fields_of(indicator.when))
        if indicator.model_younger_than_days is not None:
            asked.add("model_active_since")
        if indicator.new_output_format is not None:
            asked.add("output_format")
        if indicator.unusual_length is not None:
            asked.add(indicator.unusual_length.of)
    return tuple(sorted(asked))


def _zone(rules: LaneRules, name: str, zone: Zone) -> ZoneSummary:
    by_age = {maturity: _quiet(rules, name, zone, maturity) for maturity in Maturity}
    found = by_age[Maturity.NEW]
    runs = found.tier == 0
    return ZoneSummary(
        zone=zone,
        lane=found.lane,
        reasons=found.reasons,
        pool=found.pool,
        tier=found.tier,
        sla_minutes=found.sla_minutes,
        audit_rates={age: lane.audit_rate for age, lane in by_age.items()} if runs else {},
    )


def _quiet(rules: LaneRules, name: str, zone: Zone, maturity: Maturity) -> LaneDecision:
    """Return the lane of a decision of which everything is known and no rule holds."""
    has_thresholds = rules.action_types[name].thresholds is not None
    facts = Facts(
        action_type=name,
        zone=zone if has_thresholds else None,
        has_confidence=True,
        has_id=True,
        stated_risk=None,
        failure=None,
        maturity=maturity,
        dynamic=(),
        indicators=(),
    )
    return find_route(rules, facts).unseen
