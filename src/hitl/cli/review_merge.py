"""What `hitl review merge` reads, opens, writes and says."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.output import people, print_json, tell
from hitl.cli.review_pack import SECRET
from hitl.errors import UsageError

if TYPE_CHECKING:
    from hitl.review.folder import ReviewFolder
    from hitl.review.parts import PacketRef, Withdrawal
    from hitl.review.votes import Ratings

_SHORTEST_HASH = 8


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
    from hitl.review.opened import check_unchanged
    from hitl.review.writing import own_bytes

    review = load_review(folder)
    check_unchanged(review)
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
    from hitl.review.folder import INVITATIONS

    if as_json:
        print_json(ratings.model_dump(mode="json"))
    else:
        from hitl.render.review.terminal import print_ratings

        print_ratings(ratings, people())
    if (folder / INVITATIONS).exists():
        tell(f"{folder / INVITATIONS} still holds everybody's access tokens; delete it")
    tell(f"ratings: {folder / 'ratings.json'}\npage:    {folder / 'ratings.html'}\nlog:     {folder / 'decisions.jsonl'}")  # fmt: skip


def _withdrawal(review: "ReviewFolder", name: str) -> "Withdrawal":
    """Return the part of the key of a reviewer who will not lock, from their invitation or from the secret.

    Raises:
        UsageError: the name is of nobody, or of somebody who has locked, or nothing here holds their part.
        DocumentError: the invitations cannot be used.
    """
    from hitl.cli.clock import now
    from hitl.review.folder import load_invitations
    from hitl.review.parts import Withdrawal
    from hitl.review.tokens import token_digest, unseal_share

    found = load_invitations(review.path)
    invitations = found.invitations if found else ()
    ref = _named(review, name, {one.name: one.reviewer for one in invitations})
    if ref.reviewer in review.ballots:
        raise UsageError(f"--without {name!r}: has locked a ballot, which counts; leave the option out")  # fmt: skip
    review_id = review.plan.review_id
    token = next((one.token for one in invitations if one.reviewer == ref.reviewer), None)
    token = token or _token(ref.reviewer, review_id)
    if token is None or token_digest(token, review_id) != ref.token_digest:
        raise UsageError(f"{review.path}: nothing here holds the part of the key of {name!r}; expected invitations.json as it was packed, or the secret that it was packed with in {SECRET}: put one of them back")  # fmt: skip
    share = unseal_share(token, review_id)
    return Withdrawal(review_id=review_id, reviewer=ref.reviewer, share=share, at=now())


def _named(review: "ReviewFolder", name: str, hashes: Mapping[str, str]) -> "PacketRef":
    """Return the reviewer whom a name, a hash, or what begins only one hash means."""
    own = hashes.get(name, name)
    found = [ref for ref in review.plan.packets if ref.reviewer == own]
    if not found and len(name) >= _SHORTEST_HASH:
        found = [ref for ref in review.plan.packets if ref.reviewer.startswith(name)]
    if len(found) != 1:
        names = sorted(hashes) or [ref.reviewer for ref in review.plan.packets]
        raise UsageError(f"--without {name!r}: no reviewer of this review; expected one of {', '.join(names)}")  # fmt: skip
    return found[0]


def _token(reviewer: str, review_id: str) -> str | None:
    """Return a reviewer's token as the secret of the environment gives it; None without one."""
    from hitl.review.tokens import access_token, keyed

    secret = os.environ.get(SECRET, "").encode()
    if not secret:
        return None
    return access_token(keyed(secret, "secret of a review", review_id), reviewer)
