"""Labelled rows: what people and a judge said of the same items, read from JSON lines."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from hitl.document.lines import strict_json
from hitl.document.source import iterate_lines
from hitl.errors import DocumentError, Mistake

T = TypeVar("T")

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
    reason: str = ""
    """Why the judge gave no label, where it was asked just now; its answer itself is not kept."""


@dataclass(frozen=True, slots=True)
class LabelColumns:
    """What the columns of a labels file are called."""

    human: tuple[str, ...] = ("human",)
    judge: str = "judge"
    item: str = "item"
    arm: str = ARM
    cluster: str = CLUSTER
    flipped: str = "flipped"


class RowError(Exception):
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
    rows, mistakes = parsed_rows(
        path, lambda value, number: replace(_row(value, columns), line=number)
    )
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


def parsed_rows(
    path: Path, read: Callable[[dict[str, object], int], T]
) -> tuple[list[T], list[Mistake]]:
    """Return what `read` makes of each line and its number, and what is wrong with the other lines."""
    rows: list[T] = []
    mistakes: list[Mistake] = []
    for number, content in iterate_lines(path):
        try:
            rows.append(read(_object(content), number))
        except RowError as error:
            mistakes.append(Mistake(str(path), number, error.field, error.problem))
        except ValueError as error:
            problem = f"not valid JSON: {error}; expected one JSON object a line"
            mistakes.append(Mistake(str(path), number, "", problem))
    return rows, mistakes


def _object(content: bytes) -> dict[str, object]:
    value = strict_json(content)
    if not isinstance(value, dict):
        raise RowError("", "expected one JSON object a line")
    return value


def _row(value: dict[str, object], columns: LabelColumns) -> LabelledRow:
    flipped = value.get(columns.flipped)
    if flipped is not None and not isinstance(flipped, bool):
        raise RowError(columns.flipped, "expected true, false or null")
    return LabelledRow(
        item=name_in(present(value, columns.item), columns.item),
        human=tuple(
            label
            for column in columns.human
            for label in human_labels(present(value, column), column)
        ),
        judge=label_text(present(value, columns.judge)),
        arm=_optional(value, columns.arm, ARM),
        cluster=_optional(value, columns.cluster, CLUSTER),
        is_flipped=flipped,
    )


def present(row: dict[str, object], column: str) -> object:
    """Return what a column holds.

    Raises:
        RowError: the row does not have it.
    """
    if column not in row:
        found = ", ".join(sorted(row)[:12]) or "none"
        raise RowError(column, f"is missing; columns of this row: {found}")
    return row[column]


def _optional(row: dict[str, object], column: str, usual: str) -> str | None:
    """A column that may be absent under its usual name and must be there when it was named."""
    if column == usual and row.get(column) is None:
        return None
    return name_in(present(row, column), column)


def name_in(value: object, column: str) -> str:
    """Return a short text or a number as text.

    Raises:
        RowError: it is neither, or too long.
    """
    text = label_text(value)
    if not isinstance(value, str | int | float) or not text or len(text) > LONGEST:
        raise RowError(column, f"expected text of 1 to {LONGEST} characters, or a number")
    return text


def human_labels(value: object, column: str) -> tuple[str, ...]:
    """Return one label, or a list of several people's; nothing for null.

    Raises:
        RowError: one of them is no label.
    """
    values = value if isinstance(value, list) else [value]
    return tuple(name_in(one, column) for one in values if one is not None)
