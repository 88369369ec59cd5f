"""Score limits of one rate, and how two of them join into limits of a difference."""

import math


def wilson_arms(passes: int, n: int, z: float) -> tuple[float, float]:
    """Return the distances from passes/n down and up to its Wilson score limits.

    The downward arm of no pass and the upward arm of all passes are 0. n is at least 1.

    Source: Wilson (1927), Journal of the American Statistical Association 22.

    >>> down, up = wilson_arms(5, 10, 1.96)
    >>> round(down, 4) == round(up, 4) == 0.2634
    True
    """
    failures = n - passes
    spread = z * math.sqrt(z * z + 4.0 * passes * failures / n)
    rate, centre, width = passes / n, 2.0 * passes + z * z, 2.0 * (n + z * z)
    low = 0.0 if passes == 0 else (centre - spread) / width
    high = 1.0 if failures == 0 else (centre + spread) / width
    return rate - low, high - rate


def corrected_phi(a: int, b: int, c: int, d: int) -> float:
    """Return the correlation of a fourfold table, its numerator reduced by n/2 where positive.

    0 when a margin is empty, since the correlation has no value then.

    Source: Newcombe (1998), Statistics in Medicine 17, 2635, the phi of method 10.

    >>> corrected_phi(2, 0, 0, 2)
    0.5
    """
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    if margins == 0:
        return 0.0
    excess = float(a * d - b * c)
    if excess > 0.0:
        excess = max(excess - (a + b + c + d) / 2.0, 0.0)
    return excess / math.sqrt(margins)


def joined(one: float, other: float, phi: float) -> float:
    """Return the length of two arms, squared and added, whose quantities correlate by phi.

    >>> joined(3.0, 4.0, 0.0)
    5.0
    """
    return math.sqrt(max(one * one + other * other - 2.0 * phi * (one * other), 0.0))
