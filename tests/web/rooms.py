"""Reviews on disk, and people who vote in them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hitl.review.candidate import Candidate
from hitl.review.packed import Packed
from hitl.review.parts import PacketItem
from hitl.review.votes import SideMark
from hitl.review.words import Action, Choice, ErrorCategory, Role
from hitl.review.writing import write_review
from hitl.web.desk.desk import Desk, open_desk
from hitl.web.desk.voting import Sent
from tests.review.releases import packed, pairs

HALF_AN_HOUR = timedelta(minutes=30)


@dataclass
class HandClock:
    """A clock that stands still until it is moved."""

    at: datetime = field(default_factory=lambda: datetime(2026, 5, 18, 12, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Room:
    """A packed review in a folder."""

    folder: Path
    packed: Packed

    def who(self, name: str) -> str:
        return self._invited(name).reviewer

    def token(self, name: str) -> str:
        return self._invited(name).token

    def items(self, name: str) -> tuple[PacketItem, ...]:
        return self.packed.packets[self.who(name)].items

    @property
    def raters(self) -> list[str]:
        return [one.name for one in self.packed.invitations.invitations if one.role is Role.RATER]

    def _invited(self, name: str) -> Any:  # noqa: ANN401  # an invitation
        return next(one for one in self.packed.invitations.invitations if one.name == name)


def a_room(folder: Path, candidates: Sequence[Candidate] | None = None, **declared: Any) -> Room:  # noqa: ANN401  # of the rules
    review = packed(pairs(4) if candidates is None else candidates, **{"raters": 3} | declared)
    write_review(folder, review, with_invitations=False)
    return Room(folder, review)


@contextmanager
def at_desk(room: Room, clock: Callable[[], datetime] | None = None) -> Iterator[Desk]:
    desk = open_desk(room.folder, clock or HandClock(), HALF_AN_HOUR)
    try:
        yield desk
    finally:
        desk.store.close()


def judged(text: str) -> Action:
    """Approve what begins with `one`; reject all else."""
    return Action.APPROVE if text.startswith("one") else Action.REJECT


def a_sent(item: PacketItem, revision: int = 0, *, action: Action | None = None, reason: str = "") -> Sent:  # fmt: skip
    """Return a vote that follows the texts of an item, whatever their order."""
    actions = {side.side: action or judged(side.text) for side in item.sides}
    marks = tuple(
        SideMark(
            side=side,
            action=what,
            category=None if what is Action.APPROVE else ErrorCategory.WRONG,
        )
        for side, what in actions.items()
    )
    good = [side for side, what in actions.items() if what is Action.APPROVE]
    choice = Choice(good[0].value) if len(good) == 1 else Choice.TIE
    return Sent(revision, marks, choice if len(marks) == 2 else None, reason)
