"""The closed words of a decision log."""

from enum import StrEnum


class Lane(StrEnum):
    """Where the policy sent a decision."""

    AUTO = "auto"
    AUDIT = "audit"
    QUEUE = "queue"
    ESCALATE = "escalate"


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
    """How much is at stake, and how bad an error is."""

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
