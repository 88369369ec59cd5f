"""Labels of several raters from CSV and JSON lines files."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from hitl.document.source import fail
from hitl.errors import DocumentError, Mistake
from hitl.review.agreement_parts import Scale
from hitl.review.label_rows import Row, label_rows
from hitl.review.labels import Labelled, LabelTable, label_table

_MOST_MISTAKES = 1000
_MOST_CATEGORIES = 1000
_WHOLE = 1e15
_SUBJECT = "label"


@dataclass(frozen=True, slots=True)
class Columns:
    """Where labels stand in a file.

    Either one column a rater (`raters`, one line a unit) or one line a label (`unit`, `rater`, `label`).
    """

    raters: tuple[str, ...] = ()
    unit: str = ""
    """Names the unit; with `raters` a line is a unit if it is empty."""
    rater: str = ""
    label: str = ""
    by: str = ""
    """Groups units; empty for no groups."""
    cluster: str = ""
    """Units that share its value are not independent; empty if all are."""

    @property
    def needed(self) -> tuple[str, ...]:
        """Every column that must be there."""
        own = self.raters or (self.rater, self.label)
        return tuple(name for name in (*own, self.unit, self.by, self.cluster) if name)


@dataclass(frozen=True, slots=True)
class Labels:
    """What files say."""

    sources: tuple[str, ...]
    scale: Scale
    table: LabelTable
    groups: tuple[str, ...]
    """Of each unit; empty without a column of groups."""
    by: str


@dataclass(slots=True)
class _Unit:
    labels: dict[str, str]
    group: str
    cluster: str


def read_labels(
    paths: Sequence[Path],
    columns: Columns,
    scale: Scale = Scale.NOMINAL,
    order: Sequence[str] = (),
) -> Labels:
    """Read labels; a blank is missing.

    Blank is an empty cell, white space, or null; words such as `NA` are labels. Files count together.

    Args:
        paths: `.csv`, or JSON lines; `.gz` is unpacked.
        columns: where the labels stand.
        scale: ordinal and interval labels are numbers, unless `order` names them.
        order: every possible label, from low to high; by default those that occur.

    Raises:
        DocumentError: every mistake at once: a column missing, a unit that a rater labelled twice, a label outside
            `order` or that is no number, a unit in two groups.
    """
    reading = _Reading(columns)
    times = Counter(path.resolve() for path in paths)
    for path in paths:
        if times[path.resolve()] > 1:
            raise fail(
                path,
                f"stands {times[path.resolve()]} times among the files; its labels count once: name it once",
            )
        for line, row in label_rows(path, reading.mistakes):
            reading.add(path, line, row)
            if len(reading.mistakes) >= _MOST_MISTAKES:
                reading.end(path)
                raise DocumentError(reading.mistakes)
        reading.end(path)
    found = {label for unit in reading.units.values() for label in unit.labels.values()}
    categories = _categories(found, scale, tuple(order), reading.mistakes, paths)
    if reading.mistakes:
        raise DocumentError(reading.mistakes)
    # In the order of names, so that the order of lines cannot move a limit that is drawn.
    units = [unit for _, unit in sorted(reading.units.items()) if unit.labels]
    place = {label: category for category, labels in categories.items() for label in labels}
    table = label_table(
        _SUBJECT,
        tuple(categories),
        [
            Labelled({rater: place[label] for rater, label in unit.labels.items()}, unit.cluster)
            for unit in units
        ],
    )
    groups = tuple(unit.group for unit in units) if columns.by else ()
    return Labels(tuple(path.name for path in paths), scale, table, groups, columns.by)


class _Reading:
    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.units: dict[tuple[str, int], _Unit] = {}
        self.mistakes: list[Mistake] = []
        self._seen: set[str] = set()

    def add(self, path: Path, line: int, row: Row) -> None:
        """Take a line in, or remember what is wrong with it."""
        self._seen.update(row)
        name = _text(row.get(self.columns.unit)) if self.columns.unit else None
        if name == "":
            self._complain(path, line, self.columns.unit, "is blank; it must name the unit")
            return
        key = (str(path), line) if name is None else (name, 0)
        group, cluster = self._cell(row, self.columns.by), self._cell(row, self.columns.cluster)
        cluster = cluster or "\0".join(map(str, key))  # a blank one is a cluster of its own
        unit = self.units.setdefault(key, _Unit({}, group, cluster))
        if (unit.group, unit.cluster) != (group, cluster):
            self._complain(path, line, "", f"the unit {name} stands in two groups or clusters")
        for rater, label in self._labels(path, line, row):
            if rater in unit.labels:
                self._complain(path, line, rater, f"labels the unit {name} twice; expected once")
            unit.labels[rater] = label

    def end(self, path: Path) -> None:
        """Complain about columns that no line of a file has; in JSON lines a cell that is left out is blank."""
        shown = ", ".join(sorted(self._seen)[:12]) or "none"
        for name in self.columns.needed:
            if name not in self._seen:
                self.mistakes = [one for one in self.mistakes if (one.file, one.field) != (str(path), name)]  # fmt: skip
                self._complain(path, 0, name, f"no such column; there are: {shown}")
        self._seen.clear()

    def _labels(self, path: Path, line: int, row: Row) -> Iterator[tuple[str, str]]:
        cells = (
            [(name, row.get(name)) for name in self.columns.raters]
            if self.columns.raters
            else [(_text(row.get(self.columns.rater)), row.get(self.columns.label))]
        )
        if any(not rater and _text(value) for rater, value in cells):
            self._complain(
                path, line, self.columns.rater, "is blank beside a label; it must name who gave it"
            )
        yield from ((rater, text) for rater, value in cells if rater and (text := _text(value)))

    def _cell(self, row: Row, column: str) -> str:
        return _text(row.get(column)) if column else ""

    def _complain(self, path: Path, line: int, field: str, problem: str) -> None:
        self.mistakes.append(Mistake(str(path), line, field, problem))


def _text(value: object) -> str:
    """Return a cell as text: null and white space are blank, and 1.0 is the label that 1 is."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _categories(
    found: set[str],
    scale: Scale,
    order: tuple[str, ...],
    mistakes: list[Mistake],
    paths: Sequence[Path],
) -> dict[str, tuple[str, ...]]:
    """Return the categories, rising, each with the labels that stand for it."""
    place = ", ".join(str(path) for path in paths)
    if order:
        mistakes += _beside(found, scale, order, place)
        return {label: (label,) for label in order}
    if len(found) > _MOST_CATEGORIES:
        mistakes.append(Mistake(place, 0, "", f"{len(found)} different labels; expected {_MOST_CATEGORIES} at most: is this the column of labels?"))  # fmt: skip
    if scale is Scale.NOMINAL:
        return {label: (label,) for label in sorted(found)}
    numbers = {label: _number(label) for label in found}
    for label in sorted(label for label, number in numbers.items() if number is None)[:20]:
        mistakes.append(Mistake(place, 0, "", f"the label {label!r} is no number; {scale} labels are numbers, or named from low to high with --order"))  # fmt: skip
    rising: dict[float, list[str]] = {}
    for label, number in numbers.items():
        rising.setdefault(number or 0.0, []).append(label)
    return {_shown(number): tuple(sorted(rising[number])) for number in sorted(rising)}


def _beside(found: set[str], scale: Scale, order: tuple[str, ...], place: str) -> Iterator[Mistake]:
    """Yield what is wrong with labels whose order somebody gave."""
    for label in sorted(found - set(order))[:20]:
        yield Mistake(place, 0, "", f"the label {label!r} is not among {', '.join(order)}")
    if len(set(order)) < len(order):
        yield Mistake(place, 0, "", "a label stands twice in the order")
    numbers = [_number(label) for label in order]
    rising = [number for number in numbers if number is not None]
    if scale is Scale.INTERVAL and (len(rising) < len(order) or sorted(set(rising)) != rising):
        yield Mistake(place, 0, "", "labels on an interval scale are numbers that rise; use the ordinal scale for words")  # fmt: skip


def _shown(number: float) -> str:
    return str(int(number)) if number.is_integer() and abs(number) < _WHOLE else repr(number)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None
