"""Whether ballots are those that the key was opened with: once it is open, no vote is blind any more."""

from hitl.digest import digest
from hitl.document.source import is_missing
from hitl.errors import DocumentError, Mistake
from hitl.review.folder import RATINGS, ReviewFolder, ballot_file
from hitl.review.folder_reading import read_own
from hitl.review.votes import Ratings


def check_unchanged(review: ReviewFolder) -> None:
    """Refuse ballots that came or changed after the ratings that lie beside them were merged.

    The ratings are read for this alone, and can only speak against a ballot. Where they are gone, or are none, nothing
    is known and nothing is refused.

    Raises:
        DocumentError: every ballot that was given or changed when it could be known whose output was whose.
    """
    before = _merged(review)
    if before is None or before.review_id != review.plan.review_id:
        return
    held = {one.reviewer: one.ballot_digest for one in before.reviewers}
    late = [
        name
        for name, ballot in sorted(review.ballots.items())
        if held.get(name) != digest(ballot.model_dump(mode="json"))
    ]
    if late:
        problem = f"is not the ballot that {RATINGS} was merged from, and that merge opened the key, so nobody can say that these votes are blind; put back the ballot as it was locked, or pack the review anew"
        raise DocumentError([Mistake(str(ballot_file(review.path, name)), 0, "", problem) for name in late])  # fmt: skip


def _merged(review: ReviewFolder) -> Ratings | None:
    path = review.path / RATINGS
    if is_missing(path):
        return None
    try:
        return read_own(path, Ratings)
    except DocumentError:
        return None
