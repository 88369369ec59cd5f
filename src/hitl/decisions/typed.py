"""From a column of the log, as it is written, to a column of hitl, as SQL: the value, and what can be wrong.

Nothing is guessed: a time without a zone, a number without the unit that its column has, a word that nobody
named are faults, and a fault has no value.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from hitl.decisions import quote
from hitl.decisions.mapping import FACTORS, LogColumns
from hitl.decisions.part import Cell
from hitl.decisions.schema import Column, Kind

LONGEST_TEXT = 1000
_EARLIEST = 1_420_070_400_000_000
"""2015-01-01 in microseconds."""
_CLOCK = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?"
_NAIVE = rf"{_CLOCK}|\d{{4}}-\d\d-\d\d"
_ZONED = rf"{_CLOCK}(Z|[+-]\d\d(:?\d\d)?)"
_NUMBER = r"[+-]?(\d+[.]?\d*|[.]\d+)([eE][+-]?\d+)?"


class Fault(StrEnum):
    """What can be wrong with one value."""

    NAIVE_TIME = "naive_time"
    NOT_A_TIME = "not_a_time"
    FUTURE = "future_time"
    TOO_OLD = "time_before_2015"
    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"
    UNKNOWN_WORD = "unknown_word"
    NOT_A_FLAG = "not_true_or_false"
    TOO_LONG = "too_long"


class Shape(StrEnum):
    """What a column's SQL type amounts to."""

    TEXT = "text"
    FLAG = "flag"
    NUMBER = "number"
    ZONED = "zoned"
    NAIVE = "naive"


@dataclass(frozen=True, slots=True)
class Typed:
    """One column of hitl over one part of a log, as SQL over the log's own columns."""

    column: Column
    inner: str = ""
    """The value before its range is checked, as `v_NAME`; empty where the log has no such column."""
    raw: str = ""
    """As it is written, as `s_NAME`."""
    value: str = ""
    """Over `v_NAME`."""
    faults: tuple[tuple[Fault, str], ...] = ()
    """Conditions over `s_NAME` and `v_NAME`."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How every column of one log is read."""

    mapping: LogColumns
    latest: int
    """Microseconds since 1970 after which a time lies in the future."""

    def typed(self, column: Column, cell: Cell | None) -> Typed:
        """Return one column of hitl, given what the log has under its name."""
        if cell is None:
            return Typed(column, value=f"CAST(NULL AS {sql_type(column)})")
        match column.kind:
            case Kind.INSTANT:
                return self._instant(column, cell)
            case Kind.SHARE | Kind.SECONDS | Kind.MILLISECONDS | Kind.DOLLARS:
                return self._number(column, cell)
            case Kind.WORD:
                words = quote.texts(column.words)
                fault = (Fault.UNKNOWN_WORD, f"v_{column.name} NOT IN ({words})")
                return self._words(column, cell, fault)
            case Kind.TEXT:
                fault = (Fault.TOO_LONG, f"STRLEN(v_{column.name}) > {LONGEST_TEXT}")
                return self._words(column, cell, fault)
            case Kind.FLAG:
                return self._flag(column, cell)
            case _:
                assert_never(column.kind)

    def _words(self, column: Column, cell: Cell, fault: tuple[Fault, str]) -> Typed:
        raw = _as_text(cell)
        return Typed(column, self._mapped(column.name, raw), raw, f"v_{column.name}", (fault,))

    def _flag(self, column: Column, cell: Cell) -> Typed:
        name, raw = column.name, _as_text(cell)
        if _shape(cell) is Shape.FLAG and name not in self.mapping.values:
            return Typed(column, cell.sql, raw, f"v_{name}")
        value = f"CASE LOWER(v_{name}) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END"
        fault = (
            Fault.NOT_A_FLAG,
            f"v_{name} IS NOT NULL AND LOWER(v_{name}) NOT IN ('true', 'false')",
        )
        return Typed(column, self._mapped(name, raw), raw, value, (fault,))

    def _number(self, column: Column, cell: Cell) -> Typed:
        name, unit = column.name, self.mapping.units.get(column.name)
        factor = FACTORS[column.kind, unit] if unit else ""
        inner, raw = f"{_as_number(cell)} {factor}", _as_text(cell)
        fits = f"v_{name} >= 0 AND v_{name} <= {column.limit:.0f}"
        faults = [(Fault.OUT_OF_RANGE, f"NOT ({fits})")]
        if _shape(cell) is not Shape.NUMBER:
            lost = f"s_{name} IS NOT NULL AND v_{name} IS NULL"
            faults.insert(0, (Fault.NOT_A_NUMBER, lost))
        return Typed(column, inner, raw, f"CASE WHEN {fits} THEN v_{name} END", tuple(faults))

    def _instant(self, column: Column, cell: Cell) -> Typed:
        name, raw, shape = column.name, _as_text(cell), _shape(cell)
        unit, faults = self.mapping.units.get(name), []
        if unit:
            inner = f"TRY_CAST({_as_number(cell)} {FACTORS[column.kind, unit]} AS BIGINT)"
        elif shape is Shape.ZONED:
            inner = f"CASE WHEN ISFINITE({cell.sql}) THEN EPOCH_US({cell.sql}) END"
        elif shape is Shape.NAIVE:
            inner = f"CASE WHEN ISFINITE({cell.sql}) THEN {self._local(cell.sql)} END"
        else:
            inner = self._written(raw)
        lost = f"s_{name} IS NOT NULL AND v_{name} IS NULL"
        if not unit and not self.mapping.zone:
            naive = "TRUE" if shape is Shape.NAIVE else f"REGEXP_FULL_MATCH(s_{name}, '{_NAIVE}')"
            faults.append((Fault.NAIVE_TIME, f"{lost} AND {naive}"))
            lost = f"{lost} AND NOT {naive}"
        faults += [
            (Fault.NOT_A_TIME, lost),
            (Fault.FUTURE, f"v_{name} > {self.latest}"),
            (Fault.TOO_OLD, f"v_{name} < {_EARLIEST}"),
        ]
        value = f"CASE WHEN v_{name} >= {_EARLIEST} AND v_{name} <= {self.latest} THEN v_{name} END"
        return Typed(column, inner, raw, value, tuple(faults))

    def _written(self, raw: str) -> str:
        zoned = f"WHEN REGEXP_FULL_MATCH({raw}, '{_ZONED}') THEN EPOCH_US(TRY_CAST({raw} AS TIMESTAMPTZ))"
        naive = ""
        if self.mapping.zone:
            naive = f"WHEN REGEXP_FULL_MATCH({raw}, '{_NAIVE}') THEN {self._local(raw)}"
        return f"CASE {zoned} {naive} END"

    def _local(self, sql: str) -> str:
        """Microseconds of a time without zone, if the mapping says which zone is meant."""
        zone, offset = self.mapping.zone, self.mapping.offset
        moment = f"TRY_CAST({sql} AS TIMESTAMP)"
        if zone is None:
            return "CAST(NULL AS BIGINT)"
        if offset is None:
            return f"EPOCH_US(TIMEZONE({quote.text(zone)}, {moment}))"
        seconds = int(offset[1:3]) * 3600 + int(offset[4:]) * 60
        sign = "-" if offset[0] == "+" else "+"
        return f"(EPOCH_US({moment}) {sign} {seconds * 1_000_000})"

    def _mapped(self, name: str, raw: str) -> str:
        words = self.mapping.values.get(name)
        if not words:
            return raw
        cases = " ".join(
            f"WHEN {quote.text(word)} THEN {'NULL' if meant is None else quote.text(meant)}"
            for word, meant in words.items()
        )
        return f"CASE {raw} {cases} ELSE {raw} END"


