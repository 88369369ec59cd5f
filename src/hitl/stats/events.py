"""How many a unit of time, given a count?"""

import math

from scipy.special import gammaincinv

from hitl.stats.interval import Interval, one_sided_level


def event_rate(count: int, units: float, confidence: float = 0.95) -> Interval:
    """Bound a rate of independent events by the exact Poisson limits.

    Events that come in bursts vary more; the interval is then too narrow.

    Args:
        count: events, 0 or more; none gives low 0.
        units: how long they were counted, above 0.
        confidence: two-sided, strictly between 0 and 1.

    Raises:
        ValueError: for an argument outside its range.

    Source: Garwood (1936), Biometrika 28.

    >>> bound = event_rate(0, 1.0)
    >>> bound.low, round(bound.high, 3)
    (0.0, 3.689)
    """
    level = one_sided_level(confidence)
    if count < 0 or not (math.isfinite(units) and units > 0.0):
        raise ValueError(f"expected a count of 0 or more over a time above 0, not {count!r} over {units!r}")  # fmt: skip
    low = float(gammaincinv(count, level)) if count else 0.0
    high = float(gammaincinv(count + 1, 1.0 - level))
    return Interval(count / units, low / units, high / units, confidence, "exact Poisson", count)
