"""What tells two arms apart by itself: a habit that sorts pairs of outputs, tested as if nobody knew its direction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from hitl.review.differing import Differing
from hitl.review.parts import Tell
from hitl.review.recurring import Difference
from hitl.stats.counts import Counts, Numbers
from hitl.stats.multiple import holm

ALPHA = 0.025
"""Chance that any tell is called one where there is none."""
LEAST_PAIRS = 8
"""Clusters with pairs that differ, below which a tell is not tested."""
CLEAR = 0.75
"""Share of pairs that a tell sorts rightly from which on a packet is not blind."""


@dataclass(frozen=True, slots=True)
class Found:
    """A tell that is none by chance."""

    tell: Tell
    is_clear: bool
    """Whether it sorts so many pairs that the packet is not blind."""


@dataclass(frozen=True, slots=True)
class _Sorted:
    name: str
    n: int
    accuracy: float
    p: float


def find_tells(differences: Iterable[Difference], known: Differing) -> tuple[Found, ...]:
    """Return the habits in which the arms differ, the clearest first.

    The direction of a habit is not known beforehand, so its test is two-sided: an exact sign test with one vote for
    each cluster, since outputs to related inputs are alike, held against all other habits by Holm's method.
    """
    tested = [each for one in differences if (each := _tested(one, known)) is not None]
    adjusted = holm([one.p for one in tested])
    found = [
        Found(_tell(one, known.n_items), one.accuracy >= CLEAR)
        for one, p in zip(tested, adjusted, strict=True)
        if p <= ALPHA
    ]
    return tuple(sorted(found, key=lambda one: (-(one.tell.accuracy or 0.0), -one.tell.n, one.tell.name)))  # fmt: skip


def _tested(difference: Difference, known: Differing) -> _Sorted | None:
    votes = np.sign(difference.values) * known.signs
    n, larger = int(np.count_nonzero(votes)), int(np.count_nonzero(votes > 0.0))
    of_clusters = np.sign(_by_cluster(votes, known.clusters))
    n_clusters = int(np.count_nonzero(of_clusters))
    if n_clusters < LEAST_PAIRS:
        return None
    fewer = min(int(np.count_nonzero(of_clusters > 0.0)), int(np.count_nonzero(of_clusters < 0.0)))
    p = min(1.0, 2.0 * float(binom.cdf(fewer, n_clusters, 0.5)))
    return _Sorted(difference.name, n, max(larger, n - larger) / n, p)


def _by_cluster(votes: Numbers, clusters: Counts) -> Numbers:
    return np.bincount(clusters, weights=votes).astype(np.float64)


def _tell(one: _Sorted, n_items: int) -> Tell:
    return Tell(
        name=one.name,
        n=one.n,
        n_items=n_items,
        accuracy=one.accuracy,
        message=(
            f"{one.name}: the outputs differ in {one.n} of {n_items} items, and this alone sorts "
            f"{round(100 * one.accuracy)} % of them"
        ),
    )


def style_differences(names: Sequence[str], values: Numbers) -> list[Difference]:
    """Return one difference for each column of style numbers, first output less second."""
    return [Difference(name, values[:, at]) for at, name in enumerate(names)]
