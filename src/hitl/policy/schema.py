"""The policy manifest document (`policy.yaml`)."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from hitl.decisions.redact_policy import RedactPolicy
from hitl.document.schema import Amount, Count, Document, Identifier, Json, Share
from hitl.policy.posture import PosturePolicy


class Risk(StrEnum):
    """How much harm a wrong action can do."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Thresholds(Document):
    """Confidence at which an action type runs alone (`auto`), or is answered and reviewed (`review`)."""

    auto: Share
    """At this confidence and above the action runs alone."""
    review: Share
    """From this confidence up to `auto` it is answered and reviewed; below, a person decides."""


class ActionType(Document):
    """What the policy knows of one action type."""

    risk: Risk = Risk.MEDIUM
    """Harm of a wrong action of this type."""
    reversible: bool = True
    """Whether the action can be undone; what cannot be is approved before it runs."""
    thresholds: Thresholds | None = None
    """Confidence limits of the type; without them the policy's zones hold."""
    pool: Identifier | None = None
    """Reviewers who see its decisions, a name under `pools`."""
    error_cost_usd: Amount | None = None
    """What one wrong action costs, in USD."""
    audit_rate: Share | None = None
    """Share of its autonomous decisions that a person looks at afterwards."""


class Pool(Document):
    """A group of reviewers."""

    members: tuple[str, ...] = ()
    """Reviewers, by name or hash."""
    capacity_per_hour: Amount | None = None
    """Decisions that the pool can look at in an hour."""
    tier: Count | None = None
    """0 to 3, from automatic with sampling to executive sign-off."""
    sla_minutes: Amount | None = None
    """Longest wait until a person looks."""


class DynamicRisk(Document):
    """A rule over a decision's content that sets its risk."""

    when: str
    """CEL rule over `decision`."""
    risk: Risk
    """Risk of the decisions that it holds for."""


class RiskIndicator(Document):
    """A rule that sends a decision to a person for a while."""

    id: Identifier | None = None
    """Name in reports."""
    when: str
    """CEL rule over `decision`."""
    effect: Json
    """What it asks for, such as a lane."""
    expires_at: str | None = None
    """Day on which it ends, ISO 8601."""
    expires_after_days: Annotated[int, Field(ge=1)] | None = None
    """Days after which it ends."""


class Policy(Document):
    """What runs alone and what a person sees; changed without code."""

    format: Literal["hitl/policy/v1"]
    """`hitl/policy/v1`."""
    version: str
    """Version of the policy; any change is a new one."""
    id: Identifier | None = None
    """Name of the policy."""
    workflow_id: Identifier | None = None
    """Workflow that it is for."""
    action_types: dict[Identifier, ActionType] = Field(default_factory=dict)
    """What is known of each action type, by name."""
    dynamic_risk: tuple[DynamicRisk, ...] = ()
    """Rules that raise or lower the risk of one decision by its content; the first that holds counts."""
    risk_matrix: dict[str, Json] | None = None
    """Lane by risk and confidence."""
    pools: dict[Identifier, Pool] = Field(default_factory=dict)
    """Reviewer pools, by name."""
    tiers: Json = None
    """What each tier means, and within what time."""
    timeouts: Json = None
    """What happens when nobody looks in time."""
    fallbacks: Json = None
    """What happens when the model fails."""
    risk_indicators: tuple[RiskIndicator, ...] = ()
    """Rules that send decisions to a person for a while."""
    posture: PosturePolicy = Field(default_factory=PosturePolicy)
    """Word and tool lists behind `posture` and `read_only`."""
    targets: dict[str, Json] = Field(default_factory=dict)
    """Operating metrics and their targets."""
    redact: RedactPolicy = Field(default_factory=RedactPolicy)
    """What is taken out of replies before they are stored, and of everything that a report quotes."""
