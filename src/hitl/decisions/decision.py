"""One decision, as one line of a JSON lines log."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints, field_validator

from hitl.decisions.schema import LARGEST_COST, LONGEST_SECONDS
from hitl.decisions.words import HumanAction, Lane, Level, Outcome, PolicyOutcome
from hitl.document.schema import Document, Share

LONGEST_NAME = 1000
Name = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME)]
Seconds = Annotated[float, Field(ge=0, le=LONGEST_SECONDS)]

FIRST_YEAR = 2015
"""An earlier date is a fault of the clock."""


class Decision(Document):
    """One row of a decision log under hitl's own names; what is not known is left out."""

    decision_id: Name | None = None
    """Names the decision; no two rows share it."""
    at: AwareDatetime | None = None
    """When the model decided: ISO 8601 with a zone."""
    workflow_id: Name | None = None
    """The workflow."""
    workflow_version: Name | None = None
    """Its version, as text."""
    action_type: Name | None = None
    """What kind of step was decided."""
    declared_model: Name | None = None
    """The model that was asked for."""
    resolved_model: Name | None = None
    """The model that answered: a concrete identity, not an alias."""
    confidence: Share | None = None
    """What the model or a scorer said of its own answer, 0 to 1."""
    risk: Level | None = None
    """How much was at stake."""
    lane: Lane | None = None
    """Where the policy sent it."""
    reviewer_pool: Name | None = None
    """Who was to look."""
    reviewer_id: Name | None = None
    """Who looked."""
    human_action: HumanAction | None = None
    """What the person did; left out where nobody looked."""
    decided_at: AwareDatetime | None = None
    """When the person decided."""
    review_seconds: Seconds | None = None
    """Time that the person worked on it."""
    wait_seconds: Seconds | None = None
    """Time until a person took it."""
    correct: bool | None = None
    """Whether the model was right; left out where nobody knows."""
    outcome: Outcome | None = None
    """How it turned out for the customer."""
    right_action_type: Name | None = None
    """The action type that would have been right, by a label."""
    severity: Level | None = None
    """How bad an error is."""
    cost_usd: Annotated[float, Field(ge=0, le=LARGEST_COST)] | None = None
    """Cost of the model's work, US dollars."""
    latency_ms: Annotated[float, Field(ge=0, le=LONGEST_SECONDS * 1000)] | None = None
    """Time that the model took, milliseconds."""
    review_probability: Share | None = None
    """How likely a person was to see it, set before anyone knew the answer."""
    satisfaction: Share | None = None
    """How content the reviewer was with the proposal, 0 to 1."""
    seeded_error: bool | None = None
    """Whether the row was planted with a known error, to see whether reviewers notice."""
    prompt_template_id: Name | None = None
    """The prompt."""
    prompt_version: Name | None = None
    """Its version, as text."""
    prompt_hash: Name | None = None
    """SHA-256 of the template."""
    retrieval_policy: Name | None = None
    """How sources were chosen."""
    retrieval_sources: Name | None = None
    """Ids of the sources that were read."""
    schema_valid: bool | None = None
    """Whether the reply met its schema."""
    repair_event: bool | None = None
    """Whether the reply was repaired or coerced."""
    policy_outcome: PolicyOutcome | None = None
    """What the policy said."""
    validator_outcome: Name | None = None
    """What validators said."""
    action_posture: Name | None = None
    """Class of the next step, such as `read_only`."""
    rollout_status: Name | None = None
    """Shadow, canary or primary."""
    fallback: Name | None = None
    """What took over, if anything did."""

    @field_validator("at", "decided_at")
    @classmethod
    def _is_plausible(cls, when: datetime | None) -> datetime | None:
        if when is not None and when.year < FIRST_YEAR:
            raise ValueError(f"before {FIRST_YEAR}: a fault of the clock")
        return when
