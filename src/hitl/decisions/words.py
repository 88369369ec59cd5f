"""The closed words of a decision log."""

from enum import StrEnum


class Lane(StrEnum):
    """Where the policy sends a decision, from lax to strict."""

    AUTO = "auto"
    """It runs; a small sample is looked at afterwards."""
    AUDIT = "audit"
    """It runs; people look at a share of them, or at all, afterwards."""
    QUEUE = "queue"
    """A reviewer decides before it runs."""
    ESCALATE = "escalate"
    """An expert decides before it runs."""


class HumanAction(StrEnum):
    """What a person did with a decision; no value means that nobody looked, which is no approval."""

    APPROVE = "approve"
    MODIFY = "modify"
    REJECT = "reject"
    ESCALATE = "escalate"
    TIMEOUT = "timeout"
    """Nobody came in time: neither an approval nor a rejection."""


class Outcome(StrEnum):
    """How the decision turned out for the customer."""

    GOOD = "good"
    BAD = "bad"


class Level(StrEnum):
    """How much harm a wrong action can do, and how bad an error is; from low to high."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class PolicyOutcome(StrEnum):
    """What the deterministic policy said of a decision."""

    ALLOW = "allow"
    BLOCK = "block"
    MODIFY = "modify"
    ESCALATE = "escalate"
    REFUSE = "refuse"
