"""Opening, saving, putting off, taking back: each is one transaction, so that a crash leaves all of it or nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from sqlite3 import Connection

from hitl.render.review.views import OtherVote
from hitl.review.ballot import vote_problems
from hitl.review.parts import PacketItem
from hitl.review.votes import SideMark, Vote
from hitl.review.words import Action, Choice
from hitl.web.desk.desk import Desk, written
from hitl.web.desk.refusals import StaleError, TakenError, UnfitError
from hitl.web.desk.sight import Sight, claim, must_be_open, sight
from hitl.web.store.notes import (
    ask_confidence,
    asked_confidence,
    give_back,
    put_off,
    reserve,
    take_up,
)
from hitl.web.store.signs import Sign, add_sign, seconds_on
from hitl.web.store.votes import Standing, add_vote, has_saved, take_back, times_saved


@dataclass(frozen=True, slots=True)
class Sent:
    """What a reviewer wants to save."""

    revision: int
    """Of what they saw when they began."""
    marks: tuple[SideMark, ...]
    preference: Choice | None
    reason: str


@dataclass(frozen=True, slots=True)
class Opened:
    """One item in front of a reviewer."""

    item: PacketItem
    number: int
    standing: Standing
    shows_confidence: bool
    others: tuple[OtherVote, ...]
    can_undo: bool
    sight: Sight


def open_item(desk: Desk, reviewer: str, item_id: str, *, is_again: bool = False) -> Opened:
    """Put an item in front of a reviewer: its time begins, and it is kept for them.

    Args:
        desk: the review.
        reviewer: who asks.
        item_id: what for.
        is_again: the same work goes on, as after a form that was not accepted; no new opening is noted.
    """
    with desk.store.writing() as connection:
        must_be_open(desk, connection, reviewer)
        number, item = desk.place(reviewer, item_id)
        seen = claim(desk, connection, reviewer, item_id)
        kind = Sign.ALIVE if is_again else Sign.OPENED
        add_sign(connection, reviewer, item_id, kind, desk.now())
        return Opened(
            item,
            number,
            seen.standings.get(item_id, Standing()),
            asked_confidence(connection, reviewer, item_id),
            seen.others.get(item_id, ()),
            has_saved(connection, reviewer),
            seen,
        )


def save(desk: Desk, reviewer: str, item_id: str, sent: Sent) -> Standing:
    """Save a vote.

    What stands already is accepted again without being saved twice: an answer may have been lost on the way.

    Raises:
        RefusedError: it cannot be saved; see its branches.
    """
    with desk.store.writing() as connection:
        must_be_open(desk, connection, reviewer)
        _, item = desk.place(reviewer, item_id)
        # No new reservation: saving ends the one there was, and needs no other if there is room.
        seen = sight(desk, connection, reviewer)
        standing = seen.standings.get(item_id, Standing())
        if not seen.holds(item_id):
            raise TakenError(
                "your time for this item ran out and others have taken it: it has all its raters, so your vote is not"
                " needed and was not saved; go on with the next one of your list"
            )
        vote = _vote(connection, reviewer, item, sent, desk.now())
        if standing.vote is not None and says_the_same(standing.vote, vote):
            return standing
        if sent.revision != standing.revision:
            raise StaleError(standing, vote)
        problems = vote_problems(vote, item, desk.packet(reviewer).mode)
        if problems:
            raise UnfitError(*problems)
        return _add(desk, connection, reviewer, vote, standing.revision + 1)


def put_off_item(desk: Desk, reviewer: str, item_id: str) -> None:
    """Leave an item for later, and give it back to whoever comes."""
    with desk.store.writing() as connection:
        must_be_open(desk, connection, reviewer)
        desk.place(reviewer, item_id)
        add_sign(connection, reviewer, item_id, Sign.PUT_OFF, desk.now())
        if not sight(desk, connection, reviewer).has_vote(item_id):
            put_off(connection, reviewer, item_id)
        give_back(connection, reviewer, item_id)


def note_alive(desk: Desk, reviewer: str, item_id: str) -> None:
    """Note a sign of life: the item stays reserved."""
    with desk.store.writing() as connection:
        must_be_open(desk, connection, reviewer)
        claim(desk, connection, reviewer, item_id)
        add_sign(connection, reviewer, item_id, Sign.ALIVE, desk.now())


def show_confidence(desk: Desk, reviewer: str, item_id: str) -> None:
    """Show the stated confidence from now on, and remember with the vote that it was seen."""
    with desk.store.writing() as connection:
        must_be_open(desk, connection, reviewer)
        claim(desk, connection, reviewer, item_id)
        ask_confidence(connection, reviewer, item_id)
        add_sign(connection, reviewer, item_id, Sign.ALIVE, desk.now())


def undo(desk: Desk, reviewer: str) -> str | None:
    """Take back the last save and return its item; None where there is none."""
    with desk.store.writing() as connection:
        must_be_open(desk, connection, reviewer)
        item_id = take_back(connection, reviewer, desk.now())
        if item_id is not None and desk.is_open and desk.is_rater(reviewer):
            # The place that the vote held stays with them: what is taken back is shown again.
            until = desk.now() + desk.reservation.total_seconds()
            reserve(connection, reviewer, item_id, until)
        return item_id


def next_item(desk: Desk, reviewer: str, *, skipping: str = "") -> str | None:
    """Return the next item without a vote, kept for this reviewer; None where nothing is left."""
    with desk.store.writing() as connection:
        if desk.is_locked(connection, reviewer) or desk.closed(reviewer):
            return None
        seen = sight(desk, connection, reviewer)
        item_id = next((name for name in seen.blanks() if name != skipping), None)
        if item_id is not None:
            claim(desk, connection, reviewer, item_id)
        return item_id


def _vote(connection: Connection, reviewer: str, item: PacketItem, sent: Sent, at: float) -> Vote:
    return Vote(
        item_id=item.item_id,
        marks=_in_order(sent.marks),
        preference=sent.preference,
        reason=sent.reason,
        decided_at=written(at),
        saw_confidence=asked_confidence(connection, reviewer, item.item_id),
        revisions=times_saved(connection, reviewer, item.item_id),
    )


def _in_order(marks: Iterable[SideMark]) -> tuple[SideMark, ...]:
    """Sides in their order; what is approved has no error, though one may have been chosen before."""
    none = {"category": None, "severity": None, "right_answer": ""}
    clean = (
        mark.model_copy(update=none) if mark.action is Action.APPROVE else mark for mark in marks
    )
    return tuple(sorted(clean, key=lambda mark: mark.side))


def says_the_same(one: Vote, other: Vote) -> bool:
    """Return whether two votes differ in nothing that a person chose or wrote."""
    said = ("marks", "preference", "reason")
    return all(getattr(one, name) == getattr(other, name) for name in said)


def _add(desk: Desk, connection: Connection, reviewer: str, vote: Vote, revision: int) -> Standing:
    at = desk.now()
    add_sign(connection, reviewer, vote.item_id, Sign.SAVED, at)
    idle = desk.review.plan.rules.idle_seconds
    seconds = seconds_on(connection, reviewer, vote.item_id, idle)
    timed = vote.model_copy(update={"seconds": seconds, "decided_at": written(at)})
    add_vote(connection, reviewer, timed, revision, at)
    take_up(connection, reviewer, vote.item_id)
    give_back(connection, reviewer, vote.item_id)
    return Standing(revision, timed)
