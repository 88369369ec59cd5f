"""The plan of a threshold test, made before a label is read: its grid, start, chance and labels."""

import math

import numpy as np

from hitl.stats.counts import Counts, checked_counts
from hitl.stats.interval import check_share
from hitl.stats.risk_tail import binomial_tail

START = ((4, 20), (2, 6), (1, 1))
"""With so many times `least_labels` in all (second), the walk starts at so many times (first)."""

LARGEST_ADVICE = 10_000_000
"""Labels beyond which no number is given: nobody will make them."""


def least_labels(target: float, delta: float) -> int:
    """Return the smallest number of labels, none of them wrong, that proves the target.

    Raises:
        ValueError: for a share outside (0, 1).

    >>> least_labels(0.02, 0.05)
    149
    """
    check_share(target, "target")
    check_share(delta, "delta")
    return _least_with(0, target, delta)


def start_step(labelled: Counts, target: float, delta: float) -> int | None:
    """Return the index of the threshold to begin with, from the numbers of labels alone.

    The first threshold with f times `least_labels` at or above it: f is 4 where there are 20
    times as many in all, 2 where there are 6 times as many, else 1. A later start stands on more
    labels, so that a few early errors do not end the walk; but it gives up what lies above it.

    Args:
        labelled: rows with a label at or above each threshold, from the highest to the lowest.
        target: strictly between 0 and 1.
        delta: strictly between 0 and 1.

    Returns:
        None where all the labels are too few to prove anything.

    Raises:
        ValueError: for counts that fall or are none, or a share outside (0, 1).

    >>> start_step(np.array([100, 200, 400]), 0.02, 0.05)
    1
    """
    least = least_labels(target, delta)
    counted = checked_counts(labelled, "labelled")
    if counted.ndim != 1 or np.any(np.diff(counted) < 0):
        raise ValueError("expected one number for each threshold, none below the one before")
    total = int(counted[-1]) if counted.size else 0
    if total < least:
        return None
    factor = next(factor for factor, from_labels in START if total >= from_labels * least)
    return int(np.searchsorted(counted, factor * least, side="left"))


def quantile_grid(rows: Counts, most: int = 100) -> Counts:
    """Return the scores that serve as thresholds: quantiles of the rows, whatever their labels.

    Args:
        rows: number of rows with each score, from the highest score to the lowest.
        most: largest number of thresholds, 1 or more.

    Returns:
        Rising indices of scores that have rows; the last is the lowest such score. Rows with the
        same score are above the same thresholds, so ties give fewer.

    Raises:
        ValueError: for counts that are none, or a ``most`` below 1.

    >>> quantile_grid(np.array([5, 0, 90, 5]), most=4).tolist()
    [2, 3]
    """
    if most < 1:
        raise ValueError(f"most must be 1 or more, not {most}")
    above = np.cumsum(checked_counts(rows, "rows"))
    if not above.size or above[-1] == 0:
        return np.array([], dtype=np.int64)
    ranks = -(-np.arange(1, most + 1) * above[-1] // most)
    return np.unique(np.searchsorted(above, ranks, side="left")).astype(np.int64)


def spent(delta: float, number: int) -> float:
    """Return the share of delta for the test of this number, counted from 1.

    ``6 delta / (pi² number²)``: all of them together, however many come, stay below delta.

    Raises:
        ValueError: for a number below 1, or a delta outside (0, 1).

    >>> round(spent(0.05, 1), 4), round(spent(0.05, 2), 4)
    (0.0304, 0.0076)
    """
    check_share(delta, "delta")
    if number < 1:
        raise ValueError(f"tests are counted from 1, not {number}")
    return delta * 6.0 / (math.pi * number) ** 2


def labels_needed(k: int, n: int, target: float, delta: float, share: float = 1.0) -> int | None:
    """Return how many labels in all would certify a threshold, if errors stay as frequent there.

    The smallest number with which `start_step` comes to the threshold and the exact test passes
    when k/n of the labels above the threshold, rounded up, are wrong. Chance moves this number up
    or down, so about every second attempt with it succeeds; one that must succeed takes more.

    Args:
        k: errors among the labels above the threshold.
        n: labels above the threshold. With 0, the answer is the least: as if none will be wrong.
        target: strictly between 0 and 1.
        delta: strictly between 0 and 1.
        share: of all labels, the part that lies above the threshold; above 0, at most 1.

    Returns:
        None where the error rate is not below the target, or so close to it that more than
        `LARGEST_ADVICE` labels would be needed.

    Raises:
        ValueError: unless 0 <= k <= n, for a share of 0 or above 1, or a target or delta outside (0, 1).

    >>> labels_needed(0, 100, 0.02, 0.05), labels_needed(1, 100, 0.02, 0.05, share=0.5)
    (149, 1180)
    """
    least = least_labels(target, delta)
    if not 0 <= k <= n or not 0.0 < share <= 1.0:
        raise ValueError(f"expected 0 <= k <= n and 0 < share <= 1, not {k}, {n}, {share!r}")
    if k > 0 and k / n >= target:
        return None
    for place in range(len(START) - 1, -1, -1):
        factor, from_labels = START[place]
        most = START[place - 1][1] * least if place else LARGEST_ADVICE + 1
        fewest = max(factor * least, math.ceil(from_labels * least * share))
        above = _certifying(k, n, target, delta, fewest)
        total = None if above is None else math.ceil(above / share)
        if total is not None and total < most:
            return total
    return None


def _certifying(k: int, n: int, target: float, delta: float, fewest: int) -> int | None:
    """Return the least labels, of at least so many, that certify with a rate of k/n errors."""
    if k == 0:
        return fewest

    def rows(errors: int) -> int:
        return max(fewest, _least_with(errors, target, delta))

    # Errors are rarer among the rows than k/n as soon as this many of them prove the target.
    low, high = -(-fewest * k // n) - 1, -(-fewest * k // n)
    while rows(high) * k > high * n:
        if rows(high) > LARGEST_ADVICE:
            return None
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if rows(middle) * k <= middle * n:
            high = middle
        else:
            low = middle
    return rows(high)


def _least_with(errors: int, target: float, delta: float) -> int:
    """Return the smallest number of labels, so many of them wrong, that proves the target."""
    short, enough = errors, max(1, 2 * errors)
    while binomial_tail(errors, enough, target) > delta:
        short, enough = enough, 2 * enough
    while enough - short > 1:
        middle = (short + enough) // 2
        if binomial_tail(errors, middle, target) <= delta:
            enough = middle
        else:
            short = middle
    return enough
