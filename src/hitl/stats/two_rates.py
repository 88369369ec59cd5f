"""By how much do two rates of separate samples differ?"""

from scipy.special import ndtri

from hitl.stats.interval import Interval, one_sided_level
from hitl.stats.wilson import joined, wilson_arms


def rate_difference(
    first: tuple[int, int], second: tuple[int, int], confidence: float = 0.95
) -> Interval:
    """Bound the second rate minus the first, each given as (events, trials) of its own sample.

    Args:
        first: events and trials; 0 <= events <= trials and at least one trial.
        second: the same.
        confidence: two-sided, strictly between 0 and 1.

    Raises:
        ValueError: for counts outside their range, or a confidence outside (0, 1).

    Source: Newcombe (1998), Statistics in Medicine 17, 873, method 10.

    >>> bound = rate_difference((48, 80), (56, 70))
    >>> round(bound.low, 4), round(bound.high, 4)
    (0.0524, 0.3339)
    """
    for k, n in (first, second):
        if n < 1 or not 0 <= k <= n:
            raise ValueError(f"expected 0 <= k <= n and n >= 1, not k = {k}, n = {n}")
    z = -float(ndtri(one_sided_level(confidence)))
    arms = [wilson_arms(k, n, z) for k, n in (first, second)]
    estimate = second[0] / second[1] - first[0] / first[1]
    low = estimate - joined(arms[1][0], arms[0][1], 0.0)
    high = estimate + joined(arms[1][1], arms[0][0], 0.0)
    n = first[1] + second[1]
    return Interval(estimate, low, high, confidence, "newcombe, separate samples", n)
