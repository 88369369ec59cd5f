"""Statistics of many resamples of clusters, without building any resample."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Members = NDArray[np.int64]

_SHARES = {"median": (1, 2), "p95": (19, 20)}
# Draws of clusters held in memory at once.
_CHUNK = 2_000_000


@dataclass(frozen=True, slots=True)
class _Ranks:
    """The part of the ordered values in which a resampled quantile can fall."""

    numerator: int
    denominator: int
    values: Numbers  # ordered, within the window
    members: Members  # the clusters of these values


@dataclass(frozen=True, slots=True)
class Statistic:
    """A mean or a quantile of values, ready to be evaluated for counts of drawn clusters.

    ``totals`` is what each cluster adds for each time it is drawn: to the sum of values for a
    mean, to the number of values below the window for a quantile.
    """

    point: float
    totals: Numbers
    ranks: _Ranks | None

    @classmethod
    def of(
        cls, values: Numbers, members: Members, name: Literal["mean", "median", "p95"]
    ) -> "Statistic":
        """Prepare finite values whose clusters are numbered 0, 1, ... without gaps."""
        if name == "mean":
            totals = np.bincount(members, weights=values).astype(np.float64)
            return cls(float(np.mean(values)), totals, None)
        numerator, denominator = _SHARES[name]
        order = np.argsort(values, kind="stable")
        rank = -(-values.size * numerator // denominator)
        start, stop = _window(members[order], rank, numerator / denominator)
        window = order[start:stop]
        below = np.bincount(members[order[:start]], minlength=int(members.max()) + 1)
        ranks = _Ranks(numerator, denominator, values[window], members[window])
        return cls(float(values[order[rank - 1]]), below.astype(np.float64), ranks)

    def resampled(self, counts: Numbers, totals: Numbers, cases: Numbers) -> Numbers:
        """Evaluate each row of cluster counts, given its totals and its number of cases."""
        if self.ranks is None:
            means: Numbers = totals / cases
            return means
        passed = np.cumsum(counts[:, self.ranks.members], axis=1)
        passed += totals[:, None]
        # Whole numbers below 2^53 on both sides, so the comparison is exact.
        wanted = cases[:, None] * self.ranks.numerator
        short = np.count_nonzero(passed * self.ranks.denominator < wanted, axis=1)
        quantiles: Numbers = self.ranks.values[np.minimum(short, self.ranks.values.size - 1)]
        return quantiles


def cluster_draws(
    statistics: Sequence[Statistic],
    members: Members,
    rng: np.random.Generator,
    resamples: int,
) -> Numbers:
    """Return one row for each resample of whole clusters, one column for each statistic."""
    sizes = np.bincount(members).astype(np.float64)
    clusters = sizes.size
    columns = np.column_stack([sizes, *(statistic.totals for statistic in statistics)])
    drawn = np.empty((resamples, len(statistics)))
    rows = max(1, _CHUNK // clusters)
    for start in range(0, resamples, rows):
        stop = min(resamples, start + rows)
        counts = _counts(rng, stop - start, clusters)
        totals = counts @ columns
        for j, statistic in enumerate(statistics):
            drawn[start:stop, j] = statistic.resampled(counts, totals[:, j + 1], totals[:, 0])
    return drawn


def _counts(rng: np.random.Generator, rows: int, clusters: int) -> Numbers:
    """How often each cluster is drawn, in each of so many resamples."""
    drawn = rng.integers(0, clusters, size=(rows, clusters), dtype=np.int32)
    counts = np.empty((rows, clusters))
    for row in range(rows):
        counts[row] = np.bincount(drawn[row], minlength=clusters)
    return counts


def _window(members: Members, rank: int, share: float) -> tuple[int, int]:
    """Positions that a resampled quantile leaves with a chance below 1e-14.

    The number of resampled values up to the quantile varies by the clusters' own excess over
    the share, summed in squares; eight standard deviations, and eight values for small samples.
    """
    n = members.size
    excess = np.bincount(members[:rank], minlength=int(members.max()) + 1) - share * np.bincount(
        members, minlength=int(members.max()) + 1
    )
    reach = 8 + math.ceil(8.0 * math.sqrt(float(excess @ excess)))
    return max(0, rank - 1 - reach), min(n, rank + reach)
