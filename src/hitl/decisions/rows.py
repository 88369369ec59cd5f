"""The rows of a log in batches, as columns, with fields of the log's own beside hitl's columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from hitl.decisions import quote
from hitl.decisions.part import Cell, Part, Shape
from hitl.decisions.place import Form
from hitl.decisions.relation import column_name, inner_sql, typed_columns
from hitl.decisions.schema import BY_NAME, Kind
from hitl.decisions.source import Log
from hitl.errors import UsageError

BATCH = 50_000
"""Rows in memory at a time."""
MOST = 50_000_000
"""Rows that are brought from a database at most."""
NESTED = "content"
"""A field of the log's own that may hold an object; it comes as JSON, or as JSON in a JSON text."""
_WITHOUT_ZONE = "[0-9-]+ [0-9:.]+"
"""A time as engines write it that leave out the zone of the session, which is UTC."""
_WHOLE_NUMBER = r"[+-]?\d{1,18}([.]0)?"
_NUMBER = r"[+-]?(\d+[.]?\d*|[.]\d+)([eE][+-]?\d+)?"
_UNTYPED = (Form.CSV, Form.LINES)

Batch = Mapping[str, npt.NDArray[Any]]
"""Columns by name: hitl's numbers with NaN for no value, times in UTC with NaT, all else objects with None."""


class Written(StrEnum):
    """What the values of a field of the log's own are."""

    WHOLE = "BIGINT"
    NUMBER = "DOUBLE"
    FLAG = "BOOLEAN"
    TEXT = "VARCHAR"


@dataclass(frozen=True, slots=True)
class Staged:
    """The usable rows of a log in the order of the log, planted ones left out."""

    log: Log
    n: int
    n_seeded: int
    """Planted rows, which count for the detection of errors alone."""
    columns: tuple[str, ...]
    known: Mapping[str, int]
    """Rows with a value, by field of the log's own; fields that the log lacks are not named."""
    names: Mapping[str, str]
    """Name in the log of each column laid down under another name."""

    def batches(self, size: int = BATCH) -> Iterator[Batch]:
        """Yield the rows in order, so many at a time."""
        for start in range(0, self.n, size):
            sql = f"SELECT * FROM staged WHERE rowid >= {start} AND rowid < {start + size}"  # noqa: S608  # numbers
            found = self.log.home.columns(sql)
            names = {name: self.names.get(name, name) for name in found}
            yield {
                name: _plain(name, found[alias])
                for alias, name in names.items()
                if self._holds(name)
            }

    def _holds(self, name: str) -> bool:
        return name in self.known or name not in self.names.values()


def stage_rows(log: Log, columns: Sequence[str], own: Sequence[str] = ()) -> Staged:
    """Lay down some of hitl's columns, and fields of the log's own, row by row; on disk if memory is short.

    A field of the log's own keeps its type. In CSV and JSON lines, which are read as text, it is a number or a flag
    if all of its values are.

    Args:
        log: an opened log.
        columns: names of hitl's columns.
        own: names of other columns of the log; those that it does not have are left out.

    Raises:
        DocumentError: a line that cannot be read.
        UsageError: a database holds more rows than can be brought to this machine.
    """
    parts = [_widened(part, own) for part in log.parts]
    present = [name for name in dict.fromkeys(own) if any(name in part.cells for part in parts)]
    numbers = {name: f"own{number}" for number, name in enumerate(present)}
    pieces = [_part_sql(log, part, columns, numbers) for part in parts]
    log.keep("written", " UNION ALL ".join(pieces), MOST)
    n_rows = log.home.rows("SELECT COUNT(*) FROM written")[0][0]
    if n_rows >= MOST and log.engine is not log.home:
        raise UsageError(f"{log.place} holds {MOST:,} decisions or more, too many to bring to this machine; name a part of it")  # fmt: skip
    kinds = {name: _kind(log, parts, name, alias) for name, alias in numbers.items()}
    typed = [f"CAST({alias} AS {kinds[name]}) AS {alias}" for name, alias in numbers.items()]  # fmt: skip
    kept = [column_name(BY_NAME[name]) for name in columns]
    sql = f"SELECT {', '.join([*kept, *typed])} FROM written WHERE NOT COALESCE(seeded, FALSE)"  # noqa: S608  # quoted
    log.home.rows(f"CREATE OR REPLACE TABLE staged AS {sql}")
    log.home.rows("DROP TABLE written")
    counts = ", ".join(["COUNT(*)", *(f"COUNT({alias})" for alias in numbers.values())])
    n, *known = log.home.rows(f"SELECT {counts} FROM staged")[0]  # noqa: S608  # quoted
    found = {name: count for name, count in zip(present, known, strict=True) if count}
    return Staged(
        log, n, n_rows - n, tuple(columns), found, {alias: name for name, alias in numbers.items()}
    )


