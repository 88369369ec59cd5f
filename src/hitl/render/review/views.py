"""What the pages of a review are drawn from; the server and the packet without a server fill the same values."""

from dataclasses import dataclass

from hitl.review.parts import PacketItem
from hitl.review.votes import Vote
from hitl.review.words import Mode, Role


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page of one reviewer says."""

    title: str
    mode: Mode
    role: Role
    reviewer: str
    """Hash."""
    csrf: str
    """Token of the session's forms; empty on a packet without a server."""
    n_items: int
    """Items that this reviewer can still be asked about or has voted on."""
    n_done: int
    n_later: int = 0
    """Items that were put off."""


@dataclass(frozen=True, slots=True)
class OtherVote:
    """What a rater whose votes are locked said: shown to an adjudicator alone."""

    rater: str
    """`rater 1`, `rater 2`: numbered anew for each item."""
    actions: tuple[str, ...]
    """In the order in which the adjudicator sees the sides."""
    preference: str
    """A, B or tie, as the adjudicator sees the sides; empty without one."""
    reason: str


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item on its page.

    Names of form fields: `action_A`, `category_A`, `severity_A`, `right_answer_A` (and `_B`), `preference`, `reason`,
    `csrf`, `revision`; buttons are named `do` with the values `save`, `later`, `undo` and `confidence`.
    """

    frame: Frame
    item: PacketItem
    number: int
    """Its place in this reviewer's order, from 1."""
    vote: Vote | None
    """What was said before."""
    revision: int
    """Of what was said; a form that is older is refused, so that two open windows lose nothing."""
    shows_confidence: bool
    others: tuple[OtherVote, ...] = ()
    problems: tuple[str, ...] = ()
    """What was wrong with the form that was sent."""
    can_undo: bool = False
    """Whether something was saved that can be taken back."""
    is_draft: bool = False
    """Whether `vote` is what was typed or taken back, rather than what is saved."""
    before: str = ""
    """Item before it in this reviewer's order; empty if none."""
    after: str = ""
    """Item after it; empty if none."""


@dataclass(frozen=True, slots=True)
class ItemLink:
    """One item in a reviewer's list."""

    item_id: str
    number: int
    is_done: bool
    is_later: bool
    summary: str
    """What was said, such as `A approve, B reject, prefers A`; empty if nothing was."""


@dataclass(frozen=True, slots=True)
class ListView:
    """A reviewer's progress and what is left, with the way to lock."""

    frame: Frame
    items: tuple[ItemLink, ...]
    can_lock: bool
    waiting: str = ""
    """Why nothing can be done now, such as an adjudicator's items whose raters have not locked; empty otherwise."""
    problems: tuple[str, ...] = ()
    is_locked: bool = False
    is_closed: bool = False
    """Whether voting has ended without this reviewer's lock; `waiting` says why."""
