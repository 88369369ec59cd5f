"""Groups side by side: a row for each metric, a column for each group; what is not said points to its reason."""

from collections.abc import Iterator
from dataclasses import dataclass

from hitl.decisions.measures.baseline import Baseline
from hitl.decisions.measures.parts import Group, Measured
from hitl.decisions.measures.words import Metric
from hitl.render.baseline.numbers import basis, figure, interval, is_said, why_not
from hitl.render.baseline.sections import largest
from hitl.render.baseline.words import METRICS, group_name, key_word

MODEL = "resolved_model"
MOST_COLUMNS = 18
"""Groups by one key that stand side by side; the largest are kept."""
MOST_PAIRS = 36
"""Groups by two keys."""
_ABREAST = 6
_NAME = 60


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column."""

    name: str
    n: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of one group, or the number of the reason why there is none."""

    figure: str
    interval: str
    basis: str
    note: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """One metric of every group."""

    title: str
    cells: tuple[Cell | None, ...]
    """None where the metric is not of the group."""


@dataclass(frozen=True, slots=True)
class Sides:
    """A table, and the reasons and limits that its cells point to."""

    title: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """Tables that are read together."""

    title: str
    n_groups: int
    n_left_out: int
    tables: tuple[Sides, ...]


def by_model(baseline: Baseline) -> Fold | None:
    """Return the models side by side; none where the baseline has no such groups."""
    return next((fold for fold in _single(baseline, wants_model=True)), None)


def by_other_keys(baseline: Baseline) -> tuple[Fold, ...]:
    """Return every other grouping; where the model is one of two keys, the models stand side by side."""
    return (*_single(baseline, wants_model=False), *_pairs(baseline))


def _single(baseline: Baseline, *, wants_model: bool) -> Iterator[Fold]:
    for keys, groups in _groupings(baseline).items():
        if len(keys) == 1 and (keys[0] == MODEL) == wants_model:
            kept = largest(groups, MOST_COLUMNS)
            tables = tuple(_tables(kept))
            yield Fold(f"By {key_word(keys[0])}", len(groups), len(groups) - len(kept), tables)


def _pairs(baseline: Baseline) -> Iterator[Fold]:
    for keys, groups in _groupings(baseline).items():
        if len(keys) < 2:
            continue
        kept = _models_in_order(largest(groups, MOST_PAIRS), baseline)
        title = f"By {' and '.join(key_word(key) for key in keys)}"
        families: dict[tuple[str | None, ...], list[Group]] = {}
        for group in kept:
            rest = tuple(value for key, value in group.by.items() if key != MODEL)
            families.setdefault(rest, []).append(group)
        tables = tuple(table for family in families.values() for table in _tables(family))
        yield Fold(title, len(groups), len(groups) - len(kept), tables)


def _models_in_order(groups: list[Group], baseline: Baseline) -> list[Group]:
    """Put the models of every table in the order in which they stand alone."""
    alone = [group.by[MODEL] for group in baseline.groups if set(group.by) == {MODEL}]
    places = {model: at for at, model in enumerate(alone)}
    return sorted(groups, key=lambda group: places.get(group.by.get(MODEL), len(places)))


def _groupings(baseline: Baseline) -> dict[tuple[str, ...], list[Group]]:
    found: dict[tuple[str, ...], list[Group]] = {}
    for group in baseline.groups:
        if group.by:
            found.setdefault(tuple(group.by), []).append(group)
    return found


def _tables(groups: list[Group]) -> Iterator[Sides]:
    for start in range(0, len(groups), _ABREAST):
        yield _table(groups[start : start + _ABREAST])


def _table(groups: list[Group]) -> Sides:
    columns = [{part.metric: part for part in group.measures} for group in groups]
    present = [metric for metric in Metric if any(metric in column for column in columns)]
    notes: dict[str, int] = {}
    rows = tuple(
        Row(METRICS[metric].title, tuple(_cell(column.get(metric), notes) for column in columns))
        for metric in present
    )
    shared = _shared(groups)
    heads = tuple(Head(_own_name(group, shared), group.n) for group in groups)
    return Sides(group_name(shared, _NAME) if shared else "", heads, rows, tuple(notes))


def _shared(groups: list[Group]) -> dict[str, str | None]:
    """Return what all groups of a table have in common, if they are of two keys."""
    first = groups[0].by
    if len(first) < 2:
        return {}
    return {key: value for key, value in first.items() if key != MODEL}


def _own_name(group: Group, shared: dict[str, str | None]) -> str:
    own = {key: value for key, value in group.by.items() if key not in shared}
    return group_name(own or group.by, _NAME)


def _cell(measured: Measured | None, notes: dict[str, int]) -> Cell | None:
    if measured is None:
        return None
    text = measured.reason if is_said(measured) else why_not(measured)
    note = notes.setdefault(text, len(notes) + 1) if text else None
    return Cell(
        figure(measured), interval(measured) if is_said(measured) else "", basis(measured), note
    )
