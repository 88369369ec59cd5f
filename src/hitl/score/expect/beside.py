"""Checks that read beside the reply: what judges and people say of it comes later, and of what is stored."""

from collections.abc import Iterable

from hitl.score.expect.check import Check
from hitl.score.expect.judge import JudgeCheck
from hitl.score.expect.review import ReviewCheck


def is_beside(check: Check) -> bool:
    """Say whether a check looks up what a judge or people said, and nothing in the reply."""
    return isinstance(check, JudgeCheck | ReviewCheck)


def by_rule(checks: Iterable[Check]) -> tuple[Check, ...]:
    """Return the checks that read the reply alone."""
    return tuple(check for check in checks if not is_beside(check))
