"""The counts that one metric stands on, of both sides, in the shape that statistics ask for."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hitl.decisions.change.rows import Mask, Rows
from hitl.decisions.change.words import Cluster
from hitl.decisions.counts import MISSING, Integers
from hitl.decisions.measures.measured import Basis

Pair = tuple[Integers, Integers]
Places = npt.NDArray[np.intp]
_MOST_CELLS = 8_000_000
"""Kinds of work by groups of decisions that fit into memory."""


@dataclass(frozen=True)
class Sample:
    """Lines of one side that a metric counts.

    `n` are decisions, `sums` what is added up of them: those that are hits, or whole numbers.
    """

    rows: Rows
    n: Integers
    sums: Integers
    basis: Basis

    @classmethod
    def of_hits(cls, rows: Rows, hit: Mask, basis: Basis) -> "Sample":
        """Return the sample of a share."""
        n = rows.sums["n"]
        return cls(rows, n, np.where(hit, n, 0), basis)

    def chosen(self, keep: Mask) -> "Sample":
        """Keep some lines."""
        return Sample(self.rows.chosen(keep), self.n[keep], self.sums[keep], self.basis)

    @property
    def n_all(self) -> int:
        """Decisions that the number stands on."""
        return int(self.n.sum())

    @property
    def total(self) -> int:
        """The sum over all of them."""
        return int(self.sums.sum())

    @property
    def n_people(self) -> int:
        """People who are named."""
        person = self.rows.keys["person"][self.n > 0]
        return len(np.unique(person[person != MISSING]))

    @property
    def named_share(self) -> float:
        """Share of the decisions that name the person."""
        return int(self.n[self.rows.has("person")].sum()) / max(self.n_all, 1)

    @property
    def unplaced_share(self) -> float:
        """Share of the decisions without action type or confidence."""
        return int(self.n[~self.rows.is_placed].sum()) / max(self.n_all, 1)


def by_cluster(before: Sample, after: Sample, kind: Cluster) -> tuple[Pair, Pair]:
    """Return (sums, n) by cluster of both sides, the same cluster in the same place."""
    codes = [one.rows.clusters(kind) for one in (before, after)]
    places, size = _numbered(codes)
    first, second = (
        (_added(one.sums, at, size), _added(one.n, at, size))
        for one, at in zip((before, after), places, strict=True)
    )
    return first, second


def by_kind_of_work(before: Sample, after: Sample, kind: Cluster) -> tuple[Pair, Pair] | None:
    """Return (sums, n) by action type and confidence, and cluster; None where that is more than fits."""
    strata, n_strata = _numbered([one.rows.strata for one in (before, after)])
    return _crossed((before, after), strata, n_strata, kind)


def by_action_type(before: Sample, after: Sample, kind: Cluster) -> tuple[Pair, Pair] | None:
    """Return (sums, n) by action type, those without one first, and cluster; None as above."""
    actions = [one.rows.keys["action_type"].astype(np.intp) + 1 for one in (before, after)]
    n_actions = len(before.rows.words.get("action_type", ())) + 1
    return _crossed((before, after), actions, n_actions, kind)


def _crossed(
    sides: tuple[Sample, Sample], rows: list[Places], n_rows: int, kind: Cluster
) -> tuple[Pair, Pair] | None:
    columns, n_columns = _numbered([one.rows.clusters(kind) for one in sides])
    size = n_rows * n_columns
    if size > _MOST_CELLS:
        return None
    found = []
    for one, row, column in zip(sides, rows, columns, strict=True):
        places = row * n_columns + column
        sums, n = (_added(v, places, size).reshape(n_rows, n_columns) for v in (one.sums, one.n))
        found.append((sums, n))
    return found[0], found[1]


def _numbered(codes: list[Integers]) -> tuple[list[Places], int]:
    found, places = np.unique(np.concatenate(codes), return_inverse=True)
    first, second = np.split(places.reshape(-1), [len(codes[0])])
    return [first, second], len(found)


def _added(values: Integers, places: Places, size: int) -> Integers:
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums, places, values)
    return sums
