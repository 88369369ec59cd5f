"""The part of a record that an explanation is about."""

from hitl.document.schema import Json
from hitl.errors import UsageError
from hitl.record.release import ReleaseRecord


def select(record: ReleaseRecord, subset: str | None, case: str | None) -> dict[str, Json]:
    """Return verdict and reasons, with the subset and the failed case that are asked for.

    Raises:
        UsageError: the record has no such subset, or the candidate did not fail such a case.
    """
    known = [part.id for part in record.subsets]
    if subset is not None and subset not in known:
        raise UsageError(f"no subset {subset!r} in this record; expected one of {', '.join(known)}")
    failures = [row for row in record.failures if subset in (None, row.subset)]
    if case is not None and case not in {row.case_id for row in failures}:
        near = ", ".join(row.case_id for row in failures[:5]) or "none failed"
        raise UsageError(
            f"the candidate did not fail a case {case!r} here; failed cases are {near}, ..."
        )
    shown = {row.case_id for row in failures if case in (None, row.case_id)}
    found = record.ratings.found if record.ratings else None
    votes = [one.model_dump(mode="json") for one in found.cases if one.case_id in shown] if found else []  # fmt: skip
    return {
        "release_id": record.release_id,
        "verdict": record.verdict.value,
        "headline": record.headline,
        "reasons": [
            r.model_dump(mode="json") for r in record.reasons if subset in (None, r.subset)
        ],
        "subsets": [s.model_dump(mode="json") for s in record.subsets if subset in (None, s.id)],
        "failures": [
            row.model_dump(mode="json") for row in failures if case in (None, row.case_id)
        ],
        **({"votes": list[Json](votes)} if found else {}),
    }
