"""Labels of several raters on the same units, as numbers that agreement is taken of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
MISSING = -1
"""Stands for a label that was not given: never a category of its own."""


@dataclass(frozen=True, slots=True)
class LabelTable:
    """Who gave which unit which label."""

    subject: str
    """What is labelled, such as `action`."""
    categories: tuple[str, ...]
    """Every label that could have been given, from low to high on an ordered scale."""
    raters: tuple[str, ...]
    votes: Whole
    """Units by raters: the place of the label in `categories`, or `MISSING`."""
    clusters: Whole
    """The cluster of each unit: units that share one are not independent."""

    @property
    def ratings(self) -> Whole:
        """How many raters put each unit (row) into each category (column)."""
        places = np.arange(len(self.categories))
        found: Whole = (self.votes[:, :, None] == places).sum(axis=1).astype(np.int64)
        return found

    @property
    def n_twice(self) -> int:
        """Units that two raters or more labelled."""
        return int((self.is_given.sum(axis=1) >= 2).sum())

    @property
    def is_given(self) -> NDArray[np.bool_]:
        """Which labels there are, units by raters."""
        return np.not_equal(self.votes, MISSING)

    def part(self, rows: Sequence[int]) -> "LabelTable":
        """Return the same of some units only."""
        at = np.array(rows, dtype=np.int64)
        return replace(self, votes=self.votes[at], clusters=self.clusters[at])


@dataclass(frozen=True, slots=True)
class Labelled:
    """One unit with its labels by rater; a rater who gave none is not in it."""

    labels: Mapping[str, str]
    cluster: str


def label_table(subject: str, categories: Sequence[str], units: Iterable[Labelled]) -> LabelTable:
    """Return labels as numbers.

    Raters are put in the order of their names. Units stay in the order given: put them in one that does not depend on
    how files were read, because intervals are drawn from it.
    """
    listed = tuple(units)
    raters = sorted({rater for unit in listed for rater in unit.labels})
    places = {category: place for place, category in enumerate(categories)}
    columns = {rater: column for column, rater in enumerate(raters)}
    clusters: dict[str, int] = {}
    votes = np.full((len(listed), len(raters)), MISSING, dtype=np.int64)
    for row, unit in enumerate(listed):
        clusters.setdefault(unit.cluster, len(clusters))
        for rater, label in unit.labels.items():
            votes[row, columns[rater]] = places[label]
    members = np.array([clusters[unit.cluster] for unit in listed], dtype=np.int64)
    return LabelTable(subject, tuple(categories), tuple(raters), votes, members)
