"""What a policy knows of one action type."""

import math
from typing import Literal, Self

from pydantic import model_validator

from hitl.document.schema import Amount, Document, Identifier, Share
from hitl.policy.lanes import Risk

Never = Literal["never"]
"""No confidence is enough."""


class Thresholds(Document):
    """Confidence at which an action type runs alone (`auto`), or is answered and reviewed (`review`)."""

    auto: Share | Never
    """At this confidence and above the action runs alone; `never` if no confidence is enough."""
    review: Share
    """From this confidence up to `auto` it is answered and reviewed; below, a person decides."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.auto_limit < self.review:
            raise ValueError(
                f"auto ({self.auto_limit:g}) lies below review ({self.review:g}); expected review <= auto"
            )
        return self

    @property
    def auto_limit(self) -> float:
        """Return the confidence from which it runs alone; infinite where none is enough."""
        return math.inf if self.auto == "never" else self.auto


class ActionType(Document):
    """What the policy knows of one action type."""

    risk: Risk = Risk.MEDIUM
    """Harm of a wrong action of this type."""
    reversible: bool = True
    """Whether the action can be undone; what cannot be is approved before it runs."""
    thresholds: Thresholds | None = None
    """Confidence limits of the type; without them a person decides first, whatever the confidence."""
    pool: Identifier | None = None
    """Reviewers who see its decisions, a name under `pools`."""
    escalate_to: Identifier | None = None
    """Reviewers of escalated decisions; the lowest pool of tier 2 or more if not given."""
    error_cost_usd: Amount | None = None
    """What one wrong action costs, in USD."""
    audit_rate: Share | None = None
    """Share of its autonomous decisions that a person looks at afterwards; takes the place of the rates by maturity."""
