"""How far raters agree: several coefficients, because none of them is right for all labels.

Alpha and kappa ask how much more raters agree than chance would have them, and take chance from how often each label is used.
Where nearly every output deserves the same label they fall towards 0, although raters hardly differ. AC1 stays near the raw
agreement there, and is generous where labels are used evenly. All stand side by side, each with its interval and n.

Intervals are over units (what was rated), whole clusters at a time where units share one. They say what other units would
have shown with these raters, and nothing of other raters.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from hitl.review.agreement_parts import Scale
from hitl.review.labels import LabelTable, Whole
from hitl.review.votes import Coefficient
from hitl.stats.agreement import (
    FEWEST_CLUSTERS,
    Agreement,
    Clustering,
    Weights,
    cohen_kappa,
    cross_table,
    design_effect,
    fleiss_kappa,
    gwet_ac1,
    kappa_influence,
    rating_influence,
)
from hitl.stats.alpha import Alpha, Resampling, clustered_alpha
from hitl.stats.cluster import clustered_difference
from hitl.stats.interval import Interval

CONFIDENCE = 0.95
SHARED_UNITS = 8
"""Units that two raters must both have labelled to be compared with each other."""


def coefficients(
    table: LabelTable,
    rng: np.random.Generator,
    scale: Scale = Scale.NOMINAL,
    confidence: float = CONFIDENCE,
) -> tuple[Coefficient, ...]:
    """Return every coefficient of agreement: raw, Fleiss' kappa, alpha and AC1 of all raters, then kappa of each pair.

    A label that is missing is missing, and no label of its own; units with one label say nothing of agreement. Fleiss'
    kappa and AC1 take labels as the same or not, whatever the scale; alpha knows the scale, and kappa of two raters weighs
    ordered labels by squared distance.

    Args:
        table: the labels. On an interval scale its categories must be numbers, rising.
        rng: a seeded generator, for the resampled units of alpha.
        scale: how far two labels are apart.
        confidence: two-sided, strictly between 0 and 1.
    """
    ratings = table.ratings
    twice = ratings.sum(axis=1) >= 2
    rated, clusters = ratings[twice], table.clusters[twice]
    if not len(rated):
        names = ("raw", "fleiss_kappa", "krippendorff_alpha", "gwet_ac1")
        return tuple(_nothing(table, name, confidence) for name in names)
    values = np.array([float(label) for label in table.categories]) if scale is Scale.INTERVAL else None  # fmt: skip
    fleiss = fleiss_kappa(
        ratings,
        confidence,
        _clustering(rating_influence(ratings, "fleiss"), table.clusters, clusters),
    )
    ac1 = gwet_ac1(
        ratings, confidence, _clustering(rating_influence(ratings, "ac1"), table.clusters, clusters)
    )
    alpha = clustered_alpha(rated, scale.value, rng, Resampling(clusters), values, confidence)
    n, name = len(rated), table.subject
    return (
        _raw(table, rated, clusters, confidence),
        _of_agreement("fleiss_kappa", name, fleiss, n, confidence),
        _of_alpha(name, alpha, confidence),
        _of_agreement("gwet_ac1", name, ac1, n, confidence),
        *_pairs(table, scale, confidence),
    )


def _raw(table: LabelTable, rated: Whole, clusters: Whole, confidence: float) -> Coefficient:
    """Share of pairs of labels of one unit that are the same, the mean over units."""
    number = rated.sum(axis=1)
    agreed = (rated * (rated - 1)).sum(axis=1) / (number * (number - 1))
    n_clusters = len(np.unique(clusters))
    named, of = ("raw", table.subject), (len(rated), confidence)
    if n_clusters < FEWEST_CLUSTERS:
        reason = f"{n_clusters} independent units are too few to bound it; expected {FEWEST_CLUSTERS} or more"
        return _coefficient(named, float(agreed.mean()), None, of, reason)
    # Bounded as a mean loss, which is never below -1 and, without any loss, still bounded by what units so few prove.
    loss = clustered_difference(agreed - 1.0, clusters, confidence).interval
    interval = Interval(
        1.0 + loss.estimate,
        max(0.0, 1.0 + loss.low),
        min(1.0, 1.0 + loss.high),
        confidence,
        "mean over units, cluster-robust t",
        len(rated),
    )
    return _coefficient(named, interval.estimate, interval, of, "")


def _pairs(table: LabelTable, scale: Scale, confidence: float) -> Iterator[Coefficient]:
    given = table.is_given
    weights: Weights = "quadratic" if scale is Scale.ORDINAL else "none"
    for first, second in combinations(range(len(table.raters)), 2):
        both = given[:, first] & given[:, second]
        if (n := int(both.sum())) < SHARED_UNITS:
            continue
        one, other = table.votes[both, first], table.votes[both, second]
        counts = cross_table(one, other, len(table.categories))
        found = cohen_kappa(counts, confidence, weights)
        if found.estimate is not None:
            influence = kappa_influence(counts, weights)[one, other]
            clustering = _clustering(influence, table.clusters[both])
            found = cohen_kappa(counts, confidence, weights, clustering)
        subject = f"{table.subject}: {table.raters[first]}, {table.raters[second]}"
        yield _of_agreement("cohen_kappa", subject, found, n, confidence)


def _clustering(
    influence: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    clusters: Whole,
    counted: Whole | None = None,
) -> Clustering:
    """Return how far units are from independent; `counted` are the clusters that bear agreement, if not all do."""
    n_clusters = len(np.unique(clusters if counted is None else counted))
    return Clustering(n_clusters, design_effect(influence, clusters))


def _of_agreement(
    name: str, subject: str, found: Agreement, n: int, confidence: float
) -> Coefficient:
    return _coefficient((name, subject), found.estimate, found.interval, (n, confidence), found.reason)  # fmt: skip


def _of_alpha(subject: str, found: Alpha, confidence: float) -> Coefficient:
    named = ("krippendorff_alpha", subject)
    return _coefficient(named, found.estimate, found.interval, (found.n_units, confidence), found.reason)  # fmt: skip


def _coefficient(
    named: tuple[str, str],
    estimate: float | None,
    interval: Interval | None,
    of: tuple[int, float],
    reason: str,
) -> Coefficient:
    (name, subject), (n, confidence) = named, of
    return Coefficient(
        name=name,
        subject=subject,
        estimate=estimate,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        confidence=confidence,
        n=n,
        method=interval.method if interval else "",
        reason=reason,
    )


def _nothing(table: LabelTable, name: str, confidence: float) -> Coefficient:
    reason = "no unit was rated twice"
    return _coefficient((name, table.subject), None, None, (0, confidence), reason)
