"""The desk: one review with its packets, what was said so far, and the clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from sqlite3 import Connection

from hitl.review.folder import VOTES, ReviewFolder, load_review
from hitl.review.parts import Packet, PacketItem, PacketRef
from hitl.review.sides import look_digest
from hitl.review.words import Assignment, Role, SideName
from hitl.web.desk.ballots import BallotBox, settle_ballots
from hitl.web.desk.refusals import NoSuchItemError
from hitl.web.store.database import Store, open_store
from hitl.web.store.notes import locks


@dataclass(frozen=True)
class Desk:
    """Where reviewers come to work."""

    review: ReviewFolder
    store: Store
    box: BallotBox
    clock: Callable[[], datetime]
    """Asked for every time that is noted."""
    reservation: timedelta
    """For how long an item is kept for the reviewer who opened it, where whoever comes takes the next."""

    def now(self) -> float:
        """Return the time, in seconds since 1970."""
        return self.clock().timestamp()

    @cached_property
    def refs(self) -> Mapping[str, PacketRef]:
        """Reviewers by hash."""
        return {ref.reviewer: ref for ref in self.review.plan.packets}

    @cached_property
    def items(self) -> Mapping[str, Mapping[str, tuple[int, PacketItem]]]:
        """Items with their places, from 1, by reviewer and name."""
        return {
            reviewer: {item.item_id: (at, item) for at, item in enumerate(packet.items, 1)}
            for reviewer, packet in self.review.packets.items()
        }

    @cached_property
    def _looks(self) -> dict[tuple[str, str], Mapping[SideName, str]]:
        return {}

    def outputs(self, reviewer: str, item_id: str) -> Mapping[SideName, str]:
        """Return what each side of an item shows as a digest, the same in everybody's packet."""
        known = self._looks.get((reviewer, item_id))
        if known is None:
            _, item = self.place(reviewer, item_id)
            known = {side.side: look_digest(side.text, side.tool_calls) for side in item.sides}
            self._looks[reviewer, item_id] = known
        return known

    @property
    def is_open(self) -> bool:
        """Whether whoever comes takes the next item."""
        return self.review.plan.rules.assignment is Assignment.OPEN

    def packet(self, reviewer: str) -> Packet:
        """Return what a reviewer is to look at."""
        return self.review.packets[reviewer]

    def place(self, reviewer: str, item_id: str) -> tuple[int, PacketItem]:
        """Return an item of a reviewer with its place in their order.

        Raises:
            NoSuchItemError: it is not theirs.
        """
        found = self.items[reviewer].get(item_id)
        if found is None:
            raise NoSuchItemError
        return found

    def is_rater(self, reviewer: str) -> bool:
        """Return whether somebody rates, rather than settles what raters leave open."""
        return self.refs[reviewer].role is Role.RATER

    def is_locked(self, connection: Connection, reviewer: str) -> bool:
        """Return whether a reviewer's votes are final: for good, even where their ballot was taken out of the folder."""
        return self.box.has(reviewer) or reviewer in locks(connection)

    def closed(self, reviewer: str) -> str:
        """Return why a reviewer can neither vote nor lock any more; empty where they can."""
        if self.box.is_released(reviewer):
            return (
                "the review goes on without you: you were left out, and your part of what opens the key was released,"
                " so that nothing you say now would be blind; ask the lead if that is a mistake"
            )
        if self.box.is_opened():
            return (
                "the review was merged and its key is open, so that nothing you say now would be blind:"
                " voting has ended; ask the lead if that is a mistake"
            )
        return ""


def open_desk(folder: Path, clock: Callable[[], datetime], reservation: timedelta) -> Desk:
    """Open a review where it stopped; the caller closes its store.

    Raises:
        DocumentError: the folder holds no sound review, or the votes of another.
        UsageError: the file of votes cannot be written.
    """
    review = load_review(folder)
    store = open_store(folder / VOTES, review.plan.review_id)
    box = BallotBox(folder, review.plan, review.packets)
    settle_ballots(store, box)
    return Desk(review, store, box, clock, reservation)


def written(seconds: float) -> str:
    """Return a time as documents write it.

    >>> written(0.5)
    '1970-01-01T00:00:00.500000Z'
    """
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
