"""A record as bytes, and back: what was sealed is checked before it is shown."""

import json
from pathlib import Path

from hitl.document.load import parse_document
from hitl.document.source import fail, is_folder, read_bytes
from hitl.record.release import ReleaseRecord

RECORD_LIMIT = 512 << 20
"""Largest record that is read, in bytes."""


def record_bytes(record: ReleaseRecord) -> bytes:
    """Return the record as JSON in ASCII, fields in the order of the format: the same record, the same bytes."""
    return json.dumps(record.model_dump(mode="json"), indent=1, allow_nan=False).encode() + b"\n"


def load_record(path: Path) -> ReleaseRecord:
    """Read a record, from its file or from the folder that holds it.

    Raises:
        DocumentError: it is not a record, or its content is not what was sealed.
    """
    file = path / "record.json" if is_folder(path) else path
    record = parse_document(read_bytes(file, RECORD_LIMIT), file, ReleaseRecord)
    if record.digest != record.compute_digest():
        raise fail(
            file,
            "the content is not what was sealed: it was changed after the verdict; run the gate again",
            field="digest",
        )
    return record
