"""How much it is worth that people look at an item, and how a draw is spread."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hitl.golden.case import Severity
from hitl.review.candidate import Candidate
from hitl.review.words import Scope
from hitl.stats.counts import Counts, Numbers

FLOOR = 0.1
"""Share of the mean worth that everything has at least, so that no weight is more than ten times the usual one."""
IMPACT = {Severity.LOW: 1, Severity.MEDIUM: 2, Severity.HIGH: 4, Severity.CRITICAL: 8}
"""What a wrong reply costs, in multiples of the least."""
_BONUS = {
    Scope.JUDGED: 2.0,
    Scope.FLIPPED: 1.0,
    Scope.FAILING: 0.75,
    Scope.POLICY: 0.5,
    Scope.SAMPLE: 0.0,
    Scope.QUALIFICATION: 0.0,
}


def worth(candidate: Candidate) -> float:
    """Return uncertainty (0 to 1), impact (1/8 to 1) and the bonus of its weightiest scope (0 to 2), added up."""
    bonus = max((_BONUS[scope] for scope in candidate.scopes), default=0.0)
    return min(1.0, max(0.0, candidate.uncertainty)) + IMPACT[candidate.severity] / 8.0 + bonus


def worths(candidates: Sequence[Candidate], is_certain: NDArray[np.bool_]) -> Numbers:
    """Return how large each candidate is in the draw.

    The worth, divided by the number of members of its cluster and by one more than those of them that are certain:
    a cluster counts about as much as one item, and one that is seen anyway less. A tenth of the mean of those that
    are left to chance is mixed in, so that none is without a chance.
    """
    members = Counter(one.cluster for one in candidates)
    certain = Counter(
        one.cluster for one, is_sure in zip(candidates, is_certain, strict=True) if is_sure
    )
    sizes = np.array(
        [worth(one) / (members[one.cluster] * (1 + certain[one.cluster])) for one in candidates]
    )
    left = sizes[~is_certain]
    return sizes if left.size == 0 else FLOOR * left.mean() + (1.0 - FLOOR) * sizes


def spread_order(candidates: Sequence[Candidate], rng: np.random.Generator) -> Counts:
    """Return an order in which neighbours are alike: by subset, within it by cluster, clusters in random order.

    A cluster that reaches over subsets stands whole in the first of them: a systematic draw takes at most one of its
    members while their chances add up to no more than 1.
    """
    subset: dict[str, str] = {}
    for one in candidates:
        subset[one.cluster] = min(one.subset, subset.get(one.cluster, one.subset))
    clusters = sorted(subset)
    rank = dict(zip(clusters, rng.permutation(len(clusters)).tolist(), strict=True))
    keys = [(subset[one.cluster], rank[one.cluster], at) for at, one in enumerate(candidates)]
    return np.array([at for _, _, at in sorted(keys)], dtype=np.int64)
