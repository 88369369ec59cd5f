"""What counts must be before a statistic is made of them."""

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Numbers = NDArray[np.float64]


def checked_counts(counts: Counts, name: str, shape: tuple[int, ...] | None = None) -> Counts:
    """Return counts as 64-bit integers, refusing what cannot have been counted.

    Raises:
        ValueError: for values that are no whole numbers (NaN is none), are negative, or do not
            have the shape that is asked for.

    >>> checked_counts(np.array([1, 2]), "n").tolist()
    [1, 2]
    """
    if not np.issubdtype(counts.dtype, np.integer):
        raise ValueError(f"{name} must hold whole numbers, not {counts.dtype}")
    if shape is not None and counts.shape != shape:
        raise ValueError(f"{name} has the shape {counts.shape}, expected {shape}")
    if counts.size and counts.min() < 0:
        raise ValueError(f"{name} must not be negative, but holds {int(counts.min())}")
    return counts.astype(np.int64)


def checked_events(k: Counts, n: Counts) -> tuple[Counts, Counts]:
    """Return events and trials of each cell, at least one trial in all.

    Raises:
        ValueError: as `checked_counts`, for a cell with more events than trials, and when there
            is no trial at all.
    """
    trials = checked_counts(n, "n")
    events = checked_counts(k, "k", trials.shape)
    if np.any(events > trials):
        raise ValueError("expected k <= n in each cell")
    if trials.sum() < 1:
        raise ValueError("no trial at all is no evidence; expected n >= 1 in some cell")
    return events, trials


def checked_shares(shares: Numbers, name: str, shape: tuple[int, ...]) -> Numbers:
    """Return numbers that lie in [0, 1].

    Raises:
        ValueError: for a number outside [0, 1] (NaN is), or another shape.
    """
    if shares.shape != shape:
        raise ValueError(f"{name} has the shape {shares.shape}, expected {shape}")
    if not np.all((shares >= 0.0) & (shares <= 1.0)):
        raise ValueError(f"{name} must lie in [0, 1]; none may be missing")
    return shares.astype(np.float64)
