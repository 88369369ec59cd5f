"""How large can a rate be, given k events in n? Exact binomial limits."""

import math

from scipy.special import betainc, betaincinv

from hitl.stats.interval import Interval, check_share, one_sided_level
from hitl.stats.root import bisect


def exact_interval(k: int, n: int, confidence: float = 0.95) -> Interval:
    """Bound a rate between its two exact one-sided limits (Clopper-Pearson).

    Covers with at least the stated confidence for every true rate, at any n. k = 0 gives low 0,
    k = n gives high 1.

    Args:
        k: events, 0 to n.
        n: independent trials, at least 1. No trial is no evidence, which the caller reports.
        confidence: two-sided, strictly between 0 and 1.

    Raises:
        ValueError: for n < 1, k outside 0 to n, or a confidence outside (0, 1).

    Source: Clopper and Pearson (1934), Biometrika 26.

    >>> bound = exact_interval(0, 10)
    >>> bound.low, round(bound.high, 4)
    (0.0, 0.3085)
    """
    limit = 1.0 - one_sided_level(confidence)
    low, high = lower_limit(k, n, limit), upper_limit(k, n, limit)
    return Interval(k / n, low, high, confidence, "clopper-pearson", n)


def mid_p_interval(k: int, n: int, confidence: float = 0.95) -> Interval:
    """Bound a rate by the mid-p version of the exact limits.

    Narrower than Clopper-Pearson: the coverage is near the stated confidence on average over
    rates and can fall below it at single rates. For reading, not for a guarantee.

    Arguments, degenerate cases and errors are those of `exact_interval`.

    Source: Berry and Armitage (1995), The Statistician 44.

    >>> bound = mid_p_interval(15, 148)
    >>> round(bound.low, 4), round(bound.high, 4)
    (0.0601, 0.1581)
    """
    _check_counts(k, n)
    level = one_sided_level(confidence)
    low = 0.0 if k == 0 else bisect(lambda p: _mid_tail(k, n, p) < level, 0.0, 1.0)
    high = 1.0 if k == n else bisect(lambda p: 1.0 - _mid_tail(k, n, p) > level, 0.0, 1.0)
    return Interval(k / n, low, high, confidence, "mid-p", n)


def lower_limit(k: int, n: int, confidence: float = 0.95) -> float:
    """Return the exact one-sided lower limit of a rate; 0 when k = 0.

    Raises:
        ValueError: as `exact_interval`.
    """
    _check_counts(k, n)
    check_share(confidence, "confidence")
    return 0.0 if k == 0 else float(betaincinv(k, n - k + 1, 1.0 - confidence))


def upper_limit(k: int, n: int, confidence: float = 0.95) -> float:
    """Return the exact one-sided upper limit of a rate; 1 when k = n.

    With k = 0 it is about 3/n at 95 %, the rule of three.

    Raises:
        ValueError: as `exact_interval`.

    >>> round(upper_limit(0, 100), 3)
    0.03
    """
    _check_counts(k, n)
    check_share(confidence, "confidence")
    return 1.0 if k == n else float(betaincinv(k + 1, n - k, confidence))


def cases_for_claim(errors: int, limit: float, confidence: float = 0.95) -> int:
    """Return the smallest n at which this many errors still prove a rate of at most ``limit``.

    The claim holds when P(Binomial(n, limit) <= errors) <= 1 - confidence, which is the same as
    an exact one-sided upper limit of at most ``limit``.

    Args:
        errors: 0 or more.
        limit: the rate to be proved, strictly between 0 and 1.
        confidence: one-sided, strictly between 0 and 1.

    Raises:
        ValueError: for an argument outside its range.

    >>> [cases_for_claim(errors, 0.02) for errors in (0, 1, 2)]
    [149, 236, 313]
    """
    if errors < 0:
        raise ValueError(f"errors must be 0 or more, not {errors}")
    check_share(limit, "limit")
    check_share(confidence, "confidence")
    short = errors  # n = errors proves nothing: every trial failed
    enough = max(1, 2 * errors)
    while not _proves(errors, enough, limit, confidence):
        short, enough = enough, 2 * enough
    while enough - short > 1:
        middle = (short + enough) // 2
        if _proves(errors, middle, limit, confidence):
            enough = middle
        else:
            short = middle
    return enough


def _proves(errors: int, n: int, limit: float, confidence: float) -> bool:
    if n <= errors:
        return False
    if errors == 0:
        return n * math.log1p(-limit) <= math.log1p(-confidence)
    return float(betainc(errors + 1, n - errors, limit)) >= confidence


def _mid_tail(k: int, n: int, p: float) -> float:
    """Half of P(X >= k) plus half of P(X > k): no subtraction, so no cancellation."""
    reached = 1.0 if k == 0 else float(betainc(k, n - k + 1, p))
    exceeded = 0.0 if k == n else float(betainc(k + 1, n - k, p))
    return (reached + exceeded) / 2.0


def _check_counts(k: int, n: int) -> None:
    if n < 1 or not 0 <= k <= n:
        raise ValueError(f"expected 0 <= k <= n and n >= 1, not k = {k}, n = {n}")
