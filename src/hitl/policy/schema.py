"""The policy manifest document (`policy.yaml`)."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, WithJsonSchema, model_validator

from hitl.decisions.mapping import LogColumns, Source, Words, mistakes_of
from hitl.decisions.redaction.redact_policy import RedactPolicy
from hitl.decisions.targets import Targets
from hitl.document.schema import Document, Identifier
from hitl.policy.action import ActionType
from hitl.policy.audit import AuditPolicy
from hitl.policy.calibrator import Calibrator
from hitl.policy.decision import Decision, read_decision
from hitl.policy.indicator import DynamicRisk, RiskIndicator
from hitl.policy.lane import LaneDecision, LaneRules
from hitl.policy.load import load_checked
from hitl.policy.matrix import RiskMatrix
from hitl.policy.people import Fallbacks, Pool, Tier, TierName, Timeout
from hitl.policy.posture import PosturePolicy
from hitl.policy.router import Router
from hitl.policy.table import Column, LaneTable, assign_lanes

_PATH = WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "null"}], "default": None})
"""In a file the calibrator is named by its path; the policy that was read holds what stands there."""


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
    """What is known of each action type, by name; a type that is not named here goes to a person."""
    dynamic_risk: tuple[DynamicRisk, ...] = ()
    """Rules that raise the risk of one decision by its content; the highest of those that hold counts."""
    calibrator: Annotated[Calibrator | None, _PATH] = None
    """File of the calibrator, relative to this one. Stated confidence goes through it before the thresholds; rules see it as stated. That of another model than the calibrator's is not usable, so a person decides."""
    risk_matrix: RiskMatrix = Field(default_factory=RiskMatrix)
    """Lane by risk and confidence."""
    audit: AuditPolicy = Field(default_factory=AuditPolicy)
    """Share of the decisions in the lane `audit` that people look at, by the model's maturity."""
    pools: dict[Identifier, Pool] = Field(default_factory=dict)
    """Reviewer pools, by name."""
    tiers: dict[TierName, Tier] = Field(default_factory=dict)
    """What each tier means, and who answers for it."""
    timeouts: dict[Identifier, Timeout] = Field(default_factory=dict)
    """What happens when nobody looks in time, by lane or by pool."""
    fallbacks: Fallbacks = Field(default_factory=Fallbacks)
    """What happens when the model fails."""
    risk_indicators: tuple[RiskIndicator, ...] = ()
    """What asks for more care for a while."""
    posture: PosturePolicy = Field(default_factory=PosturePolicy)
    """Word and tool lists behind `posture` and `read_only`."""
    targets: Targets = Field(default_factory=Targets)
    """Operating metrics and their targets."""
    log: LogColumns | None = None
    """Names, words, units and zone of the decision log that the policy governs; `--mapping` takes its place."""
    columns: dict[str, Source] = Field(default_factory=dict)
    """Short for `columns` under `log`."""
    values: dict[str, Words] = Field(default_factory=dict)
    """Short for `values` under `log`."""
    redact: RedactPolicy = Field(default_factory=RedactPolicy)
    """What is taken out of replies before they are stored, and of everything that a report quotes."""

    @model_validator(mode="after")
    def _check_mapping(self) -> Self:
        problems = mistakes_of(self.columns, self.values, {})
        if self.log and (self.columns or self.values):
            problems.append("`columns` and `values` stand under `log` too; expected one place")
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def log_columns(self) -> LogColumns | None:
        """How the log is read that the policy governs; None if it has hitl's own names."""
        if self.columns or self.values:
            return LogColumns(columns=self.columns, values=self.values)
        return self.log

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read a policy and its calibrator, with the names in them checked against each other.

        Raises:
            DocumentError: every mistake in the files, each with line and field.
        """
        return load_checked(Path(path), cls)

    def lane(
        self, decision: Decision | Mapping[str, object], at: datetime | None = None
    ) -> LaneDecision:
        """Return where a decision goes; `at` is when, and the decision's own time if not given.

        Whatever the decision holds, the answer is a lane: what is missing or broken sends it to a person.

        Raises:
            ValueError: `at` has no time zone.
        """
        if at is not None:
            _check_zone(at)
        if not isinstance(decision, Decision):
            decision = read_decision(decision)
        return self._router.assign(decision, at)

    def lanes(self, columns: Mapping[str, Column], at: datetime | None = None) -> LaneTable:
        """Return the lanes of a table of decisions, given as columns by name; the same as one by one.

        Raises:
            ValueError: `at` has no time zone, or the columns have different lengths.
        """
        if at is not None:
            _check_zone(at)
        return assign_lanes(self._router, columns, at)

    def __copy__(self) -> Self:
        # What was compiled belongs to these values; a changed copy compiles its own.
        copied = super().__copy__()
        copied.__dict__.pop("_router", None)
        return copied

    def __deepcopy__(self, memo: dict[int, object] | None = None) -> Self:
        return self.__copy__()

    def __getstate__(self) -> dict[Any, Any]:
        state = super().__getstate__()
        values = {name: value for name, value in state["__dict__"].items() if name != "_router"}
        return state | {"__dict__": values}

    @property
    def lane_rules(self) -> LaneRules:
        """The parts that choose a lane."""
        return self._router.rules

    @cached_property
    def _router(self) -> Router:
        return Router(
            LaneRules(
                name=self.id or self.workflow_id or "",
                version=self.version,
                action_types=self.action_types,
                matrix=self.risk_matrix,
                audit=self.audit,
                dynamic_risk=self.dynamic_risk,
                indicators=self.risk_indicators,
                pools=self.pools,
                tiers=self.tiers,
                fallbacks=self.fallbacks,
                calibrator=self.calibrator,
            )
        )


def _check_zone(at: datetime) -> None:
    if at.tzinfo is None:
        raise ValueError("`at` has no time zone; give one, such as datetime.now(UTC)")
