"""How the votes of several raters become one, or stay undecided."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

import numpy as np

from hitl.review.labels import LabelTable
from hitl.review.parts import Rules
from hitl.review.tables import Unit, action_units, counting, preference_units, table_of
from hitl.review.votes import RatedItem
from hitl.review.words import Action, ConsensusMethod, Outcome
from hitl.run.arm import Arm
from hitl.stats.dawid_skene import dawid_skene


@dataclass(frozen=True, slots=True)
class Settled:
    """Items with what their votes amount to."""

    items: tuple[RatedItem, ...]
    method: ConsensusMethod
    """The one that settled actions."""
    note: str
    """Why it is not the declared one, or what it changed; empty if there is nothing to say."""
    adjudication: tuple[str, ...]
    """Items that raters leave open and nobody decided."""


@dataclass(frozen=True, slots=True)
class _Found:
    labels: tuple[str | None, ...]
    """Of each unit."""
    method: ConsensusMethod
    note: str


def majority(votes: Collection[str], raters: int) -> str | None:
    """Return what more than half of the raters say, a rater who is missing being one who may say anything.

    So no vote that is missing could overturn it, and an even split or a plurality decides nothing.

    Args:
        votes: those that count.
        raters: how many there should be.

    >>> majority(["approve", "approve"], raters=3), majority(["approve", "reject"], raters=3)
    ('approve', None)
    >>> majority(["approve"], raters=3), majority(["approve", "approve", "reject"], raters=4)
    (None, None)
    """
    if not votes:
        return None
    label, n = Counter(votes).most_common(1)[0]
    return label if 2 * n > max(raters, len(votes)) else None


def settle(items: Sequence[RatedItem], rules: Rules) -> Settled:
    """Conclude from the votes of each item.

    - Raters first: by majority, or by Dawid-Skene where it was declared and its preconditions hold. Fewer votes that count
      than more than half of the raters settle nothing.
    - An adjudicator decides only what raters with votes enough leave open; where votes are missing, one person's view is
      no consensus of several. Nor does one person approve what none of the raters would.
    - Outputs that look the same are a tie.
    """
    actions, preferences = tuple(action_units(items)), tuple(preference_units(items))
    by_action = _settled("action", actions, items, rules)
    by_preference = _settled("preference", preferences, items, rules)
    state = _State(items, rules.raters)
    for unit, label in zip(actions, by_action.labels, strict=True):
        state.take(unit, label)
    for unit, label in zip(preferences, by_preference.labels, strict=True):
        state.take(unit, label)
    notes = dict.fromkeys(note for note in (by_action.note, by_preference.note) if note)
    return Settled(
        items=tuple(state.results()),
        method=by_action.method,
        note="; ".join(notes),
        adjudication=tuple(sorted(items[place].item_id for place in state.open)),
    )


class _State:
    def __init__(self, items: Sequence[RatedItem], raters: int) -> None:
        self._items = items
        self._raters = raters
        self._consensus: list[dict[Arm, Action]] = [{} for _ in items]
        self._outcomes: list[Outcome | None] = [
            Outcome.TIE if item.is_identical else None for item in items
        ]
        self._ruled: set[int] = set()
        self.open: set[int] = set()

    def take(self, unit: Unit, label: str | None) -> None:
        """Take in what raters say of a unit; where they leave it open, what adjudicators do."""
        has_enough = 2 * len(unit.labels) > self._raters
        if label is None and has_enough:
            label = _ruled(unit)
            (self.open if label is None else self._ruled).add(unit.item)
        if label is None:
            return
        if not unit.arms:
            self._outcomes[unit.item] = Outcome(label)
        for arm in unit.arms:
            self._consensus[unit.item][arm] = Action(label)

    def results(self) -> Iterator[RatedItem]:
        """Yield the items with what was concluded."""
        for place, item in enumerate(self._items):
            n = sum(1 for _ in counting(item))
            changes = {
                "consensus": self._consensus[place],
                "outcome": self._outcomes[place],
                "is_adjudicated": place in self._ruled,
                "missing_votes": max(0, self._raters - n),
            }
            yield item.model_copy(update=changes)


def _ruled(unit: Unit) -> str | None:
    """Return what adjudicators decide; raters who differ in what to do about an output, all against it, are not outvoted."""
    label = majority(unit.rulings, 1)
    return None if label == Action.APPROVE and label not in unit.labels.values() else label


def _settled(
    subject: str, units: Sequence[Unit], items: Sequence[RatedItem], rules: Rules
) -> _Found:
    plain = tuple(majority(tuple(unit.labels.values()), rules.raters) for unit in units)
    match rules.consensus:
        case ConsensusMethod.MAJORITY:
            return _Found(plain, ConsensusMethod.MAJORITY, "")
        case ConsensusMethod.DAWID_SKENE:
            return _weighted(table_of(subject, units, items), units, plain, rules)
        case _:
            assert_never(rules.consensus)


def _weighted(
    table: LabelTable, units: Sequence[Unit], plain: tuple[str | None, ...], rules: Rules
) -> _Found:
    if not units:
        return _Found(plain, ConsensusMethod.DAWID_SKENE, "")
    found = dawid_skene(table.votes, len(table.categories))
    if found.reason:
        note = f"{table.subject}: Dawid-Skene weights were declared, but {found.reason}, so the majority counts"
        return _Found(plain, ConsensusMethod.MAJORITY, note)
    # As a majority is more than half of the raters, a weighted label is more likely than all others together; and so
    # by what the other items teach, because a split of its own kind would teach the errors that settle it.
    rows = np.arange(len(units))
    surest = np.minimum(found.posterior, found.held_out)[rows, found.labels] > 0.5
    labels = tuple(
        table.categories[place]
        if is_sure and place >= 0 and 2 * len(unit.labels) > rules.raters
        else None
        for unit, place, is_sure in zip(units, found.labels.tolist(), surest.tolist(), strict=True)
    )
    both = list(zip(plain, labels, strict=True))
    flipped = sum(1 for old, new in both if old and new and old != new)
    opened = sum(1 for old, new in both if new and not old)
    closed = sum(1 for old, new in both if old and not new)
    note = f"{table.subject}: Dawid-Skene weights turned {flipped} of {len(units)} majorities, settled {opened} without one and left {closed} open that had one"
    return _Found(labels, ConsensusMethod.DAWID_SKENE, note)
