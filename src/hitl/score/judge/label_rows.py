"""Labelled rows: what people and a judge said of the same items, read from JSON lines."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from hitl.document.lines import strict_json
from hitl.document.source import iterate_lines
from hitl.errors import DocumentError, Mistake

LONGEST = 200
"""Most characters of an item, an arm, a cluster or a label of people."""
ARM, CLUSTER = "arm", "cluster"
"""Usual names of the columns that a file need not have."""


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """One item: each person's label, and the judge's as it wrote it."""

    item: str
    human: tuple[str, ...]
    judge: str | None
    arm: str | None = None
    cluster: str | None = None
    is_flipped: bool | None = None
    """Whether the judge changed its mind when it saw the pair in the other order; None: not tried."""
    line: int = 0


@dataclass(frozen=True, slots=True)
class LabelColumns:
    """What the columns of a labels file are called."""

    human: tuple[str, ...] = ("human",)
    judge: str = "judge"
    item: str = "item"
    arm: str = ARM
    cluster: str = CLUSTER
    flipped: str = "flipped"


class _RowError(Exception):
    """One field of a row cannot be used."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem)
        self.field, self.problem = field, problem


def read_label_rows(path: Path, columns: LabelColumns) -> tuple[LabelledRow, ...]:
    """Read a labels file, plain or gzipped; columns that are not named here are left alone.

    Raises:
        DocumentError: every line that is no JSON object or lacks a column, an item that stands
            twice in an arm, or arms that some rows name and some do not.
    """
    rows: list[LabelledRow] = []
    mistakes: list[Mistake] = []
    for number, content in iterate_lines(path):
        try:
            rows.append(replace(_row(strict_json(content), columns), line=number))
        except _RowError as error:
            mistakes.append(Mistake(str(path), number, error.field, error.problem))
        except ValueError as error:
            problem = f"not valid JSON: {error}; expected one JSON object a line"
            mistakes.append(Mistake(str(path), number, "", problem))
    mistakes += row_mistakes(rows, str(path))
    if mistakes:
        raise DocumentError(mistakes)
    return tuple(rows)


def row_mistakes(rows: list[LabelledRow], source: str) -> Iterator[Mistake]:
    """Yield what is wrong with rows taken together."""
    seen: dict[tuple[str | None, str], int] = {}
    has_arms = any(row.arm is not None for row in rows)
    for row in rows:
        if has_arms and row.arm is None:
            problem = "names no arm, and other rows do; expected an arm in every row or in none"
            yield Mistake(source, row.line, "arm", problem)
        first = seen.setdefault((row.arm, row.item), row.line)
        if first != row.line:
            problem = f"the item {row.item!r} stands twice in its arm (first in line {first}); put several people's labels into one list"
            yield Mistake(source, row.line, "item", problem)


def label_text(value: object) -> str | None:
    """Return a label as text, so that 4 and "4" are one label; None where there is none.

    Half a character, which JSON can name and no file can hold, is written as its code.

    >>> label_text(4.0), label_text(True), label_text(" 4"), label_text(None)
    ('4', 'true', ' 4', None)
    """
    if value is None:
        return None
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value)


def _row(value: object, columns: LabelColumns) -> LabelledRow:
    if not isinstance(value, dict):
        raise _RowError("", "expected one JSON object a line")
    flipped = value.get(columns.flipped)
    if flipped is not None and not isinstance(flipped, bool):
        raise _RowError(columns.flipped, "expected true, false or null")
    return LabelledRow(
        item=_name(_present(value, columns.item), columns.item),
        human=tuple(
            label for column in columns.human for label in _human(_present(value, column), column)
        ),
        judge=label_text(_present(value, columns.judge)),
        arm=_optional(value, columns.arm, ARM),
        cluster=_optional(value, columns.cluster, CLUSTER),
        is_flipped=flipped,
    )


def _present(row: dict[str, object], column: str) -> object:
    if column not in row:
        found = ", ".join(sorted(row)[:12]) or "none"
        raise _RowError(column, f"is missing; columns of this row: {found}")
    return row[column]


def _optional(row: dict[str, object], column: str, usual: str) -> str | None:
    """A column that may be absent under its usual name and must be there when it was named."""
    if column == usual and row.get(column) is None:
        return None
    return _name(_present(row, column), column)


def _name(value: object, column: str) -> str:
    text = label_text(value)
    if not isinstance(value, str | int | float) or not text or len(text) > LONGEST:
        raise _RowError(column, f"expected text of 1 to {LONGEST} characters, or a number")
    return text


def _human(value: object, column: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(_name(one, column) for one in values if one is not None)
