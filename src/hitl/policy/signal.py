"""What a rule of the policy says of one decision."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from hitl.policy.expression import compile_decision_rule
from hitl.policy.indicator import RiskIndicator, parse_moment
from hitl.rule import Rule


class Signal(NamedTuple):
    """A rule that holds, or that could not be evaluated and so counts as one that does."""

    place: int
    has_failed: bool


class Trigger:
    """When one indicator holds."""

    def __init__(self, indicator: RiskIndicator) -> None:
        self._indicator = indicator
        self._rule = compile_decision_rule(indicator.when) if indicator.when is not None else None
        self._younger = _days(indicator.model_younger_than_days)
        self._over_after = _days(indicator.expires_after_days)
        self.ends = parse_moment(indicator.expires_at) if indicator.expires_at else None
        self.is_rule = indicator.when is not None
        """Whether it holds by a CEL rule."""
        self.field = _field(indicator)
        """The one field that it looks at; None if it looks at all, or at times alone."""

    def is_over(self, moment: datetime | None, age: timedelta | None) -> bool:
        """Say whether it has expired; where the time is not known it goes on."""
        if self.ends is not None and moment is not None and moment >= self.ends:
            return True
        return self._over_after is not None and age is not None and age >= self._over_after

    def is_young(self, age: timedelta | None) -> bool:
        """Say whether it asks for a young model and this is one, or nobody knows."""
        return self._younger is not None and (age is None or age < self._younger)

    def is_odd(self, value: object) -> bool:
        """Say whether the value of its one field is not a usual one."""
        if self._indicator.unusual_length is not None:
            return self._indicator.unusual_length.holds(value)
        return value not in (self._indicator.new_output_format or ())

    def signal(
        self, place: int, trace: Mapping[str, object], age: timedelta | None
    ) -> Signal | None:
        """Return the signal if it holds without a rule."""
        holds = self.is_young(age) if self.field is None else self.is_odd(trace.get(self.field))
        return Signal(place, has_failed=False) if holds else None

    def ask(self, place: int, fields: dict[str, object]) -> Signal | None:
        """Return the signal of its rule."""
        return ask(self._rule, place, fields) if self._rule is not None else None


def _field(indicator: RiskIndicator) -> str | None:
    if indicator.unusual_length is not None:
        return indicator.unusual_length.of
    return None if indicator.new_output_format is None else "output_format"


def _days(count: int | None) -> timedelta | None:
    return None if count is None else timedelta(days=count)


def ask(rule: Rule, place: int, fields: dict[str, object]) -> Signal | None:
    """Return the signal of a rule that holds or cannot be evaluated."""
    found = rule.holds({"decision": fields})
    return Signal(place, bool(found.problem)) if found.holds or found.problem else None
