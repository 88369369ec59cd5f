"""How much evidence does a claim need, and what can the evidence at hand show?"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from hitl.stats.binomial import binomial_mass, binomial_tail, likely_counts
from hitl.stats.interval import check_share
from hitl.stats.paired import unseen_limit
from hitl.stats.root import bisect
from hitl.stats.tango import score_at_margin

# `cases_needed` stops here: this answer means "that many or more".
CASES_CAP = 10_000_000
_FINEST_DROP = 1e-7

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CasesToProve:
    """Fewest cases that clear a margin when the arms agree on every one of them.

    ``score`` by the score test, ``exact`` by the exact bound, which decides.
    """

    score: int
    exact: int


def cases_to_prove(margin: float, confidence: float = 0.95) -> CasesToProve:
    """Return how many cases in perfect agreement rule out a drop of ``margin``.

    A smaller subset cannot clear the margin whatever its replies, unless the candidate is better.

    Args:
        margin: largest drop of the pass rate that is still accepted, strictly between 0 and 1.
        confidence: one-sided, strictly between 0 and 1.

    Raises:
        ValueError: for an argument outside its range.

    >>> cases_to_prove(0.05)
    CasesToProve(score=52, exact=59)
    """
    check_share(margin, "margin")
    check_share(confidence, "confidence")
    z = max(0.0, float(ndtri(confidence)))
    exact = math.ceil(math.log1p(-confidence) / math.log1p(-margin))
    return CasesToProve(score=max(1, math.ceil(z * z * (1.0 - margin) / margin)), exact=exact)


def noninferiority_power(
    n: int, margin: float, discordance: float, confidence: float = 0.95
) -> float:
    """Return the chance that two equally good arms are cleared at this margin.

    Enumerated for the deciding rule (`difference_interval`): a case regresses with probability
    ``discordance / 2`` and improves with the same. Normal formulas promise too much when few
    pairs are discordant.

    Args:
        n: cases, 1 or more.
        margin: strictly between 0 and 1.
        discordance: share of cases on which the arms differ, 0 to 1.
        confidence: one-sided, above 0.5 and below 1.

    Raises:
        ValueError: for an argument outside its range.

    >>> round(noninferiority_power(248, 0.05, 0.10), 2)
    0.77
    """
    _check_cases(n)
    check_share(margin, "margin")
    _check_level(confidence)
    if not 0.0 <= discordance <= 1.0:
        raise ValueError(f"discordance must lie in [0, 1], not {discordance!r}")
    half = discordance / 2.0
    improved = likely_counts(n, half)
    allowed = _regressions_allowed(n, improved, margin, confidence)
    # Given the improvements, the other cases regress independently.
    missed = binomial_tail(allowed + 1.0, n - improved, half / (1.0 - half))
    return min(1.0, float(binomial_mass(improved, n, half) @ (1.0 - missed)))


def cases_needed(
    margin: float, discordance: float, power: float = 0.8, confidence: float = 0.95
) -> int:
    """Return how many cases clear two equally good arms with this power.

    Found by enumeration, never from the normal formula. Power rises in small teeth, so the
    answer is a crossing: it suffices and one case fewer does not. `CASES_CAP` means that many or
    more.

    Arguments and errors are those of `noninferiority_power`; ``power`` lies in (0, 1).

    >>> cases_needed(0.05, 0.0)
    59
    """
    check_share(power, "power")
    enough = cases_to_prove(margin, confidence).exact
    short = 0
    while noninferiority_power(enough, margin, discordance, confidence) < power:
        if enough >= CASES_CAP:
            return CASES_CAP
        short, enough = enough, min(2 * enough, CASES_CAP)
    while enough - short > 1:
        middle = (short + enough) // 2
        if noninferiority_power(middle, margin, discordance, confidence) < power:
            short = middle
        else:
            enough = middle
    return enough


def detectable_drop(
    n: int, churn: float, confidence: float = 0.95, power: float = 0.8
) -> float | None:
    """Return the smallest true drop that the one-sided mid-p McNemar test flags with this power.

    Improvements have probability ``churn``, regressions ``churn`` plus the drop. Enumerated over
    the number of discordant pairs. None when even the largest drop that churn leaves room for,
    ``1 - 2 * churn``, is not flagged so often. Rounded up by at most 1e-7.

    Args:
        n: cases, 1 or more.
        churn: 0 or more, below 0.5.
        confidence: one-sided, above 0.5 and below 1.
        power: strictly between 0 and 1.

    Raises:
        ValueError: for an argument outside its range.

    >>> detectable_drop(3, churn=0.0) is None
    True
    """
    _check_cases(n)
    _check_level(confidence)
    check_share(power, "power")
    if not 0.0 <= churn < 0.5:
        raise ValueError(f"churn must lie in [0, 0.5), not {churn!r}")
    largest = 1.0 - 2.0 * churn
    if _flagged(n, churn, largest, confidence) < power:
        return None

    def is_missed(drop: float) -> bool:
        return _flagged(n, churn, drop, confidence) < power

    return min(largest, bisect(is_missed, 0.0, largest, width=_FINEST_DROP) + _FINEST_DROP)


def _flagged(n: int, churn: float, drop: float, confidence: float) -> float:
    share = min(1.0, 2.0 * churn + drop)
    if share == 0.0:
        return 0.0
    discordant = likely_counts(n, share)
    fewest = _fewest_regressions(discordant, confidence)
    tail = binomial_tail(fewest, discordant, (churn + drop) / share)
    return float(binomial_mass(discordant, n, share) @ tail)


def _fewest_regressions(discordant: Numbers, confidence: float) -> Numbers:
    """Fewest regressions among the discordant pairs whose one-sided mid-p is at most the level."""
    # The normal approximation is within a few counts; where it is not, the whole range is searched.
    near = np.floor(discordant / 2.0 + ndtri(confidence) * np.sqrt(discordant) / 2.0)
    none, every = np.floor(discordant / 2.0), discordant + 1.0  # never and always far enough
    low, high = np.maximum(none, near - 4.0), np.minimum(every, near + 4.0)
    low = np.where(_is_flagged(low, discordant, confidence), none, low)
    high = np.where(_is_flagged(high, discordant, confidence), high, every)
    while np.any(high - low > 1.0):
        middle = np.floor((low + high) / 2.0)
        flagged = _is_flagged(middle, discordant, confidence)
        high, low = np.where(flagged, middle, high), np.where(flagged, low, middle)
    return high


def _is_flagged(regressed: Numbers, discordant: Numbers, confidence: float) -> NDArray[np.bool_]:
    reached = binomial_tail(regressed, discordant, 0.5)
    flagged: NDArray[np.bool_] = reached + binomial_tail(
        regressed + 1.0, discordant, 0.5
    ) <= 2.0 * (1.0 - confidence)
    return flagged


def _regressions_allowed(n: int, improved: Numbers, margin: float, confidence: float) -> Numbers:
    """Most regressions that still clear the margin for each number of improvements, or -1."""
    z = float(ndtri(confidence))
    low, high = np.full_like(improved, -1.0), n - improved + 1.0
    while np.any(high - low > 1.0):
        middle = np.floor((low + high) / 2.0)
        cleared = score_at_margin(n, middle, improved, margin) > z
        low, high = np.where(cleared, middle, low), np.where(cleared, high, middle)
    unseen = unseen_limit(n, 1.0 - confidence) > -margin
    return low if unseen else np.where(improved == 0.0, -1.0, low)


def _check_cases(n: int) -> None:
    if n < 1:
        raise ValueError(f"n must be 1 or more, not {n}")


def _check_level(confidence: float) -> None:
    if not 0.5 < confidence < 1.0:
        raise ValueError(f"a one-sided confidence lies in (0.5, 1), not {confidence!r}")
