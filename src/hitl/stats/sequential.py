"""What does looking more than once cost, and how high must the bar be to pay for it?"""

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr

from hitl.stats.interval import check_share
from hitl.stats.root import bisect

MOST_LOOKS = 200
_HIGHEST_Z = 12.0


def level_of_repeated_tests(looks: int, z: float) -> float:
    """Return the chance that a running mean ever leaves +-z standard errors, nothing being true.

    For ``looks`` equally spaced looks at a growing normal sample, by the recursion of the
    density of the sum that has not yet been stopped.

    Args:
        looks: 1 to 200.
        z: limit at every look, above 0 and at most 12.

    Raises:
        ValueError: for an argument outside its range.

    Source: Armitage, McPherson and Rowe (1969), Journal of the Royal Statistical Society A 132.

    >>> [round(level_of_repeated_tests(looks, 1.96), 3) for looks in (1, 2, 5)]
    [0.05, 0.083, 0.142]
    """
    _check_looks(looks)
    if not 0.0 < z <= _HIGHEST_Z:
        raise ValueError(f"z must lie above 0 and not above {_HIGHEST_Z}, not {z!r}")
    return _crossing([z * math.sqrt(look) for look in range(1, looks + 1)])


def pocock_limit(looks: int, alpha: float = 0.05) -> float:
    """Return the constant z-limit that keeps the two-sided level of all looks at alpha.

    Raises:
        ValueError: for looks outside 1 to 200 or an alpha outside (0, 1).

    Source: Pocock (1977), Biometrika 64.

    >>> round(pocock_limit(2), 3)
    2.178
    """
    _check_looks(looks)
    check_share(alpha, "alpha")
    roots = [math.sqrt(look) for look in range(1, looks + 1)]
    return bisect(lambda z: _crossing([z * root for root in roots]) > alpha, 0.0, _HIGHEST_Z)


def obrien_fleming_limit(looks: int, alpha: float = 0.05) -> float:
    """Return the z-limit of the last look; look k of K takes this times sqrt(K / k).

    Early looks are strict and the last one costs little.

    Raises:
        ValueError: for looks outside 1 to 200 or an alpha outside (0, 1).

    Source: O'Brien and Fleming (1979), Biometrics 35.

    >>> round(obrien_fleming_limit(2), 3)
    1.977
    """
    _check_looks(looks)
    check_share(alpha, "alpha")
    root = math.sqrt(looks)
    return bisect(lambda z: _crossing([z * root] * looks) > alpha, 0.0, _HIGHEST_Z)


def _crossing(bounds: Sequence[float]) -> float:
    """P(the sum of k standard normals leaves -+bounds[k - 1] for some k)."""
    # Six nodes for each unit of width integrate a unit normal kernel to about 1e-10.
    nodes, weights = np.polynomial.legendre.leggauss(32 + math.ceil(6.0 * max(bounds)))
    stopped = 2.0 * float(ndtr(-bounds[0]))
    points, mass = bounds[0] * nodes, bounds[0] * weights
    density = np.exp(-0.5 * points**2) / math.sqrt(2.0 * math.pi)
    for bound in bounds[1:]:
        leaving = ndtr(points - bound) + ndtr(-points - bound)
        stopped += float((mass * density) @ leaving)
        following = bound * nodes
        kernel = np.exp(-0.5 * (following[:, None] - points) ** 2) / math.sqrt(2.0 * math.pi)
        density = kernel @ (mass * density)
        points, mass = following, bound * weights
    return stopped


def _check_looks(looks: int) -> None:
    if not 1 <= looks <= MOST_LOOKS:
        raise ValueError(f"looks must be 1 to {MOST_LOOKS}, not {looks}")
