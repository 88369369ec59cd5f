"""Files written whole or not at all."""

import gzip
from pathlib import Path

import pytest

from hitl.document.write import gzip_bytes, write_all, write_atomic
from hitl.errors import UsageError
from hitl.run.evidence import EvidenceFile
from tests.builders import a_reply


def everything(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_a_file_is_made_with_its_folders_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "x.json"

    write_atomic(path, b"old")
    write_atomic(path, b"new")

    assert path.read_bytes() == b"new"
    assert everything(tmp_path) == {"a", "a/b", "a/b/x.json"}
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_write_that_cannot_be_finished_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "inside").write_text("kept")

    with pytest.raises(UsageError, match="cannot be written"):
        write_atomic(tmp_path / "x", b"new")

    assert everything(tmp_path) == {"x", "x/inside"}


def test_who_writes_says_what_to_do_where_that_cannot_be_done(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("no folder")

    with pytest.raises(UsageError, match=r"cannot be written .*; choose another folder with --out"):
        write_atomic(tmp_path / "x" / "y", b"new")
    with pytest.raises(UsageError, match=r"cannot be written .*; ask its owner"):
        write_atomic(tmp_path / "x" / "y", b"new", "ask its owner")


def test_what_is_no_bytes_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    write_atomic(tmp_path / "x", b"old")

    with pytest.raises(TypeError):
        write_atomic(tmp_path / "x", "text")  # type: ignore[arg-type]  # the mistake is the point

    assert (tmp_path / "x").read_bytes() == b"old"
    assert everything(tmp_path) == {"x"}


def test_a_file_where_a_folder_is_wanted_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    with pytest.raises(UsageError, match="choose another folder"):
        write_atomic(tmp_path / "file" / "x", b"new")


def test_several_files_are_written_in_order(tmp_path: Path) -> None:
    write_all(tmp_path, {"b": b"1", "a": b"2"})

    assert everything(tmp_path) == {"a", "b"}


def test_compressing_the_same_content_gives_the_same_bytes() -> None:
    assert gzip_bytes(b"x" * 1000) == gzip_bytes(b"x" * 1000)
    assert gzip.decompress(gzip_bytes(b"abc")) == b"abc"


def keep(path: Path, *, fails: bool = False) -> None:
    with EvidenceFile(path) as file:
        for _ in file.passing([a_reply("a"), a_reply("b")]):
            if fails:
                raise KeyboardInterrupt


def test_the_same_replies_give_the_same_evidence(tmp_path: Path) -> None:
    keep(tmp_path / "one.gz")
    keep(tmp_path / "two.gz")

    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()
    assert gzip.decompress((tmp_path / "one.gz").read_bytes()).count(b"\n") == 2


def test_evidence_of_a_run_that_broke_off_leaves_the_old_file(tmp_path: Path) -> None:
    keep(tmp_path / "x.gz")
    before = (tmp_path / "x.gz").read_bytes()

    with pytest.raises(KeyboardInterrupt):
        keep(tmp_path / "x.gz", fails=True)

    assert everything(tmp_path) == {"x.gz"}
    assert (tmp_path / "x.gz").read_bytes() == before
