"""Two arms, the same cases, pass or fail: how far apart are they, and which way?"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, erfc, ndtri

from hitl.stats.interval import Interval, one_sided_level
from hitl.stats.tango import score_lower_limit, score_statistic
from hitl.stats.wilson import corrected_phi, joined, wilson_arms


@dataclass(frozen=True, slots=True)
class PairedCounts:
    """The fourfold table of two arms on the same cases.

    ``regressed`` counts the cases that only the previous arm passes, ``improved`` those that only
    the candidate passes. Counts are 0 or more.
    """

    both: int
    regressed: int
    improved: int
    neither: int

    def __post_init__(self) -> None:
        if min(self.both, self.regressed, self.improved, self.neither) < 0:
            raise ValueError(f"counts must be 0 or more: {self}")

    @classmethod
    def of(cls, previous: NDArray[np.bool_], candidate: NDArray[np.bool_]) -> "PairedCounts":
        """Count two boolean arrays of the same length, case by case.

        Raises:
            ValueError: when the arrays are not both boolean, flat and of one length.

        >>> PairedCounts.of(np.array([True, True, False]), np.array([True, False, True]))
        PairedCounts(both=1, regressed=1, improved=1, neither=0)
        """
        flat = previous.ndim == 1 and previous.shape == candidate.shape
        if not flat or previous.dtype != np.bool_ or candidate.dtype != np.bool_:
            raise ValueError("expected two flat boolean arrays of one length")
        both = int(np.count_nonzero(previous & candidate))
        regressed = int(np.count_nonzero(previous)) - both
        improved = int(np.count_nonzero(candidate)) - both
        return cls(both, regressed, improved, previous.size - both - regressed - improved)

    @property
    def n(self) -> int:
        """Cases."""
        return self.both + self.regressed + self.improved + self.neither

    @property
    def discordant(self) -> int:
        """Cases on which the arms differ."""
        return self.regressed + self.improved

    @property
    def difference(self) -> float:
        """Pass rate of the candidate minus that of the previous arm."""
        return (self.improved - self.regressed) / self.n

    def mirrored(self) -> "PairedCounts":
        """Return the table with the arms swapped."""
        return PairedCounts(self.both, self.improved, self.regressed, self.neither)


def tango_z(counts: PairedCounts, difference: float) -> float:
    """Return the score statistic for "the true difference is exactly this".

    Standard normal when that is true; above +1.645 it rejects "this or less" at one-sided 5 %.
    The variance is the one that the hypothesis implies, so it does not vanish when no pair is
    discordant. Infinite (with its sign) where the hypothesis leaves no variance; 0 where it fits
    the data without variance. Swapping the arms and the sign of the difference turns the sign.

    Args:
        counts: at least one case.
        difference: candidate minus previous, -1 to 1.

    Raises:
        ValueError: for no cases or a difference outside [-1, 1].

    Source: Tango (1998), Statistics in Medicine 17, equation for the constrained estimate.

    >>> round(tango_z(PairedCounts(both=43, regressed=1, improved=0, neither=0), -0.10), 3)
    1.709
    """
    _check_cases(counts)
    if not -1.0 <= difference <= 1.0:
        raise ValueError(f"a difference of rates lies in [-1, 1], not {difference!r}")
    return score_statistic(counts.n, counts.regressed, counts.improved, difference)


def tango_interval(counts: PairedCounts, confidence: float = 0.95) -> Interval:
    """Return the differences that the score test of Tango does not reject (candidate - previous).

    With no discordant pair the limits are -+ z²/(n + z²), which is a little too kind at small n:
    `difference_interval` mends that.

    Raises:
        ValueError: for no cases, or a confidence outside (0, 1).

    Source: Tango (1998), Statistics in Medicine 17.
    """
    _check_cases(counts)
    z = -float(ndtri(one_sided_level(confidence)))
    low, high = _score_lower(counts, z), -_score_lower(counts.mirrored(), z)
    return Interval(counts.difference, low, high, confidence, "tango score", counts.n)


def newcombe_interval(counts: PairedCounts, confidence: float = 0.95) -> Interval:
    """Return the squared-and-added Wilson interval of the difference (candidate - previous).

    A closed form to set beside the score interval. The correlation of the arms enters with its
    continuity correction, and as 0 when a margin of the table is empty.

    Raises:
        ValueError: for no cases, or a confidence outside (0, 1).

    Source: Newcombe (1998), Statistics in Medicine 17, 2635, method 10.

    >>> bound = newcombe_interval(PairedCounts(both=36, regressed=0, improved=12, neither=2))
    >>> 0.0 < bound.low < bound.estimate < bound.high
    True
    """
    _check_cases(counts)
    z = -float(ndtri(one_sided_level(confidence)))
    candidate = wilson_arms(counts.both + counts.improved, counts.n, z)
    previous = wilson_arms(counts.both + counts.regressed, counts.n, z)
    phi = corrected_phi(counts.both, counts.improved, counts.regressed, counts.neither)
    low = counts.difference - joined(candidate[0], previous[1], phi)
    high = counts.difference + joined(candidate[1], previous[0], phi)
    return Interval(counts.difference, low, high, confidence, "newcombe method 10", counts.n)


def difference_interval(counts: PairedCounts, confidence: float = 0.95) -> Interval:
    """Return the interval that decides: Tango's, made exact where no pair is discordant.

    Its lower limit at confidence 1 - 2 alpha exceeds -m exactly when the one-sided score test at
    level alpha rejects "m or more worse". It never rises when a passing candidate reply turns
    into a failure. Where no pair is discordant the limits are -+ (1 - alpha^(1/n)): a share
    that large of discordant cases would have stayed unseen with probability alpha.

    Above 98 % confidence the two formulas cross, so two tables are held back to keep the order:
    no discordant pair is bounded no better than one improvement, and regressions alone no
    better than no discordant pair. Below that neither correction is ever active.

    Raises:
        ValueError: for no cases, or a confidence outside (0, 1).

    >>> difference_interval(PairedCounts(59, 0, 0, 0), confidence=0.90).low > -0.05
    True
    >>> difference_interval(PairedCounts(58, 0, 0, 0), confidence=0.90).low > -0.05
    False
    """
    _check_cases(counts)
    level = one_sided_level(confidence)
    low, high = _deciding_lower(counts, level), -_deciding_lower(counts.mirrored(), level)
    method = "tango score" if counts.discordant else "exact, no discordant pair"
    return Interval(counts.difference, low, high, confidence, method, counts.n)


@lru_cache(maxsize=4096)
def unseen_limit(n: int, level: float) -> float:
    """Return the deciding lower limit of n pairs of which none is discordant.

    >>> round(unseen_limit(59, 0.05), 4)
    -0.0495
    """
    one_gain = score_lower_limit(n, 0, 1, -float(ndtri(level)))
    return min(math.expm1(math.log(level) / n), one_gain)


def _deciding_lower(counts: PairedCounts, level: float) -> float:
    if counts.discordant == 0:
        return unseen_limit(counts.n, level)
    low = _score_lower(counts, -float(ndtri(level)))
    return low if counts.improved else min(low, unseen_limit(counts.n, level))


def _score_lower(counts: PairedCounts, z: float) -> float:
    return score_lower_limit(counts.n, counts.regressed, counts.improved, z)


def _check_cases(counts: PairedCounts) -> None:
    if counts.n == 0:
        raise ValueError("no case was compared, so there is no difference to estimate")


@dataclass(frozen=True, slots=True)
class McNemar:
    """P-values for "the arms pass equally often", from the discordant pairs alone.

    The first four are two-sided. ``worse`` and ``better`` are one-sided mid-p for a candidate
    that is worse or better than the previous arm; ``worse_exact`` is its exact form.
    """

    regressed: int
    improved: int
    exact: float
    mid_p: float
    asymptotic: float
    corrected: float
    worse: float
    worse_exact: float
    better: float


def mcnemar(counts: PairedCounts) -> McNemar:
    """Test whether regressions and improvements are equally likely.

    Given their number, regressions are Binomial(discordant, 1/2). With no discordant pair every
    two-sided value is 1, and the one-sided mid-p values are 1/2: half of an event that is
    certain. ``worse`` never grows when a passing candidate reply turns into a failure.

    Source: Fagerland, Lydersen and Laake (2013), BMC Medical Research Methodology 13.

    >>> result = mcnemar(PairedCounts(both=1, regressed=1, improved=7, neither=12))
    >>> round(result.exact, 3), round(result.mid_p, 3)
    (0.07, 0.039)
    """
    b, c = counts.regressed, counts.improved
    discordant, gap = counts.discordant, abs(b - c)
    # At the larger count the upper tail equals the lower tail at the smaller one.
    reached, exceeded = _half_tail(max(b, c), discordant), _half_tail(max(b, c) + 1, discordant)
    return McNemar(
        regressed=b,
        improved=c,
        exact=min(1.0, 2.0 * reached),
        mid_p=min(1.0, reached + exceeded),
        asymptotic=_chi_square_tail(gap, discordant),
        corrected=_chi_square_tail(max(gap - 1, 0), discordant),
        worse=(_half_tail(b, discordant) + _half_tail(b + 1, discordant)) / 2.0,
        worse_exact=_half_tail(b, discordant),
        better=(_half_tail(c, discordant) + _half_tail(c + 1, discordant)) / 2.0,
    )


def _half_tail(k: int, n: int) -> float:
    """P(Binomial(n, 1/2) >= k)."""
    if k == 0:
        return 1.0
    return 0.0 if k > n else float(betainc(k, n - k + 1, 0.5))


def _chi_square_tail(gap: int, discordant: int) -> float:
    """P of a chi-square with one degree of freedom beyond gap² / discordant."""
    return 1.0 if gap == 0 else float(erfc(gap / math.sqrt(2.0 * discordant)))
