"""Open a decision log of any form as one relation, `decisions`, with hitl's columns and types."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from hitl.decisions.malformed import broken_lines
from hitl.decisions.mapping import LogColumns
from hitl.decisions.part import Part
from hitl.decisions.place import Form, Place, find_places
from hitl.decisions.query import Engine, EngineName, QueryError, Row
from hitl.decisions.relation import view_sql
from hitl.decisions.schema import COLUMNS
from hitl.decisions.shown import listed
from hitl.decisions.sql.duck import Duck, Limits
from hitl.decisions.sql.extra import load
from hitl.decisions.sql.files import file_parts, unreadable, wanted
from hitl.decisions.typed import Reading
from hitl.document.lines import strict_json
from hitl.document.source import iterate_lines
from hitl.errors import DocumentError, Mistake

CLOCK_GRACE = 300
"""Seconds by which a clock may run ahead."""
_SAMPLE = 1000
"""Lines of a JSON lines file in which keys that nobody reads are looked for."""


@dataclass(frozen=True, slots=True)
class Log:
    """An opened log; its relation is `decisions`."""

    engine: Engine
    """Where the rows are."""
    home: Duck
    """Where counted lines are brought to; the same engine where the log is in files."""
    parts: tuple[Part, ...]
    reading: Reading
    present: tuple[str, ...]
    """hitl's columns that the log has."""
    unused: tuple[str, ...] = field(default=())
    """The log's columns that nothing reads."""

    @property
    def place(self) -> str:
        """What messages call the whole log."""
        names = [name for part in self.parts for name in part.names]
        return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"

    @property
    def n_files(self) -> int:
        """Files and tables of the log."""
        return sum(len(part.names) for part in self.parts)

    def rows(self, sql: str) -> list[Row]:
        """Run one query where the rows are.

        Raises:
            DocumentError: every line that makes the log unreadable.
        """
        try:
            return self.engine.rows(sql)
        except QueryError as error:
            raise self._unreadable(error) from error

    def columns(self, sql: str) -> dict[str, Any]:
        """Run one query where the rows are, and return numpy columns; one with nulls is a masked array.

        Raises:
            DocumentError: every line that makes the log unreadable.
        """
        try:
            return self.home.columns(f"SELECT * FROM {self.engine.fetch(sql)} AS answer")  # noqa: S608  # whole
        except QueryError as error:
            raise self._unreadable(error) from error

    def keep(self, table: str, sql: str, most: int) -> None:
        """Bring the answer of a query home, as a table.

        Args:
            table: its name there.
            sql: the query, which runs where the rows are.
            most: lines that are brought at most from another machine.

        Raises:
            DocumentError: every line that makes the log unreadable.
        """
        try:
            answer = self.engine.fetch(sql, None if self.engine is self.home else most)
            self.home.rows(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM {answer} AS answer")  # noqa: S608  # whole
        except QueryError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: QueryError) -> DocumentError:
        text = [part for part in self.parts if part.form in (Form.CSV, Form.LINES)]
        mistakes = [mistake for part in text for mistake in broken_lines(part)]
        return DocumentError(mistakes or [unreadable(self.place, error)])


@contextmanager
def open_log(
    logs: Sequence[str],
    at: datetime,
    mapping: LogColumns | None = None,
    limits: Limits | None = None,
    folder: Path | None = None,
    engine: EngineName = EngineName.DUCKDB,
) -> Iterator[Log]:
    """Open logs as one.

    Args:
        logs: files, globs, `DATABASE::TABLE`, and `postgresql://USER@HOST/DATABASE::TABLE`.
        at: now, with its zone; later times are faults.
        mapping: names, words, units and zone; hitl's own if None.
        limits: memory and threads.
        folder: where temporary files go; the system's folder if None.
        engine: who reads files; tables of a server are read by the server.

    Raises:
        DocumentError: every file, table or column that cannot be used.
        UsageError: the engine is not installed, or does not start.
    """
    mapping = mapping or LogColumns()
    places = find_places(logs, engine)
    latest = int(at.timestamp() + CLOCK_GRACE) * 1_000_000
    with (
        tempfile.TemporaryDirectory(prefix="hitl-log-", dir=folder) as scratch,
        Duck(Path(scratch), limits or Limits()) as home,
    ):
        _check_zone(home, mapping)
        source = _Source(places, mapping, Path(scratch), limits or Limits())
        with _opened(source, home, engine) as (asked, parts):
            found = _found(asked, parts)
            present = tuple(column.name for column in COLUMNS if mapping.source(column.name) in found)  # fmt: skip
            _check_columns(mapping, found, present, str(places[0]))
            unused = tuple(sorted(found - set(wanted(mapping))))
            reading = Reading(mapping, latest, asked.dialect)
            log = Log(asked, home, parts, reading, present, unused)
            try:
                asked.define(view_sql(parts, reading))
            except QueryError as error:
                raise DocumentError([unreadable(log.place, error)]) from error
            yield log


