"""Where a decision log lies: files, globs, tables in DuckDB and SQLite files, and addresses of other machines."""

import glob
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from hitl.decisions.query import EngineName
from hitl.document.source import check_regular, is_folder
from hitl.errors import DocumentError, Mistake


class Form(StrEnum):
    """How a log is written."""

    PARQUET = "parquet"
    CSV = "csv"
    LINES = "jsonl"
    DUCKDB = "duckdb"
    SQLITE = "sqlite"
    POSTGRES = "postgresql"


@dataclass(frozen=True, slots=True)
class Place:
    """One file of a log, or one table of a database."""

    path: Path
    form: Form
    table: str = ""
    address: str = field(default="", repr=False)
    """Of what lies elsewhere; it may hold a password, so messages show `str` of the place."""

    def __str__(self) -> str:
        name = shown_address(self.address) if self.address else str(self.path)
        return f"{name}::{self.table}" if self.table else name


_SUFFIXES = {
    ".parquet": Form.PARQUET,
    ".csv": Form.CSV,
    ".jsonl": Form.LINES,
    ".ndjson": Form.LINES,
}
_EXPECTED = (
    "expected .parquet, .csv, .jsonl (also .gz), DATABASE::TABLE of a DuckDB or SQLite file, "
    "or postgresql://USER@HOST/DATABASE::TABLE"
)
_POSTGRES = ("postgres", "postgresql", "postgresql+psycopg")
_REMOTE = ("s3a", "s3", "gs", "abfs", "abfss", "wasbs", "hdfs", "dbfs", "file")
"""Where Spark can read files, given the libraries that its installation needs for it."""
_SQLITE = b"SQLite format 3\x00"
_DUCKDB = b"DUCK"


def find_places(logs: Iterable[str], engine: EngineName = EngineName.DUCKDB) -> tuple[Place, ...]:
    """Return every file and table that the words of a user name, globs spread out, in order.

    Raises:
        DocumentError: every word that names nothing that can be read; or a database beside anything else.
    """
    places: dict[Place, None] = {}
    mistakes: list[Mistake] = []
    for log in logs:
        try:
            places |= dict.fromkeys(_of_word(log, engine))
        except DocumentError as error:
            mistakes += error.mistakes
    if len({place.address if place.form is Form.POSTGRES else "" for place in places}) > 1:
        problem = "one log is files, or tables of one database; export the rest to Parquet"
        mistakes += [Mistake(str(place), 0, "", problem) for place in places if place.address]
    if mistakes:
        raise DocumentError(mistakes)
    return tuple(places)


def shown_address(address: str) -> str:
    """Return an address without its password and its settings, which may hold one.

    >>> shown_address("postgresql://me:secret@host:5432/base?sslpassword=x")
    'postgresql://me:***@host:5432/base'
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return f"{address.partition('://')[0]}://..."
    user, at, host = parts.netloc.rpartition("@")
    name, colon, _ = user.partition(":")
    hidden = f"{name}:***" if colon else name
    return f"{parts.scheme}://{hidden}{at}{host}{parts.path}"


def _of_address(log: str, engine: EngineName) -> Place:
    scheme = log.partition("://")[0].lower()
    address, _, table = log.rpartition("::") if "::" in log else (log, "", "")
    if "/" in table or "]" in table:  # the colons belong to an IPv6 host
        address, table = log, ""
    if scheme in _POSTGRES:
        if not table:
            raise _error(
                shown_address(log), "names no table; expected URL::TABLE or URL::SCHEMA.TABLE"
            )
        return Place(Path(), Form.POSTGRES, table, address)
    if scheme not in _REMOTE:
        problem = f"is an address that hitl cannot read; {_EXPECTED}; {', '.join(_REMOTE)} with --engine spark"
        raise _error(shown_address(log), problem)
    if engine is not EngineName.SPARK:
        raise _error(
            shown_address(log), "is read by Spark alone; add --engine spark, or copy the files here"
        )
    form = _form(Path(urlsplit(log).path))
    if form is None:
        raise _error(shown_address(log), f"does not end as a file of a log does; {_EXPECTED}")
    return Place(Path(), form, "", log)


def _of_word(log: str, engine: EngineName) -> list[Place]:
    if "://" in log:
        return [_of_address(log, engine)]
    name, _, table = log.partition("::")
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
    form = _form(path)
    if form is None:
        raise _error(str(path), f"ends in {path.suffix or 'nothing'!r}; {_EXPECTED}")
    if not size:
        raise _error(str(path), "is empty: there is no decision in it")
    return Place(path, form)


def _form(path: Path) -> Form | None:
    inner = Path(path.stem) if path.suffix == ".gz" else path
    return _SUFFIXES.get(inner.suffix.lower())


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
