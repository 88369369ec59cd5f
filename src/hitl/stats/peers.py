"""Who is further from the others than people, and samples, differ anyway?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from hitl.stats.counts import Numbers
from hitl.stats.interval import Interval, one_sided_level

FEWEST_PEERS = 3
"""With fewer others nobody knows how much people differ."""


@dataclass(frozen=True, slots=True)
class Apart:
    """One unit beside its peers.

    ``interval`` bounds the unit's true value less the mean of its peers' true values. ``p_low`` and ``p_high`` are one-sided: a
    unit that is one of them lies so far below, or above. None where there are too few peers.
    """

    interval: Interval | None
    p_low: float | None
    p_high: float | None
    spread: float | None
    """Standard deviation between peers, beyond chance."""
    n_peers: int

    @property
    def p_value(self) -> float | None:
        """Two-sided."""
        if self.p_low is None or self.p_high is None:
            return None
        return min(1.0, 2.0 * min(self.p_low, self.p_high))


def apart_from_peers(
    estimates: Sequence[float], variances: Sequence[float], confidence: float = 0.95
) -> tuple[Apart, ...]:
    """Compare each unit with all others, as one more of the same kind.

    The others' true values vary about a mean (random effects, their variance by moments, never below 0). Under the null the unit is
    drawn from the same: its distance is divided by the error of its own estimate, the spread and the error of the mean
    together, and read against Student's t with the number of peers less one degrees of freedom. Each unit is left out of what it
    is held against, so that an outlier does not hide itself. Several units need a correction for looking at all of them.

    Args:
        estimates: one for each unit, on a scale where sums make sense, such as log odds.
        variances: of each estimate, positive.
        confidence: two-sided, of each interval.

    Raises:
        ValueError: unequal lengths, values that are not finite, or variances that are not positive.

    Source: DerSimonian and Laird (1986), Controlled Clinical Trials 7, 177; the prediction is that of Higgins, Thompson and
    Spiegelhalter (2009), Journal of the Royal Statistical Society A 172, 137.
    """
    level = one_sided_level(confidence)
    theta, own = np.asarray(estimates, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    if theta.shape != own.shape or theta.ndim != 1 or not np.all(np.isfinite(theta)):
        raise ValueError("expected as many finite estimates as variances")
    if not np.all((own > 0) & np.isfinite(own)):
        raise ValueError("expected variances above 0")
    return tuple(_apart(at, theta, own, level) for at in range(len(theta)))


def _apart(at: int, theta: Numbers, own: Numbers, level: float) -> Apart:
    others, noise = np.delete(theta, at), np.delete(own, at)
    peers = len(others)
    if peers < FEWEST_PEERS:
        return Apart(None, None, None, None, peers)
    spread = _spread(others, noise)
    weight = 1.0 / (noise + spread)
    mean = float((weight * others).sum() / weight.sum())
    of_mean = 1.0 / float(weight.sum())
    distance = float(theta[at]) - mean
    error = math.sqrt(float(own[at]) + spread + of_mean)
    above = float(stdtr(peers - 1, distance / error))
    half = -float(stdtrit(peers - 1, level)) * math.sqrt(float(own[at]) + of_mean)
    method = f"distance from {peers} peers, random effects"
    interval = Interval(
        distance, distance - half, distance + half, 1 - 2 * level, method, peers + 1
    )
    return Apart(interval, above, 1.0 - above, math.sqrt(spread), peers)


def _spread(values: Numbers, noise: Numbers) -> float:
    """Variance between units beyond chance, by moments."""
    weight = 1.0 / noise
    mean = float((weight * values).sum() / weight.sum())
    q = float((weight * (values - mean) ** 2).sum())
    # Each weight times the share of the others: as a difference of sums it vanishes where one weight is nearly all.
    rest = weight @ (1.0 - np.eye(len(weight)))
    scale = float(weight @ (rest / weight.sum()))
    return max(0.0, (q - (len(values) - 1)) / scale)
