"""How well can a classifier tell two arms apart? The score of identifiability.

What it means: a classifier is TOLD whose the outputs of other items are, learns how the arms write, and then sorts the
pairs of items that it has not seen. A reviewer is told nothing of the kind. The share of pairs that it sorts rightly
is therefore a generous bound on what a reviewer could guess from style and words, not an estimate of what anyone does;
0.5 is chance. It also finds what is no leak but a difference in substance: a model that always refuses is told apart
by its refusals, and no masking can hide that.

How: for each pair the difference of what is counted in its outputs (style, words, pairs of words, runs of three signs,
of the first 20,000 signs), logistic regression without an intercept, folds by cluster so that no cluster is ever in
training and test at once. Swapping the arms gives the same numbers, bit by bit.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from hitl.review.differing import Differing
from hitl.review.ngrams import hashed
from hitl.review.style import REACH
from hitl.stats.cluster import clustered_difference
from hitl.stats.counts import Counts, Numbers

CONFIDENCE = 0.95
"""Of both limits together."""
LEAST_CLUSTERS = 8
"""Clusters below which nothing is said."""
MOST_PAIRS = 600
"""Pairs that are tried; of more, clusters are drawn."""
MOST_SIGNS = 20_000_000
"""Signs that are looked at in all outputs together."""
_FOLDS = 10
_STRENGTH = 10.0
_WIDEST = 3.0
_WEIGHT = 2.0
"""Length of a row of style, where that of words and of signs is 1 each."""
_NOTHING = 1e-10
_SHARED = 1.3
"""By how much limits are moved out: scores of one cross-validation share what was learnt, and in simulations of equal
arms their spread was up to 1.3 times that of independent ones."""


@dataclass(frozen=True, slots=True)
class Identifiability:
    """Share of pairs that are sorted rightly, with its limits over clusters."""

    accuracy: float
    low: float
    high: float
    n_pairs: int
    n_clusters: int


def identifiability(
    known: Differing, style: Numbers, rng: np.random.Generator
) -> Identifiability | None:
    """Return how well pairs are sorted; None with fewer than eight clusters of pairs that differ.

    Args:
        known: pairs of outputs that differ.
        style: first output less second, a row a pair.
        rng: draws clusters where there are too many pairs, and the folds.
    """
    places = _drawn(known.clusters, rng)
    known, style = known.part(places), style[places]
    folds, n_clusters = _folds(known.clusters, rng)
    if n_clusters < LEAST_CLUSTERS:
        return None
    rows = _compact(np.hstack([_evened(style), _word_differences(known)]))
    score = _scores(rows, known.signs, folds)
    found = clustered_difference(score, known.clusters, CONFIDENCE).interval
    low = found.estimate - _SHARED * (found.estimate - found.low)
    high = found.estimate + _SHARED * (found.high - found.estimate)
    return Identifiability(
        accuracy=(1.0 + found.estimate) / 2.0,
        low=max(0.0, (1.0 + low) / 2.0),
        high=min(1.0, (1.0 + high) / 2.0),
        n_pairs=len(known.pairs),
        n_clusters=n_clusters,
    )


def _drawn(clusters: Counts, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return places of all pairs, or of those of clusters drawn at random until there are enough.

    No cluster gives more than its part of what the fewest clusters need: a large one must not keep all others out.
    """
    if clusters.size <= MOST_PAIRS:
        return np.arange(clusters.size)
    sizes = np.bincount(clusters)
    mixed = rng.permutation(clusters.size)
    mixed = mixed[np.argsort(clusters[mixed], kind="stable")]
    number = np.arange(clusters.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    most = MOST_PAIRS // LEAST_CLUSTERS
    order = rng.permutation(sizes.size)
    taken = order[np.cumsum(np.minimum(sizes, most)[order]) <= MOST_PAIRS]
    return np.sort(mixed[(number < most) & np.isin(clusters[mixed], taken)])


def _folds(clusters: Counts, rng: np.random.Generator) -> tuple[NDArray[np.int64], int]:
    """Return the fold of each pair, all of a cluster in one."""
    names, members = np.unique(clusters, return_inverse=True)
    fold = rng.permutation(names.size) % min(_FOLDS, max(1, names.size))
    return fold[members], int(names.size)


def _evened(style: Numbers) -> Numbers:
    """Bring numbers of style to one scale; whose they are does not enter."""
    values = np.sign(style) * np.sqrt(np.abs(style))
    spread = np.sqrt(np.mean(values**2, axis=0))
    even = np.divide(values, spread, out=np.zeros_like(values), where=spread > 0.0)
    limited: Numbers = np.clip(even, -_WIDEST, _WIDEST)
    scaled: Numbers = limited * (_WEIGHT / np.sqrt(style.shape[1]))
    return scaled


def _word_differences(known: Differing) -> Numbers:
    reach = min(REACH, MOST_SIGNS // max(1, 2 * len(known.pairs)))
    rows = [
        hashed(f"{first.text[:reach]}\n{first.tool_calls[:reach]}"[:reach])
        - hashed(f"{second.text[:reach]}\n{second.tool_calls[:reach]}"[:reach])
        for first, second in known.pairs
    ]
    return np.array(rows)


def _compact(rows: Numbers) -> Numbers:
    """Return as few columns as there are rows, with the same products of all rows: no more is needed to learn."""
    products = rows @ rows.T
    return np.linalg.cholesky(products + _NOTHING * (1.0 + np.trace(products)) * np.eye(len(rows)))


def _scores(rows: Numbers, signs: Numbers, folds: NDArray[np.int64]) -> Numbers:
    """Return 1 for each pair that is sorted rightly by what was learnt from the others, -1 if not, 0 if undecided."""
    scores = np.zeros(signs.size)
    turn = np.where(
        np.arange(signs.size) % 2 == 0, 1.0, -1.0
    )  # as many labels of one kind as of the other
    for fold in range(int(folds.max()) + 1):
        test, train = folds == fold, folds != fold
        # One thread and no start at random, unlike other solvers: the same bits wherever it runs.
        learner = LogisticRegression(C=_STRENGTH, fit_intercept=False, solver="liblinear", tol=1e-3)
        learner.fit(rows[train] * (signs * turn)[train, None], turn[train])
        scores[test] = np.sign(learner.decision_function(rows[test])) * signs[test]
    return scores
