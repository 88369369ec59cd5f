"""A policy made ready to choose lanes: rules compiled, routes remembered."""

import math
from datetime import datetime, timedelta
from functools import lru_cache, partial

from hitl.policy.audit import AuditDraw
from hitl.policy.decision import Decision, as_identity, as_moment, read_confidence
from hitl.policy.expression import compile_decision_rule
from hitl.policy.facts import FAILURE_WORDS, RISK_WORDS, Facts, stated
from hitl.policy.lane import LaneDecision, LaneRules
from hitl.policy.lanes import Zone
from hitl.policy.route import find_route
from hitl.policy.signal import Signal, Trigger, ask

_REMEMBERED = 65_536


class Router:
    """A policy made ready: rules compiled, routes remembered."""

    def __init__(self, rules: LaneRules) -> None:
        self.rules = rules
        self.draw = AuditDraw(rules.name, rules.version).draw
        self._dynamic = [compile_decision_rule(one.when) for one in rules.dynamic_risk]
        self.indicators = tuple(Trigger(one) for one in rules.indicators)
        """When each indicator holds, in order."""
        self.has_rules = bool(self._dynamic) or any(one.is_rule for one in self.indicators)
        """Whether any CEL rule has to be asked about each decision."""
        self._thresholds = {
            name: (action.thresholds.auto_limit, action.thresholds.review)
            for name, action in rules.action_types.items()
            if action.thresholds
        }
        self.route = lru_cache(maxsize=_REMEMBERED)(partial(find_route, rules))
        """The route of facts."""

    @property
    def ages(self) -> tuple[timedelta, ...]:
        """Ages of a model at which something changes, in order."""
        days = {self.rules.audit.new_days, self.rules.audit.stable_days}
        for one in self.rules.indicators:
            days |= {one.model_younger_than_days or 0, one.expires_after_days or 0} - {0}
        return tuple(timedelta(days=count) for count in sorted(days))

    @property
    def moments(self) -> tuple[datetime, ...]:
        """Times at which something changes, in order."""
        return tuple(sorted({one.ends for one in self.indicators if one.ends is not None}))

    def assign(self, decision: Decision, at: datetime | None) -> LaneDecision:
        """Return the lane of a decision at a time; its own time if none is given."""
        route = self.route(self.facts(decision, at))
        if 0.0 < route.rate < 1.0:
            drawn = self.draw(as_identity(decision.decision_id) or "") < route.rate
            return route.audited if drawn else route.unseen
        return route.audited if route.rate else route.unseen

    def facts(self, decision: Decision, at: datetime | None) -> Facts:
        """Return what counts of a decision."""
        moment = as_moment(decision.at) if at is None else at
        since = as_moment(decision.model_active_since)
        age = None if moment is None or since is None else moment - since
        dynamic, indicators = self._signals(decision, moment, age)
        confidence = read_confidence(decision.confidence)
        kind = self.known(decision.action_type)
        worth = self._worth(decision, kind, confidence)
        return Facts(
            kind,
            self.zone(kind, worth),
            confidence is not None,
            as_identity(decision.decision_id) is not None,
            stated(decision.risk, RISK_WORDS),
            stated(decision.failure, FAILURE_WORDS),
            self.rules.audit.maturity(age),
            dynamic,
            indicators,
            is_calibrated=confidence is None or worth is not None,
        )

    def is_calibrated_for(self, model: object) -> bool:
        """Say whether the confidence of a model is usable as far as the calibrator is concerned."""
        calibrator = self.rules.calibrator
        return calibrator is None or (isinstance(model, str) and model == calibrator.model)

    def _worth(
        self, decision: Decision, kind: str | None, confidence: float | None
    ) -> float | None:
        """Return what a confidence is worth; None where that is not known."""
        calibrator = self.rules.calibrator
        if calibrator is None or confidence is None:
            return confidence
        if not self.is_calibrated_for(decision.resolved_model):
            return None
        return calibrator.one(confidence, kind)

    def known(self, action_type: object) -> str | None:
        """Return an action type that the policy knows, or None."""
        if isinstance(action_type, str) and action_type in self.rules.action_types:
            return str(action_type)
        return None

    def limits(self, action_type: str | None) -> tuple[float, float]:
        """Return the thresholds `auto` and `review` of a type; NaN where it has none."""
        found = self._thresholds.get(action_type) if action_type is not None else None
        return found or (math.nan, math.nan)

    def zone(self, action_type: str | None, confidence: float | None) -> Zone | None:
        """Return the zone of a confidence; None where it, or the type's thresholds, are missing."""
        limits = self._thresholds.get(action_type) if action_type is not None else None
        if limits is None or confidence is None:
            return None
        if confidence >= limits[0]:
            return Zone.HIGH
        return Zone.MEDIUM if confidence >= limits[1] else Zone.LOW

    def _signals(
        self, decision: Decision, moment: datetime | None, age: timedelta | None
    ) -> tuple[tuple[Signal, ...], tuple[Signal, ...]]:
        fields: dict[str, object] = {}
        if self.has_rules:
            fields = decision.fields(None if age is None else age / timedelta(days=1))
        dynamic = [ask(rule, place, fields) for place, rule in enumerate(self._dynamic)]
        indicators = [
            one.ask(place, fields) if one.is_rule else one.signal(place, decision.trace, age)
            for place, one in enumerate(self.indicators)
            if not one.is_over(moment, age)
        ]
        return tuple(filter(None, dynamic)), tuple(filter(None, indicators))
