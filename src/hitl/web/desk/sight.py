"""What one reviewer can be asked about at one moment, and what comes next.

Fixed assignment: the items of their packet. Open assignment: items on which they have voted, and items on which votes and
reservations of others leave room for one more rater. Adjudicators: what raters leave unsettled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from sqlite3 import Connection

from hitl.render.review.views import OtherVote
from hitl.review.parts import PacketItem
from hitl.web.desk.desk import Desk
from hitl.web.desk.refusals import ClosedError, LockedError, TakenError
from hitl.web.desk.settling import docket, waiting
from hitl.web.store.notes import put_offs, reserve, reserved
from hitl.web.store.votes import Standing, standings, voters


@dataclass(frozen=True, slots=True)
class Sight:
    """A reviewer's own view of the review."""

    items: tuple[PacketItem, ...]
    """What they can be asked about, or have voted on, in their order."""
    standings: Mapping[str, Standing]
    later: tuple[str, ...]
    """What they put off, the longest waiting first."""
    others: Mapping[str, tuple[OtherVote, ...]]
    """For an adjudicator: what raters said."""
    waiting: str
    """Why nothing can be done now."""
    may_lock: bool

    def has_vote(self, item_id: str) -> bool:
        """Return whether there is a vote on an item."""
        standing = self.standings.get(item_id)
        return standing is not None and standing.vote is not None

    def blanks(self) -> list[str]:
        """Return the items that still lack a vote, in the order in which they are offered."""
        blank = [item.item_id for item in self.items if not self.has_vote(item.item_id)]
        postponed = [item_id for item_id in self.later if item_id in blank]
        return [item_id for item_id in blank if item_id not in postponed] + postponed

    def holds(self, item_id: str) -> bool:
        """Return whether they can be asked about an item."""
        return any(item.item_id == item_id for item in self.items)


def sight(desk: Desk, connection: Connection, reviewer: str) -> Sight:
    """Return what a reviewer sees now."""
    said = standings(connection, reviewer)
    later = put_offs(connection, reviewer)
    items = desk.packet(reviewer).items
    if not desk.is_rater(reviewer):
        found = docket(desk, reviewer)
        items = tuple(item for item in items if item.item_id in found.others)
        return Sight(items, said, later, found.others, waiting(found), found.is_complete)
    if desk.is_open:
        full = _full(desk, connection, reviewer)
        items = tuple(
            item
            for item in items
            if item.item_id not in full or said.get(item.item_id, Standing()).vote is not None
        )
    return Sight(items, said, later, {}, "", may_lock=True)


def must_be_open(desk: Desk, connection: Connection, reviewer: str) -> None:
    """Make sure that a reviewer can still vote and lock.

    Raises:
        LockedError: their votes are final.
        ClosedError: voting has ended without them.
    """
    if desk.is_locked(connection, reviewer):
        raise LockedError
    if why := desk.closed(reviewer):
        raise ClosedError(why)


def claim(desk: Desk, connection: Connection, reviewer: str, item_id: str) -> Sight:
    """Make sure that a reviewer may work on an item, and keep it for them where others could take it.

    Raises:
        NoSuchItemError: it is not theirs.
        TakenError: others have it, or its raters are not done.
    """
    desk.place(reviewer, item_id)
    seen = sight(desk, connection, reviewer)
    if not seen.holds(item_id):
        raise TakenError(_why_not(desk, reviewer))
    if desk.is_open and desk.is_rater(reviewer) and not seen.has_vote(item_id):
        reserve(connection, reviewer, item_id, desk.now() + desk.reservation.total_seconds())
    return seen


def _full(desk: Desk, connection: Connection, reviewer: str) -> set[str]:
    """Return the items that others have taken, by votes or for the moment."""
    voted, kept = voters(connection), reserved(connection, desk.now())
    raters = {name for name in desk.refs if desk.is_rater(name) and name != reviewer}
    offline = {
        name: {vote.item_id for vote in ballot.votes}
        for name, ballot in desk.box.ballots().items()
        if name in raters
    }
    full = set()
    for item in desk.packet(reviewer).items:
        name = item.item_id
        there = (voted.get(name, set()) | kept.get(name, set())) & raters
        there |= {rater for rater, theirs in offline.items() if name in theirs}
        if len(there) >= desk.review.plan.rules.raters:
            full.add(name)
    return full


def _why_not(desk: Desk, reviewer: str) -> str:
    if desk.is_rater(reviewer):
        return "others have taken this item meanwhile, and it has all its raters; go on with the next one of your list"
    return "this item is not yours to settle: its raters are not all done, or they agree"
