"""The release manifest document, as people write it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hitl.document.schema import Amount, Count, Document, Identifier, Json, Share, Slug
from hitl.manifest.gate_class import GateClass
from hitl.manifest.surface import ChangeSurface


class Stage(StrEnum):
    """How far the rollout is; past pre_cutover a failed block means revert."""

    PRE_CUTOVER = "pre_cutover"
    SHADOW = "shadow"
    CANARY = "canary"
    PRIMARY = "primary"


class Provider(StrEnum):
    """Where replies come from."""

    RECORDED = "recorded"
    SCRIPTED = "scripted"
    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    COMMAND = "command"
    PYTHON = "python"


class Owner(Document):
    """Who answers for the release."""

    name: Annotated[str, Field(min_length=1)]
    contact: Annotated[str, Field(min_length=1)]


class ModelSpec(Document):
    """One arm: the model that is asked, and how it is reached."""

    id: Identifier
    """The declared identity: a dated version rather than an alias."""
    provider: Provider
    base_url: str | None = None
    api_key_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    """Name of the environment variable that holds the key; never the key itself."""
    params: dict[str, Json] = Field(default_factory=dict)
    replies: str | None = None
    """recorded: the replies file."""
    script: str | None = None
    """scripted: the script file."""
    command: tuple[str, ...] | None = None
    """command: the program and its arguments."""
    function: str | None = None
    """python: `module:function`."""

    @model_validator(mode="after")
    def _names_its_source(self) -> Self:
        needed = {
            Provider.RECORDED: "replies",
            Provider.SCRIPTED: "script",
            Provider.COMMAND: "command",
            Provider.PYTHON: "function",
            Provider.OPENAI: "base_url",
        }.get(self.provider)
        if needed and not getattr(self, needed):
            raise ValueError(f"provider `{self.provider}` needs `{needed}`")
        return self


class AliasResolution(Document):
    """Which identity an alias is expected to stand for."""

    alias: Identifier
    expected: Identifier


class Limits(Document):
    """Bounds of a run."""

    max_cost_usd: Amount | None = None
    concurrency: Annotated[int, Field(ge=1, le=1000)] = 16
    timeout_s: Annotated[float, Field(gt=0)] = 60.0
    max_missing: Share = 0.0
    """Share of a subset's cases whose reply may be missing or an error; such cases count against the candidate."""


class Direction(StrEnum):
    """Which way a measure is expected to move."""

    UP = "up"
    DOWN = "down"


class ExpectedDelta(Document):
    """A shift that the owner declares before it is measured."""

    measure: Identifier
    """pass_rate, latency_ms, cost_usd, output_tokens, input_tokens, output_chars, or a numeric label."""
    subset: Slug | None = None
    """Where; without it, over all cases."""
    direction: Direction
    at_least: Amount | None = None
    """The shift is at least this large (absolute)."""
    at_most: Amount | None = None
    """The shift is at most this large (absolute)."""
    at_least_ratio: Annotated[float, Field(gt=0)] | None = None
    """candidate / previous is at least this."""
    at_most_ratio: Annotated[float, Field(gt=0)] | None = None
    """candidate / previous is at most this."""

    @model_validator(mode="after")
    def _limits_leave_room(self) -> Self:
        pairs = ((self.at_least, self.at_most), (self.at_least_ratio, self.at_most_ratio))
        if any(low is not None and high is not None and low > high for low, high in pairs):
            raise ValueError("the lower limit is above the upper one, so no shift could meet both")
        return self


class RolloutKind(StrEnum):
    """How much of the traffic the candidate gets first."""

    FULL = "full"
    CANARY = "canary"
    WORKFLOW_SUBSET = "workflow_subset"


class RolloutScope(Document):
    """What a ship verdict allows."""

    kind: RolloutKind
    percent: Annotated[float, Field(gt=0, le=100)] | None = None
    workflows: tuple[str, ...] = ()


class RollbackRule(Document):
    """Where to return to, and when."""

    to: Identifier
    """The last known-good resolved identity."""
    when: Annotated[str, Field(min_length=1)]


class BaselineSource(Document):
    """The decision log that describes the time before the change."""

    decisions: str | tuple[str, ...]
    """A path or glob, or a list of them."""
    model: Identifier | None = None


class Waiver(Document):
    """A named owner accepts a failure, with a reason, until a day."""

    subset: Slug
    owner: Annotated[str, Field(min_length=1)]
    reason: Annotated[str, Field(min_length=10)]
    """Why the failure is acceptable, in at least ten characters."""
    expires_at: datetime
    """ISO 8601 with a zone; after it the waiver is void."""
    granted_at: datetime | None = None
    signature: str | None = None
    """Detached signature; a waiver without a verified one is shown but lifts nothing."""


class ReleaseManifest(Document):
    """One file a change: the contract that the gate enforces."""

    format: Literal["hitl/release/v1"]
    release_id: Slug
    """Names the folder of the record."""
    workflow_id: Identifier
    route_id: Identifier
    change_surface: ChangeSurface
    stage: Stage = Stage.PRE_CUTOVER
    release_owner: Owner
    golden_set: str
    """Relative to this file, as is every path."""
    policy: str | None = None
    baseline: BaselineSource | None = None
    previous_model: ModelSpec
    candidate_model: ModelSpec
    alias_resolution: AliasResolution | None = None
    repeats: Annotated[int, Field(ge=1, le=1000)] = 1
    limits: Limits = Field(default_factory=Limits)
    confidence: Annotated[float, Field(ge=0.8, le=0.9999)] = 0.95
    """Of every interval, and of each one-sided decision; 0.8 at least, for below it chance decides."""
    seed: Count = 0
    """Seed of every random choice, resampling included."""
    required_eval_subsets: Annotated[tuple[Slug, ...], Field(min_length=1)]
    gate_classes: Annotated[tuple[GateClass, ...], Field(min_length=1)]
    expected_deltas: tuple[ExpectedDelta, ...] = ()
    rollout_scope: RolloutScope
    rollback_rule: RollbackRule
    trace_fields: Annotated[tuple[str, ...], Field(min_length=1)]
    waivers: tuple[Waiver, ...] = ()
    description: str | None = None
