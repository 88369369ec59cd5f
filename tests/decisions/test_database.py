"""Tables and views of SQLite files."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hitl.decisions.reduce import count_log
from hitl.decisions.source import open_log
from hitl.errors import DocumentError

AT = datetime(2026, 11, 1, tzinfo=UTC)


def base_of(folder: Path, *statements: str) -> str:
    with closing(sqlite3.connect(folder / "base.db")) as base, base:
        for statement in statements:
            base.execute(statement)
    return str(folder / "base.db")


def test_a_view_is_a_table_too(tmp_path: Path) -> None:
    base = base_of(
        tmp_path,
        "CREATE TABLE log (decision_id TEXT, lane TEXT, embedding BLOB)",
        "INSERT INTO log VALUES ('d1', 'auto', x'00ff'), ('d2', 'queue', NULL)",
        "CREATE VIEW seen AS SELECT decision_id, lane FROM log WHERE lane = 'queue'",
    )

    with open_log([f"{base}::seen"], AT) as log:
        assert count_log(log).n == 1
    with pytest.raises(DocumentError, match="no such table; the file has: log, seen"), open_log([f"{base}::lag"], AT):  # fmt: skip
        pass


def test_bytes_where_a_text_belongs_are_told_with_their_row(tmp_path: Path) -> None:
    base = base_of(
        tmp_path,
        "CREATE TABLE log (decision_id, lane TEXT)",
        "INSERT INTO log VALUES ('d1', 'auto'), (x'6431', 'auto')",
    )

    with pytest.raises(DocumentError, match=r"base.db::log: decision_id: row 2 holds bytes"), open_log([f"{base}::log"], AT):  # fmt: skip
        pass


def test_bytes_that_nobody_reads_disturb_nobody(tmp_path: Path) -> None:
    base = base_of(
        tmp_path,
        "CREATE TABLE log (decision_id TEXT, lane TEXT, embedding BLOB)",
        "INSERT INTO log VALUES ('d1', 'auto', x'00ff'), ('d2', 'queue', NULL)",
    )

    with open_log([f"{base}::log"], AT) as log:
        assert count_log(log).n == 2
        assert log.unused == ("embedding",)
        assert log.parts[0].files[0].read_text().splitlines()[1] == "d1,auto,00ff"


def test_a_name_of_a_megabyte_is_cut(tmp_path: Path) -> None:
    base = base_of(tmp_path, f'CREATE TABLE log ("{"x" * 900_000}" TEXT)', "INSERT INTO log VALUES ('a')")  # fmt: skip

    with pytest.raises(DocumentError, match="no column has a name of hitl's") as caught, open_log([f"{base}::log"], AT):  # fmt: skip
        pass

    assert len(str(caught.value)) < 1_000
