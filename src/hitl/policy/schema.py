"""The policy manifest document (`policy.yaml`)."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

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
    review: Share


class ActionType(Document):
    """What the policy knows of one action type."""

    risk: Risk = Risk.MEDIUM
    reversible: bool = True
    thresholds: Thresholds | None = None
    pool: Identifier | None = None
    error_cost_usd: Amount | None = None
    audit_rate: Share | None = None


class Pool(Document):
    """A group of reviewers."""

    members: tuple[str, ...] = ()
    capacity_per_hour: Amount | None = None
    tier: Count | None = None
    sla_minutes: Amount | None = None


class DynamicRisk(Document):
    """A rule over a decision's content that sets its risk."""

    when: str
    risk: Risk


class RiskIndicator(Document):
    """A rule that sends a decision to a person for a while."""

    id: Identifier | None = None
    when: str
    effect: Json
    expires_at: str | None = None
    expires_after_days: Annotated[int, Field(ge=1)] | None = None


class Policy(Document):
    """What runs alone and what a person sees; changed without code."""

    format: Literal["hitl/policy/v1"]
    version: str
    id: Identifier | None = None
    workflow_id: Identifier | None = None
    action_types: dict[Identifier, ActionType] = Field(default_factory=dict)
    dynamic_risk: tuple[DynamicRisk, ...] = ()
    risk_matrix: dict[str, Json] | None = None
    pools: dict[Identifier, Pool] = Field(default_factory=dict)
    tiers: Json = None
    timeouts: Json = None
    fallbacks: Json = None
    risk_indicators: tuple[RiskIndicator, ...] = ()
    posture: PosturePolicy = Field(default_factory=PosturePolicy)
    targets: dict[str, Json] = Field(default_factory=dict)
    redact: Json = None
