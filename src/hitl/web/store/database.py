"""One SQLite file, opened so that an answer is sent only when what it says is on disk.

WAL with `synchronous = FULL`: a transaction that was answered survives a killed process and a lost power supply, one
that was not is gone as a whole. Each thread has a connection of its own; a transaction lives inside one function call,
so that no lock is held while the server waits for anything else.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hitl.errors import DocumentError, Mistake, UsageError
from hitl.web.store.schema import LAYOUT, TABLES

_PATIENCE = 10.0
"""Seconds for which a transaction waits for another."""
_ANEW = "move the file away to begin anew (its votes are then left out), or restore it from a copy"


class Store:
    """The file, for as long as the server runs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._own = threading.local()
        self._guard = threading.Lock()
        self._open: list[sqlite3.Connection] = []

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Run one transaction that writes: all of it is on disk afterwards, or nothing."""
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read one state of the file, whatever is written meanwhile."""
        connection = self._connection()
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close every connection; the last one folds the log into the file."""
        with self._guard:
            while self._open:
                self._open.pop().close()
        self._own = threading.local()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            # Used by this thread alone; only `close` may come from another.
            connection = sqlite3.connect(
                self._path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            self._own.connection = connection
            with self._guard:
                self._open.append(connection)
        return connection


def open_store(path: Path, review_id: str) -> Store:
    """Open the file of a review, or make it, readable by its owner alone.

    Raises:
        DocumentError: it is damaged, of another review, or of another version of hitl.
        UsageError: it cannot be made or opened.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600))
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be opened for writing ({error.strerror}); make it a file that you own, in a folder that you may write"
        ) from error
    store = Store(path)
    try:
        _prepare(store, path, review_id)
    except sqlite3.OperationalError as error:
        store.close()
        raise UsageError(
            f"{path}: cannot be used ({error}); expected room on the disk, and a folder that you may write: a log is kept beside the file"
        ) from error
    except sqlite3.DatabaseError as error:
        store.close()
        raise DocumentError(
            [Mistake(str(path), 0, "", f"cannot be read ({error}); {_ANEW}")]
        ) from (error)
    except DocumentError:
        store.close()
        raise
    return store


def _prepare(store: Store, path: Path, review_id: str) -> None:
    with store.writing() as connection:
        (layout,) = connection.execute("PRAGMA user_version").fetchone()
        if layout == 0:
            _create(connection, review_id)
            return
        problem = _problem(connection, layout, review_id)
    if problem:
        raise DocumentError([Mistake(str(path), 0, "", f"{problem}; {_ANEW}")])


def _create(connection: sqlite3.Connection, review_id: str) -> None:
    # One statement at a time: `executescript` would end the transaction first.
    statement = ""
    for line in TABLES.strip().splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""
    connection.execute("INSERT INTO review VALUES (?)", (review_id,))
    connection.execute(f"PRAGMA user_version = {LAYOUT}")


def _problem(connection: sqlite3.Connection, layout: int, review_id: str) -> str:
    if layout != LAYOUT:
        return f"is of layout {layout}; expected {LAYOUT}"
    faults = [row[0] for row in connection.execute("PRAGMA quick_check(3)") if row[0] != "ok"]
    if faults:
        return f"is damaged ({'; '.join(faults)})"
    found = connection.execute("SELECT review_id FROM review").fetchone()
    if found is None or found[0] != review_id:
        return "holds the votes of another review"
    return ""
