"""The people's part of a gate: ballots are read, checked and merged anew before anything is asked.

No file of results is believed: `ratings.json` is for people to read, and can only tell that a ballot was changed later.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from hitl.record.parts import EvidencePart
    from hitl.review.folder import ReviewFolder
    from hitl.review.votes import Ratings
    from hitl.run.inputs import ReleaseInputs
    from hitl.score.rated import PeopleRatings
    from hitl.score.suite import Suite


@dataclass(frozen=True)
class NamedReview:
    """The review that a release names, merged."""

    path: str
    """Of its folder, as the manifest says it."""
    ratings: "Ratings | None"
    """None while somebody has not locked."""
    unlocked: str
    """Who that is; empty where all have."""
    evidence: "tuple[EvidencePart, ...]"
    """The files that it was read from."""


def read_review(
    inputs: "ReleaseInputs", chance: "Callable[[str], np.random.Generator]"
) -> NamedReview | None:
    """Read and merge the review of a release; None where it names none, and then nothing is loaded.

    Where somebody has not locked there are no ratings yet, unless they were left out when it was merged. Where votes are
    blank, or a rater was left out, those that were given are merged as a part, which decides nothing.

    Raises:
        DocumentError: the folder cannot be used, or a ballot is forged, foreign or there twice.
        EvidenceError: the sealed key does not open.
    """
    name = inputs.manifest.review
    if name is None:
        return None
    from hitl.review.checking import check_ballots, lacking, owed
    from hitl.review.folder import load_review
    from hitl.review.merging import merge_review
    from hitl.review.opened import check_unchanged

    review = load_review(inputs.folder / name)
    evidence = tuple(_evidence(review, inputs.folder))
    check_ballots(review)
    check_unchanged(review)
    missing = lacking(review, review.released)
    if any(not one.is_locked and one.reviewer not in review.released for one in owed(review)):
        return NamedReview(name, None, "; ".join(missing), evidence)
    ratings = merge_review(review, chance, is_partial=bool(missing))
    return NamedReview(name, ratings, "", evidence)


def ratings_of(
    review: NamedReview | None, suite: "Suite", inputs: "ReleaseInputs"
) -> "PeopleRatings | None":
    """Return what the checks of a release look up; None where it names no review."""
    if review is None:
        return None
    from hitl.score.ratings import NOT_CLOSED, people_ratings, without_ratings

    if review.ratings is None:
        why = f"the review is not closed: {review.unlocked}"
        return without_ratings(review.path, NOT_CLOSED, why)
    return people_ratings(review.path, review.ratings, suite, inputs.manifest)


def _evidence(review: "ReviewFolder", folder: Path) -> "Iterator[EvidencePart]":
    """Yield path, digest and size of each file that ratings are made of."""
    from hitl.record.assemble import evidence_part, relative
    from hitl.review.folder import PLAN, SEALED, ballot_file, packet_file, withdrawal_file

    files = [review.path / PLAN, review.path / SEALED]
    files += [packet_file(review.path, name) for name in sorted(review.packets)]
    files += [ballot_file(review.path, name) for name in sorted(review.ballots)]
    files += [withdrawal_file(review.path, name) for name in sorted(review.withdrawals)]
    yield from (evidence_part("review", path, relative(path, folder)) for path in files)
