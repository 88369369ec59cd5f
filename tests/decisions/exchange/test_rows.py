from pathlib import Path

import pytest

from hitl.decisions.exchange.rows import check_out, form_of, write_rows
from hitl.errors import UsageError


def test_the_name_of_a_file_says_its_form(tmp_path: Path) -> None:
    assert form_of(Path("a.b/log.CSV.gz")) == ("csv", True)
    for name in ("log", "log.json", "log.parquet.gz", ".csv", "log.csv.zip"):
        with pytest.raises(UsageError, match=r"expected a name that ends in \.parquet, \.jsonl"):
            form_of(tmp_path / name)


def test_a_file_that_stands_is_replaced_only_when_that_is_asked(tmp_path: Path) -> None:
    out = tmp_path / "log.csv"
    out.write_text("old")

    with pytest.raises(UsageError, match="exists; choose another name, or replace it with --force"):
        check_out(out, may_replace=False)
    check_out(out, may_replace=True)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        check_out(tmp_path / "folder.csv", may_replace=True)


@pytest.mark.parametrize("name", ["log.csv", "log.parquet"])
def test_rows_that_cannot_be_written_leave_the_old_file_and_no_other(
    tmp_path: Path, name: str
) -> None:
    out = tmp_path / "out" / name
    out.parent.mkdir()
    out.write_text("old")

    with pytest.raises(UsageError, match="cannot be written"):
        write_rows(tmp_path / "missing.jsonl", out, ["decision_id"])

    assert [one.name for one in out.parent.iterdir()] == [name]
    assert out.read_text() == "old"


def test_a_place_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "rows.jsonl").write_text("{}\n")

    with pytest.raises(UsageError, match="cannot be written"):
        write_rows(tmp_path / "rows.jsonl", tmp_path / "file" / "log.csv", ["decision_id"])
