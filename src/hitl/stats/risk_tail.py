"""How surprising are so few errors, if the error rate were as high as the target?"""

import math

import numpy as np
from scipy.special import betaincc, betainccinv

from hitl.stats.counts import Counts, Numbers


def binomial_tail(k: int, n: int, target: float) -> float:
    """Return P(Binomial(n, target) <= k): the exact p-value of "the rate is above the target".

    Small is good news. It is at most d for no more than a share d of samples when the rate is
    at or above the target. (`hitl.stats.binomial` has the other tail, P(X >= k), for arrays.)

    Args:
        k: errors, 0 to n.
        n: independent rows. Without any row the answer is 1: nothing speaks against the target.
        target: 0 to 1. At 0 the answer is 1, at 1 it is 0 unless all rows are errors.

    Raises:
        ValueError: unless 0 <= k <= n and 0 <= target <= 1.

    >>> round(binomial_tail(0, 149, 0.02), 6), round(binomial_tail(1, 235, 0.02), 6)
    (0.049282, 0.050263)
    """
    _check(k, n, target)
    return float(lower_tails(np.array([k]), np.array([n]), target)[0])


def lower_tails(k: Counts, n: Counts, target: float) -> Numbers:
    """Return P(Binomial(n, target) <= k), element by element, for 0 <= k <= n."""
    inside = k < n
    # The complement of the regularised beta function: no subtraction, so small tails stay exact.
    tails = betaincc(k + 1.0, np.where(inside, n - k, 1), target)
    return np.where(inside, tails, 1.0)


def upper_limits(k: Counts, n: Counts, delta: float) -> Numbers:
    """Return exact one-sided upper limits of rates (Clopper-Pearson), element by element.

    ``hitl.stats.proportion.upper_limit`` for arrays, with the level instead of the confidence;
    1 where every row is an error, or where there is no row.
    """
    inside = k < n
    limits = betainccinv(k + 1.0, np.where(inside, n - k, 1), delta)
    return np.where(inside, limits, 1.0)


def stratified_uppers(sizes: Counts, labelled: Counts, errors: Counts, delta: float) -> Numbers:
    """Return upper limits of the error rate of all rows from labels drawn stratum by stratum.

    The limit is ``sum (N_s / n_s) U(k_s, N)`` over the S strata that have rows: N_s of all N
    rows lie in stratum s, n_s of them have a label, k_s of these are errors, and U is the exact
    limit at ``delta / S``. Each term bounds how frequent rows are that lie in the stratum *and*
    are wrong. The more usual ``sum (N_s / N) U(k_s, n_s)`` takes the share of a stratum as known
    although the same sample showed it. Where most rows of a small stratum are wrong, that limit
    lies below the truth in up to half of the samples; where errors are rare, the two are equal
    to within some percent. This one is never the lower.

    Assumes independent rows, labels drawn at random within a stratum, and labels that are right.

    Args:
        sizes: all rows, strata in rows and samples in columns.
        labelled: those with a label.
        errors: those whose label says wrong.
        delta: chance that a limit lies below the rate, strictly between 0 and 1.

    Returns:
        A limit a column, at most 1; 1 where a stratum has rows and no label, or nothing has rows.

    >>> escalated_and_audited = (np.array([[300], [700]]), np.array([[300], [35]]))
    >>> stratified_uppers(*escalated_and_audited, np.array([[9], [0]]), 0.05).round(4).tolist()
    [0.0907]
    """
    rows = sizes.sum(axis=0)
    occupied = sizes > 0
    silent = occupied & (labelled == 0)
    shares = np.divide(sizes, labelled, out=np.zeros(sizes.shape), where=labelled > 0)
    level = delta / np.maximum(1, occupied.sum(axis=0))
    inside = errors < rows
    spare = np.where(inside, rows - errors, 1)
    limits = np.where(inside, betainccinv(errors + 1.0, spare, level), 1.0)
    total = np.where(occupied, shares * limits, 0.0).sum(axis=0)
    unknown = silent.any(axis=0) | (rows == 0)
    return np.where(unknown, 1.0, np.minimum(1.0, total))


def hoeffding_bentkus(k: int, n: int, target: float) -> float:
    """Return the Hoeffding-Bentkus p-value of "the mean loss is above the target".

    The smaller of Hoeffding's ``exp(-n h(k/n, target))`` and Bentkus' ``e P(X <= k)``, for any
    losses in [0, 1] whose sum is k. Right or wrong is a narrower case, for which `binomial_tail`
    is exact and never larger. Here for comparison with tools that use it.

    Arguments and errors are those of `binomial_tail`. Without any row, or with a rate at or above
    the target, the answer is 1.

    Source: Bates et al. (2021), Journal of the ACM 68, 43, and Angelopoulos et al. (2021), "Learn
    then Test", arXiv 2110.01052, proposition 1.

    >>> round(hoeffding_bentkus(10, 1000, 0.02), 6)
    0.027826
    """
    _check(k, n, target)
    if n == 0 or k >= n * target:
        return 1.0
    if target == 1.0:
        return 0.0
    rate = k / n
    distance = (1.0 - rate) * (math.log1p(-rate) - math.log1p(-target))
    if k > 0:
        distance += rate * math.log(rate / target)
    return min(math.exp(-n * distance), math.e * binomial_tail(k, n, target))


def _check(k: int, n: int, target: float) -> None:
    if not 0 <= k <= n:
        raise ValueError(f"expected 0 <= k <= n, not k = {k}, n = {n}")
    if not 0.0 <= target <= 1.0:
        raise ValueError(f"target must lie in [0, 1], not {target!r}")
