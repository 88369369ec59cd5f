"""Where a monotone function changes sign, by bisection: slow, certain, and free of surprises."""

from collections.abc import Callable


def bisect(is_left: Callable[[float], bool], low: float, high: float, width: float = 0.0) -> float:
    """Return the point in [low, high] where ``is_left`` turns from true to false.

    ``is_left`` must be true on a left part of the range and false on the rest. The answer is the
    last float found on the left, so it is ``low`` itself when nothing is left, and within one
    float of ``high`` when everything is. Needs no derivative and never leaves the range. A
    ``width`` above 0 stops as soon as the turn is known to lie within that much above the answer.

    Raises:
        ValueError: when low > high.

    >>> round(bisect(lambda x: x * x < 2.0, 0.0, 2.0), 12)
    1.414213562373
    """
    if not low <= high:
        raise ValueError(f"an empty range cannot hold a root: {low!r} to {high!r}")
    # 200 halvings reach neighbouring floats from any range that a probability or a z can span.
    for _ in range(200):
        middle = low + (high - low) / 2.0
        if middle in (low, high) or high - low <= width:
            break
        if is_left(middle):
            low = middle
        else:
            high = middle
    return low
