"""The route that facts call for: every step can only make it stricter."""

from collections.abc import Iterator
from typing import NamedTuple

from hitl.policy.action import ActionType
from hitl.policy.facts import NONSENSE, Facts
from hitl.policy.lane import LaneDecision, LaneRules, Reason
from hitl.policy.lanes import PERSON_FIRST, Lane, Risk, Zone, higher, stricter
from hitl.policy.people import Fallback

UNKNOWN = ActionType(risk=Risk.CRITICAL, reversible=False)
"""What is assumed of an action type that the policy does not know."""


class Route(NamedTuple):
    """The two answers that facts allow, and the share that gets the second."""

    rate: float
    unseen: LaneDecision
    audited: LaneDecision


def find_route(rules: LaneRules, facts: Facts) -> Route:
    """Return the route of facts under the rules of a policy."""
    draft = _Draft(rules, facts)
    unseen = draft.decision(is_audited=False)
    return Route(unseen.audit_rate, unseen, draft.decision(is_audited=True))


class _Draft:
    """Works out a route from facts, step by step; every step can only make it stricter."""

    def __init__(self, rules: LaneRules, facts: Facts) -> None:
        self._rules = rules
        self._facts = facts
        self._action = rules.action_types.get(facts.action_type or "", UNKNOWN)
        self._zone = facts.zone or Zone.LOW
        self._held = [rules.indicators[one.place] for one in facts.indicators]
        self._names = tuple(rules.indicators[one.place].name(one.place) for one in facts.indicators)
        self._fallback = self._failed()
        self._why: list[str] = []
        self._risk = self._raised()
        self._lane = self._chosen()
        self._why.insert(0, f"{Reason.MATRIX}:{self._risk}:{self._zone}")

    def decision(self, *, is_audited: bool) -> LaneDecision:
        """Return the answer."""
        pool = self._rules.reviewers(self._action, self._lane)
        if self._fallback is not None and self._fallback.pool is not None:
            pool = self._fallback.pool
        tier = self._rules.tier_of(self._lane, pool)
        return LaneDecision(
            lane=self._lane,
            reasons=tuple(map(str, self._why)),
            risk=self._risk,
            zone=self._zone,
            tier=tier,
            pool=pool,
            sla_minutes=self._rules.sla(tier, pool),
            audit_rate=self._rate(),
            is_audited=is_audited,
            indicators=self._names,
        )

    def _failed(self) -> Fallback | None:
        """Return what the policy says of a model that failed; the first that applies."""
        if self._facts.failure == NONSENSE:
            return Fallback(lane=Lane.ESCALATE)
        if self._facts.failure is not None:
            found: Fallback = getattr(self._rules.fallbacks, self._facts.failure)
            return found
        unknown = self._facts.action_type is None
        return self._rules.fallbacks.unknown_action_type if unknown else None

    def _raised(self) -> Risk:
        risk = self._action.risk
        if self._facts.stated_risk == NONSENSE:
            risk = self._because(Reason.UNKNOWN_RISK, risk, Risk.CRITICAL)
        elif self._facts.stated_risk is not None:
            risk = self._because(Reason.STATED, risk, Risk(self._facts.stated_risk))
        for one in self._facts.dynamic:
            code = f"{Reason.RULE_FAILED}:" if one.has_failed else ""
            name = f"{code}{Reason.DYNAMIC}:{one.place + 1}"
            risk = self._because(name, risk, self._rules.dynamic_risk[one.place].risk)
        for indicator in self._held:
            risk = higher(risk, indicator.effect.raise_risk or Risk.LOW)
        return risk

    def _because(self, reason: str, risk: Risk, least: Risk) -> Risk:
        """Raise a risk to the least, with the reason if that changed it."""
        if higher(risk, least) is not risk:
            self._why.append(reason)
        return higher(risk, least)

    def _chosen(self) -> Lane:
        lane = self._rules.matrix.lane(self._risk, self._zone)
        for signal, indicator, name in zip(
            self._facts.indicators, self._held, self._names, strict=True
        ):
            lane = stricter(lane, indicator.effect.lane or Lane.AUTO)
            failed = f"{Reason.RULE_FAILED}:" if signal.has_failed else ""
            self._why.append(f"{failed}{Reason.INDICATOR}:{name}")
        if not self._action.reversible and lane not in PERSON_FIRST:
            lane = Lane.QUEUE
            self._why.append(Reason.GATE)
        missing = [*self._missing()]
        self._why += missing
        if missing:
            lane = stricter(lane, Lane.QUEUE)
        return stricter(lane, self._fallback.lane) if self._fallback else lane

    def _missing(self) -> Iterator[str]:
        """Yield what is not known, each of which sends the decision to a person."""
        facts = self._facts
        if facts.failure is not None:
            yield f"{Reason.MODEL_FAILED}:{facts.failure}"
        if facts.action_type is None:
            yield Reason.UNKNOWN_ACTION_TYPE
        elif self._action.thresholds is None:
            yield Reason.NO_THRESHOLDS
        if not facts.has_confidence:
            yield Reason.NO_CONFIDENCE
        elif not facts.is_calibrated:
            yield Reason.NOT_CALIBRATED
        if not facts.has_id:
            yield Reason.NO_DECISION_ID

    def _rate(self) -> float:
        by_age = self._rules.audit.rate(self._facts.maturity)
        rate = self._rules.audit_rate(self._action, self._lane, self._zone, by_age)
        if self._lane in PERSON_FIRST:
            return rate
        return max([rate, *(one.effect.audit_rate or 0.0 for one in self._held)])
