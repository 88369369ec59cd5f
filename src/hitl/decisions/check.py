"""What of a log can be used: rows in, rows refused, and why, with the first rows of each fault."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hitl.decisions.part import Part
from hitl.decisions.relation import any_fault, inner_sql, typed_columns
from hitl.decisions.shown import shown
from hitl.decisions.source import Log
from hitl.decisions.typed import Fault, Typed
from hitl.errors import DocumentError, Mistake

FIRST = 3
"""Rows shown of each fault."""
EXPECTED = {
    Fault.NAIVE_TIME: "times without a zone; expected ISO 8601 with a zone, or `zone` in the mapping",
    Fault.NOT_A_TIME: "no times; expected ISO 8601 with a zone, or `units` in the mapping",
    Fault.FUTURE: "times in the future; correct the clock or the zone",
    Fault.TOO_OLD: "times before 2015; correct the clock or the unit",
    Fault.NOT_A_NUMBER: "no numbers",
    Fault.OUT_OF_RANGE: "out of range",
    Fault.UNKNOWN_WORD: "unknown words; name them under `values` in the mapping",
    Fault.NOT_A_FLAG: "neither true nor false; name the words under `values` in the mapping",
    Fault.TOO_LONG: "texts of more than 1000 bytes",
    Fault.NOT_TEXT: "objects or lists where a name belongs; write the one field that names it, as text",
    Fault.ZERO_CHARACTER: "texts with a zero character; take it out where the log is written",
}


@dataclass(frozen=True, slots=True)
class Sight:
    """One faulty value and where it stands."""

    file: str
    row: int
    """1-based, the header not counted; 0 where rows have no order: in a table of a server, and in Spark."""
    value: str
    """As it is written, without personal data, cut."""
    decision_id: str = ""
    """Of a row without a number."""

    def told(self, *, names_file: bool) -> str:
        """Return where it stands, with the file if asked."""
        where = f"{self.row:,}" if self.row else repr(self.decision_id)
        return f"{where} of {self.file}" if names_file else where


@dataclass(frozen=True, slots=True)
class Refusal:
    """One kind of fault in one column."""

    column: str
    fault: Fault
    n_rows: int
    first: tuple[Sight, ...]
    words: tuple[tuple[str, int], ...] = ()
    """Most frequent wrong values with their rows, without personal data."""

    def __str__(self) -> str:
        return self.told(names_files=len({sight.file for sight in self.first}) > 1)

    def told(self, *, names_files: bool) -> str:
        """Return the refusal as one line, with the file of each row if asked."""
        rows = ", ".join(sight.told(names_file=names_files) for sight in self.first)
        first = "first rows" if all(sight.row for sight in self.first) else "in decisions"
        seen = ", ".join(f"{word!r} ({n:,})" for word, n in self.words)
        return f"{self.n_rows:,} rows: {EXPECTED[self.fault]}; found {seen}; {first} {rows}"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How much of a log can be used."""

    rows_in: int
    rows_refused: int
    refusals: tuple[Refusal, ...]
    present: tuple[str, ...]
    unused: tuple[str, ...]
    rows_aside: int = 0
    """Rows that the mapping's `only` sets aside."""

    @property
    def rows_mapped(self) -> int:
        """Rows that count and have no fault."""
        return self.rows_in - self.rows_aside - self.rows_refused

    def check(self) -> None:
        """Raise every refusal.

        Raises:
            DocumentError: each kind of fault in each column.
        """
        if self.refusals:
            raise DocumentError([
                Mistake(refusal.first[0].file if refusal.first else "", 0, refusal.column, str(refusal))
                for refusal in self.refusals
            ])  # fmt: skip


