"""Pairs of outputs that differ as shown, in an order that does not depend on whose they are."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hitl.review.candidate import Candidate, Output
from hitl.review.sides import look_digest
from hitl.stats.counts import Counts, Numbers


@dataclass(frozen=True, slots=True)
class Differing:
    """Pairs of outputs, each in the order of their digests.

    Whose the first of a pair is, is said relative to the first pair of all: the same, or not. Swapping the arms of a
    release changes nothing here, so nothing that is computed from it can name an arm.
    """

    pairs: tuple[tuple[Output, Output], ...]
    is_like_first: NDArray[np.bool_]
    """Whether the first output of a pair is from the same arm as the first of the first pair."""
    clusters: Counts
    """Of each pair, as whole numbers."""
    n_items: int
    """Items with both arms, the ones that look the same included."""

    @property
    def signs(self) -> Numbers:
        """1 where the first output is from the same arm as the first of the first pair, -1 where not."""
        return np.where(self.is_like_first, 1.0, -1.0)

    def part(self, places: NDArray[np.int64]) -> "Differing":
        """Return some of the pairs."""
        pairs = tuple(self.pairs[at] for at in places)
        return Differing(pairs, self.is_like_first[places], self.clusters[places], self.n_items)


def differing(candidates: Iterable[Candidate]) -> Differing:
    """Return the pairs that differ in what is shown, whatever order the candidates come in."""
    both = sorted(
        (one for one in candidates if len(one.outputs) == 2),
        key=lambda one: (one.case_id, one.repeat),
    )
    pairs, clusters = [], []
    for one in both:
        digests = [look_digest(output.text, output.tool_calls) for output in one.outputs]
        if digests[0] != digests[1]:
            first, second = one.outputs if digests[0] < digests[1] else one.outputs[::-1]
            pairs.append((first, second))
            clusters.append(one.cluster)
    is_like_first = np.array([first.arm is pairs[0][0].arm for first, _ in pairs], dtype=bool)
    rank = {cluster: number for number, cluster in enumerate(sorted(set(clusters)))}
    numbers = np.array([rank[cluster] for cluster in clusters], dtype=np.int64)
    return Differing(tuple(pairs), is_like_first, numbers, len(both))
