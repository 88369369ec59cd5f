"""Did what reviewers said change anything? Read from the versions that a log names."""

from dataclasses import dataclass

from hitl.decisions.measures.measured import counted
from hitl.decisions.measures.rules import LogFacts, VersionChange
from hitl.decisions.measures.words import Met

_MOST_VALUES_PER_DAY = 2
"""More different values a day than that are no versions: the column names something of each decision."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """Days since the last new version while people overrode; at least so many where none came in the log."""

    days: float | None
    is_exact: bool
    n_overrides: int
    reason: str

    def met(self, at_most: float | None, at_least: float | None) -> Met:
        """Say how the days lie to a target; they can miss it, and nothing in a log shows that they meet it."""
        if self.days is None:
            return Met.UNMEASURED
        if at_most is not None and self.days > at_most:
            return Met.MISSED
        if self.is_exact and at_least is not None and self.days < at_least:
            return Met.MISSED
        # That something is new within the days does not tell that reviewers were the reason.
        return Met.UNDECIDED


def feedback_used(facts: LogFacts, span: tuple[int, int] | None, n_overrides: int) -> Feedback:
    """Return how long ago a version of workflow or prompt was new, at the end of the log.

    Args:
        facts: what is known of the log.
        span: first and last day, days since 1970; None if no row has a time.
        n_overrides: decisions that people modified or rejected.
    """
    if not n_overrides:
        return _none("people overrode nothing, so there is nothing to learn from", 0)
    if span is None:
        return _none("no row has a time", n_overrides)
    usable = [one for one in facts.versions if _is_version(one, span)]
    if not usable:
        return _none(_why(facts.versions), n_overrides)
    first, last = span
    changed = [one for one in usable if one.n_values > 1 and one.last_new_day is not None]
    if not changed:
        names = ", ".join(one.column for one in usable)
        days = last - first
        return Feedback(float(days), False, n_overrides, f"no new {names} in the {counted(days + 1, 'day')} of the log: it took longer")  # fmt: skip
    latest = max(changed, key=lambda one: one.last_new_day or 0)
    days = max(0, last - (latest.last_new_day or 0))
    return Feedback(float(days), True, n_overrides, f"a new {latest.column} came {counted(days, 'day')} before the end of the log; whether for what reviewers said, the log does not tell, so a target can be missed here and never met")  # fmt: skip


def _is_version(one: VersionChange, span: tuple[int, int]) -> bool:
    most = _MOST_VALUES_PER_DAY * (span[1] - span[0] + 1)
    return 0 < one.n_values <= max(most, 5) and one.last_new_day is not None


def _why(versions: tuple[VersionChange, ...]) -> str:
    many = [one.column for one in versions if one.n_values]
    if many:
        return f"{', '.join(many)} differ from decision to decision, so they name no version"
    return "no row names a version of workflow or prompt (`workflow_version`, `prompt_version`, `prompt_hash`)"


def _none(reason: str, n_overrides: int) -> Feedback:
    return Feedback(None, True, n_overrides, reason)
