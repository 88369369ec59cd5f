"""From votes on A and B to votes on the arms, once the key is open."""

from collections.abc import Iterable, Mapping

from hitl.digest import digest_bytes
from hitl.errors import DocumentError, EvidenceError, Mistake, UsageError
from hitl.review.folder import ReviewFolder
from hitl.review.misfits import misfits
from hitl.review.parts import KeyItem, KeySide, Packet, ReviewKey
from hitl.review.seal import unseal
from hitl.review.votes import RatedItem, RatedVote, Vote
from hitl.review.words import Action, Choice, Outcome, SideName
from hitl.run.arm import Arm


def open_key(review: ReviewFolder, shares: Mapping[str, str]) -> ReviewKey:
    """Open the sealed key with the parts of all reviewers.

    Args:
        review: the folder, with its ballots.
        shares: parts of reviewers who never locked, by reviewer; of the others the ballots hold them.

    Raises:
        EvidenceError: it does not open.
        DocumentError: what it holds does not fit the packets.
        UsageError: a part is of nobody in this review.
    """
    known = {ref.reviewer for ref in review.plan.packets}
    if strangers := sorted(set(shares) - known):
        raise UsageError(f"{strangers[0][:16]} is no reviewer of {review.path}; the parts of the key are those of its reviewers")  # fmt: skip
    if digest_bytes(review.sealed) != review.plan.key_digest:
        raise EvidenceError(f"{review.path / 'key.sealed'}: not the key that the packets were committed to; restore it from where the review was packed")  # fmt: skip
    parts = dict(shares) | {ballot.reviewer: ballot.share for ballot in review.ballots.values()}
    key = unseal(review.sealed, sorted(parts.values()), review.plan.review_id)
    problems = list(misfits(key, review))
    if problems:
        file = str(review.path / "key.sealed")
        raise DocumentError([Mistake(file, 0, "", problem) for problem in problems])
    return key


def rated_item(item: KeyItem, votes: Iterable[RatedVote]) -> RatedItem:
    """Return an unsealed item with its votes in the order of reviewers; nothing is concluded from them yet."""
    arms = [arm for side in item.sides for arm in side.arms]
    return RatedItem(
        item_id=item.item_id,
        case_id=item.case_id,
        subset=item.subset,
        cluster=item.cluster,
        repeat=item.repeat,
        case_digest=item.case_digest,
        severity=item.severity,
        probability=item.probability,
        scopes=item.scopes,
        replies={arm: side.replies[arm] for side in item.sides for arm in side.arms},
        confidence={arm: c for side in item.sides for arm, c in side.confidence.items()},
        action_type={arm: kind for side in item.sides for arm, kind in side.action_type.items()},
        is_identical=len(item.sides) == 1 and len(arms) == 2,
        votes=tuple(sorted(votes, key=lambda vote: vote.reviewer)),
        consensus={},
        outcome=None,
    )


def rated_vote(vote: Vote, item: KeyItem, packet: Packet, key: ReviewKey) -> RatedVote:
    """Return what a reviewer said of each arm.

    An output that stands for both arms gives its mark to both. A preference is None where one output was shown.
    """
    is_turned = item.item_id in key.turned.get(packet.reviewer, ())
    marks = [(mark, _side(mark.side, item, is_turned=is_turned)) for mark in vote.marks]
    each = [(arm, mark) for mark, side in marks for arm in side.arms]
    return RatedVote(
        reviewer=packet.reviewer,
        role=packet.role,
        actions={arm: mark.action for arm, mark in each},
        preference=_outcome(vote.preference, item, is_turned=is_turned),
        categories={arm: mark.category for arm, mark in each if mark.category},
        severities={arm: mark.severity for arm, mark in each if mark.severity},
        right_answers={arm: mark.right_answer for arm, mark in each if mark.right_answer},
        reason=vote.reason,
        seconds=vote.seconds,
        saw_confidence=vote.saw_confidence,
    )


def unturned(vote: Vote, *, is_turned: bool) -> tuple[tuple[Action, ...], Choice | None]:
    """Return the actions of a vote in the unturned order, and the preference in it."""
    by_side = {mark.side: mark.action for mark in vote.marks}
    actions = tuple(by_side[side] for side in SideName if side in by_side)
    if not is_turned or len(actions) < 2:
        return actions, vote.preference
    return actions[::-1], _TURNED.get(vote.preference) if vote.preference else None


_TURNED = {Choice.A: Choice.B, Choice.B: Choice.A, Choice.TIE: Choice.TIE}


def _side(shown: SideName, item: KeyItem, *, is_turned: bool) -> KeySide:
    sides = item.sides[::-1] if is_turned else item.sides
    return sides[0 if shown is SideName.A else 1]


def _outcome(choice: Choice | None, item: KeyItem, *, is_turned: bool) -> Outcome | None:
    if choice is None or len(item.sides) < 2:
        return None
    if choice is Choice.TIE:
        return Outcome.TIE
    side = _side(SideName(choice.value), item, is_turned=is_turned)
    return Outcome.WIN if Arm.CANDIDATE in side.arms else Outcome.LOSS
