"""Two recorded runs compared, without a release: the same numbers as a record, and no verdict."""

from typing import Literal

from hitl.document.schema import Document
from hitl.errors import EvidenceError
from hitl.gate.authority import GateContext, judge
from hitl.gate.rating_notes import reviewed_subsets
from hitl.record.cases import measure_part
from hitl.record.parts import MeasurePart, SubsetResult
from hitl.record.subsets import subset_part
from hitl.score.measures import Chance
from hitl.score.release import ScoredRelease


class RunComparison(Document):
    """What `hitl compare` found."""

    format: Literal["hitl/comparison/v1"] = "hitl/comparison/v1"
    previous: str
    candidate: str
    confidence: float
    subsets: tuple[SubsetResult, ...]
    measures: dict[str, MeasurePart]
    warnings: tuple[str, ...]


def compare_scored(
    scored: ScoredRelease, previous: str, candidate: str, confidence: float, chance: Chance
) -> RunComparison:
    """Return the comparison of two scored runs.

    Raises:
        EvidenceError: an arm holds no reply that could be graded, so that nothing can be paired.
    """
    for path, arm in ((previous, scored.previous), (candidate, scored.candidate)):
        if not (arm.mark >= 0).any():
            raise EvidenceError(
                f"{path}: none of {arm.n_replies} replies could be graded, so there is nothing to compare{_asks_people(scored)}"
            )
    context = GateContext(confidence, 0.0, frozenset(), {}, chance)
    gates = judge((), scored.subsets, context)
    return RunComparison(
        previous=previous,
        candidate=candidate,
        confidence=confidence,
        subsets=tuple(
            subset_part(score, [gate for gate in gates if gate.subset == name], confidence)
            for name, score in scored.subsets.items()
        ),
        measures={
            name: measure_part(columns, scored.comparisons[None, name])
            for name, columns in scored.measures.items()
        },
        warnings=tuple(_warnings(scored)),
    )


def _asks_people(scored: ScoredRelease) -> str:
    if not (names := reviewed_subsets(scored.suite)):
        return ""
    return f"; people are to approve the replies of {', '.join(names[:5])}, and only `hitl gate` looks up a review: name it in a release"


def _warnings(scored: ScoredRelease) -> list[str]:
    found = []
    if told := _asks_people(scored):
        found.append(told.removeprefix("; "))
    for name, arm in (("previous", scored.previous), ("candidate", scored.candidate)):
        if arm.unknown:
            found.append(
                f"{len(arm.unknown)} {name} replies name cases that the golden set does not have: {', '.join(arm.unknown[:5])}"
            )
        if arm.repeated:
            found.append(
                f"{len(arm.repeated)} {name} replies stand more than once; the first of each was used"
            )
        if arm.n_errors:
            found.append(f"{arm.n_errors} {name} replies are errors")
    found.extend(
        f"{score.id}: {len(score.missing_cases)} of {score.n_cases} cases lack a usable reply; each counts against the candidate"
        for score in scored.subsets.values()
        if score.missing_cases
    )
    return found
