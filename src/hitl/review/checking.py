"""Whether the ballots of a review can be counted: nothing forged, foreign or twice, and nothing owed."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from hitl.errors import DocumentError, EvidenceError, Mistake
from hitl.review.ballot import ballot_faults
from hitl.review.folder import ReviewFolder
from hitl.review.parts import PacketRef
from hitl.review.words import Assignment, Role

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Owed:
    """What one reviewer still owes."""

    reviewer: str
    role: Role
    is_locked: bool
    n_owed: int
    """Votes that they were to give; 0 where items go to whoever comes, and for adjudicators."""
    n_blank: int
    """Those that they did not give."""


def check_ballots(review: ReviewFolder) -> None:
    """Refuse ballots that cannot count.

    Raises:
        DocumentError: every fault of every ballot, with file and field.
    """
    mistakes = []
    known = {ref.reviewer for ref in review.plan.packets}
    authors = Counter(ballot.reviewer for ballot in review.ballots.values())
    for name, ballot in sorted(review.ballots.items()):
        file = str(review.path / "ballots" / f"{name}.json")
        if authors[ballot.reviewer] > 1:
            problem = f"{authors[ballot.reviewer]} ballots of this reviewer; expected one: nobody can say which was meant, so keep the one that was locked and remove the other"
            mistakes.append(Mistake(file, 0, "reviewer", problem))
        if ballot.reviewer != name:
            problem = f"the ballot of {ballot.reviewer[:16]} stands under another name; expected {ballot.reviewer[:16]}....json"
            mistakes.append(Mistake(file, 0, "reviewer", problem))
        packet = review.packets.get(ballot.reviewer)
        if packet is None and ballot.reviewer in known:
            mistakes.append(Mistake(file, 0, "reviewer", "the packet of this reviewer is missing"))
            continue
        any_packet = packet or next(iter(review.packets.values()))
        faults = ballot_faults(ballot, any_packet, review.plan)
        mistakes += [Mistake(file, 0, fault.field, fault.problem) for fault in faults]
    if mistakes:
        raise DocumentError(mistakes)


def owed(review: ReviewFolder) -> tuple[Owed, ...]:
    """Return what each reviewer owes, in the order of the plan; items with a known answer count as any other."""
    return tuple(_owed_by(review, ref) for ref in review.plan.packets)


def n_open_votes(review: ReviewFolder) -> int:
    """Return how many votes items still lack where they go to whoever comes; 0 where each has its raters."""
    rules = review.plan.rules
    if rules.assignment is not Assignment.OPEN:
        return 0
    raters = {ref.reviewer for ref in review.plan.packets if ref.role is Role.RATER}
    given = Counter(
        vote.item_id
        for ballot in review.ballots.values()
        if ballot.reviewer in raters
        for vote in ballot.votes
    )
    items = {
        item.item_id
        for reviewer, packet in review.packets.items()
        if reviewer in raters
        for item in packet.items
    }
    return sum(max(0, rules.raters - given[item_id]) for item_id in items)


def check_complete(review: ReviewFolder, stand_ins: Collection[str]) -> None:
    """Refuse to count before all votes are in.

    Args:
        review: with ballots that count.
        stand_ins: reviewers who never locked and whose part of the key is there all the same; an adjudicator among
            them is not waited for.

    Raises:
        EvidenceError: who owes how much, and what to do.
    """
    found = lacking(review, stand_ins)
    if not found:
        return
    shown = "; ".join(found[:_SHOWN]) + ("; ..." if len(found) > _SHOWN else "")
    raise EvidenceError(
        f"{review.path}: the review is not closed: {shown}; let them finish and lock, leave somebody out for good with --without NAME, or count what is there with --partial, which opens the key and ends the voting"
    )


def check_partial(review: ReviewFolder, stand_ins: Collection[str]) -> None:
    """Refuse to count a part where the key cannot open.

    Raises:
        EvidenceError: whose part of the key is missing, and what to do.
    """
    missing = [
        ref.reviewer[:16]
        for ref in review.plan.packets
        if ref.reviewer not in review.ballots and ref.reviewer not in stand_ins
    ]
    if missing:
        raise EvidenceError(
            f"{review.path}: the key opens only with a part from every reviewer, and {', '.join(missing)} never locked; leave them out with --without REVIEWER, which takes their part from invitations.json"
        )


def lacking(review: ReviewFolder, stand_ins: Collection[str]) -> tuple[str, ...]:
    """Return what is owed, in words; empty if the review is closed. Arguments as of `check_complete`."""
    return tuple(_lacking(review, stand_ins))


def _lacking(review: ReviewFolder, stand_ins: Collection[str]) -> Iterator[str]:
    for one in owed(review):
        if not one.is_locked:
            if one.role is Role.ADJUDICATOR and one.reviewer in stand_ins:
                continue
            votes = f" and owes {one.n_owed} votes" if one.n_owed else ""
            yield f"{one.role} {one.reviewer[:16]} has not locked{votes}"
        elif one.n_blank:
            yield f"{one.role} {one.reviewer[:16]} left {one.n_blank} of {one.n_owed} items blank"
    if n := n_open_votes(review):
        yield f"items lack {n} votes of {review.plan.rules.raters} each"


def _owed_by(review: ReviewFolder, ref: PacketRef) -> Owed:
    ballot = review.ballots.get(ref.reviewer)
    is_fixed = review.plan.rules.assignment is Assignment.FIXED and ref.role is Role.RATER
    packet = review.packets.get(ref.reviewer)
    n_owed = len(packet.items) if packet and is_fixed else 0
    n_given = len(ballot.votes) if ballot else 0
    return Owed(ref.reviewer, ref.role, ballot is not None, n_owed, max(0, n_owed - n_given))
