"""What is said of reviewers: one document."""

from enum import StrEnum
from typing import Literal

from hitl.digest import digest
from hitl.document.schema import Count, Document


class SignName(StrEnum):
    """What is looked at."""

    CHANGE = "change"
    """The override rate moved otherwise than the others' did since the model changed."""
    DRIFT = "drift"
    """The override rate moved otherwise than the others' did while the model stayed."""
    APPROVES = "approves"
    """Approves more than the others do."""
    FAST = "fast"
    """More of the approvals take less time than it takes to read a line."""
    ESCALATES = "escalates"
    """Escalates more than the others do."""
    PLANTED = "planted"
    """Lets planted errors through."""


class SignState(StrEnum):
    """What was found."""

    ALARM = "alarm"
    """Beyond chance and beyond how much the others differ, all tests together counted."""
    QUIET = "quiet"
    """Not beyond that: no proof that nothing is there."""
    UNKNOWN = "unknown"
    """Cannot be said; never fine."""


class Part(Document):
    """So many of so many."""

    k: Count
    """Those that show it."""
    n: Count
    """Decisions that could."""


class Sign(Document):
    """One thing that was looked at in one reviewer's decisions."""

    name: SignName
    """What."""
    state: SignState
    """What was found."""
    mine: Part
    """The reviewer's; for change and drift in the later time."""
    mine_before: Part | None = None
    """In the earlier time."""
    peers: Part
    """All others'; for change and drift in the later time."""
    peers_before: Part | None = None
    """In the earlier time."""
    ratio: float | None
    """Odds ratio beside the others', within action types and pools; for change and drift ratio of odds ratios."""
    low: float | None
    """Its lower limit."""
    high: float | None
    """Its upper limit."""
    p_value: float | None
    """Of one test by itself."""
    p_adjusted: float | None
    """Corrected for all tests of all reviewers (Holm)."""
    n_peers: Count
    """Reviewers that it is held against."""
    message: str
    """In one sentence."""
    examples: tuple[str, ...] = ()
    """Decisions to talk about, by id."""


class Reviewer(Document):
    """One reviewer."""

    reviewer: str
    """As the log names them, or a hash."""
    pools: tuple[str, ...]
    """Where they decide."""
    n: Count
    """Decisions on which they acted."""
    longest_run: Count
    """Longest unbroken run of approvals in one pool."""
    signs: tuple[Sign, ...]
    """What was looked at."""

    @property
    def alarms(self) -> tuple[Sign, ...]:
        """Signs that stand out."""
        return tuple(sign for sign in self.signs if sign.state is SignState.ALARM)


class ReviewersReport(Document):
    """`hitl review reviewers`: who decides otherwise than the others."""

    format: Literal["hitl/reviewers/v1"] = "hitl/reviewers/v1"
    """`hitl/reviewers/v1`."""
    sources: tuple[str, ...]
    """Logs that were read."""
    previous: str | None
    """Model before the change; None where there is none."""
    model: str | None
    """Model after it, or the only one."""
    alarm_rate: float
    """Chance of any false alarm, where everybody decides alike but for chance and the usual spread between people."""
    confidence: float
    """Of every interval, by itself."""
    n_tests: Count
    """Tests that the alarm rate is shared by."""
    reviewers: tuple[Reviewer, ...]
    """Those with alarms first, then by name."""
    n_unnamed: Count
    """Decisions of people that name nobody."""
    is_hashed: bool
    """Whether names are hashes."""
    notes: tuple[str, ...]
    """What is assumed and what cannot be said."""

    def hashed(self) -> "ReviewersReport":
        """Return the report with a hash for each name."""
        named = (
            one.model_copy(update={"reviewer": digest(["reviewer", one.reviewer])[:12]})
            for one in self.reviewers
        )
        ordered = sorted(named, key=lambda one: (not one.alarms, one.reviewer))
        return self.model_copy(update={"reviewers": tuple(ordered), "is_hashed": True})
