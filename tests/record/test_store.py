import json
from pathlib import Path

import pytest

from hitl.errors import DocumentError
from hitl.record.store import load_record, record_bytes
from tests.render.sample_hold import a_hold


def test_a_record_with_emoji_and_marks_survives_write_and_read(tmp_path: Path) -> None:
    record = a_hold().model_copy(update={"headline": "smile \U0001f600 and \u202eturn"}).sealed()
    (tmp_path / "record.json").write_bytes(record_bytes(record))

    assert load_record(tmp_path) == record


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b"", "not valid JSON", id="empty"),
        pytest.param(b"[]", "expected `hitl/record/v1`", id="a list"),
        pytest.param(
            b'{"format": "hitl/record/v2"}', "expected `hitl/record/v1`", id="another version"
        ),
        pytest.param(
            b'{"format": "hitl/record/v1"}', "release_id: is missing", id="fields missing"
        ),
        pytest.param(
            b'{"format": "hitl/record/v1", "format": "x"}', "stands twice", id="a key twice"
        ),
    ],
)
def test_what_is_no_record_is_refused_with_its_reason(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    path = tmp_path / "record.json"
    path.write_bytes(content)

    with pytest.raises(DocumentError) as refused:
        load_record(path)

    assert problem in str(refused.value)


def test_a_record_that_was_changed_is_refused(tmp_path: Path) -> None:
    value = json.loads(record_bytes(a_hold().sealed()))
    (tmp_path / "record.json").write_text(json.dumps(value | {"verdict": "ship"}))

    with pytest.raises(DocumentError, match="not what was sealed"):
        load_record(tmp_path)
