import sqlite3
import stat
from pathlib import Path

import pytest

from hitl.errors import DocumentError, UsageError
from hitl.web.desk.voting import save
from hitl.web.store.database import open_store
from hitl.web.store.signs import Sign, worked
from tests.web.rooms import a_room, a_sent, at_desk

REVIEW = "ab" * 16


def test_the_file_is_for_its_owner_alone_and_so_is_its_log(tmp_path: Path) -> None:
    path = tmp_path / "votes.sqlite"
    store = open_store(path, REVIEW)
    modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()}
    store.close()

    assert set(modes.values()) == {0o600}
    assert "votes.sqlite-wal" in modes


def test_votes_can_neither_be_changed_nor_removed(tmp_path: Path) -> None:
    room = a_room(tmp_path / "review")
    item = room.items("alice")[0]
    with at_desk(room) as desk:
        save(desk, room.who("alice"), item.item_id, a_sent(item))
        for statement in ("UPDATE votes SET body = 'x'", "DELETE FROM votes"):
            with (
                pytest.raises(sqlite3.IntegrityError, match="only added"),
                desk.store.writing() as connection,
            ):
                connection.execute(statement)
        with desk.store.reading() as connection:
            assert connection.execute("SELECT count(*) FROM votes").fetchone() == (1,)


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path / "votes.sqlite", REVIEW)
    with pytest.raises(sqlite3.IntegrityError), store.writing() as connection:
        connection.executemany("INSERT INTO asked VALUES (?, 'item')", [("alice",), (None,)])
    with store.reading() as connection:
        assert connection.execute("SELECT count(*) FROM asked").fetchone() == (0,)
    store.close()


def test_every_answer_is_on_disk_before_it_is_given(tmp_path: Path) -> None:
    store = open_store(tmp_path / "votes.sqlite", REVIEW)
    with store.reading() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    store.close()


def test_the_votes_of_another_review_are_refused(tmp_path: Path) -> None:
    open_store(tmp_path / "votes.sqlite", REVIEW).close()
    with pytest.raises(DocumentError, match="the votes of another review"):
        open_store(tmp_path / "votes.sqlite", "cd" * 16)


def test_a_file_of_another_layout_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "votes.sqlite"
    open_store(path, REVIEW).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(DocumentError, match="layout 99; expected 1"):
        open_store(path, REVIEW)


def test_what_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "votes.sqlite"
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(DocumentError, match="cannot be read"):
        open_store(path, REVIEW)


def test_a_folder_that_sqlite_cannot_work_in_is_told_as_such(tmp_path: Path) -> None:
    open_store(tmp_path / "votes.sqlite", REVIEW).close()
    # Its log cannot be made: something else is in the place.
    (tmp_path / "votes.sqlite-wal").mkdir()
    with pytest.raises(UsageError, match="expected room on the disk, and a folder that you may"):
        open_store(tmp_path / "votes.sqlite", REVIEW)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"")
    (tmp_path / "votes.sqlite").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="cannot be opened"):
        open_store(tmp_path / "votes.sqlite", REVIEW)


@pytest.mark.parametrize(
    ("signs", "seconds"),
    [
        ([], None),
        ([(Sign.ALIVE, 5.0), (Sign.SAVED, 9.0)], None),
        ([(Sign.OPENED, 0.0)], 0.0),
        ([(Sign.OPENED, 0.0), (Sign.ALIVE, 30.0)], 30.0),
        ([(Sign.OPENED, 0.0), (Sign.ALIVE, 90.0)], 60.0),
        ([(Sign.OPENED, 0.0), (Sign.OPENED, 500.0), (Sign.SAVED, 510.0)], 10.0),
        ([(Sign.OPENED, 0.0), (Sign.SAVED, 10.0), (Sign.ALIVE, 50.0)], 10.0),
        ([(Sign.OPENED, 0.0), (Sign.SAVED, 10.0), (Sign.OPENED, 20.0), (Sign.SAVED, 25.0)], 15.0),
        ([(Sign.OPENED, 0.0), (Sign.PUT_OFF, 299.0)], 299.0),
        ([(Sign.OPENED, 0.0), (Sign.PUT_OFF, 301.0)], 300.0),
    ],
)
def test_work_is_counted_from_opening_to_end_with_pauses_trimmed(
    signs: list[tuple[Sign, float]], seconds: float | None
) -> None:
    assert worked(signs, idle_seconds=60) == seconds
