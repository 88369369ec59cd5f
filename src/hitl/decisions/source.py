"""Open a decision log of any form as one relation, `decisions`, with hitl's columns and types."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from hitl.decisions import quote
from hitl.decisions.database import export_sqlite, no_table, unpack
from hitl.decisions.duck import Engine, Limits, Row, first_line, told
from hitl.decisions.malformed import broken_lines
from hitl.decisions.mapping import LogColumns
from hitl.decisions.part import Cell, Part, csv_parts, lines_parts
from hitl.decisions.place import Form, Place, find_places
from hitl.decisions.relation import view_sql
from hitl.decisions.schema import COLUMNS
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

    def rows(self, sql: str, *values: object) -> list[Row]:
        """Run one query.

        Raises:
            DocumentError: every line that makes the log unreadable.
        """
        try:
            return self.engine.rows(sql, *values)
        except duckdb.Error as error:
            raise self._unreadable(error) from error

    def columns(self, sql: str) -> dict[str, Any]:
        """Run one query and return numpy columns."""
        try:
            return self.engine.columns(sql)
        except duckdb.Error as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: duckdb.Error) -> DocumentError:
        text = [part for part in self.parts if part.form in (Form.CSV, Form.LINES)]
        mistakes = [mistake for part in text for mistake in broken_lines(part)]
        return DocumentError(mistakes) if mistakes else told(error, self.place)


@contextmanager
def open_log(
    logs: Sequence[str],
    at: datetime,
    mapping: LogColumns | None = None,
    limits: Limits | None = None,
    folder: Path | None = None,
) -> Iterator[Log]:
    """Open logs as one.

    Args:
        logs: files, globs, and `DATABASE::TABLE`.
        at: now, with its zone; later times are faults.
        mapping: names, words, units and zone; hitl's own if None.
        limits: memory and threads.
        folder: where temporary files go; the system's folder if None.

    Raises:
        DocumentError: every file, table or column that cannot be used.
    """
    mapping = mapping or LogColumns()
    places = find_places(logs)
    latest = int(at.timestamp() + CLOCK_GRACE) * 1_000_000
    with (
        tempfile.TemporaryDirectory(prefix="hitl-log-", dir=folder) as scratch,
        Engine(Path(scratch), limits or Limits()) as engine,
    ):
        reading = Reading(mapping, latest)
        _check_zone(engine, mapping)
        parts = _parts(places, engine, Path(scratch), mapping)
        sources = {column.name: mapping.source(column.name) for column in COLUMNS}
        found = _found(engine, parts, mapping)
        present = tuple(name for name, source in sources.items() if source in found)
        _check_columns(mapping, found, present, str(places[0]))
        unused = tuple(sorted(found - set(sources.values()) - set(mapping.only)))
        log = Log(engine, parts, reading, present, unused)
        log.rows(f"CREATE VIEW decisions AS {view_sql(parts, reading)}")
        yield log


def _check_zone(engine: Engine, mapping: LogColumns) -> None:
    zone = mapping.zone
    if zone is None or mapping.offset:
        return
    if not engine.rows("SELECT 1 FROM pg_timezone_names() WHERE name = ?", zone):
        problem = f"{zone!r} is no time zone; expected a name such as Europe/Berlin, or +02:00"
        raise DocumentError([Mistake("mapping", 0, "zone", problem)])


def _parts(
    places: Sequence[Place], engine: Engine, scratch: Path, mapping: LogColumns
) -> tuple[Part, ...]:
    files: dict[Form, list[tuple[Path, str]]] = {form: [] for form in Form}
    parts: list[Part] = []
    mistakes: list[Mistake] = []
    for number, place in enumerate(places):
        try:
            if place.form is Form.DUCKDB:
                parts.append(_duckdb_part(engine, place, f"log{number}"))
            else:
                form, path = _as_file(place, scratch / f"{number}")
                files[form].append((path, str(place)))
        except DocumentError as error:
            mistakes += error.mistakes
    wanted = [*(mapping.source(column.name) for column in COLUMNS), *mapping.only]
    for form in (Form.CSV, Form.PARQUET, Form.LINES):
        try:
            parts += _file_parts(engine, form, files[form], wanted)
        except DocumentError as error:
            mistakes += error.mistakes
    if mistakes:
        raise DocumentError(mistakes)
    return tuple(parts)


def _file_parts(
    engine: Engine, form: Form, files: Sequence[tuple[Path, str]], wanted: Sequence[str]
) -> list[Part]:
    if form is Form.CSV:
        return csv_parts(files)
    return _parquet_parts(engine, files) if form is Form.PARQUET else lines_parts(files, wanted)


def _as_file(place: Place, target: Path) -> tuple[Form, Path]:
    if place.form is Form.SQLITE:
        export_sqlite(place, target)
        return Form.CSV, target
    if place.form is Form.PARQUET and place.path.suffix == ".gz":
        unpack(place.path, target)
        return Form.PARQUET, target
    return place.form, place.path


def _duckdb_part(engine: Engine, place: Place, alias: str) -> Part:
    try:
        engine.rows(f"ATTACH {quote.text(str(place.path))} AS {alias} (READ_ONLY)")
        sql = "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? ORDER BY 1, 2"
        tables = {(table if schema == "main" else f"{schema}.{table}"): (schema, table)
                  for schema, table in engine.rows(sql, alias)}  # fmt: skip
        if place.table not in tables:
            raise no_table(place, list(tables))
        relation = ".".join(map(quote.name, (alias, *tables[place.table])))
        cells = _described(engine, relation)
    except duckdb.Error as error:
        raise told(error, str(place)) from error
    return Part(Form.DUCKDB, (place.path,), (str(place),), cells, relation)


def _parquet_parts(engine: Engine, files: Sequence[tuple[Path, str]]) -> list[Part]:
    if not files:
        return []
    paths, names = zip(*files, strict=True)
    part = Part(Form.PARQUET, paths, names, {})
    try:
        cells = _described(engine, part.read())
    except duckdb.Error as error:
        raise DocumentError(
            _damaged(engine, part) or list(told(error, names[0]).mistakes)
        ) from error
    return [Part(Form.PARQUET, paths, names, cells)]


def _damaged(engine: Engine, part: Part) -> list[Mistake]:
    mistakes = []
    for path, name in zip(part.files, part.names, strict=True):
        try:
            _described(engine, part.read([path]))
        except duckdb.Error as error:
            problem = f"is no whole Parquet file ({first_line(error)}); was it still being written?"
            mistakes.append(Mistake(name, 0, "", problem))
    return mistakes


def _described(engine: Engine, relation: str) -> dict[str, Cell]:
    rows = engine.rows(f"DESCRIBE SELECT * FROM {relation}")  # noqa: S608  # quoted
    return {row[0]: Cell(quote.name(row[0]), row[1]) for row in rows}


def _found(engine: Engine, parts: Sequence[Part], mapping: LogColumns) -> set[str]:
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
        for (_, content), _ in zip(iterate_lines(path), range(_SAMPLE), strict=False):
            try:
                value = strict_json(content)
            except (ValueError, UnicodeDecodeError):
                continue
            keys |= value.keys() if isinstance(value, dict) else set()
    return keys


def _anywhere(engine: Engine, part: Part, names: Sequence[str]) -> set[str]:
    counts = ", ".join(f"COUNT({part.cells[name].sql})" for name in names)
    try:
        row = engine.rows(f"SELECT {counts} FROM {part.read()}")[0]  # noqa: S608  # quoted
    except duckdb.Error as error:
        raise DocumentError(
            broken_lines(part) or list(told(error, part.names[0]).mistakes)
        ) from error
    return {name for name, n in zip(names, row, strict=True) if n}


def _check_columns(
    mapping: LogColumns, found: set[str], present: Sequence[str], place: str
) -> None:
    there = sorted(found)
    listed = ", ".join(there[:20]) + (f" and {len(there) - 20} more" if len(there) > 20 else "")
    mistakes = [
        Mistake(place, 0, source, f"no such column, though `columns.{name}` names it; the log has: {listed}")
        for name, source in mapping.columns.items()
        if source not in found
    ]  # fmt: skip
    mistakes += [
        Mistake(place, 0, source, f"no such column, though `only` names it; the log has: {listed}")
        for source in mapping.only
        if source not in found
    ]
    if not mistakes and not present:
        problem = f"no column has a name of hitl's; map them with `columns`; the log has: {listed}"
        mistakes = [Mistake(place, 0, "", problem)]
    if mistakes:
        raise DocumentError(mistakes)
