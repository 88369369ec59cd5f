"""Tables of SQLite files, and packed Parquet files, as plain files that the SQL engine reads.

The engine's own SQLite reader would have to be downloaded, so the table is streamed through Python instead.
"""

import csv
import gzip
import shutil
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

from hitl.decisions import quote
from hitl.decisions.place import Place
from hitl.errors import DocumentError, Mistake

_BATCH = 10_000


def export_sqlite(place: Place, target: Path) -> None:
    """Write one table as CSV, numbers with every digit.

    Raises:
        DocumentError: no such table, bytes where text belongs, or a damaged file.
    """
    try:
        with closing(
            sqlite3.connect(f"{place.path.absolute().as_uri()}?mode=ro", uri=True)
        ) as base:
            _check_table(base, place)
            rows = base.execute(f"SELECT * FROM {quote.name(place.table)}")  # noqa: S608  # quoted
            with target.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream)
                writer.writerow([column[0] for column in rows.description])
                while batch := rows.fetchmany(_BATCH):
                    writer.writerows(batch)
    except (sqlite3.Error, UnicodeEncodeError) as error:
        raise _error(place, f"cannot be read ({error})") from error


def unpack(path: Path, target: Path) -> None:
    """Write the content of a gzip file.

    Raises:
        DocumentError: it is damaged, cut short, or no gzip file.
    """
    try:
        with gzip.open(path, "rb") as packed, target.open("wb") as stream:
            shutil.copyfileobj(packed, stream, 1 << 20)
    except (EOFError, OSError, zlib.error) as error:
        problem = f"the compressed file is damaged or cut short ({error})"
        raise DocumentError([Mistake(str(path), 0, "", problem)]) from error


def _check_table(base: sqlite3.Connection, place: Place) -> None:
    found = [
        row[0]
        for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    ]
    if place.table not in found:
        raise no_table(place, found)


def no_table(place: Place, found: list[str]) -> DocumentError:
    """Return the error of a table that is not there."""
    there = ", ".join(found[:20]) or "none"
    return _error(place, f"no such table; the file has: {there}")


def _error(place: Place, problem: str) -> DocumentError:
    return DocumentError([Mistake(str(place), 0, "", problem)])
