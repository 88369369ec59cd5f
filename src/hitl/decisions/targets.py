"""The six operating metrics and their targets."""

from typing import Self

from pydantic import model_validator

from hitl.document.schema import Amount, Document


class Target(Document):
    """Range in which a metric should lie; both limits are allowed values."""

    at_least: Amount | None = None
    """Lowest allowed value."""
    at_most: Amount | None = None
    """Highest allowed value."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError("no limit; expected at_least, at_most or both")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("at_least is more than at_most")
        return self


class Targets(Document):
    """Six numbers that say whether people and model work well together."""

    escalation_rate: Target = Target(at_least=0.15, at_most=0.30)
    """Share of decisions that are sent to a person before they run."""
    auto_resolve_rate: Target = Target(at_least=0.70, at_most=0.85)
    """Share of decisions that run alone and that nobody changes afterwards."""
    error_escape_rate: Target = Target(at_most=0.02)
    """Share of errors among decisions that ran alone."""
    review_latency_p95_minutes: Target = Target(at_most=5.0)
    """Minutes that a review takes, 95th percentile."""
    reviewer_agreement: Target = Target(at_least=0.85)
    """Share of reviewed decisions on which the person agrees with the model."""
    feedback_used_within_days: Target = Target(at_most=31.0)
    """Days until what reviewers said has changed something."""
