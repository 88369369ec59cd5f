"""The release manifest document, as people write it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from hitl.document.schema import Amount, Count, Document, Identifier, Json, Share, Slug
from hitl.manifest.forecast import DecisionFields
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
    """A person or a team."""
    contact: Annotated[str, Field(min_length=1)]
    """Where they are reached."""


class PriceSpec(Document):
    """What a model's tokens cost."""

    usd_per_1m_input: Amount
    """USD for a million input tokens."""
    usd_per_1m_output: Amount
    """USD for a million output tokens."""


class ModelSpec(Document):
    """One arm: the model that is asked, and how it is reached."""

    id: Identifier
    """The declared identity: a dated version rather than an alias."""
    provider: Provider
    """How the replies are had."""
    base_url: str | None = None
    """openai, anthropic: where the endpoint is, such as `http://localhost:8000/v1`."""
    api_key_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    """Name of the environment variable that holds the key; never the key itself."""
    params: dict[str, Json] = Field(default_factory=dict)
    """Sampling parameters, as they were sent."""
    replies: str | None = None
    """recorded: the replies file."""
    script: str | None = None
    """scripted: the script file."""
    command: tuple[str, ...] | None = None
    """command: the program and its arguments."""
    function: str | None = None
    """python: `module:function`."""
    price: PriceSpec | None = None
    """What its tokens cost; without it the price list decides, and what is not in the list is unknown."""
    requests_per_minute: Annotated[int, Field(ge=1)] | None = None
    """Most calls in a minute."""
    tokens_per_minute: Annotated[int, Field(ge=1)] | None = None
    """Most tokens in a minute, input and output together."""

    @field_validator("base_url")
    @classmethod
    def _holds_no_secret(cls, url: str | None) -> str | None:
        if url is not None and "@" in url.split("//", 1)[-1].split("/", 1)[0]:
            raise ValueError(
                "holds a user name or password; name the variable that holds the key in `api_key_env`"
            )
        return url

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

    @property
    def is_live(self) -> bool:
        """Whether its replies are had by calls to the outside."""
        return self.provider not in (Provider.RECORDED, Provider.SCRIPTED)


class AliasResolution(Document):
    """Which identity an alias is expected to stand for."""

    alias: Identifier
    """The id that can move, such as `provider/latest`."""
    expected: Identifier
    """The identity that the candidate's replies must name."""


class Limits(Document):
    """Bounds of a run."""

    max_cost_usd: Amount | None = None
    """Most that a live run may cost."""
    concurrency: Annotated[int, Field(ge=1, le=1000)] = 16
    """Live calls at once."""
    timeout_s: Annotated[float, Field(gt=0)] = 60.0
    """Longest that one attempt may take, in seconds."""
    max_attempts: Annotated[int, Field(ge=1, le=20)] = 4
    """Attempts at one call, the same for both arms; only calls that gave no answer are tried again."""
    max_turns: Annotated[int, Field(ge=1, le=50)] = 8
    """Turns of one conversation in which recorded tool results are replayed."""
    max_age_hours: Annotated[float, Field(gt=0)] = 168.0
    """Replies of an earlier run that are older than this are asked for again."""
    max_missing: Share = 0.0
    """Share of a subset's cases whose reply may be missing or an error; such cases count against the candidate. Metric rules allow none."""


class JudgeSpec(Document):
    """The model that grades replies by the golden set's rubrics."""

    model: ModelSpec
    """The judge, reached like an arm."""
    repeats: Annotated[int, Field(ge=1, le=99)] = 1
    """Gradings of each reply; their mean counts."""
    certificates: tuple[str, ...] = ()
    """Certificates that `hitl golden judge-check` wrote; without a valid one a rubric has Signal authority at most."""
    labels: str | None = None
    """Grades that people gave to a random part of this run's replies; they correct the judge's difference."""


class Direction(StrEnum):
    """Which way a measure is expected to move."""

    UP = "up"
    DOWN = "down"


class ExpectedDelta(Document):
    """A shift that the owner declares before it is measured."""

    measure: Identifier
    """pass_rate, latency_ms, cost_usd, output_tokens, input_tokens, output_chars, or a numeric label."""
    subset: Slug | None = None
    """Where; without it, over all cases. A pass rate needs its subset: one over all cases would be an average."""
    direction: Direction
    """Which way the measure moves."""
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
        if self.measure == "pass_rate" and (self.at_least_ratio or self.at_most_ratio):
            raise ValueError(
                "a pass rate moves by points; use `at_least` or `at_most`, such as 0.02"
            )
        return self


class RolloutKind(StrEnum):
    """How much of the traffic the candidate gets first."""

    FULL = "full"
    CANARY = "canary"
    WORKFLOW_SUBSET = "workflow_subset"


