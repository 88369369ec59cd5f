"""From a column of the log, as it is written, to a column of hitl, as SQL: the value, and what can be wrong.

Nothing is guessed: a time without a zone, a number without the unit that its column has, a word that nobody
named are faults, and a fault has no value.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from hitl.decisions.dialect import DUCKDB, Dialect
from hitl.decisions.mapping import FACTORS, LogColumns
from hitl.decisions.part import Cell, Shape
from hitl.decisions.schema import Column, Kind

LONGEST_TEXT = 1000
_EARLIEST = 1_420_070_400_000_000
"""2015-01-01 in microseconds."""
_LEAP = "([1-9][0-9](0[48]|[2468][048]|[13579][26])|([2468][048]|[13579][26])00)-02-29"
_YEAR = "[1-9][0-9][0-9][0-9]"
_MONTH = "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
_DAY = f"({_YEAR}-{_MONTH}|{_LEAP})"
"""Days that are on the calendar, so that no cast of one can fail."""
_CLOCK = f"{_DAY}[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{{1,9}})?)?"
_NAIVE = f"{_CLOCK}|{_DAY}"
_ZONED = f"{_CLOCK}(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)"
_LONGEST_NUMBER = 100
_NUMBER = "[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9][0-9]?)?"
"""Neither too large nor too small for any engine, at 100 characters."""
_NESTED = (('{"', "}"), ('["', "]"), ("[{", "]"), ("[[", "]"))
"""How JSON begins and ends that is an object, or a list of other than numbers: `[1]` may be a name."""
_EMPTY = ("{}", "[]")
_LISTS = ("retrieval_sources",)
"""Texts that may be lists."""
_OBJECT = '{"a":1}'
"""Stands for a structure that SQL knows as one, so that one condition finds all."""
_FARTHEST = "9e18"
"""Microseconds beyond which a time is none; they still fit 64 bits."""


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
    NOT_TEXT = "not_text"
    """An object or a list, which names nothing."""
    ZERO_CHARACTER = "zero_character"


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
    dialect: Dialect = DUCKDB

    def typed(self, column: Column, cell: Cell | None) -> Typed:
        """Return one column of hitl, given what the log has under its name."""
        if cell is None:
            return Typed(column, value=f"CAST(NULL AS {sql_type(column, self.dialect)})")
        match column.kind:
            case Kind.INSTANT:
                return self._instant(column, cell)
            case Kind.SHARE | Kind.SECONDS | Kind.MILLISECONDS | Kind.DOLLARS:
                return self._number(column, cell)
            case Kind.WORD:
                words = self.dialect.quoted(column.words)
                fault = (Fault.UNKNOWN_WORD, f"v_{column.name} NOT IN ({words})")
                return self._words(column, cell, (fault,))
            case Kind.TEXT:
                return self._words(column, cell, text_faults(column, f"v_{column.name}", self.dialect))  # fmt: skip
            case Kind.FLAG:
                return self._flag(column, cell)
            case _:
                assert_never(column.kind)

    def _words(self, column: Column, cell: Cell, faults: tuple[tuple[Fault, str], ...]) -> Typed:
        raw = self._as_text(cell)
        inner = self._mapped(column.name, raw)
        if cell.shape is Shape.NESTED and column.kind is Kind.TEXT and column.name not in _LISTS:
            inner = f"CASE WHEN {raw} IS NOT NULL THEN {self.dialect.quoted([_OBJECT])} END"
        return Typed(column, inner, raw, f"v_{column.name}", faults)

    def _flag(self, column: Column, cell: Cell) -> Typed:
        name, raw = column.name, self._as_text(cell)
        if cell.shape is Shape.FLAG and name not in self.mapping.values:
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
        inner, raw = f"{self._as_number(cell)} {factor}", self._as_text(cell)
        fits = f"v_{name} >= 0 AND v_{name} <= {column.limit:.0f}"
        faults = [(Fault.OUT_OF_RANGE, f"NOT ({fits})")]
        if cell.shape is not Shape.NUMBER:
            lost = f"s_{name} IS NOT NULL AND v_{name} IS NULL"
            faults.insert(0, (Fault.NOT_A_NUMBER, lost))
        return Typed(column, inner, raw, f"CASE WHEN {fits} THEN v_{name} END", tuple(faults))

    def _instant(self, column: Column, cell: Cell) -> Typed:
        name, raw = column.name, self._as_text(cell)
        unit, faults = self.mapping.units.get(name), []
        lost = f"s_{name} IS NOT NULL AND v_{name} IS NULL"
        if not unit and not self.mapping.zone:
            naive = "TRUE" if cell.shape is Shape.NAIVE else self._matches(f"s_{name}", _NAIVE)
            faults.append((Fault.NAIVE_TIME, f"{lost} AND {naive}"))
            lost = f"{lost} AND NOT {naive}"
        faults += [
            (Fault.NOT_A_TIME, lost),
            (Fault.FUTURE, f"v_{name} > {self.latest}"),
            (Fault.TOO_OLD, f"v_{name} < {_EARLIEST}"),
        ]
        value = f"CASE WHEN v_{name} >= {_EARLIEST} AND v_{name} <= {self.latest} THEN v_{name} END"
        return Typed(column, self._microseconds(column, cell, raw), raw, value, tuple(faults))

    def _microseconds(self, column: Column, cell: Cell, raw: str) -> str:
        unit = self.mapping.units.get(column.name)
        if unit:
            number = f"({self._as_number(cell)} {FACTORS[column.kind, unit]})"
            fits = f"{number} >= -{_FARTHEST} AND {number} <= {_FARTHEST}"
            return f"CASE WHEN {fits} THEN CAST(FLOOR({number} + 0.5) AS BIGINT) END"
        match cell.shape:
            case Shape.ZONED:
                return self.dialect.instant(cell.sql)
            case Shape.NAIVE:
                return self._local(cell.sql)
            case Shape.TEXT | Shape.NUMBER | Shape.FLAG | Shape.NESTED:
                return self._written(raw)
            case _:
                assert_never(cell.shape)

    def _written(self, raw: str) -> str:
        read = self.dialect.instant(self.dialect.read_instant(raw))
        zoned = f"WHEN {self._matches(raw, _ZONED)} THEN {read}"
        naive = ""
        if self.mapping.zone:
            local = self._local(self.dialect.read_moment(raw))
            naive = f"WHEN {self._matches(raw, _NAIVE)} THEN {local}"
        return f"CASE {zoned} {naive} END"

    def _local(self, moment: str) -> str:
        """Microseconds of a time without zone, if the mapping says which zone is meant."""
        zone, offset = self.mapping.zone, self.mapping.offset
        if zone is None:
            return "CAST(NULL AS BIGINT)"
        if offset is None:
            return self.dialect.moment_in(moment, self.dialect.quoted([zone]))
        seconds = int(offset[1:3]) * 3600 + int(offset[4:]) * 60
        sign = "-" if offset[0] == "+" else "+"
        return f"({self.dialect.moment(moment)} {sign} {seconds * 1_000_000})"

    def _mapped(self, name: str, raw: str) -> str:
        words = self.mapping.values.get(name)
        if not words:
            return raw
        cases = " ".join(
            f"WHEN {self.dialect.quoted([word])} THEN {'NULL' if meant is None else self.dialect.quoted([meant])}"
            for word, meant in words.items()
        )
        return f"CASE {raw} {cases} ELSE {raw} END"

    def _as_text(self, cell: Cell) -> str:
        """The written form; empty text is no value in any format, because CSV cannot tell them apart."""
        written = self.dialect.as_text(cell.sql)
        return f"NULLIF({written}, '')" if cell.shape is Shape.TEXT else written

    def _as_number(self, cell: Cell) -> str:
        if cell.shape is Shape.NUMBER:
            return cell.number or f"CAST({cell.sql} AS {self.dialect.double})"
        raw = self._as_text(cell)
        written = f"LENGTH({raw}) <= {_LONGEST_NUMBER} AND {self._matches(raw, _NUMBER)}"
        return f"CASE WHEN {written} THEN {self.dialect.as_double(raw)} END"

    def _matches(self, value: str, pattern: str) -> str:
        return self.dialect.matches(value, pattern)


def text_faults(column: Column, value: str, dialect: Dialect) -> tuple[tuple[Fault, str], ...]:
    """Return what can be wrong with a text, as conditions over its SQL; `is_wrong_text` says the same of a text here."""
    faults = [
        (Fault.TOO_LONG, f"{dialect.n_bytes(value)} > {LONGEST_TEXT}"),
        (Fault.ZERO_CHARACTER, dialect.holds_zero(value)),
    ]
    if column.name not in _LISTS:
        like = " OR ".join(f"{value} LIKE '{start}%{end}'" for start, end in _NESTED)
        faults.append((Fault.NOT_TEXT, f"{like} OR {value} IN ({dialect.quoted(_EMPTY)})"))
    return tuple(faults)


def is_wrong_text(column: Column, text: str) -> bool:
    """Say whether a text has one of the faults of `text_faults`."""
    if "\x00" in text or len(text.encode()) > LONGEST_TEXT:
        return True
    if column.name in _LISTS:
        return False
    return text in _EMPTY or any(
        text.startswith(start) and text.endswith(end) for start, end in _NESTED
    )


def sql_type(column: Column, dialect: Dialect = DUCKDB) -> str:
    """Return the SQL type of one of hitl's columns."""
    match column.kind:
        case Kind.INSTANT:
            return "BIGINT"
        case Kind.SHARE | Kind.SECONDS | Kind.MILLISECONDS | Kind.DOLLARS:
            return dialect.double
        case Kind.WORD | Kind.TEXT:
            return dialect.text
        case Kind.FLAG:
            return "BOOLEAN"
        case _:
            assert_never(column.kind)
