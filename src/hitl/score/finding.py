"""What a check saw in one reply."""

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """Outcome of one check on one reply; absence is never a pass."""

    PASS = "pass"
    FAIL = "fail"
    UNMEASURED = "unmeasured"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule, applied to one reply."""

    rule: str
    """The rule as a person would say it, such as `escalation_required equals true`."""
    mark: Mark
    saw: str
    """What was there instead, short and on one line; empty for a pass."""


@dataclass(frozen=True, slots=True)
class ReplyGrade:
    """All checks of one reply taken together."""

    mark: Mark
    findings: tuple[Finding, ...]
    """Findings that are not a pass."""
    tier: str
    """How the reply was read as JSON: strict, fenced, first_value, repaired, none; empty if no check asked."""
    outcome: str
    """Outcome class of the reply."""
    is_judged: bool = False
    """Whether a judge was asked about the reply."""
    is_rated: bool = False
    """Whether people's ratings settled the reply: no other rule failed it."""
