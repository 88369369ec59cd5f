"""The calibration error of weighted labels, and where it would lie by chance alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hitl.decisions.counts import Integers
from hitl.stats.calibration import calibration_error
from hitl.stats.interval import one_sided_level

RESAMPLES = 1000
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LabelBins:
    """Labelled decisions by hundredth of confidence."""

    score: Numbers
    """Confidence of each bin."""
    decisions: Integers
    """Decisions that the error weighs the bin by; 0 where none is labelled."""
    n: Integers
    """Labelled ones."""
    even: Integers
    """Labels of equal weight that would say as much: Kish's effective number, rounded down, at least 1 where there are labels."""
    truth: Numbers
    """Weighted share right; the score where there is no label."""

    @classmethod
    def of(
        cls,
        score: Numbers,
        decisions: Integers,
        cells: tuple[NDArray[np.intp], Numbers, Integers, Integers],
    ) -> "LabelBins":
        """Sum cells, each with its bin, weight, labels and right ones."""
        place, weight, n, right = cells
        size = score.size
        total = np.bincount(place, weight * n, minlength=size)
        square = np.bincount(place, weight * weight * n, minlength=size)
        there = total > 0
        even = np.floor(total * total / np.where(there, square, 1.0) + 1e-9).astype(np.int64)
        hits = np.bincount(place, weight * right, minlength=size)
        truth = np.where(there, hits / np.where(there, total, 1.0), score)
        labels = np.bincount(place, n, minlength=size).astype(np.int64)
        return cls(score, np.where(there, decisions, 0), labels, even, np.clip(truth, 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Band:
    """The error that was found, and the band of errors of true confidences."""

    error: float
    low: float
    high: float


def calibration_band(bins: LabelBins, rng: np.random.Generator, confidence: float) -> Band:
    """Return the calibration error and its band: right ones are drawn anew, as if every confidence were true.

    The band is that of `hitl.stats.calibration.null_band` with two changes. Bins weigh by all their decisions, labelled
    or not; and where labels have weights, as many are drawn as would say as much with equal ones. Needs independent
    labels: those of few reviewers, who are alike, make the true band wider.

    Raises:
        ValueError: no decision has a label.
    """
    found = calibration_error(bins.decisions, bins.score, bins.truth).l1
    level = one_sided_level(confidence)
    there = bins.even > 0
    even, score, decisions = bins.even[there], bins.score[there], bins.decisions[there]
    right = rng.binomial(even, score, size=(RESAMPLES, even.size))
    drawn = np.abs(right / even - score) @ decisions / float(decisions.sum())
    low, high = np.quantile(drawn, [level, 1.0 - level])
    return Band(found, float(low), float(high))