class RolloutScope(Document):
    """What a ship verdict allows."""

    kind: RolloutKind
    """All traffic, a share of it, or some workflows."""
    percent: Annotated[float, Field(gt=0, le=100)] | None = None
    """Share of the traffic, 0 to 100."""
    workflows: tuple[str, ...] = ()
    """The workflows, where only some are meant."""


class RollbackRule(Document):
    """Where to return to, and when."""

    to: Identifier
    """The last known-good resolved identity."""
    when: Annotated[str, Field(min_length=1)]
    """In words, for the people who carry it out."""


class BaselineSource(Document):
    """The decision log that describes the time before the change."""

    decisions: str | tuple[str, ...]
    """A path, pattern, or table of a database, or a list of them."""
    model: Identifier | None = None
    """Identity that the decisions were made with; the previous model's if not given."""


class Waiver(Document):
    """A named owner accepts a failure, with a reason, until a day."""

    subset: Slug
    """The subset whose failure is accepted."""
    owner: Annotated[str, Field(min_length=1)]
    """Who accepts it."""
    reason: Annotated[str, Field(min_length=10)]
    """Why the failure is acceptable, in at least ten characters."""
    expires_at: datetime
    """ISO 8601 with a zone; after it the waiver is void."""
    granted_at: datetime | None = None
    """When it was granted."""
    signature: str | None = None
    """Detached signature; a waiver without a verified one is shown but lifts nothing."""


class ReleaseManifest(Document):
    """One file a change: the contract that the gate enforces."""

    format: Literal["hitl/release/v1"]
    """`hitl/release/v1`."""
    release_id: Slug
    """Names the folder of the record."""
    workflow_id: Identifier
    """Workflow that changes; the golden set's workflow."""
    route_id: Identifier
    """Route of the traffic that the release is for."""
    change_surface: ChangeSurface
    """What is different in this release."""
    stage: Stage = Stage.PRE_CUTOVER
    """How far the rollout is; past `pre_cutover` a failed block means revert."""
    release_owner: Owner
    """Who answers for the release."""
    golden_set: str
    """Relative to this file, as is every path."""
    policy: str | None = None
    """Policy file."""
    baseline: BaselineSource | None = None
    """Decision log of the time before the change; with a policy it is what the forecast is made on."""
    decision_fields: DecisionFields = Field(default_factory=DecisionFields)
    """Where the JSON of a reply says which decision it is, for the forecast."""
    recalibration: str | None = None
    """`recalibration.json` that `hitl recalibrate` wrote for the candidate."""
    hourly_cost_usd: Amount | None = None
    """What an hour of a reviewer costs; without it a forecast cost is the model's alone."""
    previous_model: ModelSpec
    """The arm in use."""
    candidate_model: ModelSpec
    """The arm that may take its place."""
    alias_resolution: AliasResolution | None = None
    """Which identity an alias is expected to stand for."""
    differing_params: tuple[Identifier, ...] = ()
    """Parameters that are meant to differ between the arms; any other difference caps the verdict at hold."""
    judge: JudgeSpec | None = None
    """The model that grades by rubric, where the golden set has `judge` rules."""
    review: Annotated[str, Field(min_length=1)] | None = None
    """Folder of a closed review that `hitl review pack` made: what people say where the golden set has `review` rules."""
    repeats: Annotated[int, Field(ge=1, le=1000)] = 1
    """Replies to each case in each arm."""
    limits: Limits = Field(default_factory=Limits)
    """Bounds of the run and of what may be missing."""
    confidence: Annotated[float, Field(ge=0.8, le=0.9999)] = 0.95
    """Of every interval, and of each one-sided decision; 0.8 at least, for below it chance decides."""
    seed: Count = 0
    """Seed of every random choice, resampling included."""
    required_eval_subsets: Annotated[tuple[Slug, ...], Field(min_length=1)]
    """Subsets that must be measured for the release to ship."""
    gate_classes: Annotated[tuple[GateClass, ...], Field(min_length=1)]
    """Rules and authority, subset by subset."""
    expected_deltas: tuple[ExpectedDelta, ...] = ()
    """Shifts that the owner declares before they are measured."""
    rollout_scope: RolloutScope
    """How much traffic the candidate gets first."""
    rollback_rule: RollbackRule
    """Where to return to, and when."""
    trace_fields: Annotated[tuple[str, ...], Field(min_length=1)]
    """Fields that every decision of the workflow must log."""
    waivers: tuple[Waiver, ...] = ()
    """Failures that a named owner accepts."""
    store_raw: bool = False
    """Keep replies of a live run as they came; otherwise personal data and keys are taken out before anything is stored."""
    review_cost_usd: tuple[Amount, Amount] = (0.5, 2.0)
    """What one look by a person costs, least and most."""
    description: str | None = None
    """Free text, shown in reports."""
