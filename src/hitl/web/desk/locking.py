"""Locking: the votes become one signed document, and final."""

import hmac

from hitl.review.ballot import signed_ballot
from hitl.review.tokens import token_digest
from hitl.review.votes import Ballot, Vote
from hitl.web.desk.desk import Desk, written
from hitl.web.desk.refusals import RefusedError, UnfitError
from hitl.web.desk.sight import Sight, must_be_open, sight
from hitl.web.store.notes import add_lock, give_back

LONGEST_TOKEN = 200
"""Characters of a token that are looked at."""


def known_reviewer(desk: Desk, token: str) -> str | None:
    """Return whose access token it is, in a time that does not depend on it."""
    found = token_digest(token[:LONGEST_TOKEN], desk.review.plan.review_id)
    known = None
    for reviewer, ref in desk.refs.items():
        if hmac.compare_digest(ref.token_digest, found):
            known = reviewer
    return known


def lock(desk: Desk, reviewer: str, token: str, *, accepts_blanks: bool) -> Ballot:
    """Sign a reviewer's votes and make them final; the ballot is in the folder afterwards.

    Args:
        desk: the review.
        reviewer: whose votes.
        token: their access token, typed again: it is the signature.
        accepts_blanks: whether items without a vote may stay so.

    Raises:
        LockedError: they are final already.
        ClosedError: voting has ended.
        UnfitError: the token is another, or items lack a vote and that was not confirmed.
        RefusedError: an adjudicator comes before the raters are done.
        UsageError: the ballot cannot be written; nothing is locked then.
    """
    with desk.store.writing() as connection:
        must_be_open(desk, connection, reviewer)
        seen = sight(desk, connection, reviewer)
        if not seen.may_lock:
            raise RefusedError(seen.waiting)
        problems = _problems(desk, reviewer, token, seen, accepts_blanks=accepts_blanks)
        if problems:
            raise UnfitError(*problems)
        votes = [one.vote for one in seen.standings.values() if one.vote is not None]
        ballot = signed_ballot(desk.packet(reviewer), votes, token, _locked_at(desk, votes))
        add_lock(connection, reviewer, ballot.model_dump_json())
        give_back(connection, reviewer)
        # Before the transaction ends: a ballot that cannot be written must leave the votes open.
        desk.box.put(ballot)
    return ballot


def _problems(
    desk: Desk, reviewer: str, token: str, seen: Sight, *, accepts_blanks: bool
) -> list[str]:
    problems = []
    if known_reviewer(desk, token) != reviewer:
        problems.append("this is not your access token; type the one of your invitation")
    n = len(seen.blanks())
    if n and not accepts_blanks:
        what = "1 item has no vote" if n == 1 else f"{n} items have no vote"
        problems.append(f"{what}: vote on what is left, or confirm that it stays blank")
    return problems


def _locked_at(desk: Desk, votes: list[Vote]) -> str:
    """A clock that was set back must not put the lock before a vote."""
    at = desk.now()
    return max([written(at), *(vote.decided_at for vote in votes)], key=_sortable)


def _sortable(moment: str) -> str:
    return moment.removesuffix("Z")
