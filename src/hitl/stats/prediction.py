"""What is the mean of a label that is known for a sample only, given a guess at it for all?"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

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

    Units are averaged within clusters first, and each cluster counts once. Limits use Student's t
    with one degree of freedom fewer than labelled clusters, and never exceed what rare large
    errors could hide (`LossTail`), so that labels without any spread still leave a width.

    Args:
        labelled: values in [-1, 1].
        unlabelled: the same units' guesses are not repeated here; may be empty.
        confidence: two-sided, strictly between 0 and 1.
        tuning: the weight in [0, 1]; None finds it.

    Raises:
        ValueError: for values that are not finite or outside [-1, 1], arrays of unequal length,
            a weight outside [0, 1], or a confidence outside (0, 1).

    Source: Angelopoulos, Duchi and Zrnic (2023), arXiv 2311.01453.
    """
    level = one_sided_level(confidence)
    if tuning is not None and not 0.0 <= tuning <= 1.0:
        raise ValueError(f"the weight of the guesses lies in [0, 1], not {tuning!r}")
    guess, true = (
        _by_cluster(part, labelled.clusters) for part in (labelled.guessed, labelled.true)
    )
    if labelled.guessed.shape != labelled.true.shape:
        raise ValueError("expected a guess and a label for each unit")
    rest = _by_cluster(unlabelled.guessed, unlabelled.clusters)
    if reason := _unusable(labelled, unlabelled, guess.size):
        sizes = guess.size, rest.size
        return CorrectedMean(None, None, None, None, *sizes, confidence, "ppi++", reason)
    weight = _tuned(guess, true, rest) if tuning is None else tuning
    if rest.size < 2:
        weight = 0.0  # nothing to carry over to
    moved = float(rest.mean()) * weight if weight else 0.0
    residual = true - weight * guess
    variance = float(residual.var(ddof=1)) / residual.size
    if weight:
        variance += weight * weight * float(rest.var(ddof=1)) / rest.size
    reach = -float(stdtrit(residual.size - 1, level)) * math.sqrt(variance)
    estimate = moved + float(residual.mean())
    low = min(estimate - reach, moved + _most(residual, weight, level))
    high = max(estimate + reach, moved - _most(-residual, weight, level))
    method = "ppi++, t" if weight else "labels only, t"
    sizes = guess.size, rest.size
    return CorrectedMean(
        estimate, max(low, -1.0), min(high, 1.0), weight, *sizes, confidence, method
    )


def _most(residual: Numbers, weight: float, level: float) -> float:
    """The highest lower limit that the residuals allow, given losses that were not seen."""
    scale = 1.0 + weight  # residuals lie within this
    tail = LossTail.of(residual / scale, np.ones(residual.size))
    return scale * tail.highest_mean(level)


def _tuned(guess: Numbers, true: Numbers, rest: Numbers) -> float:
    spread = float(np.concatenate([guess, rest]).var(ddof=1))
    if rest.size < 2 or spread == 0.0:
        return 0.0
    shared = float(np.cov(guess, true, ddof=1)[0, 1])
    return min(1.0, max(0.0, shared / ((1.0 + guess.size / rest.size) * spread)))


def _unusable(labelled: LabelledSample, unlabelled: GuessedSample, n: int) -> str:
    if n < FEWEST_LABELLED:
        return f"{n} independent labels are too few; expected {FEWEST_LABELLED} or more"
    if labelled.clusters is not None and unlabelled.clusters is not None:
        shared = np.intersect1d(labelled.clusters, unlabelled.clusters).size
        if shared:
            return f"{shared} clusters are labelled in part; label a cluster whole or not at all"
    return ""


def _by_cluster(values: Numbers, clusters: NDArray[np.int64] | None) -> Numbers:
    if values.ndim != 1 or not np.all(np.abs(values) <= 1.0):
        raise ValueError("expected flat values in [-1, 1]; none may be missing")
    if clusters is None:
        return values
    if clusters.shape != values.shape:
        raise ValueError("expected one cluster for each value")
    _, members = np.unique(clusters, return_inverse=True)
    return np.asarray(np.bincount(members, weights=values) / np.bincount(members))