def sql_type(column: Column) -> str:
    """Return the SQL type of one of hitl's columns."""
    match column.kind:
        case Kind.INSTANT:
            return "BIGINT"
        case Kind.SHARE | Kind.SECONDS | Kind.MILLISECONDS | Kind.DOLLARS:
            return "DOUBLE"
        case Kind.WORD | Kind.TEXT:
            return "VARCHAR"
        case Kind.FLAG:
            return "BOOLEAN"
        case _:
            assert_never(column.kind)


_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER",
            "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE")  # fmt: skip


def _shape(cell: Cell) -> Shape:
    if cell.type == "TIMESTAMP WITH TIME ZONE":
        return Shape.ZONED
    if cell.type.startswith("TIMESTAMP") or cell.type == "DATE":
        return Shape.NAIVE
    if cell.type in _NUMBERS or cell.type.startswith("DECIMAL"):
        return Shape.NUMBER
    return Shape.FLAG if cell.type == "BOOLEAN" else Shape.TEXT


def _as_text(cell: Cell) -> str:
    """The written form; empty text is no value in any format, because CSV cannot tell them apart."""
    if cell.type == "VARCHAR":
        return f"NULLIF({cell.sql}, '')"
    return f"CAST({cell.sql} AS VARCHAR)"


def _as_number(cell: Cell) -> str:
    if _shape(cell) is Shape.NUMBER:
        return f"CAST({cell.sql} AS DOUBLE)"
    raw = _as_text(cell)
    return f"CASE WHEN REGEXP_FULL_MATCH({raw}, '{_NUMBER}') THEN TRY_CAST({raw} AS DOUBLE) END"
