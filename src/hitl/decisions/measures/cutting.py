"""From the counts of a log to the counts of each group."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hitl.decisions.counts import Counts, Table
from hitl.decisions.measures.group import GroupCounts
from hitl.decisions.measures.rules import MOST_GROUPS, BaselineRules, Key
from hitl.decisions.measures.tables import matured, picked, reduced, sizes, split

_CELL_SUMS = (
    "n",
    "n_review_ms",
    "sum_review_ms",
    "n_review_bin",
    "sum_review_bin",
    "n_is_fast",
    "sum_is_fast",
    "n_cost_micro",
    "sum_cost_micro",
    "n_satisfaction_milli",
    "sum_satisfaction_milli",
    "sum_confidence_micro",
)
_UNUSED = ("refused", "confidence_band")
Words = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a log, without days and without sums that no measure reads."""

    cells: Table
    people: Table
    review: Table
    wait: Table

    @classmethod
    def of(cls, counts: Counts, last_day: int, rules: BaselineRules) -> "Tables":
        """Return the tables of some counts."""
        cells, people = (
            matured(_slim(table), last_day, rules.outcome_maturity_days)
            for table in (counts.cells, counts.reviewers)
        )
        review, wait = (
            reduced(table, [key for key in table.keys if key != "day"])
            for table in (counts.review, counts.wait)
        )
        return cls(cells, people, review, wait)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which groups are measured."""

    groups: Mapping[tuple[Key, ...], tuple[Words, ...]]
    """Groups of each set of keys, largest first."""
    n_left_out: int


def choose(tables: Tables, rules: BaselineRules) -> Chosen:
    """Choose the largest groups, the whole log first."""
    real = tables.cells.where(seeded=0)
    found = [
        (n, place, words)
        for place, keys in enumerate(rules.groupings)
        for words, n in (sizes(real, keys) if keys else {(): real.n}).items()
    ]
    found.sort(key=lambda one: (one[1] > 0, -one[0], one[1], _order(one[2])))
    kept = found[:MOST_GROUPS]
    groups = {
        keys: tuple(words for _, at, words in kept if at == place)
        for place, keys in enumerate(rules.groupings)
    }
    return Chosen(groups, len(found) - len(kept))


def cut(tables: Tables, keys: tuple[Key, ...], wanted: Sequence[Words], rules: BaselineRules) -> Iterator[GroupCounts]:  # fmt: skip
    """Yield the counts of the wanted groups, in their order."""
    parts = {name: _split(getattr(tables, name), keys, set(wanted)) for name in ("cells", "people", "review", "wait")}  # fmt: skip
    wider = tuple(key for key in keys if key is not Key.ACTION_TYPE)
    of_siblings = {words: _without_type(keys, words) for words in wanted}
    siblings = _split(tables.cells, wider, set(of_siblings.values()))
    for words in wanted:

        def of(name: str, seeded: int, words: Words = words) -> Table | None:
            found = parts[name]
            if found is None:
                return None
            whole: Table = getattr(tables, name)
            return found.get(words, picked(whole, np.array([], dtype=np.intp))).where(seeded=seeded)

        cells, planted = of("cells", 0), of("cells", 1)
        if cells is None or planted is None or siblings is None:
            raise ValueError("decisions are counted by every key of a baseline")
        yield GroupCounts(
            by={str(key): word for key, word in zip(keys, words, strict=True)},
            cells=cells,
            planted=planted,
            people=of("people", 0),
            planted_people=of("people", 1),
            review=of("review", 0),
            wait=of("wait", 0),
            siblings=siblings[of_siblings[words]].where(seeded=0),
            rules=rules,
        )


def _without_type(keys: Sequence[Key], words: Words) -> Words:
    return tuple(word for key, word in zip(keys, words, strict=True) if key is not Key.ACTION_TYPE)


def _split(
    table: Table, keys: Sequence[Key], wanted: Container[Words]
) -> dict[Words, Table] | None:
    """Cut a table; None where it is not counted by one of the keys."""
    if not keys:
        return {(): table}
    return split(table, keys, wanted) if set(keys) <= table.keys.keys() else None


def _slim(table: Table) -> Table:
    keys = {key: codes for key, codes in table.keys.items() if key not in _UNUSED}
    return Table(keys, table.words, {name: table.sums[name] for name in _CELL_SUMS})


def _order(words: Words) -> tuple[tuple[bool, str], ...]:
    return tuple((word is None, word or "") for word in words)
