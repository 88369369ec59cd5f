"""What `hitl review merge` reads, opens, writes and says."""

from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.output import people, print_json, tell
from hitl.errors import UsageError

if TYPE_CHECKING:
    from hitl.review.folder import ReviewFolder
    from hitl.review.parts import Withdrawal
    from hitl.review.votes import Ratings


def merge_folder(folder: Path, *, is_partial: bool, without: tuple[str, ...]) -> "Ratings":
    """Merge a review and write `ratings.json`, `decisions.jsonl` and two pages beside it.

    Raises:
        DocumentError: the folder cannot be used, or a ballot is forged, foreign or there twice.
        EvidenceError: votes are missing, or the key does not open.
        UsageError: a reviewer who is none, or one whose part of the key cannot be had.
    """
    from hitl.cli.clock import seeded
    from hitl.document.write import write_all
    from hitl.render.review.markdown import ratings_markdown
    from hitl.render.review.ratings_page import ratings_html
    from hitl.review.decisions_out import decision_log
    from hitl.review.folder import DECISIONS, RATINGS, WITHDRAWALS, load_review
    from hitl.review.merging import merge_review
    from hitl.review.writing import own_bytes

    review = load_review(folder)
    withdrawn = tuple(_withdrawal(review, name) for name in without)
    shares = {one.reviewer: one.share for one in withdrawn}
    ratings = merge_review(
        review, seeded(review.plan.rules.sample.seed), is_partial=is_partial, shares=shares
    )
    files = {f"{WITHDRAWALS}/{one.reviewer}.json": own_bytes(one) for one in withdrawn}
    files |= {
        "ratings.html": ratings_html(ratings).encode(),
        "ratings.md": ratings_markdown(ratings).encode(),
        DECISIONS: decision_log(ratings),
        RATINGS: own_bytes(ratings),
    }
    write_all(folder, files)
    return ratings


def show_ratings(ratings: "Ratings", folder: Path, *, as_json: bool) -> None:
    """Print the ratings: for people, or for machines."""
    if as_json:
        print_json(ratings.model_dump(mode="json"))
    else:
        from hitl.render.review.terminal import print_ratings

        print_ratings(ratings, people())
    tell(f"ratings: {folder / 'ratings.json'}\npage:    {folder / 'ratings.html'}\nlog:     {folder / 'decisions.jsonl'}")  # fmt: skip


def _withdrawal(review: "ReviewFolder", name: str) -> "Withdrawal":
    """Return the part of the key of a reviewer who will not lock, from the invitation that they got."""
    from hitl.cli.clock import now
    from hitl.review.folder import INVITATIONS, load_invitations
    from hitl.review.parts import Withdrawal
    from hitl.review.tokens import unseal_share

    invitations = load_invitations(review.path)
    if invitations is None:
        raise UsageError(f"{review.path / INVITATIONS}: is not there, and without it nobody has the part of the key of {name!r}; put it back")  # fmt: skip
    known = {one.reviewer: one for one in invitations.invitations}
    found = [one for one in known.values() if name in (one.name, one.reviewer)]
    if len(found) != 1 or found[0].reviewer not in review.packets:
        names = ", ".join(sorted(one.name for one in known.values()))
        raise UsageError(f"--without {name!r}: no reviewer of this review; expected one of {names}")
    one = found[0]
    if one.reviewer in review.ballots:
        raise UsageError(f"--without {name!r}: has locked a ballot, which counts; leave the option out")  # fmt: skip
    share = unseal_share(one.token, review.plan.review_id)
    return Withdrawal(review_id=review.plan.review_id, reviewer=one.reviewer, share=share, at=now())
