"""What the API takes and gives."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from hitl.document.schema import LARGEST_COUNT
from hitl.golden.case import Severity
from hitl.review.votes import LONGEST_TEXT, SideMark, Vote
from hitl.review.words import Action, Choice, ErrorCategory, Mode, Role, SideName
from hitl.web.desk.locking import LONGEST_TOKEN

Text = Annotated[str, Field(max_length=LONGEST_TEXT)]


class Taken(BaseModel):
    """What a request's body holds."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True
    )


class Given(BaseModel):
    """What an answer's body holds."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


# JSON has texts where Python has members of a closed set; all else stays strict.
_Side = Annotated[SideName, Field(strict=False)]
_Action = Annotated[Action, Field(strict=False)]
_Category = Annotated[ErrorCategory, Field(strict=False)]
_Severity = Annotated[Severity, Field(strict=False)]
_Choice = Annotated[Choice, Field(strict=False)]


class MarkIn(Taken):
    """What is said of one output."""

    side: _Side
    """The output, as it was shown."""
    action: _Action
    """What you would do with it."""
    category: _Category | None = None
    """What is wrong with it."""
    severity: _Severity | None = None
    """How bad that is."""
    right_answer: Text = ""
    """What would have been right."""

    def mark(self) -> SideMark:
        """Return it as the ballot holds it."""
        return SideMark(
            side=self.side,
            action=self.action,
            category=self.category,
            severity=self.severity,
            right_answer=self.right_answer,
        )


class VoteIn(Taken):
    """A vote to save."""

    revision: Annotated[int, Field(ge=0, le=LARGEST_COUNT)]
    """Revision of the item that was shown; an older one is refused."""
    marks: Annotated[list[MarkIn], Field(min_length=1, max_length=2)]
    """One for each output."""
    preference: _Choice | None = None
    """Which output is better; only where two are shown."""
    reason: Text = ""
    """Why."""


class LockIn(Taken):
    """The signature."""

    token: Annotated[str, Field(min_length=1, max_length=LONGEST_TOKEN)]
    """Your access token."""
    accept_blanks: bool = False
    """Whether items without a vote may stay so."""


class Problems(Given):
    """What is wrong."""

    problems: list[str]
    """Each in a sentence."""
    revision: int | None = None
    """Where another window has saved: the revision that stands."""
    saved: Vote | None = None
    """Where another window has saved: what stands."""


class Saved(Given):
    """A vote is on disk."""

    revision: int
    """The new one."""
    seconds: float | None
    """Time that the item took so far."""


class Next(Given):
    """Where to go on."""

    item_id: str | None
    """None: nothing is left."""


class Locked(Given):
    """The votes are final."""

    locked_at: str
    """When, in UTC."""


class ItemInList(Given):
    """One item of the list."""

    item_id: str
    number: int
    """Its place in your order, from 1."""
    is_done: bool
    is_later: bool
    summary: str
    """What you said of it."""


class Progress(Given):
    """How far you are."""

    title: str
    mode: Mode
    role: Role
    reviewer: str
    """Hash that stands for you."""
    csrf: str
    """What the header X-CSRF-Token of every write must hold."""
    n_items: int
    n_done: int
    n_later: int
    can_lock: bool
    is_locked: bool
    waiting: str
    """Why nothing can be done now."""
    items: list[ItemInList]


class SideOut(Given):
    """One output."""

    side: SideName
    text: str
    tool_calls: str
    confidence: float | None
    """None until it is asked for."""
    label: str


class OtherOut(Given):
    """What a rater said, for an adjudicator."""

    rater: str
    actions: list[str]
    """In the order of your sides."""
    preference: str
    reason: str


class ItemOut(Given):
    """One item."""

    item_id: str
    number: int
    input: str
    context: str
    sides: list[SideOut]
    revision: int
    """Send it with the vote."""
    vote: Vote | None
    """What stands."""
    shows_confidence: bool
    others: list[OtherOut]
    can_undo: bool
