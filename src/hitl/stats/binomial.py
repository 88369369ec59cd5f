"""Binomial masses and tails for many counts at once, to enumerate with."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaln, xlogy

Numbers = NDArray[np.float64]


def likely_counts(n: int, share: float) -> Numbers:
    """Return the counts of a Binomial(n, share) within eight standard deviations and eight."""
    centre, reach = n * share, 8.0 * math.sqrt(n * share * (1.0 - share)) + 8.0
    return np.arange(max(0.0, math.floor(centre - reach)), min(n, math.ceil(centre + reach)) + 1.0)


def binomial_mass(k: Numbers, n: int, share: float) -> Numbers:
    """Return P(Binomial(n, share) = k) for many k.

    >>> binomial_mass(np.arange(3.0), 2, 0.5).round(12).tolist()
    [0.25, 0.5, 0.25]
    """
    choices = gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)
    mass: Numbers = np.exp(choices + xlogy(k, share) + xlogy(n - k, 1.0 - share))
    return mass


def binomial_tail(k: Numbers, n: Numbers, share: float) -> Numbers:
    """Return P(Binomial(n, share) >= k), element by element."""
    inside = (k >= 1.0) & (k <= n)
    first, second = np.where(inside, k, 1.0), np.where(inside, n - k + 1.0, 1.0)
    return np.where(inside, betainc(first, second, share), np.where(k < 1.0, 1.0, 0.0))
