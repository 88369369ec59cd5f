"""A record as bytes, and back: what was sealed is checked before it is shown."""

import json
from pathlib import Path

from pydantic import ValidationError

from hitl.document.lines import strict_json
from hitl.document.load import describe
from hitl.document.source import fail, is_folder, read_bytes
from hitl.document.tree import Tree
from hitl.errors import DocumentError
from hitl.record.release import ReleaseRecord

FORMAT = "hitl/record/v1"
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
    record = _parse(read_bytes(file, RECORD_LIMIT), file)
    if record.digest != record.compute_digest():
        problem = "the content is not what was sealed: it was changed after the verdict; run the gate again"
        raise fail(file, problem, field="digest")
    return record


def _parse(content: bytes, file: Path) -> ReleaseRecord:
    """Read a record as strict JSON: it is hitl's own output, and may be larger than what people write."""
    try:
        value = strict_json(content)
    except (ValueError, UnicodeDecodeError) as error:
        raise fail(file, f"not valid JSON: {error}; expected a record.json") from error
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise fail(file, f"expected `{FORMAT}`", field="format")
    try:
        return ReleaseRecord.model_validate_json(content)
    except ValidationError as error:
        raise DocumentError(describe(error, Tree(value), file)) from error
