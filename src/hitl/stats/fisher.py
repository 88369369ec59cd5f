"""Is one count high beside another, given both together?"""

from math import comb


def at_least(k: int, n: int, others_k: int, others_n: int) -> float:
    """Return how likely k or more events fall on one side, given all events (Fisher's exact test, one-sided).

    Assumes that rows are independent and that both sides have the same rate.

    Args:
        k: events on this side, 0 to n.
        n: rows on this side.
        others_k: events on the other side, 0 to others_n.
        others_n: rows there.

    Raises:
        ValueError: counts outside their range.

    Source: Fisher (1935), Journal of the Royal Statistical Society 98, 39.

    >>> round(at_least(3, 4, 1, 4), 4)
    0.2429
    """
    if not 0 <= k <= n or not 0 <= others_k <= others_n:
        raise ValueError("expected 0 <= k <= n on both sides")
    events = k + others_k
    ways = sum(
        comb(n, one) * comb(others_n, events - one)
        for one in range(k, min(n, events) + 1)
        if events - one <= others_n
    )
    return ways / comb(n + others_n, events)
