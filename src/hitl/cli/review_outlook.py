"""What a release's review looks like before a gate: whom it asks, whether it is there, whether it is closed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hitl.review.folder import ReviewFolder
    from hitl.run.inputs import ReleaseInputs
    from hitl.score.suite import Suite


class ReviewState(StrEnum):
    """How far a review is."""

    NOT_NEEDED = "not_needed"
    """No rule asks people and the release names no review."""
    UNNAMED = "unnamed"
    """A rule asks people and the release names no review."""
    UNREADABLE = "unreadable"
    """Its folder is not there, or a file of it is broken; a gate refuses it."""
    UNDER_WAY = "under_way"
    """Somebody has not locked, so there are no ratings yet."""
    PARTIAL = "partial"
    """Everybody locked or was left out, and votes are missing: ratings decide nothing."""
    CLOSED = "closed"
    """Nothing is owed; whether its ratings may decide, the gate says."""


@dataclass(frozen=True, slots=True)
class ReviewOutlook:
    """What is known of a review without opening its key."""

    state: ReviewState
    path: str | None
    """Of its folder, as the manifest says it."""
    subsets: tuple[str, ...]
    """Those in which people judge."""
    said: str
    """In words, with the next step; empty where nobody is asked."""


def review_outlook(inputs: "ReleaseInputs", suite: "Suite") -> ReviewOutlook:
    """Return how far the review of a release is; the sealed key stays shut."""
    from hitl.errors import HitlError
    from hitl.gate.rating_notes import reviewed_subsets

    path, subsets = inputs.manifest.review, reviewed_subsets(suite)
    if path is None:
        if not subsets:
            return ReviewOutlook(ReviewState.NOT_NEEDED, None, (), "")
        said = f"people are to approve replies in {', '.join(subsets)}, and the release names no review, so they stay unmeasured; run `hitl review pack {inputs.path}` and name its folder under `review`"
        return ReviewOutlook(ReviewState.UNNAMED, None, subsets, said)
    whom = f"people judge {', '.join(subsets)}" if subsets else "no rule asks people, so its ratings are shown and decide nothing"  # fmt: skip
    try:
        state, found = _state(inputs, path)
    except HitlError as error:
        state, found = ReviewState.UNREADABLE, str(error)
    return ReviewOutlook(state, path, subsets, f"{whom}; the review {path} {_WORDS[state]}: {found}")  # fmt: skip


_WORDS = {
    ReviewState.UNREADABLE: "cannot be used",
    ReviewState.UNDER_WAY: "is not closed, so nothing is measured there yet",
    ReviewState.PARTIAL: "lacks votes, so its ratings decide nothing",
    ReviewState.CLOSED: "is closed",
}


def _state(inputs: "ReleaseInputs", path: str) -> tuple[ReviewState, str]:
    from hitl.review.checking import check_ballots, lacking, owed
    from hitl.review.folder import load_review
    from hitl.review.opened import check_unchanged

    review = load_review(inputs.folder / path)
    check_ballots(review)
    check_unchanged(review)
    missing = "; ".join(lacking(review, review.released))
    if any(not one.is_locked and one.reviewer not in review.released for one in owed(review)):
        return ReviewState.UNDER_WAY, missing
    if missing:
        return ReviewState.PARTIAL, missing
    return ReviewState.CLOSED, _size(review)


def _size(review: "ReviewFolder") -> str:
    sample, rules = review.plan.rules.sample, review.plan.rules
    n = sample.n_certain + sample.n_drawn
    return f"{n} of {sample.n_population} items, {rules.raters} raters each; `hitl gate` opens it and says whether the ratings may decide"
