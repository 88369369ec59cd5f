"""A value as an export holds it to a value of hitl's column: nothing is guessed, and what does not fit is a fault."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import assert_never
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hitl.decisions.check import EXPECTED
from hitl.decisions.exchange import instants
from hitl.decisions.mapping import LogColumns, LogUnit
from hitl.decisions.schema import Column, Kind
from hitl.decisions.source import CLOCK_GRACE
from hitl.decisions.typed import LONGEST_TEXT, Fault
from hitl.errors import DocumentError, Mistake
from hitl.rule import clean_text

Value = str | float | bool
"""Of a row: times are ISO 8601 in UTC."""

NO_PLAIN_VALUE = (
    "lists or objects where one plain value belongs; name a path to the value in the mapping"
)
_OLDEST = datetime(2015, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"[+-]?(\d+[.]?\d*|[.]\d+)([eE][+-]?\d+)?", re.ASCII)
_FLAGS = {"true": True, "false": False}
_SCALES: dict[tuple[Kind, LogUnit], tuple[float, float, float]] = {
    (Kind.SHARE, LogUnit.PERCENT): (1, 100, 0),
    (Kind.SHARE, LogUnit.ONE_TO_FIVE): (0.25, 1, -0.25),
    (Kind.SECONDS, LogUnit.MILLISECONDS): (1, 1000, 0),
    (Kind.SECONDS, LogUnit.SECONDS): (1, 1, 0),
    (Kind.SECONDS, LogUnit.MINUTES): (60, 1, 0),
    (Kind.MILLISECONDS, LogUnit.MILLISECONDS): (1, 1, 0),
    (Kind.MILLISECONDS, LogUnit.SECONDS): (1000, 1, 0),
    (Kind.DOLLARS, LogUnit.CENTS): (1, 100, 0),
    (Kind.INSTANT, LogUnit.EPOCH_SECONDS): (1_000_000, 1, 0),
    (Kind.INSTANT, LogUnit.EPOCH_MILLISECONDS): (1000, 1, 0),
}
"""Factor, divisor and summand that make a number of a unit one of the column's own; of an instant, microseconds."""


class WrongValueError(ValueError):
    """A value does not fit its column; the message says what is expected."""

    def __init__(self, problem: str, word: object) -> None:
        super().__init__(problem)
        self.word = str(word)


@dataclass(frozen=True, slots=True)
class Reading:
    """How the values of one import are read."""

    mapping: LogColumns
    at: datetime
    """Now: later times are faults."""
    words: Mapping[str, Mapping[str, str]]
    """hitl's column → word of the shape → hitl's word, where the mapping says nothing."""
    zone: tzinfo | None
    """Of times that name none."""


def reading_of(
    mapping: LogColumns, at: datetime, words: Mapping[str, Mapping[str, str]]
) -> Reading:
    """Return how values are read.

    Raises:
        DocumentError: the mapping's zone is none.
    """
    zone: tzinfo | None = None
    if offset := mapping.offset:
        minutes = int(offset[1:3]) * 60 + int(offset[4:])
        zone = timezone(timedelta(minutes=minutes if offset[0] == "+" else -minutes))
    elif mapping.zone:
        try:
            zone = ZoneInfo(mapping.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            problem = f"{mapping.zone!r} is no time zone; expected a name such as Europe/Berlin, or +02:00"
            raise DocumentError([Mistake("mapping", 0, "zone", problem)]) from error
    return Reading(mapping, at, words, zone)


def convert(column: Column, raw: object, reading: Reading) -> Value | None:
    """Return a value of a column; None for no value.

    Raises:
        WrongValueError: it does not fit.
    """
    if raw is None or raw == "":
        return None
    if isinstance(raw, dict | list):
        raise WrongValueError(NO_PLAIN_VALUE, "")
    match column.kind:
        case Kind.TEXT | Kind.WORD | Kind.FLAG:
            return _word(column, raw, reading)
        case Kind.SHARE | Kind.SECONDS | Kind.MILLISECONDS | Kind.DOLLARS:
            return _number(column, raw, reading)
        case Kind.INSTANT:
            return _instant(column, raw, reading)
        case _:
            assert_never(column.kind)


def written(raw: object) -> str:
    """Return a plain value as text, the way that JSON writes it."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return clean_text(raw) if isinstance(raw, str) else str(raw)


def _word(column: Column, raw: object, reading: Reading) -> Value | None:
    text = written(raw)
    said: Mapping[str, str | None] = reading.mapping.values.get(column.name, {})
    word = said[text] if text in said else reading.words.get(column.name, {}).get(text, text)
    if not word:
        return None
    if column.kind is Kind.FLAG:
        if word.lower() not in _FLAGS:
            raise WrongValueError(EXPECTED[Fault.NOT_A_FLAG], text)
        return _FLAGS[word.lower()]
    if column.words and word not in column.words:
        expected = f"{EXPECTED[Fault.UNKNOWN_WORD]} as one of {', '.join(column.words)} or null"
        raise WrongValueError(expected, text)
    if len(word.encode()) > LONGEST_TEXT:
        raise WrongValueError(EXPECTED[Fault.TOO_LONG], "")
    return word


def _plain_number(column: Column, raw: object) -> float:
    """A flag is no number, and neither is text with a unit or a comma."""
    if isinstance(raw, bool) or (isinstance(raw, str) and not _NUMBER.fullmatch(raw)):
        raise WrongValueError(EXPECTED[Fault.NOT_A_NUMBER], written(raw))
    try:
        return float(raw)  # type: ignore[arg-type]  # text, or a number of JSON
    except OverflowError:
        raise WrongValueError(EXPECTED[Fault.OUT_OF_RANGE], str(raw)[:40]) from None


def _number(column: Column, raw: object, reading: Reading) -> float:
    value = scaled(_plain_number(column, raw), column.kind, reading.mapping.units.get(column.name))
    if not math.isfinite(value) or not 0 <= value <= (column.limit or math.inf):
        limit = f"{EXPECTED[Fault.OUT_OF_RANGE]}; expected 0 to {column.limit:g}"
        raise WrongValueError(limit, written(raw))
    return value


def scaled(value: float, kind: Kind, unit: LogUnit | None) -> float:
    """Return a number in the unit of its column; the same as `mapping.FACTORS` says in SQL."""
    times, over, plus = _SCALES[kind, unit] if unit else (1.0, 1.0, 0.0)
    return value * times / over + plus


def _instant(column: Column, raw: object, reading: Reading) -> str:
    unit = reading.mapping.units.get(column.name)
    if unit and instants.parsed(raw) is None:
        raw = instants.of_microseconds(scaled(_plain_number(column, raw), column.kind, unit))
    moment = instants.parsed(raw)
    if moment is None:
        raise WrongValueError(EXPECTED[Fault.NOT_A_TIME], written(raw))
    if moment.tzinfo is None and reading.zone is None:
        raise WrongValueError(EXPECTED[Fault.NAIVE_TIME], written(raw))
    try:
        moment = instants.in_zone(moment, reading.zone or UTC)
    except OverflowError:
        raise WrongValueError(EXPECTED[Fault.NOT_A_TIME], written(raw)) from None
    if moment < _OLDEST:
        raise WrongValueError(EXPECTED[Fault.TOO_OLD], written(raw))
    if moment > reading.at + timedelta(seconds=CLOCK_GRACE):
        raise WrongValueError(EXPECTED[Fault.FUTURE], written(raw))
    return instants.written(moment)
