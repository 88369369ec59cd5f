"""The document of advice: which pattern each action type calls for, and what is done wrong."""

from enum import StrEnum
from typing import Literal

from hitl.document.schema import Count, Document, OpenShare


class Pattern(StrEnum):
    """How people are put into the loop."""

    PRE_ACTION_GATE = "pre_action_gate"
    """A person approves before anything happens."""
    CONFIDENCE_ROUTING = "confidence_routing"
    """Confidence says who decides."""
    CASCADING_VALIDATION = "cascading_validation"
    """Rules first, then a judge, then a person."""
    AUDIT = "audit"
    """It runs, and people look at a sample."""


class Code(StrEnum):
    """What can be wrong with how people and model work together."""

    THRESHOLD_UNSUPPORTED = "threshold_without_calibration"
    QUEUE_GROWS = "queue_grows_faster_than_reviewers"
    NO_INFORMATION = "confidence_without_information"
    ONE_VALUE = "one_confidence_for_nearly_everything"
    EVERY_STEP = "review_at_every_step"
    FEEDBACK_UNUSED = "feedback_never_changed_anything"
    FAST_APPROVALS = "very_fast_approvals"
    UNBROKEN_APPROVALS = "unbroken_approvals"
    SEEDED_MISSED = "seeded_errors_missed"
    OVER_ESCALATION = "over_escalation"


class Finding(StrEnum):
    """Whether it is so."""

    FOUND = "found"
    CLEAR = "clear"
    UNMEASURED = "unmeasured"


class Evidence(Document):
    """One number behind a finding."""

    name: str
    """What it is."""
    value: float | None
    """The estimate; null where there is none."""
    low: float | None = None
    """Lower limit."""
    high: float | None = None
    """Upper limit."""
    n: Count | None = None
    """Decisions that it stands on."""
    threshold: float | None = None
    """What it is compared with."""


class AdviceFinding(Document):
    """One thing that was looked for."""

    code: Code
    """What was looked for."""
    finding: Finding
    """Whether it was found."""
    about: str | None = None
    """Action type, pool or reviewer, redacted; null for everything."""
    reason: str
    """What was seen, or why nothing can be said."""
    evidence: tuple[Evidence, ...] = ()
    """The numbers behind it."""
    remedy: str = ""
    """What to do."""


class TypePattern(Document):
    """Which pattern an action type calls for."""

    action_type: str
    """Name in the policy or the log."""
    pattern: Pattern | None
    """Null where it cannot be said."""
    reason: str
    """The first criterion that holds, or what is missing."""
    evidence: tuple[Evidence, ...]
    """Every criterion."""


class TargetNeed(Document):
    """What the log lacks to check a target of the policy."""

    target: str
    """Name under `targets`."""
    lacked: tuple[str, ...]
    """Columns that it needs and the log does not have; empty if `hitl baseline` can check it."""


class Advice(Document):
    """What to change in how people and model work together."""

    format: Literal["hitl/policy-advice/v1"]
    """`hitl/policy-advice/v1`."""
    policy_id: str
    """Name of the policy; empty if it has none."""
    policy_version: str
    """Its version."""
    sources: tuple[str, ...]
    """Files and tables of the log."""
    n: Count
    """Decisions."""
    confidence: OpenShare
    """Two-sided confidence of every interval."""
    patterns: tuple[TypePattern, ...]
    """By action type."""
    findings: tuple[AdviceFinding, ...]
    """Found ones first, then what cannot be said, then what is clear."""
    targets: tuple[TargetNeed, ...]
    """Targets are checked by `hitl baseline`; this says what it would lack."""
