import os
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


@pytest.mark.parametrize("source", ["log.csv", "*.csv", "link.csv"])
def test_what_is_read_is_never_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.chdir(tmp_path)
    out = tmp_path / "log.csv"
    out.write_text("evidence")
    (tmp_path / "link.csv").symlink_to(out)

    with pytest.raises(UsageError, match="is what is read"):
        check_out(out, may_replace=True, sources=["base.db::log", source])


def test_a_file_keeps_the_rights_that_it_had_and_a_new_one_gets_those_of_the_user(
    tmp_path: Path,
) -> None:
    rows, out = tmp_path / "rows.jsonl", tmp_path / "log.jsonl"
    rows.write_text("{}\n")
    out.touch(mode=0o600)
    mask = os.umask(0o077)
    try:
        write_rows(rows, out, [])
        write_rows(rows, tmp_path / "new.jsonl", [])
    finally:
        os.umask(mask)
    write_rows(rows, out, [])

    assert out.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "new.jsonl").stat().st_mode & 0o777 == 0o600


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
