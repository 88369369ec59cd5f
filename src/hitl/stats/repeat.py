"""What do several replies to each case say about passing every time, once, or now and then?"""

import math

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


def pass_hat_k(passes: Counts, repeats: Counts, k: int) -> float:
    """Return the mean chance that k replies to a case, drawn without return, all pass.

    For each case C(passes, k) / C(repeats, k), unbiased for the k-th power of its pass rate.

    Args:
        passes: passed replies of each case, 0 to its repeats.
        repeats: replies of each case, at least k.
        k: 1 or more.

    Raises:
        ValueError: for no cases, counts out of range, or a case with fewer than k replies.

    Source: Yao and others (2024), tau-bench, arXiv 2406.12045.

    >>> round(pass_hat_k(np.array([7]), np.array([10]), 2), 4)
    0.4667
    """
    _check(passes, repeats, k)
    return float(np.mean(_chance_all(passes, repeats, k)))


def pass_at_k(passes: Counts, repeats: Counts, k: int) -> float:
    """Return the mean chance that at least one of k replies to a case passes.

    Arguments and errors are those of `pass_hat_k`.

    Source: Chen and others (2021), arXiv 2107.03374, equation 1.

    >>> round(pass_at_k(np.array([7]), np.array([10]), 2), 4)
    0.9333
    """
    _check(passes, repeats, k)
    return float(np.mean(1.0 - _chance_all(repeats - passes, repeats, k)))


def flaky(passes: Counts, repeats: Counts) -> NDArray[np.bool_]:
    """Mark the cases of which some replies pass and some fail.

    Raises:
        ValueError: for no cases or counts out of range.

    >>> flaky(np.array([0, 1, 3]), np.array([3, 3, 3])).tolist()
    [False, True, False]
    """
    _check(passes, repeats, 1)
    return (passes > 0) & (passes < repeats)


def lowest_rate(passes: int, confidence: float = 0.95) -> float:
    """Return the pass rate that an unbroken run of passes proves, one-sided.

    Raises:
        ValueError: for fewer than one pass or a confidence outside (0, 1).

    >>> [round(lowest_rate(k), 2) for k in (3, 5, 10, 20)]
    [0.37, 0.55, 0.74, 0.86]
    """
    if passes < 1 or not 0.0 < confidence < 1.0:
        raise ValueError(f"expected passes >= 1 and 0 < confidence < 1: {passes}, {confidence!r}")
    return math.exp(math.log1p(-confidence) / passes)


def _chance_all(hits: Counts, total: Counts, k: int) -> NDArray[np.float64]:
    chance = np.ones(hits.shape)
    for drawn in range(k):
        chance *= np.maximum(hits - drawn, 0) / (total - drawn)
    return chance


def _check(passes: Counts, repeats: Counts, k: int) -> None:
    if passes.ndim != 1 or passes.shape != repeats.shape or passes.size == 0:
        raise ValueError("expected passes and repeats of at least one case, both flat")
    if k < 1 or int(repeats.min()) < k:
        raise ValueError(f"every case needs at least k = {k} >= 1 replies")
    if int(passes.min()) < 0 or bool(np.any(passes > repeats)):
        raise ValueError("passes must lie between 0 and the repeats of the case")
