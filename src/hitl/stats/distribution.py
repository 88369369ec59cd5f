"""Did a distribution over categories or bins shift by more than two samples differ anyway?"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, chdtri, xlogy

from hitl.stats.counts import Counts, Numbers, checked_counts
from hitl.stats.interval import check_share


@dataclass(frozen=True, slots=True)
class Shift:
    """A distance between two distributions, beside what it reaches when nothing shifted.

    ``limit`` is exceeded with probability ``1 - confidence`` by two large samples of one
    distribution; ``p`` is the chance of a distance at least as large. All None, with a reason,
    where fewer than two cells are in use.
    """

    value: float | None
    limit: float | None
    p: float | None
    n_before: int
    n_after: int
    cells: int
    confidence: float
    method: str
    reason: str = ""


def psi(before: Counts, after: Counts, confidence: float = 0.95) -> Shift:
    """Measure a shift by the population stability index, ``sum (q - p) ln(q / p)``.

    Without a shift its mean is ``(cells - 1)(1/n + 1/m)``: 0.18 for ten cells and 100 rows twice,
    so fixed limits such as 0.1 say more about the samples than about a shift. ``limit`` and ``p``
    use the chi-square distribution that it has in large samples, times ``1/n + 1/m``. Symmetric
    in the two periods. Where a cell is empty in one of them, half a row is added to every cell,
    and ``method`` says so. With fewer than about five rows a cell the limit is only a guide, and
    rows that are alike (one reviewer's, one day's) exceed it more often.

    Args:
        before: rows in each cell, at least one in all.
        after: the same cells in the same order.
        confidence: of the limit, strictly between 0 and 1.

    Raises:
        ValueError: for counts that are no counts, different cells, a period without rows, or a
            confidence outside (0, 1).

    Source: Yurdakul and Naranjo (2020), Journal of Risk Model Validation 14(4), 89.

    >>> round(psi(np.array([50, 50]), np.array([60, 40])).value, 4)
    0.0405
    """
    cells = _cells(before, after, confidence)
    if cells.few:
        return cells.refused("psi")
    value = float(((cells.q - cells.p) * np.log(cells.q / cells.p)).sum())
    return cells.judged(value, 1.0, "psi")


def jensen_shannon(before: Counts, after: Counts, confidence: float = 0.95) -> Shift:
    """Measure a shift by the Jensen-Shannon divergence in bits, 0 to 1.

    Unlike `psi` it is bounded and needs nothing added to an empty cell, since it compares each
    period with the mean of both. Near 0 it is ``psi / (8 ln 2)``, and so are its limit and p.

    Arguments, degenerate cases and errors are those of `psi`.

    Source: Lin (1991), IEEE Transactions on Information Theory 37, 145.

    >>> round(jensen_shannon(np.array([5, 5]), np.array([10, 0])).value, 4)
    0.3113
    """
    cells = _cells(before, after, confidence, add=0.0)
    if cells.few:
        return cells.refused("jensen-shannon")
    middle = (cells.p + cells.q) / 2.0
    nats = float(sum(xlogy(side, side / middle).sum() for side in (cells.p, cells.q))) / 2.0
    return cells.judged(max(0.0, nats) / math.log(2.0), 8.0 * math.log(2.0), "jensen-shannon")


@dataclass(frozen=True, slots=True)
class _Cells:
    p: Numbers
    q: Numbers
    n: int
    m: int
    confidence: float
    added: bool

    @property
    def few(self) -> bool:
        return self.p.size < 2

    def refused(self, method: str) -> Shift:
        reason = f"{self.p.size} cell in use; expected two or more"
        size = self.p.size
        return Shift(None, None, None, self.n, self.m, size, self.confidence, method, reason)

    def judged(self, value: float, scale: float, method: str) -> Shift:
        """Compare with chi-square; ``scale`` turns the value into the index."""
        unit, freedom = (1.0 / self.n + 1.0 / self.m) / scale, self.p.size - 1
        limit = float(chdtri(freedom, 1.0 - self.confidence)) * unit
        p = float(chdtrc(freedom, value / unit))
        method += ", chi-square limit" + (", half a row added to each cell" if self.added else "")
        return Shift(value, limit, p, self.n, self.m, self.p.size, self.confidence, method)


def _cells(before: Counts, after: Counts, confidence: float, add: float = 0.5) -> _Cells:
    check_share(confidence, "confidence")
    before = checked_counts(before.ravel(), "before")
    after = checked_counts(after.ravel(), "after", before.shape)
    n, m = int(before.sum()), int(after.sum())
    if not (n and m):
        raise ValueError(f"expected rows in both periods, not {n} and {m}")
    used = before + after > 0
    p, q = before[used].astype(np.float64), after[used].astype(np.float64)
    added = add > 0.0 and bool(np.any(p == 0.0) or np.any(q == 0.0))
    if added:
        p, q = p + add, q + add
    return _Cells(p / p.sum(), q / q.sum(), n, m, confidence, added)
