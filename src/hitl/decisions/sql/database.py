"""Tables of SQLite files as plain files that the SQL engine reads.

The engine's own SQLite reader would have to be downloaded, so the table is streamed through Python instead.
"""

import csv
import sqlite3
from collections.abc import Container, Sequence
from contextlib import closing
from pathlib import Path

from hitl.decisions import quote
from hitl.decisions.place import Place
from hitl.decisions.query import Row
from hitl.decisions.shown import first_line, listed, shown
from hitl.errors import DocumentError, Mistake

_BATCH = 10_000


def export_sqlite(place: Place, target: Path, read: Container[str]) -> None:
    """Write one table or view as CSV, numbers with every digit; bytes of columns that nobody reads as hexadecimal.

    Args:
        place: the table.
        target: the CSV file.
        read: names of the columns that are read.

    Raises:
        DocumentError: no such table, bytes where text belongs, or a damaged file.
    """
    try:
        with closing(
            sqlite3.connect(f"{place.path.absolute().as_uri()}?mode=ro", uri=True)
        ) as base:
            base.execute("PRAGMA trusted_schema = OFF")
            _check_table(base, place)
            rows = base.execute(f"SELECT * FROM {quote.name(place.table)}")  # noqa: S608  # quoted
            names = [column[0] for column in rows.description]
            n_rows = 0
            with target.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream)
                writer.writerow(names)
                while batch := rows.fetchmany(_BATCH):
                    writer.writerows(_texts(place, batch, names, n_rows, read))
                    n_rows += len(batch)
    except (sqlite3.Error, UnicodeEncodeError) as error:
        raise _error(place, f"cannot be read ({first_line(error)})") from error


def _texts(
    place: Place, batch: Sequence[Row], names: Sequence[str], before: int, read: Container[str]
) -> Sequence[Row]:
    if not any(bytes in set(map(type, row)) for row in batch):
        return batch
    for number, row in enumerate(batch, start=before + 1):
        for name, value in zip(names, row, strict=True):
            if isinstance(value, bytes) and name in read:
                problem = (
                    f"row {number:,} holds bytes (a BLOB); expected a text, a number or nothing"
                )
                raise DocumentError([Mistake(str(place), 0, shown(name), problem)])
    return [tuple(one.hex() if isinstance(one, bytes) else one for one in row) for row in batch]


def _check_table(base: sqlite3.Connection, place: Place) -> None:
    found = [
        row[0]
        for row in base.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name"
        )
    ]
    if place.table not in found:
        raise no_table(place, found)


def no_table(place: Place, found: list[str]) -> DocumentError:
    """Return the error of a table that is not there."""
    return _error(place, f"no such table; the file has: {listed(found)}")


def _error(place: Place, problem: str) -> DocumentError:
    return DocumentError([Mistake(str(place), 0, "", problem)])
