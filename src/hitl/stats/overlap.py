"""Can raters be compared at all? Only through items that they share."""

import numpy as np
from numpy.typing import NDArray


def count_groups(has_rated: NDArray[np.bool_]) -> int:
    """Return into how many groups raters fall that share no item, directly or through others.

    A rater without an item is a group of their own.

    Args:
        has_rated: items by raters.

    >>> count_groups(np.array([[True, True, False], [False, True, True]]))
    1
    >>> count_groups(np.array([[True, True, False], [False, False, True]]))
    2
    """
    shared = has_rated.astype(np.float64)
    meets = (shared.T @ shared) > 0.0
    group = np.arange(len(meets))
    while True:
        # Each rater takes the lowest group of those whom they meet, until nothing changes.
        lowest = np.where(meets, group[None, :], len(meets)).min(axis=1, initial=len(meets))
        new = np.minimum(group, lowest)
        if np.array_equal(new, group):
            return int(np.unique(group).size)
        group = new
