"""What is the mean of a label that is known for a sample only, given a guess at it for all?"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from hitl.stats.cluster import cluster_sums
from hitl.stats.interval import one_sided_level
from hitl.stats.tail import LossTail

Numbers = NDArray[np.float64]

# A spread that fewer labelled clusters show is not believed.
FEWEST_LABELLED = 8


@dataclass(frozen=True, slots=True)
class LabelledSample:
    """Guess and label of the same units, both in [-1, 1], and the cluster of each unit if shared."""

    guessed: Numbers
    true: Numbers
    clusters: NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True)
class GuessedSample:
    """Guesses at units without a label, in [-1, 1], and the cluster of each unit if shared."""

    guessed: Numbers
    clusters: NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True)
class CorrectedMean:
    """A mean that is labelled in part, corrected for the errors of the guesses.

    ``tuning`` is the weight of the guesses: 0 leaves the labels alone, 1 trusts the guesses as
    the original method does. The counts are of clusters. Without limits, ``reason`` says why.
    """

    estimate: float | None
    low: float | None
    high: float | None
    tuning: float | None
    n_labelled: int
    n_unlabelled: int
    confidence: float
    method: str
    reason: str = ""
    standard_error: float | None = None


def corrected_mean(
    labelled: LabelledSample,
    unlabelled: GuessedSample,
    confidence: float = 0.95,
    tuning: float | None = None,
) -> CorrectedMean:
    """Estimate a mean from a labelled random sample and guesses at the rest (PPI++).

    ``tuning * mean(guess, unlabelled) + mean(true - tuning * guess, labelled)``, with the weight
    of least variance, clipped to [0, 1]. Holds whatever the guesses are worth, if the labelled
    units were drawn at random. For two arms, units are cases and values are differences.

    Means are over units, as in `hitl.stats.cluster`: a cluster counts by its size. The variance
    of each is ``G/(G-1) * sum (sum_g - size_g * mean)² / n²`` over its G clusters, and the weight
    comes from the covariance of the same form. With everything labelled and no weight it is
    `clustered_difference` but for the factor G/(G-1), which matters where labels are few.
    Limits use Student's t with one degree of freedom fewer than labelled clusters, and never
    exceed what rare large errors could hide (`LossTail`), so that labels without any spread
    still leave a width.

    Args:
        labelled: values in [-1, 1].
        unlabelled: the same units' guesses are not repeated here; may be empty.
        confidence: two-sided, strictly between 0 and 1.
        tuning: the weight in [0, 1]; None finds it.

    Raises:
        ValueError: for values that are not finite or outside [-1, 1], arrays of unequal length,
            a weight outside [0, 1], or a confidence outside (0, 1).

    Source: Angelopoulos, Duchi and Zrnic (2023), arXiv 2311.01453; Liang and Zeger (1986),
    Biometrika 73.
    """
    level = one_sided_level(confidence)
    if tuning is not None and not 0.0 <= tuning <= 1.0:
        raise ValueError(f"the weight of the guesses lies in [0, 1], not {tuning!r}")
    if labelled.guessed.shape != labelled.true.shape:
        raise ValueError("expected a guess and a label for each unit")
    known = _numbered(labelled.guessed, labelled.clusters)
    _numbered(labelled.true, known)
    others = _numbered(unlabelled.guessed, unlabelled.clusters)
    counts = np.unique(known).size, np.unique(others).size
    if reason := _unusable(labelled, unlabelled, counts[0]):
        return CorrectedMean(None, None, None, None, *counts, confidence, "ppi++", reason)
    guess, true = _Totals.of(labelled.guessed, known), _Totals.of(labelled.true, known)
    rest = _Totals.of(unlabelled.guessed, others) if counts[1] > 1 else None
    weight = 0.0  # with nothing to carry over to
    if rest is not None:
        weight = _tuned(guess, true, rest) if tuning is None else tuning
    residual = _Totals(true.sums - weight * guess.sums, true.sizes)
    moved, variance = 0.0, residual.covariance(residual)
    if rest is not None and weight:
        moved = weight * rest.mean
        variance += weight * weight * rest.covariance(rest)
    error = math.sqrt(variance)
    reach = -float(stdtrit(counts[0] - 1, level)) * error
    estimate = moved + residual.mean
    low = min(estimate - reach, moved + _most(residual, weight, level))
    high = max(estimate + reach, moved - _most(residual.mirrored(), weight, level))
    method = "ppi++, t" if weight else "labels only, t"
    limits = max(low, -1.0), min(high, 1.0)
    return CorrectedMean(
        estimate, *limits, weight, *counts, confidence, method, standard_error=error
    )


@dataclass(frozen=True, slots=True)
class _Totals:
    """Values added up by cluster."""

    sums: Numbers
    sizes: Numbers

    @classmethod
    def of(cls, values: Numbers, clusters: NDArray[np.int64]) -> "_Totals":
        return cls(*cluster_sums(values, clusters))

    @property
    def mean(self) -> float:
        """Over units, so that a cluster counts by its size."""
        return float(self.sums.sum() / self.sizes.sum())

    def scaled(self) -> "_Totals":
        """With clusters of size 1 on average, so that two samples can be put together."""
        average = self.sizes.mean()
        return _Totals(self.sums / average, self.sizes / average)

    def mirrored(self) -> "_Totals":
        return _Totals(-self.sums, self.sizes)

    def covariance(self, other: "_Totals") -> float:
        """Of the two means, taken over the same clusters; with itself, the variance of its mean."""
        n, clusters = float(self.sizes.sum()), self.sizes.size
        deviations = [one.sums - one.sizes * one.mean for one in (self, other)]
        return float(deviations[0] @ deviations[1]) / (n * n) * clusters / (clusters - 1)


def _most(residual: _Totals, weight: float, level: float) -> float:
    """The highest lower limit that the residuals allow, given losses that were not seen."""
    scale = 1.0 + weight  # residuals lie within this
    tail = LossTail.of(residual.sums / scale, residual.sizes)
    return scale * tail.highest_mean(level)


def _tuned(guess: _Totals, true: _Totals, rest: _Totals) -> float:
    """The weight of least variance; guesses at all units together say how far guesses vary."""
    guess, true, rest = guess.scaled(), true.scaled(), rest.scaled()
    every = _Totals(
        np.concatenate([guess.sums, rest.sums]), np.concatenate([guess.sizes, rest.sizes])
    )
    spread = every.covariance(every) * every.sizes.size
    if spread == 0.0:
        return 0.0
    n, more = guess.sizes.size, rest.sizes.size
    return min(1.0, max(0.0, n * guess.covariance(true) / ((1.0 + n / more) * spread)))


def _unusable(labelled: LabelledSample, unlabelled: GuessedSample, n: int) -> str:
    if n < FEWEST_LABELLED:
        return f"{n} independent labels are too few; expected {FEWEST_LABELLED} or more"
    if labelled.clusters is not None and unlabelled.clusters is not None:
        shared = np.intersect1d(labelled.clusters, unlabelled.clusters).size
        if shared:
            return f"{shared} clusters are labelled in part; label a cluster whole or not at all"
    return ""


def _numbered(values: Numbers, clusters: NDArray[np.int64] | None) -> NDArray[np.int64]:
    """Return the cluster of each value; without clusters each is one."""
    if values.ndim != 1 or not np.all(np.abs(values) <= 1.0):
        raise ValueError("expected flat values in [-1, 1]; none may be missing")
    if clusters is None:
        return np.arange(values.size)
    if clusters.shape != values.shape:
        raise ValueError("expected one cluster for each value")
    return clusters
