"""A record as bytes, and back: what was sealed is checked before it is shown."""

import json
from pathlib import Path

from pydantic import ValidationError

from hitl.digest import digest
from hitl.document.lines import strict_json
from hitl.document.load import describe
from hitl.document.source import fail, is_folder, read_bytes
from hitl.document.tree import Tree
from hitl.errors import DocumentError
from hitl.record.release import UNSEALED, ReleaseRecord

FORMAT = "hitl/record/v1"
RECORD_LIMIT = 512 << 20
"""Largest record that is read, in bytes."""


def record_bytes(record: ReleaseRecord) -> bytes:
    """Return the record as JSON in ASCII, fields in the order of the format: the same record, the same bytes."""
    return json.dumps(record.model_dump(mode="json"), indent=1, allow_nan=False).encode() + b"\n"


def load_record(path: Path) -> ReleaseRecord:
    """Read a record, from its file or from the folder that holds it.

    The seal is held against the content as it stands in the file, so that a record from before a
    field was added keeps its seal.

    Raises:
        DocumentError: it is not a record, or its content is not what was sealed.
    """
    file = path / "record.json" if is_folder(path) else path
    record, sealed = _parse(read_bytes(file, RECORD_LIMIT), file)
    if record.digest != sealed:
        problem = "the content is not what was sealed: it was changed after the verdict; run the gate again"
        raise fail(file, problem, field="digest")
    return record


def _parse(content: bytes, file: Path) -> tuple[ReleaseRecord, str]:
    """Return a record, and the digest of its content; it is hitl's own, and may be larger than what people write."""
    try:
        value = strict_json(content)
    except (ValueError, UnicodeDecodeError) as error:
        raise fail(file, f"not valid JSON: {error}; expected a record.json") from error
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise fail(file, f"expected `{FORMAT}`", field="format")
    try:
        record = ReleaseRecord.model_validate_json(content)
    except ValidationError as error:
        raise DocumentError(describe(error, Tree(value), file)) from error
    sealed = {name: part for name, part in value.items() if name not in UNSEALED}
    try:
        return record, digest(sealed)
    except ValueError as error:  # whoever sealed it could not have either
        raise fail(file, f"holds what no record can: {error}; run the gate again") from error