def _widened(part: Part, own: Sequence[str]) -> Part:
    """Of JSON lines only named keys are read; name these too."""
    if part.form is not Form.LINES or part.relation:
        return part
    cells = {name: Cell(quote.name(name), Shape.TEXT) for name in own}
    return replace(part, cells={**cells, **part.cells})


def _part_sql(log: Log, part: Part, columns: Sequence[str], own: Mapping[str, str]) -> str:
    typed = [one for one in typed_columns(part, log.reading) if one.column.name in {*columns, "seeded_error"}]  # fmt: skip
    values = {one.column.name: one.value for one in typed}
    picked = [f"{values[name]} AS {column_name(BY_NAME[name])}" for name in columns]
    picked += [f"{values['seeded_error']} AS seeded", *own.values()]
    raw = [f"{_raw(log, name, part.cells.get(name))} AS {alias}" for name, alias in own.items()]
    inner = inner_sql(part, typed, log.reading).removeprefix("SELECT ")
    return (
        f"SELECT {', '.join(picked)} FROM (SELECT {', '.join([*raw, inner])}) AS lines WHERE kept"  # noqa: S608  # quoted
    )


def _raw(log: Log, name: str, cell: Cell | None) -> str:
    dialect = log.reading.dialect
    if cell is None:
        return f"CAST(NULL AS {dialect.text})"
    if name == NESTED and log.engine is log.home:
        return f"CAST(TO_JSON({cell.sql}) AS VARCHAR)"
    text = dialect.as_text(cell.sql)
    if cell.shape is Shape.ZONED:
        text = (
            f"CASE WHEN {dialect.matches(text, _WITHOUT_ZONE)} THEN {text} || '+00' ELSE {text} END"
        )
    return f"NULLIF({text}, '')"


def _kind(log: Log, parts: Sequence[Part], name: str, alias: str) -> Written:
    """Return the narrowest type that holds every value, where the log's own types do not forbid it."""
    cells = [(part.form, part.cells[name].shape) for part in parts if name in part.cells]
    shapes = {shape for _, shape in cells}
    is_text = Shape.TEXT in shapes and not all(form in _UNTYPED for form, shape in cells if shape is Shape.TEXT)  # fmt: skip
    if is_text or not shapes <= {Shape.TEXT, Shape.NUMBER, Shape.FLAG}:
        return Written.TEXT
    conditions = {
        Written.WHOLE: f"REGEXP_FULL_MATCH({alias}, '{_WHOLE_NUMBER}')",
        Written.NUMBER: f"REGEXP_FULL_MATCH({alias}, '{_NUMBER}')",
        Written.FLAG: f"LOWER({alias}) IN ('true', 'false')",
    }
    asked = ", ".join(f"BOOL_AND({condition})" for condition in conditions.values())
    found = log.home.rows(f"SELECT {asked} FROM written")[0]  # noqa: S608  # constants
    fits = [kind for kind, holds in zip(conditions, found, strict=True) if holds]
    # A typed number may be NaN or endless, which no text of a number is.
    typed = Written.NUMBER if shapes == {Shape.NUMBER} else Written.TEXT
    return fits[0] if fits else typed


def _plain(name: str, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a column without a mask."""
    column = BY_NAME.get(name.removesuffix("_us")) or BY_NAME.get(name)
    missing = np.ma.getmaskarray(values)
    plain = np.ma.getdata(values)
    if column is not None and column.kind is Kind.INSTANT:
        moments = plain.astype("datetime64[us]")
        moments[missing] = np.datetime64("NaT")
        return moments
    if column is not None and plain.dtype.kind == "f":
        return np.where(missing, np.nan, plain)
    # Objects, because a rule takes NaN for a number and none of its comparisons would hold.
    return blanked(plain, missing)


def blanked(values: npt.NDArray[Any], missing: npt.NDArray[np.bool_]) -> npt.NDArray[np.object_]:
    """Return values as objects, None where they are missing or not finite."""
    objects = values.astype(object)
    endless = ~np.isfinite(values) if values.dtype.kind == "f" else False
    objects[missing | endless] = None
    return objects
