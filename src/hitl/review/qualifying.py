"""Whose votes count: reviewers who got enough of the items right of which the answer is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from hitl.digest import digest
from hitl.review.checking import Owed
from hitl.review.parts import KnownAnswer, ReviewKey
from hitl.review.unblinding import unturned
from hitl.review.votes import Ballot, ReviewerResult, Vote
from hitl.review.words import Role


@dataclass(frozen=True, slots=True)
class _Known:
    n: int
    n_right: int


def reviewer_result(owed: Owed, ballot: Ballot | None, key: ReviewKey, least: float) -> ReviewerResult:  # fmt: skip
    """Return how a reviewer did, and whether their votes count.

    A rater must get at least `least` of the known items right that they rated. One who rated none, though there are
    some, shows nothing and does not count. An adjudicator is seldom asked about one, and is measured only if they were.

    Args:
        owed: what they were to rate.
        ballot: None if they never locked.
        key: opened.
        least: share of known items, 0 to 1.
    """
    answers = {answer.item_id: answer for answer in key.qualification}
    votes = ballot.votes if ballot else ()
    known = _rated_known(votes, answers, frozenset(key.turned.get(owed.reviewer, ())))
    own = [vote for vote in votes if vote.item_id not in answers]
    reason = _reason(owed, ballot, known, (len(answers), least))
    seconds = [vote.seconds for vote in votes if vote.seconds is not None]
    return ReviewerResult(
        reviewer=owed.reviewer,
        role=owed.role,
        n_owed=max(owed.n_owed - len(answers), 0) if owed.n_owed else len(own),
        n_voted=len(own),
        n_known=known.n,
        n_known_right=known.n_right,
        is_excluded=bool(reason),
        reason=reason,
        median_seconds=median(seconds) if seconds else None,
        ballot_digest=digest(ballot.model_dump(mode="json")) if ballot else None,
    )


def is_right(vote: Vote, answer: KnownAnswer, *, is_turned: bool) -> bool:
    """Say whether a vote on a known item is right: every output's action, and the preference where one is right."""
    actions, preference = unturned(vote, is_turned=is_turned)
    fits = len(actions) == len(answer.actions) and all(
        action in right for action, right in zip(actions, answer.actions, strict=True)
    )
    return fits and answer.preference in (None, preference)


def _rated_known(
    votes: tuple[Vote, ...], answers: Mapping[str, KnownAnswer], turned: frozenset[str]
) -> _Known:
    rated = [(vote, answers[vote.item_id]) for vote in votes if vote.item_id in answers]
    right = [is_right(vote, answer, is_turned=vote.item_id in turned) for vote, answer in rated]
    return _Known(len(right), sum(right))


def _reason(owed: Owed, ballot: Ballot | None, known: _Known, asked: tuple[int, float]) -> str:
    n_answers, least = asked
    if ballot is None:
        return "never locked, so no vote is there"
    if not n_answers:
        return ""
    if known.n:
        is_enough = known.n_right >= least * known.n - 1e-9
        return "" if is_enough else f"got {known.n_right} of {known.n} known items right; {least:.0%} are asked for"  # fmt: skip
    if owed.role is Role.ADJUDICATOR:
        return ""
    return (
        f"rated none of {n_answers} items with a known answer, so nothing shows how well they judge"
    )
