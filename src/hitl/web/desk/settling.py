"""What adjudicators settle: items whose raters are all locked, have voted in numbers enough, and found no majority.

It is the merge's own rule of a majority. Until then an adjudicator sees neither the item nor a vote on it. Raters whom the merge leaves out, because they fail
the items with a known answer, count here: which those items are is sealed. The merge lists what then still is open.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from hitl.render.review.views import OtherVote
from hitl.review.consensus import majority
from hitl.review.parts import PacketItem
from hitl.review.votes import Vote
from hitl.review.words import Choice, SideName
from hitl.web.desk.desk import Desk


@dataclass(frozen=True, slots=True)
class Docket:
    """What there is to settle."""

    others: Mapping[str, tuple[OtherVote, ...]]
    """Items without a majority, with what their raters said."""
    n_raters: int
    n_locked: int
    """Raters whose votes are final."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing more can come."""
        return self.n_locked == self.n_raters


@dataclass(frozen=True, slots=True)
class _Said:
    """One rater's vote in words that hold for every order of the sides."""

    rater: str
    actions: Mapping[str, str]
    """By digest of the output."""
    preference: str | None
    """Digest of the better output, or `tie`."""
    reason: str


def docket(desk: Desk, adjudicator: str) -> Docket:
    """Return what an adjudicator can settle now."""
    raters = [reviewer for reviewer in desk.refs if desk.is_rater(reviewer)]
    ballots = {name: one for name, one in desk.box.ballots().items() if name in raters}
    votes = {name: {vote.item_id: vote for vote in one.votes} for name, one in ballots.items()}
    others = {}
    for item in desk.packet(adjudicator).items:
        theirs = _raters_of(desk, item.item_id, raters)
        if theirs and all(name in ballots for name in theirs):
            said = [
                _said(name, vote, desk.outputs(name, item.item_id))
                for name in theirs
                if (vote := votes[name].get(item.item_id)) is not None
            ]
            outputs = desk.outputs(adjudicator, item.item_id)
            if _is_open(said, outputs.values(), desk.review.plan.rules.raters):
                others[item.item_id] = _shown(said, item, outputs)
    return Docket(others, len(raters), len(ballots))


def _raters_of(desk: Desk, item_id: str, raters: Sequence[str]) -> list[str]:
    """Where whoever comes takes the next item, every rater could still vote until locked."""
    return [name for name in raters if item_id in desk.items[name]]


def _said(rater: str, vote: Vote, outputs: Mapping[SideName, str]) -> _Said:
    preference: str | None = None
    match vote.preference:
        case Choice.TIE:
            preference = Choice.TIE
        case Choice.A | Choice.B:
            preference = outputs[SideName(vote.preference)]
        case None:
            pass
    actions = {outputs[mark.side]: str(mark.action) for mark in vote.marks}
    return _Said(rater, actions, preference, vote.reason)


def _is_open(said: Sequence[_Said], outputs: Iterable[str], raters: int) -> bool:
    if 2 * len(said) <= raters:
        return False
    asked = [[one.actions.get(output, "") for one in said] for output in outputs]
    preferences = [one.preference for one in said if one.preference is not None]
    if preferences:
        asked.append(preferences)
    return any(majority(answers, raters) is None for answers in asked)


def _shown(
    said: Iterable[_Said], item: PacketItem, names: Mapping[SideName, str]
) -> tuple[OtherVote, ...]:
    sides = {output: str(side) for side, output in names.items()} | {str(Choice.TIE): "tie"}
    # In an order that says nothing of who is who from one item to the next.
    turn = sorted(said, key=lambda one: sha256(f"{item.item_id}/{one.rater}".encode()).digest())
    return tuple(
        OtherVote(
            rater=f"rater {number}",
            actions=tuple(one.actions.get(output, "") for output in names.values()),
            preference="" if one.preference is None else sides[one.preference],
            reason=one.reason,
        )
        for number, one in enumerate(turn, 1)
    )


def waiting(docket: Docket) -> str:
    """Return why an adjudicator must wait, or what is left to do when nothing is to be settled."""
    if not docket.is_complete:
        return (
            f"{docket.n_locked} of {docket.n_raters} raters have locked their votes; an item comes to you when all its"
            " raters have and they do not agree: look again later"
        )
    if not docket.others:
        return "all raters have locked and agree: nothing is left to settle; lock, so that the key can be opened"
    return ""
