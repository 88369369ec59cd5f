"""Labelled decisions by confidence: the counts that a calibration is made of."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hitl.decisions.counts import MISSING, Table
from hitl.digest import digest
from hitl.recalibrate.scores import GRAIN

Integers = npt.NDArray[np.int64]
FITTED, JUDGED = 0, 1
"""Halves of the decisions: maps are fitted on one and judged on the other."""
_CENT = GRAIN // 100


@dataclass(frozen=True, slots=True)
class Labelled:
    """Decisions with a confidence and a label, by confidence."""

    grain: Integers
    """Confidence in ten-thousandths, rising."""
    n: Integers
    k: Integers
    """Right ones."""

    @property
    def score(self) -> npt.NDArray[np.float64]:
        """Confidence, 0 to 1."""
        return self.grain / GRAIN

    @property
    def total(self) -> int:
        """Decisions."""
        return int(self.n.sum())

    @property
    def right(self) -> int:
        """Right ones."""
        return int(self.k.sum())

    @property
    def digest(self) -> str:
        """SHA-256 of the counts as canonical JSON."""
        return digest([self.grain.tolist(), self.n.tolist(), self.k.tolist()])


@dataclass(frozen=True, slots=True)
class Stated:
    """How confidence is spread over decisions, labelled or not."""

    n: int
    """Decisions with a confidence."""
    n_values: int
    """Different confidences, in ten-thousandths."""
    n_top: int
    """Decisions with the most frequent confidence, to two digits."""
    top: float
    """That confidence."""


def labelled(table: Table, half: int | None = None) -> Labelled:
    """Return the labelled decisions of a table, of both halves if none is named."""
    known = table.where(label=(0, 1))
    if half is not None:
        known = known.where(half=half)
    grain, place = _scores(known)
    n, k = (np.zeros(len(grain), dtype=np.int64) for _ in range(2))
    kept = known.keys["score"] != MISSING
    rows = known.sums["n"][kept]
    np.add.at(n, place, rows)
    np.add.at(k, place, rows * (known.keys["label"][kept] == 1))
    return Labelled(grain, n, k)


def stated(table: Table) -> Stated | None:
    """Return how confidence is spread; None where no decision has one."""
    grain, place = _scores(table)
    if not len(grain):
        return None
    n = np.zeros(len(grain), dtype=np.int64)
    np.add.at(n, place, table.sums["n"][table.keys["score"] != MISSING])
    cents = (grain + _CENT // 2) // _CENT
    counts = np.bincount(cents, weights=n).astype(np.int64)
    top = int(counts.argmax())
    return Stated(int(n.sum()), len(grain), int(counts[top]), top / 100)


def _scores(table: Table) -> tuple[Integers, Integers]:
    """Return the different scores, and which of them each line with a score has."""
    scores = table.keys["score"]
    grain, place = np.unique(scores[scores != MISSING], return_inverse=True)
    return grain.astype(np.int64), place.reshape(-1)
