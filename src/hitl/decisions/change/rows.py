"""The decisions of one side as lines of counts: each row once, in the group of the person who acted on it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hitl.decisions.change.side import Side
from hitl.decisions.change.words import Cluster
from hitl.decisions.counts import MISSING, Counts, Integers, Table

Codes = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
BANDS = 11
"""Tenths of confidence, and none."""
_KEYS = ("day", "action_type", "confidence_band", "lane", "human_action", "outcome", "correct")
_SUMS = ("n", "n_review_bin", "sum_review_bin", "n_satisfaction_milli", "sum_satisfaction_milli")


@dataclass(frozen=True)
class Rows:
    """Lines of one side: keys as `_KEYS` and `person`, -1 for nobody named."""

    keys: Mapping[str, Codes]
    words: Mapping[str, tuple[str, ...]]
    sums: Mapping[str, Integers]

    @property
    def n(self) -> int:
        """Decisions."""
        return int(self.sums["n"].sum())

    def chosen(self, keep: Mask) -> "Rows":
        """Keep some lines."""
        keys = {key: codes[keep] for key, codes in self.keys.items()}
        return Rows(keys, self.words, {name: sums[keep] for name, sums in self.sums.items()})

    def has(self, key: str) -> Mask:
        """Lines that have a value of a key."""
        known: Mask = self.keys[key] != MISSING
        return known

    def is_one_of(self, key: str, *words: str) -> Mask:
        """Lines whose key has one of some words."""
        known = self.words.get(key, ())
        return np.isin(self.keys[key], [known.index(word) for word in words if word in known])

    def until(self, day: int) -> "Rows":
        """Keep lines up to a day; those that do not say when are left out."""
        return self.chosen(self.has("day") & (self.keys["day"] <= day))

    def clusters(self, kind: Cluster) -> Integers:
        """Return the group of each line, the same number for the same group on both sides.

        Rows that name nobody are one group more, as are those without a day: the wide reading.
        """
        key = "day" if kind is Cluster.DAY else "person"
        return self.keys[key].astype(np.int64)

    @property
    def strata(self) -> Integers:
        """The kind of work of each line: action type by tenth of confidence, none among them."""
        action = self.keys["action_type"].astype(np.int64) + 1
        return action * BANDS + self.keys["confidence_band"] + 1

    @property
    def is_placed(self) -> Mask:
        """Lines that have both an action type and a confidence."""
        return self.has("action_type") & self.has("confidence_band")


def rows_of(counts: Counts, side: Side) -> Rows:
    """Return the decisions of a side; planted errors are no decisions.

    Rows that name nobody are those of the whole less those that name somebody.
    """
    whole = _banded(side.of(counts.cells).where(seeded=0))
    named = side.of(counts.reviewers).where(seeded=0).by("reviewer_id", *_KEYS)
    unnamed = _difference(whole.by(*_KEYS), named.by(*_KEYS))
    words = {key: whole.words[key] for key in _KEYS if key in whole.words}
    people = np.concatenate(
        [named.keys["reviewer_id"], np.full(len(unnamed.sums["n"]), MISSING, np.int32)]
    )
    keys = {key: np.concatenate([named.keys[key], unnamed.keys[key]]) for key in _KEYS}
    sums = {name: np.concatenate([named.sums[name], unnamed.sums[name]]) for name in _SUMS}
    return Rows(
        keys | {"person": people}, words | {"person": named.words.get("reviewer_id", ())}, sums
    )


def _banded(cells: Table) -> Table:
    """Tenths of confidence from its hundredths; 1 lies in the highest tenth, as in the reduction."""
    bins = cells.keys["confidence_bin"]
    band = np.where(bins == MISSING, MISSING, np.minimum(bins // 10, 9)).astype(np.int32)
    return Table({**cells.keys, "confidence_band": band}, cells.words, cells.sums)


def _difference(whole: Table, part: Table) -> Table:
    """Lines of the whole that are left when those of the part are taken away."""
    keys = {key: np.concatenate([whole.keys[key], part.keys[key]]) for key in _KEYS}
    sums = {name: np.concatenate([whole.sums[name], -part.sums[name]]) for name in _SUMS}
    left = Table(keys, whole.words, sums).by(*_KEYS)
    keep = left.sums["n"] > 0
    return Table(
        {key: codes[keep] for key, codes in left.keys.items()},
        left.words,
        {name: values[keep] for name, values in left.sums.items()},
    )
