"""Rules over one decision: what raises its risk, and what sends it to a person for a while."""

from datetime import UTC, datetime, time
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from hitl.document.schema import Amount, Document, Identifier, Share
from hitl.policy.audit import Days
from hitl.policy.expression import DecisionRule
from hitl.policy.lanes import Lane, Risk


class DynamicRisk(Document):
    """A rule over a decision's content that raises its risk."""

    when: DecisionRule
    """CEL rule over `decision`; a rule that cannot be evaluated counts as one that holds."""
    risk: Risk
    """Least risk of the decisions that it holds for; it never lowers the risk of the action type."""


def _does_something(lane: Lane) -> Lane:
    if lane is Lane.AUTO:
        raise ValueError("`auto` asks for nothing; expected audit, queue or escalate")
    return lane


class Effect(Document):
    """What an indicator asks for; all that is said holds, and none of it makes anything laxer."""

    raise_risk: Risk | None = None
    """Least risk."""
    lane: Annotated[Lane, AfterValidator(_does_something)] | None = None
    """Least strict lane: `audit`, `queue` or `escalate`."""
    audit_rate: Share | None = None
    """Least share of decisions that run that people look at afterwards."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.raise_risk is None and self.lane is None and self.audit_rate is None:
            raise ValueError("asks for nothing; expected raise_risk, lane or audit_rate")
        return self


class UsualLength(Document):
    """Limits between which the length of an output is usual, such as two quantiles of the baseline."""

    of: Literal["output_tokens", "output_chars"] = "output_tokens"
    """Field of the decision that is the length."""
    at_least: Amount | None = None
    """Shortest usual output."""
    at_most: Amount | None = None
    """Longest usual output."""

    @model_validator(mode="after")
    def _has_a_limit(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError("no limit; expected at_least, at_most or both")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("at_least is more than at_most; no length is usual")
        return self

    def holds(self, length: object) -> bool:
        """Say whether a length is unusual; one that is no number is."""
        if isinstance(length, bool) or not isinstance(length, int | float):
            return True
        low = 0.0 if self.at_least is None else self.at_least
        return not (low <= length and (self.at_most is None or length <= self.at_most))


def parse_moment(text: str) -> datetime:
    """Return the moment that a day or a time with its zone names; a day is its first moment in UTC.

    Raises:
        ValueError: it is neither.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no ISO 8601 day or time; expected such as 2026-09-30") from None  # fmt: skip
    if found.tzinfo is None:
        if found.time() != time():
            raise ValueError(f"{text!r} has no time zone; expected such as 2026-09-30T12:00:00Z")
        return found.replace(tzinfo=UTC)
    return found.astimezone(UTC)


def _checked(text: str) -> str:
    parse_moment(text)
    return text


Moment = Annotated[str, AfterValidator(_checked)]
"""An ISO 8601 day, or time with its zone."""

_TRIGGERS = ("when", "model_younger_than_days", "new_output_format", "unusual_length")


class RiskIndicator(Document):
    """Something that asks for more care for a while; one that cannot be read counts as one that holds."""

    id: Identifier | None = None
    """Name in reports."""
    when: DecisionRule | None = None
    """It holds where this CEL rule over `decision` does."""
    model_younger_than_days: Days | None = None
    """It holds while the model has been active for fewer days, or nobody knows since when."""
    new_output_format: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """It holds where `output_format` is none of these."""
    unusual_length: UsualLength | None = None
    """It holds where the output is shorter or longer than this, or its length is not known."""
    effect: Effect
    """What it asks for."""
    expires_at: Moment | None = None
    """Day or time from which on it is over, ISO 8601; a day begins at midnight UTC."""
    expires_after_days: Days | None = None
    """It is over so many days after the model became active; while that is not known it goes on."""

    @model_validator(mode="after")
    def _one_trigger(self) -> Self:
        found = [name for name in _TRIGGERS if getattr(self, name) is not None]
        if len(found) != 1:
            raise ValueError(
                f"{' and '.join(found) or 'nothing'} says when it holds; expected one of {', '.join(_TRIGGERS)}"
            )
        return self

    def name(self, number: int) -> str:
        """Return the name in reports; `number` is its place in the list, from 0."""
        return self.id or f"indicator {number + 1}"