@dataclass(frozen=True, slots=True)
class _Source:
    """What is opened."""

    places: tuple[Place, ...]
    mapping: LogColumns
    scratch: Path
    limits: Limits


@contextmanager
def _opened(
    source: _Source, home: Duck, engine: EngineName
) -> Iterator[tuple[Engine, tuple[Part, ...]]]:
    if any(place.form is Form.POSTGRES for place in source.places):
        module = load("postgres", "warehouse", "a log in PostgreSQL")
        with closing(module.Postgres(source.places[0].address, source.scratch)) as server:
            yield server, server.parts(source.places)
    elif engine is EngineName.SPARK:
        module = load("spark", "spark", "--engine spark")
        with closing(module.Spark(source.scratch, source.limits)) as spark:
            yield spark, spark.parts(source.places, wanted(source.mapping))
    else:
        yield home, file_parts(source.places, home, source.scratch, source.mapping)


def _check_zone(home: Duck, mapping: LogColumns) -> None:
    zone = mapping.zone
    if zone is None or mapping.offset:
        return
    if not home.rows("SELECT 1 FROM pg_timezone_names() WHERE name = ?", zone):
        problem = f"{zone!r} is no time zone; expected a name such as Europe/Berlin, or +02:00"
        raise DocumentError([Mistake("mapping", 0, "zone", problem)])


def _found(engine: Engine, parts: Sequence[Part]) -> set[str]:
    """The log's columns; keys of JSON lines are those of the first lines, and mapped ones anywhere."""
    found: set[str] = set()
    for part in parts:
        if part.form is not Form.LINES:
            found |= part.cells.keys()
            continue
        found |= _sampled(part)
        if missing := set(part.cells) - found:
            found |= _anywhere(engine, part, sorted(missing))
    return found


def _sampled(part: Part) -> set[str]:
    keys: set[str] = set()
    for path in part.files[:3]:
        for _, content in islice(_lines(path), _SAMPLE):
            try:
                value = strict_json(content)
            except (ValueError, UnicodeDecodeError):
                continue
            keys |= value.keys() if isinstance(value, dict) else set()
    return keys


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Lines up to the first that cannot be read, which the engine tells of."""
    with suppress(DocumentError):
        yield from iterate_lines(path)


def _anywhere(engine: Engine, part: Part, names: Sequence[str]) -> set[str]:
    counts = ", ".join(f"COUNT({part.cells[name].sql})" for name in names)
    try:
        row = engine.rows(f"SELECT {counts} FROM {part.read()}")[0]  # noqa: S608  # quoted
    except QueryError as error:
        raise DocumentError(broken_lines(part) or [unreadable(part.names[0], error)]) from error
    return {name for name, n in zip(names, row, strict=True) if n}


def _check_columns(
    mapping: LogColumns, found: set[str], present: Sequence[str], place: str
) -> None:
    there = listed(sorted(found))
    mistakes = [
        Mistake(place, 0, source, f"no such column, though `columns.{name}` names it; the log has: {there}")
        for name, source in mapping.columns.items()
        if source not in found
    ]  # fmt: skip
    mistakes += [
        Mistake(place, 0, source, f"no such column, though `only` names it; the log has: {there}")
        for source in mapping.only
        if source not in found
    ]
    if not mistakes and not present:
        problem = f"no column has a name of hitl's; map them with `columns`; the log has: {there}"
        mistakes = [Mistake(place, 0, "", problem)]
    if mistakes:
        raise DocumentError(mistakes)
