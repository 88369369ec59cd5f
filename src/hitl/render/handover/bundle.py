"""What is needed to check a hand-over: files with digests, and the commands that show it again."""

from hitl.record.release import ReleaseRecord
from hitl.render.handover.parts import Bundle, EvidenceRef, Matter, RecordRef


def record_ref(record: ReleaseRecord, path: str) -> RecordRef:
    """Return a record, named as it was."""
    return RecordRef(
        path=path,
        release_id=record.release_id,
        verdict=record.verdict.value,
        digest=record.digest,
    )


def evidence_bundle(
    record: ReleaseRecord,
    ref: RecordRef,
    matter: Matter | None,
    log_files: tuple[EvidenceRef, ...] = (),
) -> Bundle:
    """Return every input of the verdict with its digest, and the files of the log where there is one."""
    own = tuple(
        EvidenceRef(role=part.role, path=part.path, sha256=part.sha256) for part in record.evidence
    )
    again = f" --case {matter.id}" if matter is not None and matter.kind == "case" else ""
    return Bundle(
        record=ref,
        matter=matter,
        files=(*own, *log_files),
        commands=(f"hitl explain {ref.path}{again}", f"hitl report {ref.path} --format md"),
    )
