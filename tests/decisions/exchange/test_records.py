import gzip
import json
from pathlib import Path

import pytest

from hitl.decisions.exchange.records import find_files, iterate_records
from hitl.decisions.exchange.shape import Tree
from hitl.errors import DocumentError


def is_record(tree: Tree) -> bool:
    return "id" in tree


def found(path: Path) -> list[tuple[str, object]]:
    return [(record.place.removeprefix(str(path)), record.value and record.value.get("id"))
            for record in iterate_records(path, is_record)]  # fmt: skip


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("lines", [True, False])
def test_lines_and_documents_give_the_same_records_packed_or_not(
    tmp_path: Path, packed: bool, lines: bool
) -> None:
    records = [{"id": 1}, {"id": 2}]
    text = "\n".join(map(json.dumps, records)) if lines else json.dumps(records, indent=1)
    path = tmp_path / ("x.json.gz" if packed else "x.json")
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())

    mark = ":" if lines else "#"
    assert found(path) == [(f"{mark}1", 1), (f"{mark}2", 2)]


def test_a_page_of_an_api_is_its_records(tmp_path: Path) -> None:
    path = tmp_path / "page.json"
    path.write_text('{"data": [{"id": 1}, {"id": 2}], "meta": {"page": 1}}')

    assert found(path) == [(":1", 1), (":1", 2)]


def test_a_record_that_has_a_list_of_that_name_is_itself(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"id": 1, "scores": [{"id": 2}]}\n')

    assert found(path) == [(":1", 1)]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"id": 1}\r\n{"id": 2}\r\n')

    assert found(path) == [(":1", 1), (":2", 2)]


def test_a_line_that_is_no_object_has_its_place_and_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"id": 1}\n7\n{"id": 1, "id": 2}\n{"id": NaN}\n{"id": 3}\n')

    records = list(iterate_records(path, is_record))

    assert [record.problem.partition(":")[0] for record in records] == [
        "", "no JSON object", "not valid JSON", "not valid JSON", "",
    ]  # fmt: skip
    assert records[2].place.endswith("x.jsonl:3")


def test_every_name_that_is_no_export_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "table.parquet").write_text("x")
    (tmp_path / "empty.jsonl").touch()
    names = ["table.parquet", "empty.jsonl", "missing.json", "none*.jsonl", "."]

    with pytest.raises(DocumentError) as caught:
        find_files([str(tmp_path / name) for name in names])

    assert len(caught.value.mistakes) == 5
    assert "expected an export as .json, .jsonl, .ndjson, also .gz" in str(caught.value)


def test_patterns_are_spread_out_and_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl"):
        (tmp_path / name).write_text("{}")

    files = find_files([str(tmp_path / "*.jsonl"), str(tmp_path / "a.jsonl")])

    assert [file.name for file in files] == ["a.jsonl", "b.jsonl"]
