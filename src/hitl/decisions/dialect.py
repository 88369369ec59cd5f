"""The few words in which SQL engines differ; the rest of every query is one text.

What they disagree on is kept from them. Patterns are matched before a cast, so that no cast can fail and no engine's
own idea of a number or a time counts. Texts compare by their bytes. Of a time that a change of the clock makes
twice the later is meant, and one that it skips counts from before the change.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from hitl.decisions import quote

_HOLE = re.compile(r"\{([01])\}")


@dataclass(frozen=True, slots=True)
class Piece:
    """SQL with holes for other SQL.

    >>> Piece("CAST({0} AS TEXT)")("a + b")
    'CAST(a + b AS TEXT)'
    """

    template: str

    def __call__(self, *filled: str) -> str:
        """Return the SQL with its holes filled, in one go: what fills one may look like a hole."""
        return _HOLE.sub(lambda hole: filled[int(hole.group(1))], self.template)


@dataclass(frozen=True, slots=True)
class Dialect:
    """One engine's own words."""

    double: str
    """The type of 64-bit floating point numbers."""
    text: str
    """The type of texts."""
    keeps_order: bool
    """Whether rows come in the order in which they lie in a file."""
    escapes: bool
    """Whether a backslash in a quoted text means more than itself."""
    as_text: Piece
    """A value as text that compares by its bytes."""
    matches: Piece
    """Whether a whole text (0) matches a pattern (1) that has neither backslashes nor quotes."""
    as_double: Piece
    """The number that a text is known to write."""
    instant: Piece
    """Microseconds since 1970 of a time with a zone; none if it is infinite."""
    moment: Piece
    """The same of a time without a zone, or of a date, as if it was UTC."""
    moment_in: Piece
    """The same (0) on the clocks of a zone (1)."""
    read_instant: Piece
    """The time with a zone that a text is known to write, cut to microseconds."""
    read_moment: Piece
    """The time without a zone that a text is known to write, cut to microseconds."""
    n_bytes: Piece
    """Bytes of a text."""
    holds_zero: Piece
    """Whether a text holds a zero character."""
    hashed: Piece
    """64 bits of a text, by which different texts almost surely differ."""

    def quoted(self, words: Iterable[str]) -> str:
        """Return texts as SQL, separated by commas."""
        return ", ".join(map(quote.escaped if self.escapes else quote.text, words))


_DUCK_MOMENT = "TRY_CAST({0} AS TIMESTAMP)"
DUCKDB = Dialect(
    double="DOUBLE",
    text="VARCHAR",
    keeps_order=True,
    escapes=False,
    as_text=Piece("CAST({0} AS VARCHAR)"),
    matches=Piece("REGEXP_FULL_MATCH({0}, '{1}')"),
    as_double=Piece("TRY_CAST({0} AS DOUBLE)"),
    instant=Piece("CASE WHEN ISFINITE({0}) THEN EPOCH_US({0}) END"),
    moment=Piece(f"CASE WHEN ISFINITE({_DUCK_MOMENT}) THEN EPOCH_US({_DUCK_MOMENT}) END"),
    moment_in=Piece(
        f"CASE WHEN ISFINITE({_DUCK_MOMENT}) THEN EPOCH_US(TIMEZONE({{1}}, {_DUCK_MOMENT})) END"
    ),
    read_instant=Piece("TRY_CAST({0} AS TIMESTAMPTZ)"),
    read_moment=Piece(_DUCK_MOMENT),
    n_bytes=Piece("STRLEN({0})"),
    holds_zero=Piece("CONTAINS({0}, CHR(0))"),
    hashed=Piece("HASH({0})"),
)
"""The embedded engine."""

_FINER = "'([.][0-9]{6})[0-9]+'"
"""More of a second than microseconds, which these engines round in ways of their own."""


def _postgres_instant(time: str) -> Piece:
    return Piece(f"CASE WHEN ISFINITE({time}) THEN CAST(EXTRACT(EPOCH FROM {time}) * 1000000 AS BIGINT) END")  # fmt: skip


POSTGRES = Dialect(
    double="DOUBLE PRECISION",
    text="TEXT",
    keeps_order=False,
    escapes=False,
    as_text=Piece('(CAST({0} AS TEXT) COLLATE "C")'),
    matches=Piece("({0} ~ '^(?:{1})$')"),
    as_double=Piece("CAST({0} AS DOUBLE PRECISION)"),
    instant=_postgres_instant("{0}"),
    moment=_postgres_instant("CAST({0} AS TIMESTAMP)"),
    moment_in=_postgres_instant("(CAST({0} AS TIMESTAMP) AT TIME ZONE {1})"),
    read_instant=Piece(f"CAST(REGEXP_REPLACE({{0}}, {_FINER}, '\\1') AS TIMESTAMPTZ)"),
    read_moment=Piece(f"CAST(REGEXP_REPLACE({{0}}, {_FINER}, '\\1') AS TIMESTAMP)"),
    n_bytes=Piece("OCTET_LENGTH({0})"),
    holds_zero=Piece("FALSE"),  # no text of this engine can
    hashed=Piece("HASHTEXTEXTENDED({0}, 0)"),
)
"""PostgreSQL 14 or newer: before, EXTRACT was not exact."""


def _spark_moment_in() -> Piece:
    """Spark takes the earlier of two times, so later ones at which the same clock shows the same are tried."""
    local = "CAST({0} AS TIMESTAMP)"
    early = f"TO_UTC_TIMESTAMP({local}, {{1}})"
    put_back = [f"{early} + INTERVAL {minutes} MINUTES" for minutes in (30, 60, 120)]
    same = [f"CASE WHEN FROM_UTC_TIMESTAMP({one}, {{1}}) = {local} THEN {one} END" for one in put_back]  # fmt: skip
    return Piece(f"UNIX_MICROS(GREATEST({early}, {', '.join(same)}))")


SPARK = Dialect(
    double="DOUBLE",
    text="STRING",
    keeps_order=False,
    escapes=True,
    as_text=Piece("CAST({0} AS STRING)"),
    matches=Piece("({0} RLIKE '^(?:{1})\\\\z')"),
    as_double=Piece("TRY_CAST({0} AS DOUBLE)"),
    instant=Piece("UNIX_MICROS({0})"),
    moment=Piece("UNIX_MICROS(CAST({0} AS TIMESTAMP))"),
    moment_in=_spark_moment_in(),
    read_instant=Piece(f"TRY_CAST(REGEXP_REPLACE({{0}}, {_FINER}, '$1') AS TIMESTAMP)"),
    read_moment=Piece(f"TRY_CAST(REGEXP_REPLACE({{0}}, {_FINER}, '$1') AS TIMESTAMP)"),
    n_bytes=Piece("OCTET_LENGTH({0})"),
    holds_zero=Piece("CONTAINS({0}, CHR(0))"),
    hashed=Piece("XXHASH64({0})"),
)
"""Spark SQL 4.0 with UTC as the session's zone."""
