"""Counts and means with the luck of single cells and groups taken out, as far as it is seen to be luck."""

import numpy as np
from numpy.typing import NDArray

from hitl.stats.counts import Numbers


def shrunk_table(counts: Numbers) -> Numbers:
    """Return expected counts of the cells of a table, between what each shows and what its row and column say.

    The largest of many counts is large by luck too: of 168 hours that are all alike, counted a few times each, the
    busiest seems a third busier than it is. So each count is drawn towards ``row total * column total / total``, the more
    the less the table as a whole departs from that by more than Poisson chance (gamma-Poisson empirical Bayes, with
    the variance of the departures by moments). Totals stay nearly as they are.

    - A table without any count, or with one row or column in use, is returned as it is: nothing says what is luck.
    - Cells whose row or column is empty stay 0.

    Args:
        counts: 0 and more; need not be whole.

    Source: Clayton and Kaldor (1987), Biometrics 43, 671, for the shrinkage; the moments are Marshall's (1991).

    >>> shrunk_table(np.array([[30.0, 10.0], [30.0, 10.0]])).tolist()
    [[30.0, 10.0], [30.0, 10.0]]
    >>> shrunk_table(np.array([[11.0, 9.0], [9.0, 11.0]])).tolist()
    [[10.0, 10.0], [10.0, 10.0]]
    """
    rows, columns, total = counts.sum(axis=1), counts.sum(axis=0), float(counts.sum())
    freedom = (np.count_nonzero(rows) - 1) * (np.count_nonzero(columns) - 1)
    if total <= 0.0 or freedom <= 0:
        return counts.copy()
    expected = np.outer(rows, columns) / total
    cells = np.count_nonzero(expected)
    # Rows and columns are fitted, so that the departures are smaller than those from the truth.
    excess = float(((counts - expected) ** 2).sum()) * cells / freedom - total
    spread = max(0.0, excess / float((expected * expected).sum()))
    weight = spread * expected / (1.0 + spread * expected)
    found: Numbers = weight * counts + (1.0 - weight) * expected
    return found


def shrunk_means(values: Numbers, groups: NDArray[np.int64]) -> dict[int, float]:
    """Return the mean of each group, drawn towards the mean of all as far as the groups differ by luck alone.

    One-way random effects: each mean keeps ``t / (t + s / n)`` of its distance, with s the variance within groups and t
    that between them, both by moments. Where no group has two values nothing says what is luck, and the means stay.

    Args:
        values: finite.
        groups: the group of each value.

    Source: Searle, Casella and McCulloch (1992), Variance Components, section 3.6.

    >>> shrunk_means(np.array([1.0, 3.0, 2.0, 2.0]), np.array([0, 0, 1, 1]))
    {0: 2.0, 1: 2.0}
    """
    names, place = np.unique(groups, return_inverse=True)
    n = np.bincount(place, minlength=len(names)).astype(np.float64)
    means = np.bincount(place, weights=values, minlength=len(names)) / np.maximum(n, 1.0)
    within_freedom, between_freedom = len(values) - len(names), len(names) - 1
    if within_freedom > 0 and between_freedom > 0:
        middle = float(values.mean())
        within = float(((values - means[place]) ** 2).sum()) / within_freedom
        spread = float((n * (means - middle) ** 2).sum()) - between_freedom * within
        between = max(0.0, spread / (len(values) - float((n * n).sum()) / len(values)))
        noise = between + within / n
        means = middle + (means - middle) * np.divide(between, noise, out=np.ones_like(n), where=noise > 0)  # fmt: skip
    return dict(zip(names.tolist(), means.tolist(), strict=True))
