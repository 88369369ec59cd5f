"""Where a decision log lies: files, globs, and tables in DuckDB and SQLite files."""

import glob
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hitl.document.source import check_regular, is_folder
from hitl.errors import DocumentError, Mistake


class Form(StrEnum):
    """How a log is written."""

    PARQUET = "parquet"
    CSV = "csv"
    LINES = "jsonl"
    DUCKDB = "duckdb"
    SQLITE = "sqlite"


@dataclass(frozen=True, slots=True)
class Place:
    """One file of a log, or one table of a database file."""

    path: Path
    form: Form
    table: str = ""

    def __str__(self) -> str:
        return f"{self.path}::{self.table}" if self.table else str(self.path)


_SUFFIXES = {
    ".parquet": Form.PARQUET,
    ".csv": Form.CSV,
    ".jsonl": Form.LINES,
    ".ndjson": Form.LINES,
}
_EXPECTED = (
    "expected .parquet, .csv, .jsonl (also .gz), or DATABASE::TABLE of a DuckDB or SQLite file"
)
_SQLITE = b"SQLite format 3\x00"
_DUCKDB = b"DUCK"


def find_places(logs: Iterable[str]) -> tuple[Place, ...]:
    """Return every file and table that the words of a user name, globs spread out, in order.

    Raises:
        DocumentError: every word that names nothing that can be read.
    """
    places: dict[Place, None] = {}
    mistakes: list[Mistake] = []
    for log in logs:
        try:
            places |= dict.fromkeys(_of_word(log))
        except DocumentError as error:
            mistakes += error.mistakes
    if mistakes:
        raise DocumentError(mistakes)
    return tuple(places)


def _of_word(log: str) -> list[Place]:
    name, _, table = log.partition("::")
    if "://" in log:
        raise _error(log, f"is an address; database URLs are not read yet; {_EXPECTED}")
    if table:
        return [_table(Path(name), table)]
    if not glob.has_magic(log) or Path(log).exists():
        return [_file(Path(log))]
    found = sorted(glob.glob(log, recursive=True))  # noqa: PTH207  # takes whole paths, absolute too
    if not found:
        raise _error(log, "no file matches this pattern; check the path and quote the pattern")
    return [_file(Path(path)) for path in found if not is_folder(Path(path))]


def _file(path: Path) -> Place:
    if is_folder(path):
        raise _error(str(path), "is a folder; name the files in it, such as FOLDER/*.parquet")
    size = check_regular(path)
    inner = Path(path.stem) if path.suffix == ".gz" else path
    form = _SUFFIXES.get(inner.suffix.lower())
    if form is None:
        raise _error(str(path), f"ends in {path.suffix or 'nothing'!r}; {_EXPECTED}")
    if not size:
        raise _error(str(path), "is empty: there is no decision in it")
    return Place(path, form)


def _table(path: Path, table: str) -> Place:
    check_regular(path)
    with path.open("rb") as stream:
        head = stream.read(16)
    if head == _SQLITE:
        return Place(path, Form.SQLITE, table)
    if head[8:12] == _DUCKDB:
        return Place(path, Form.DUCKDB, table)
    raise _error(f"{path}::{table}", "is neither a DuckDB nor a SQLite file")


def _error(place: str, problem: str) -> DocumentError:
    return DocumentError([Mistake(place, 0, "", problem)])