def check_log(log: Log, columns: Sequence[str] | None = None) -> ImportReport:
    """Look at every value of some of hitl's columns, all by default, in one scan; again only for faults.

    Raises:
        DocumentError: the log holds no row, or cannot be read.
    """
    n_rows = n_refused = n_left = 0
    refusals: dict[tuple[str, Fault], Refusal] = {}
    for part in log.parts:
        typed = [
            one for one in typed_columns(part, log.reading)
            if columns is None or one.column.name in columns
        ]  # fmt: skip
        kinds = [(one, fault, sql) for one in typed for fault, sql in one.faults]
        counts = (
            ", ".join(f"COUNT(CASE WHEN kept AND ({sql}) THEN 1 END)" for _, _, sql in kinds) or "0"
        )
        sql = f"SELECT COUNT(*), COUNT(CASE WHEN NOT kept THEN 1 END), COUNT(CASE WHEN kept AND ({any_fault(typed)}) THEN 1 END), {counts} FROM ({inner_sql(part, typed, log.reading)}) AS lines"  # noqa: S608  # quoted
        n_part, n_aside, n_wrong, *found = log.rows(sql)[0]
        n_rows, n_refused, n_left = n_rows + n_part, n_refused + n_wrong, n_left + n_aside
        for (one, fault, condition), n_faulty in zip(kinds, found, strict=False):
            if n_faulty:
                key = (one.column.name, fault)
                new = _located(log, part, (one, condition), fault, n_faulty)
                refusals[key] = _joined(refusals[key], new) if key in refusals else new
    if n_rows == n_left:
        raise empty(log)
    return ImportReport(
        n_rows, n_refused, tuple(refusals.values()), log.present, log.unused, n_left
    )


def empty(log: Log) -> DocumentError:
    """Return the error of a log without a row that counts."""
    aside = "; the mapping's `only` sets every row aside" if log.reading.mapping.only else ""
    problem = f"holds no row: there is no decision in it{aside}"
    return DocumentError([Mistake(log.place, 0, "", problem)])


def _located(log: Log, part: Part, where: tuple[Typed, str], fault: Fault, n_rows: int) -> Refusal:
    typed, condition = where
    name = typed.column.name
    sql = (
        f"SELECT s_{name}, COUNT(*) FROM ({inner_sql(part, [typed], log.reading)}) AS lines WHERE kept AND ({condition}) "  # noqa: S608  # quoted
        "GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 5"
    )
    words = tuple((shown(word), n) for word, n in log.rows(sql))
    return Refusal(name, fault, n_rows, _first(log, part, typed, condition), words)


def _first(log: Log, part: Part, typed: Typed, condition: str) -> tuple[Sight, ...]:
    """Look file by file, so that a row has a number."""
    if not log.reading.dialect.keeps_order:
        return _named(log, part, typed, condition)
    sights: list[Sight] = []
    for path, file in zip(part.files, part.names, strict=True):
        rows = log.rows(_numbered(log, part, (typed, condition), path))
        sights += [Sight(file, row, shown(value)) for row, value in rows]
        if len(sights) >= FIRST:
            break
    return tuple(sights[:FIRST])


def _named(log: Log, part: Part, typed: Typed, condition: str) -> tuple[Sight, ...]:
    """Rows without an order have the names of their decisions, if they have any."""
    by_name = {one.column.name: one for one in typed_columns(part, log.reading)}
    both = {typed.column.name: typed, "decision_id": by_name["decision_id"]}
    name, key = typed.column.name, "v_decision_id" if by_name["decision_id"].inner else "NULL"
    sql = (
        f"SELECT s_{name}, {key} AS decision FROM ({inner_sql(part, list(both.values()), log.reading)}) AS lines "  # noqa: S608  # quoted
        f"WHERE kept AND ({condition}) ORDER BY 2, 1 LIMIT {FIRST}"
    )
    return tuple(
        Sight(part.place, 0, shown(value), "no id" if decision is None else shown(decision))
        for value, decision in log.rows(sql)
    )


def _numbered(log: Log, part: Part, where: tuple[Typed, str], path: Path) -> str:
    typed, condition = where
    name = typed.column.name
    inner = f"SELECT *, ROW_NUMBER() OVER () AS row FROM ({inner_sql(part, [typed], log.reading, [path])})"  # noqa: S608  # quoted
    return f"SELECT row, s_{name} FROM ({inner}) WHERE kept AND ({condition}) ORDER BY row LIMIT {FIRST}"  # noqa: S608  # quoted


def _joined(one: Refusal, other: Refusal) -> Refusal:
    counts = dict(one.words)
    for word, n in other.words:
        counts[word] = counts.get(word, 0) + n
    words = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:5]
    first = (one.first + other.first)[:FIRST]
    return Refusal(one.column, one.fault, one.n_rows + other.n_rows, first, tuple(words))
