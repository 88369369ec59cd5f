"""How many labels would settle a test that proved nothing, if errors stay as frequent as seen?"""

import numpy as np

from hitl.decisions.counts import Integers
from hitl.recalibrate.ladder import Ladder
from hitl.stats.risk_tail import stratified_uppers
from hitl.stats.threshold_plan import LARGEST_ADVICE, labels_needed, least_labels

_LEAST = 20
"""Labels above a threshold, at least, for their errors to say how frequent errors are."""
_ASKED = 8
"""Thresholds that are asked; each takes some hundredths of a second."""
_PARTS = 8
"""Labels are multiplied by eighths."""


def labels_missing(ladder: Ladder, target: float, delta: float) -> int | None:
    """Return the fewest labels with which some threshold would be certified; None where no number would do.

    Thresholds with few labels above them are not asked, because none wrong among three says little. Chance moves the
    answer, so it is about this number that is needed.
    """
    labels = ladder.n
    total = int(labels[-1])
    if not total:
        return None
    enough = min(least_labels(target, delta), max(_LEAST, total // 4), total)
    columns = np.flatnonzero(labels >= enough)
    if len(ladder.labelling.chances) > 1:
        return _weighted(ladder, columns, target, delta)
    # The number grows with one over the square of this, so the few largest hold the smallest number.
    room = (target - ladder.k[columns] / labels[columns]) * np.sqrt(labels[columns])
    columns = columns[np.argsort(-room, kind="stable")[:_ASKED]]
    found = [
        labels_needed(int(ladder.k[at]), int(labels[at]), target, delta, int(labels[at]) / total)
        for at in columns
    ]
    return min((one for one in found if one is not None), default=None)


def _weighted(ladder: Ladder, columns: Integers, target: float, delta: float) -> int | None:
    """Multiply decisions, labels and errors alike, until a limit comes down to the target."""
    total = int(ladder.n[-1])

    def passes(parts: int) -> bool:
        sizes, labelled, errors = (
            -(-of[:, columns] * parts // _PARTS)
            for of in (ladder.sizes, ladder.labelled, ladder.errors)
        )
        return bool((stratified_uppers(sizes, labelled, errors, delta) <= target).any())

    low, high = 0, _PARTS
    while not passes(high):
        low, high = high, 2 * high
        if total * high > LARGEST_ADVICE * _PARTS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if passes(middle) else (middle, high)
    return -(-total * high // _PARTS)
