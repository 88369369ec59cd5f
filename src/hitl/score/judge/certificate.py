"""The certificate of a judge: who it is, what labels of people showed of it, and until when that counts."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from hitl.document.schema import Identifier, Json
from hitl.score.judge.assess import LEAST_CONFIDENCE, assess
from hitl.score.judge.certificate_parts import (
    LISTED,
    PASS_OR_FAIL,
    Assessment,
    JudgeMode,
    LabelCounts,
    UnscoredLabel,
)
from hitl.score.judge.validity import LONGEST_DAYS

FORMAT: Literal["hitl/judge-certificate/v1"] = "hitl/judge-certificate/v1"
MOST_ITEMS = 10_000_000
"""Most items that a certificate can rest on."""

_WORDS = {"message", "method", "warnings", "problems"}
"""Fields that a later version may word differently."""
_NEAR = 1e-9

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class JudgeCertificate(Assessment, LabelCounts):
    """What `hitl golden judge-check` writes: without a valid one a judge has no authority."""

    format: Literal["hitl/judge-certificate/v1"]
    """`hitl/judge-certificate/v1`."""
    judge_id: Digest
    """SHA-256 of rubric, model, program, parameters, prompt and parser: any other judge needs its own certificate."""
    rubric: Identifier
    """Rubric that it grades by."""
    rubric_version: str
    """Version of the rubric's text."""
    model: Identifier
    """The judge's model."""
    params: dict[str, Json]
    """Its sampling parameters."""
    at_least: float | None = None
    """Least grade that passes, where grades are numbers."""
    labels_digest: Digest
    """SHA-256 of the labelled rows."""
    unscored: Annotated[tuple[UnscoredLabel, ...], Field(max_length=LISTED)] = ()
    """The first answers that are no label."""
    created_at: AwareDatetime
    """When the labels were judged."""
    valid_until: AwareDatetime
    """After this it counts no more."""


def certificate_problems(
    certificate: JudgeCertificate,
    judge_id: str,
    at: datetime,
    at_least: float | None = None,
    confidence: float = LEAST_CONFIDENCE,
) -> tuple[str, ...]:
    """Return why a certificate gives this judge no authority now; nothing where it does.

    What the certificate says of itself is not believed: everything is concluded anew from its
    counts, and any difference is a problem.

    Args:
        certificate: as it was read.
        judge_id: the judge that is to grade, from `hitl.score.judge.identity`.
        at: now, with its zone.
        at_least: least grade that passes in the rule, where the rule names one.
        confidence: of the release; a certificate of less does not do.
    """
    problems = [*_identity(certificate, judge_id, at_least), *_time(certificate, at)]
    if LEAST_CONFIDENCE <= certificate.confidence < confidence:  # less is told by the requirements
        problems.append(
            f"its limits are of confidence {certificate.confidence:g}, and the release asks for {confidence:g}; "
            f"check the judge again with --confidence {confidence:g}"
        )
    if broken := tuple(counts_problems(certificate)):
        return (*problems, *broken)
    found = assess(certificate)
    told = certificate.model_dump(mode="json", include=set(Assessment.model_fields))
    if _differs(told, found.model_dump(mode="json")):
        problems.append(
            "what the certificate concludes does not follow from its counts; write it again with `hitl golden judge-check`"
        )
    return (*problems, *found.problems)


def counts_problems(counts: LabelCounts) -> Iterator[str]:
    """Yield every way in which counts contradict each other."""
    if counts.n_items > MOST_ITEMS:
        yield f"{counts.n_items} items are more than people label; {MOST_ITEMS} at most can be"
    size = len(counts.labels)
    if len(set(counts.labels)) < size or not set(counts.positive) <= set(counts.labels):
        yield "its labels are not each named once, or one that passes is none of them"
    tables = [arm.table for arm in counts.tables]
    if any(len(table) != size or any(len(row) != size for row in table) for table in tables):
        yield f"a table does not have {size} rows and columns, one for each label"
    elif (found := sum(sum(map(sum, table)) for table in tables)) != counts.n_scored:
        yield f"its tables hold {found} items and not the {counts.n_scored} that it says were scored"
    rows = counts.n_scored + counts.n_unscored + counts.n_ties + counts.n_unlabelled
    if rows != counts.n_items:
        yield f"its counts add up to {rows} rows and not to the {counts.n_items} that it names"
    if counts.n_clusters > counts.n_scored or (counts.n_scored and not counts.n_clusters):
        yield f"{counts.n_clusters} independent items among {counts.n_scored} scored ones cannot be"
    yield from _parts_problems(counts)


def _parts_problems(counts: LabelCounts) -> Iterator[str]:
    if not counts.n_steered <= counts.n_probed <= counts.n_items:
        yield "more replies were steered, or tried, than there are"
    if not counts.n_flipped <= counts.n_swapped <= counts.n_scored:
        yield "more items flipped, or were judged in both orders, than there are"


def _identity(
    certificate: JudgeCertificate, judge_id: str, at_least: float | None
) -> Iterator[str]:
    if certificate.judge_id != judge_id:
        yield (
            f"it is for another judge ({certificate.judge_id[:12]}, not {judge_id[:12]}): rubric, model, program, parameters, "
            "prompt or parser changed since; check the judge again"
        )
    if at_least is not None and certificate.at_least != at_least:
        yield f"it is for grades of at least {certificate.at_least}, and the rule asks for at least {at_least}"
    if certificate.mode is JudgeMode.SCORE and not certificate.positive:
        return  # told among the requirements
    if certificate.at_least is not None and not _passes_by_grade(certificate):
        yield f"the labels that it counts as a pass are not those of at least {certificate.at_least}"


def _passes_by_grade(certificate: JudgeCertificate) -> bool:
    if certificate.labels == PASS_OR_FAIL:
        return certificate.positive == PASS_OR_FAIL[1:]
    try:
        grades = {label: float(label) for label in certificate.labels}
    except ValueError:
        return False
    least = certificate.at_least
    return least is not None and set(certificate.positive) == {
        label for label, grade in grades.items() if grade >= least
    }


def _time(certificate: JudgeCertificate, at: datetime) -> Iterator[str]:
    if certificate.created_at > at:
        yield f"it is dated in the future ({certificate.created_at.isoformat()})"
    if certificate.valid_until <= at:
        yield f"it expired at {certificate.valid_until.isoformat()}; check the judge again"
    if (certificate.valid_until - certificate.created_at).days > LONGEST_DAYS:
        yield f"it claims to count for more than {LONGEST_DAYS} days"


def _differs(told: object, found: object) -> bool:
    if isinstance(told, dict) and isinstance(found, dict):
        keys = set(told) | set(found)
        return any(_differs(told.get(key), found.get(key)) for key in keys - _WORDS)
    if isinstance(told, list) and isinstance(found, list):
        pairs = zip(told, found, strict=False)
        return len(told) != len(found) or any(_differs(*pair) for pair in pairs)
    if isinstance(told, float) and isinstance(found, float):
        return abs(told - found) > _NEAR
    return told != found
