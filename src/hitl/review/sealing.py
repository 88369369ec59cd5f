"""What the sealed key says: whose output is whose, and who saw it turned round."""

from collections.abc import Mapping, Sequence

from hitl.review.candidate import Candidate, ReleaseNames
from hitl.review.exhibits import Exhibit
from hitl.review.parts import KeyItem, KeySide, ReviewKey
from hitl.review.sides import Look


def review_key(
    review_id: str,
    names: ReleaseNames,
    population: Mapping[str, int],
    exhibits: Sequence[Exhibit],
    turned: Mapping[str, tuple[str, ...]],
) -> ReviewKey:
    """Return the key of a review.

    Args:
        review_id: the review.
        names: of its release.
        population: candidates that could have been chosen, by subset.
        exhibits: everything that is shown, in the order of item ids.
        turned: by reviewer, items whose sides they saw in the other order.
    """
    return ReviewKey(
        review_id=review_id,
        release_id=names.release_id,
        workflow_id=names.workflow_id,
        previous_model=names.previous_model,
        candidate_model=names.candidate_model,
        population=dict(sorted(population.items())),
        items=tuple(_item(exhibit, exhibit.candidate) for exhibit in exhibits if exhibit.candidate),
        qualification=tuple(exhibit.known for exhibit in exhibits if exhibit.known),
        turned=dict(turned),
    )


def _item(exhibit: Exhibit, candidate: Candidate) -> KeyItem:
    return KeyItem(
        item_id=exhibit.item_id,
        case_id=candidate.case_id,
        subset=candidate.subset,
        cluster=candidate.cluster,
        repeat=candidate.repeat,
        case_digest=candidate.case_digest,
        severity=candidate.severity,
        probability=exhibit.probability,
        scopes=tuple(sorted(candidate.scopes)),
        sides=tuple(_side(look) for look in exhibit.looks),
    )


def _side(look: Look) -> KeySide:
    return KeySide(
        arms=tuple(output.arm for output in look.outputs),
        replies={output.arm: output.digest for output in look.outputs},
        confidence={o.arm: o.confidence for o in look.outputs if o.confidence is not None},
        action_type={o.arm: o.action_type for o in look.outputs if o.action_type is not None},
    )
