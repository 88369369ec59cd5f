"""A decision log for other eyes: personal data out, people under pseudonyms, and no older than it may be."""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from hitl.decisions import quote
from hitl.decisions.check import check_log
from hitl.decisions.exchange.instants import of_microseconds
from hitl.decisions.exchange.reviewers import Pseudonyms
from hitl.decisions.exchange.rows import write_rows
from hitl.decisions.query import QueryError
from hitl.decisions.redaction.redact import Redactor
from hitl.decisions.relation import column_name
from hitl.decisions.schema import COLUMNS, Column, Kind
from hitl.decisions.source import Log
from hitl.decisions.sql.files import unreadable
from hitl.errors import DocumentError, UsageError

_CACHED = 100_000
"""Texts whose redaction is remembered: most stand in many rows."""


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What of a log leaves, and how."""

    redactor: Redactor
    pseudonyms: Pseudonyms
    """Of ids that hold personal data, and of reviewers."""
    keeps_reviewers: bool = False
    """Reviewers keep their ids, even if these are addresses."""
    since: datetime | None = None
    """Rows before this moment stay behind, and rows without a time with them."""
    until: datetime | None = None
    """Rows from this moment on stay behind."""
    columns: tuple[str, ...] = ()
    """Only these; all that the log has if empty."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What left and what stayed."""

    rows_in: int
    rows_out: int
    too_old: int
    too_new: int
    undated: int
    """Rows that stayed behind because nobody knows how old they are."""
    columns: tuple[str, ...]
    unused: tuple[str, ...]
    """The log's own columns that are none of hitl's; they stay behind."""
    redacted: tuple[tuple[str, int], ...]
    """Kinds of what was taken out, with the number of values."""
    pseudonyms: int
    """Reviewers under a pseudonym, each counted once."""


def export_log(log: Log, plan: ExportPlan, out: Path) -> Exported:
    """Write what of a log may leave.

    Raises:
        DocumentError: values that cannot be used, each kind with its first rows, or no row at all.
        UsageError: a column that the log does not have, no row in the time that is asked for, or a file that
            cannot be written.
    """
    report = check_log(log)
    report.check()
    columns = _columns(log, plan)
    cleaner = _Cleaner(plan)
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="hitl-export-") as name:
        plain, clean = Path(name, "plain.jsonl"), Path(name, "clean.jsonl")
        with clean.open("w", encoding="utf-8") as stream:
            for row in _rows(log, plain):
                reason = _why_left(row.get("at_us"), plan)
                counts[reason] += 1
                if not reason:
                    stream.write(json.dumps(cleaner.row(row, columns), ensure_ascii=False) + "\n")
        if not counts[""]:
            raise UsageError(f"{log.place}: none of {sum(counts.values()):,} rows lies in the time that is asked for; nothing is written")  # fmt: skip
        write_rows(clean, out, [column.name for column in columns])
    return Exported(
        rows_in=sum(counts.values()),
        rows_out=counts[""],
        too_old=counts["old"],
        too_new=counts["new"],
        undated=counts["undated"],
        columns=tuple(column.name for column in columns),
        unused=log.unused,
        redacted=tuple(sorted(cleaner.redacted.items())),
        pseudonyms=len(cleaner.people),
    )


def _columns(log: Log, plan: ExportPlan) -> list[Column]:
    missing = [name for name in plan.columns if name not in log.present]
    if missing:
        raise UsageError(
            f"{log.place} has no column {', '.join(missing)}; it has {', '.join(log.present)}"
        )
    wanted = plan.columns or log.present
    return [column for column in COLUMNS if column.name in wanted]


def _rows(log: Log, scratch: Path) -> Iterator[dict[str, object]]:
    """Go through a file, so that a log of any size fits."""
    names = ", ".join(column_name(column) for column in COLUMNS)
    try:
        answer = log.engine.fetch(f"SELECT {names} FROM decisions")  # noqa: S608  # constants
        copy = (
            f"COPY (SELECT * FROM {answer} AS answer) TO {quote.text(str(scratch))} (FORMAT json)"  # noqa: S608  # quoted
        )
        log.home.rows(copy)
    except QueryError as error:
        raise DocumentError([unreadable(log.place, error)]) from error
    with scratch.open("rb") as lines:
        for line in lines:
            yield json.loads(line)


def _why_left(at_us: object, plan: ExportPlan) -> str:
    """Return why a row stays behind; empty if it leaves."""
    if plan.since is None and plan.until is None:
        return ""
    if not isinstance(at_us, int):
        return "undated"
    at = at_us / 1_000_000
    if plan.since is not None and at < plan.since.timestamp():
        return "old"
    return "new" if plan.until is not None and at >= plan.until.timestamp() else ""


class _Cleaner:
    """Makes rows fit to leave."""

    def __init__(self, plan: ExportPlan) -> None:
        self._plan = plan
        self._redact = lru_cache(_CACHED)(plan.redactor.redact)
        self._makers: dict[str, Callable[[str], str]] = {"decision_id": self._id, "reviewer_id": self._person}  # fmt: skip
        self.redacted: Counter[str] = Counter()
        self.people: set[str] = set()

    def row(self, row: dict[str, object], columns: list[Column]) -> dict[str, object]:
        """Return the columns of a row that have a value."""
        clean: dict[str, object] = {}
        for column in columns:
            value = row.get(column_name(column))
            if value is None:
                continue
            if column.kind is Kind.INSTANT and isinstance(value, int):
                value = of_microseconds(value)
            elif column.kind is Kind.TEXT and isinstance(value, str):
                value = self._makers.get(column.name, self._text)(value)
            clean[column.name] = value
        return clean

    def _text(self, text: str) -> str:
        found = self._redact(text)
        self.redacted.update(found.counts)
        return found.text

    def _id(self, name: str) -> str:
        """An id stays unless it holds personal data or is a sentence, in which names are not seen; it stays an id."""
        found = self._redact(name)
        self.redacted.update(found.counts)
        is_sentence = any(character.isspace() for character in name)
        if is_sentence and not found.pieces:
            self.redacted["free_text_id"] += 1
        return self._plan.pseudonyms.of("decision", name) if found.pieces or is_sentence else name

    def _person(self, name: str) -> str:
        if self._plan.keeps_reviewers:
            return name
        self.people.add(name)
        return self._plan.pseudonyms.of("reviewer", name)
