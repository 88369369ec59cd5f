"""The relation `decisions`: every column of hitl, typed, over every part of a log."""

from collections.abc import Sequence
from pathlib import Path

from hitl.decisions.part import Part
from hitl.decisions.schema import COLUMNS, Column, Kind
from hitl.decisions.typed import Reading, Typed

REDUCED = ("at", "confidence", "review_seconds", "wait_seconds", "correct", "cost_usd", "latency_ms",
           "review_probability", "satisfaction", "seeded_error")  # fmt: skip
"""Columns whose faults the reduction sees in `refused`; words are seen as they are counted."""


def column_name(column: Column) -> str:
    """Return the name in the relation: times are whole microseconds since 1970."""
    return f"{column.name}_us" if column.kind is Kind.INSTANT else column.name


def typed_columns(part: Part, reading: Reading) -> list[Typed]:
    """Return how each column of hitl is read from a part."""
    return [
        reading.typed(column, part.cells.get(reading.mapping.source(column.name)))
        for column in COLUMNS
    ]


def inner_sql(
    part: Part, columns: Sequence[Typed], reading: Reading, files: Sequence[Path] | None = None
) -> str:
    """Return a part's rows with `s_NAME` as written, `v_NAME` as cast, and `kept`: whether it counts."""
    pieces = [
        f"{typed.raw} AS s_{typed.column.name}, {typed.inner} AS v_{typed.column.name}"
        for typed in columns
        if typed.inner
    ]
    pieces.append(f"{_kept(part, reading)} AS kept")
    return f"SELECT {', '.join(pieces)} FROM {part.read(files)}"  # noqa: S608  # every name is quoted


def any_fault(columns: Sequence[Typed]) -> str:
    """Return the condition that any of these columns is at fault."""
    conditions = [f"({sql})" for typed in columns for _, sql in typed.faults]
    return " OR ".join(conditions) or "FALSE"


def view_sql(parts: Sequence[Part], reading: Reading) -> str:
    """Return the relation over all parts, with `refused`: a value that the reduction needs is at fault."""
    return " UNION ALL ".join(_one(part, reading) for part in parts)


def _one(part: Part, reading: Reading) -> str:
    columns = typed_columns(part, reading)
    values = ", ".join(f"{typed.value} AS {column_name(typed.column)}" for typed in columns)
    refused = any_fault([typed for typed in columns if typed.column.name in REDUCED])
    return f"SELECT {values}, CASE WHEN {refused} THEN 1 ELSE 0 END AS refused FROM ({inner_sql(part, columns, reading)}) AS lines WHERE kept"  # noqa: S608  # as above


def _kept(part: Part, reading: Reading) -> str:
    """The condition of `only`; a part without the column has no row that counts."""
    conditions = [
        f"COALESCE({reading.dialect.as_text(part.cells[name].sql)} IN ({reading.dialect.quoted(words)}), FALSE)"
        if name in part.cells and words
        else "FALSE"
        for name, words in reading.mapping.only.items()
    ]
    return " AND ".join(conditions) or "TRUE"
