"""A reviewer's votes as one signed document, and everything that can be wrong with it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from hitl.digest import canonical, digest
from hitl.review.parts import Packet, PacketItem, PacketRef, ReviewPlan
from hitl.review.tokens import is_signed, sign, unseal_share
from hitl.review.votes import Ballot, Vote
from hitl.review.words import Action, Mode

_UNSIGNED = "0"
_SHOWN = 16


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a ballot."""

    field: str
    """Place in the ballot, such as `votes[3]`; empty for the whole."""
    problem: str

    def __str__(self) -> str:
        return f"{self.field}: {self.problem}" if self.field else self.problem


def signed_ballot(packet: Packet, votes: Sequence[Vote], token: str, locked_at: str) -> Ballot:
    """Return the final votes of the reviewer whom a packet belongs to, signed with their token.

    Items without a vote stay missing. Votes are put in the order of item ids, so that their order tells nothing of
    the order in which items were shown.

    Args:
        packet: what the reviewer was shown.
        votes: at most one for each item.
        token: the reviewer's access token.
        locked_at: when the votes became final, in UTC, as `2026-05-18T12:00:00Z`.
    """
    ballot = Ballot(
        review_id=packet.review_id,
        reviewer=packet.reviewer,
        role=packet.role,
        packet_digest=digest(packet.model_dump(mode="json")),
        locked_at=locked_at,
        votes=tuple(sorted(votes, key=lambda vote: vote.item_id)),
        share=unseal_share(token, packet.review_id),
        signature=_UNSIGNED,
    )
    signature = sign(token, packet.review_id, signed_bytes(ballot))
    return ballot.model_copy(update={"signature": signature})


def signed_bytes(ballot: Ballot) -> bytes:
    """Return what a ballot's signature stands under: the canonical ballot without it."""
    return canonical(ballot.model_dump(mode="json", exclude={"signature"}))


def ballot_problems(ballot: Ballot, packet: Packet, plan: ReviewPlan) -> tuple[str, ...]:
    """Return everything that is wrong with a ballot, each with its place; empty if it counts."""
    return tuple(str(fault) for fault in ballot_faults(ballot, packet, plan))


def ballot_faults(ballot: Ballot, packet: Packet, plan: ReviewPlan) -> tuple[Fault, ...]:
    """Return everything that is wrong with a ballot; a blank is missing and no fault."""
    ref = next((ref for ref in plan.packets if ref.reviewer == ballot.reviewer), None)
    if ref is None:
        problem = f"{_short(ballot.reviewer)} is no reviewer of this review; put the ballot into the folder of its own"
        return (Fault("reviewer", problem), *_foreign(ballot, plan))
    return (
        *_foreign(ballot, plan),
        *_of_packet(ballot, packet, ref),
        *_late(ballot),
        *_of_votes(ballot, packet),
    )


def vote_problems(vote: Vote, item: PacketItem, mode: Mode) -> tuple[str, ...]:
    """Return what is wrong with a vote on an item, in words for the person who votes.

    A vote marks each output that is shown, once; it prefers one or calls a tie exactly where two are shown; and it
    says what is wrong with what it would modify or reject.
    """
    shown, marked = [side.side for side in item.sides], [mark.side for mark in vote.marks]
    problems = [f"say what you would do with output {side}" for side in shown if side not in marked]
    problems += [
        f"output {side} was not shown" for side in dict.fromkeys(marked) if side not in shown
    ]
    problems += [
        f"output {side} is marked {n} times; once is enough"
        for side, n in Counter(marked).items()
        if n > 1
    ]
    asks = mode is not Mode.SINGLE and len(shown) == 2
    if asks and vote.preference is None:
        problems.append("say which output is better, or that they are equally good")
    if not asks and vote.preference is not None:
        problems.append("a preference needs two outputs; one is shown")
    has_reason = bool(vote.reason.strip())
    problems += [
        f"say what is wrong with output {mark.side}: choose a category or write a reason"
        for mark in vote.marks
        if mark.action in (Action.MODIFY, Action.REJECT) and not (mark.category or has_reason)
    ]
    return tuple(problems)


def _foreign(ballot: Ballot, plan: ReviewPlan) -> Iterator[Fault]:
    if ballot.review_id != plan.review_id:
        found, expected = _short(ballot.review_id), _short(plan.review_id)
        yield Fault("review_id", f"a ballot of the review {found}; expected {expected}")


def _of_packet(ballot: Ballot, packet: Packet, ref: PacketRef) -> Iterator[Fault]:
    if packet.reviewer != ballot.reviewer:
        yield Fault(
            "reviewer",
            f"the packet is {_short(packet.reviewer)}'s, the ballot {_short(ballot.reviewer)}'s",
        )
    if ballot.role is not ref.role:
        yield Fault("role", f"found {ballot.role}; this reviewer is {ref.role}")
    if ballot.packet_digest != ref.packet_digest:
        yield Fault(
            "packet_digest",
            f"the votes are on another packet ({_short(ballot.packet_digest)}); expected {_short(ref.packet_digest)}: vote again on the packet of this review",
        )
    # What was signed is checked with the key of the plan, whatever the ballot says of itself.
    if not is_signed(ref.public_key, signed_bytes(ballot), ballot.signature):
        yield Fault(
            "signature",
            "does not fit: the ballot was edited, or signed with another token; ask the reviewer for the ballot as it was locked",
        )


def _late(ballot: Ballot) -> Iterator[Fault]:
    locked = _moment(ballot.locked_at)
    if locked is None:
        yield Fault("locked_at", f"{ballot.locked_at} is no date")
    for place, vote in enumerate(ballot.votes):
        decided = _moment(vote.decided_at)
        if decided is None:
            yield Fault(f"votes[{place}].decided_at", f"{vote.decided_at} is no date")
        elif locked is not None and decided > locked:
            yield Fault(
                f"votes[{place}].decided_at",
                f"decided at {vote.decided_at}, after the lock at {ballot.locked_at}",
            )


def _of_votes(ballot: Ballot, packet: Packet) -> Iterator[Fault]:
    items = {item.item_id: item for item in packet.items}
    times = Counter(vote.item_id for vote in ballot.votes)
    for item_id, n in times.items():
        if n > 1:
            yield Fault("votes", f"item {_short(item_id)} has {n} votes; expected one at most")
    for place, vote in enumerate(ballot.votes):
        item = items.get(vote.item_id)
        if item is None:
            yield Fault(
                f"votes[{place}].item_id", f"item {_short(vote.item_id)} is not in the packet"
            )
            continue
        for problem in vote_problems(vote, item, packet.mode):
            yield Fault(f"votes[{place}]", f"item {_short(vote.item_id)}: {problem}")


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _short(name: str) -> str:
    return name if len(name) <= _SHOWN else f"{name[:_SHOWN]}..."
