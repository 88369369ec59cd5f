"""What a pair is, and what a set of pairs shows: the one definition behind table, interval, test and power."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hitl.stats.cluster import clustered_difference
from hitl.stats.interval import Interval
from hitl.stats.paired import PairedCounts, difference_interval, mcnemar
from hitl.stats.power import detectable_drop
from hitl.stats.precision import clustered_detectable_drop
from hitl.stats.proportion import exact_interval

FEWEST_CLUSTERS = 8
"""With fewer independent clusters no interval of clustered data is worth its name."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """The same cases in both arms; a case is one unit however often it was repeated.

    Shares are in 0 to 1 and in the order of the cases. Clusters are numbers; cases that share one
    are not independent evidence. `lineage` also joins cases whose input is the same, which are
    the same evidence under two names.
    """

    previous: NDArray[np.float64]
    candidate: NDArray[np.float64]
    clusters: NDArray[np.int64]
    lineage: NDArray[np.int64]
    is_repeated: bool
    """Whether any case has more than one reply in an arm."""

    def __len__(self) -> int:
        return len(self.previous)

    def only(self, places: NDArray[np.int64]) -> "Pairs":
        """Return some of the cases."""
        return Pairs(
            self.previous[places],
            self.candidate[places],
            self.clusters[places],
            self.lineage[places],
            self.is_repeated,
        )

    @property
    def n_clusters(self) -> int:
        """Independent pieces of evidence."""
        return len(np.unique(self.lineage))

    @property
    def is_plain(self) -> bool:
        """Whether each case is one pass or fail, on its own."""
        return not self.is_repeated and len(np.unique(self.clusters)) == len(self)

    @property
    def counts(self) -> PairedCounts:
        """The fourfold table; a case passes in an arm when more than half of its repeats do."""
        return PairedCounts.of(self.previous > 0.5, self.candidate > 0.5)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The candidate against the previous arm over a set of pairs.

    `difference` is two-sided at the confidence; `decision` holds the two one-sided limits at the
    same confidence, on which margins are decided. Both are None where the pairs allow no
    interval; then the p-values are None too.
    """

    n_cases: int
    n_clusters: int
    regressed: int
    improved: int
    difference: Interval | None
    decision: Interval | None
    p_value: float | None
    p_worse: float | None
    p_better: float | None
    standard_error: float | None
    """Of the clustered difference; None for plain pairs."""


def compare(pairs: Pairs, confidence: float) -> Comparison:
    """Compare the arms over a set of pairs.

    Plain pairs (one reply a case, no clusters) are compared by Tango's score interval and mid-p
    McNemar; repeated or clustered ones by case means and a cluster-robust t. Where inputs repeat
    under several ids, the wider of the two decides.
    """
    counts = pairs.counts
    if len(pairs) == 0:
        return nothing_compared(pairs)
    if not pairs.is_plain:
        return _clustered(pairs, counts, confidence)
    plain = _plain(pairs, counts, confidence)
    if pairs.n_clusters == len(pairs):
        return plain
    return _wider(plain, _clustered(pairs, counts, confidence))


def nothing_compared(pairs: Pairs) -> Comparison:
    """Return the comparison of cases that an arm did not answer: how many there are, and nothing else."""
    return Comparison(len(pairs), pairs.n_clusters, 0, 0, *(None,) * 6)


def smallest_seen_drop(comparison: Comparison, confidence: float) -> float | None:
    """Return the smallest true drop that would be called a regression four times in five.

    Plain pairs: by enumeration, with the smaller of the two discordant counts as the churn that
    equal models show. Clustered ones: from their standard error. None where nothing would be.
    """
    if comparison.decision is None:
        return None
    if comparison.standard_error is not None:
        return clustered_detectable_drop(
            comparison.standard_error, comparison.n_clusters, confidence
        )
    churn = min(comparison.regressed, comparison.improved) / comparison.n_cases
    if churn >= 0.5:
        return None  # the arms differ on every case, half each way: no room is left for a drop
    return detectable_drop(comparison.n_cases, churn, confidence)


def rate_interval(
    shares: NDArray[np.float64], lineage: NDArray[np.int64], confidence: float
) -> Interval | None:
    """Return an exact interval of one arm's pass rate.

    Clusters count as trials: as many as there are when they are of one size, and fewer when some
    outweigh the others (Kish's effective number, rounded down). Partial passes are rounded down
    for the lower limit and up for the upper one.
    """
    if len(shares) == 0:
        return None
    n = effective_clusters(lineage)
    rate = float(np.mean(shares))
    passed = rate * n
    low = exact_interval(int(np.floor(passed + 1e-9)), n, confidence).low
    high = exact_interval(int(np.ceil(passed - 1e-9)), n, confidence).high
    return Interval(rate, low, high, confidence, "clopper-pearson", n)


def effective_clusters(lineage: NDArray[np.int64]) -> int:
    """Return how many clusters of one size are worth as much as these: (sum of sizes)² / sum of squared sizes.

    >>> effective_clusters(np.array([0, 0, 1, 1])), effective_clusters(np.array([0, 0, 0, 0, 0, 1]))
    (2, 1)
    """
    _, sizes = np.unique(lineage, return_counts=True)
    return int(len(lineage) ** 2 // int(sizes @ sizes))


def _plain(pairs: Pairs, counts: PairedCounts, confidence: float) -> Comparison:
    test = mcnemar(counts)
    n = len(pairs)
    return Comparison(
        n_cases=n,
        n_clusters=pairs.n_clusters,
        regressed=counts.regressed,
        improved=counts.improved,
        difference=difference_interval(counts, confidence),
        decision=difference_interval(counts, 2 * confidence - 1),
        p_value=test.mid_p,
        p_worse=test.worse,
        p_better=test.better,
        standard_error=None,
    )


def _clustered(pairs: Pairs, counts: PairedCounts, confidence: float) -> Comparison:
    n_clusters = pairs.n_clusters
    if n_clusters < FEWEST_CLUSTERS:
        return Comparison(len(pairs), n_clusters, counts.regressed, counts.improved, *(None,) * 6)
    differences = pairs.candidate - pairs.previous
    wide = clustered_difference(differences, pairs.lineage, confidence)
    narrow = clustered_difference(differences, pairs.lineage, 2 * confidence - 1)
    return Comparison(
        n_cases=len(pairs),
        n_clusters=n_clusters,
        regressed=counts.regressed,
        improved=counts.improved,
        difference=wide.interval,
        decision=narrow.interval,
        p_value=wide.p_two_sided,
        p_worse=wide.p_worse,
        p_better=wide.p_better,
        standard_error=wide.standard_error,
    )


def _wider(plain: Comparison, clustered: Comparison) -> Comparison:
    return Comparison(
        n_cases=plain.n_cases,
        n_clusters=clustered.n_clusters,
        regressed=plain.regressed,
        improved=plain.improved,
        difference=plain.difference,
        decision=_hull(plain.decision, clustered.decision),
        p_value=_larger(plain.p_value, clustered.p_value),
        p_worse=_larger(plain.p_worse, clustered.p_worse),
        p_better=_larger(plain.p_better, clustered.p_better),
        standard_error=clustered.standard_error,
    )


def _hull(one: Interval | None, other: Interval | None) -> Interval | None:
    if one is None or other is None:
        return None
    low, high = min(one.low, other.low), max(one.high, other.high)
    method = f"wider of {one.method} and {other.method} (inputs repeat)"
    return Interval(one.estimate, low, high, one.confidence, method, other.n)


def _larger(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else max(one, other)
