"""What is a rate when the test that counts it errs at known rates?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hitl.stats.interval import Interval, one_sided_level

# Below this sum of sensitivity and specificity a test says too little to correct what it counts.
LEAST_SUM = 1.3


@dataclass(frozen=True, slots=True)
class ErrorCounts:
    """What a test found among units whose truth is known: (found rightly, units) of each kind."""

    positives: tuple[int, int]
    negatives: tuple[int, int]

    def __post_init__(self) -> None:
        for k, n in (self.positives, self.negatives):
            if n < 1 or not 0 <= k <= n:
                raise ValueError(f"expected 0 <= k <= n and n >= 1, not k = {k}, n = {n}")

    @property
    def sensitivity(self) -> float:
        """Share of true positives that the test calls positive."""
        return self.positives[0] / self.positives[1]

    @property
    def specificity(self) -> float:
        """Share of true negatives that the test calls negative."""
        return self.negatives[0] / self.negatives[1]


@dataclass(frozen=True, slots=True)
class MeasuredSample:
    """How many of n units a test calls positive, and how the test errs on units of that sample."""

    k: int
    n: int
    errors: ErrorCounts


def corrected_rate(observed: float, sensitivity: float, specificity: float) -> float | None:
    """Return the true rate behind an observed one, clipped to [0, 1]; None below `LEAST_SUM`.

    Source: Rogan and Gladen (1978), American Journal of Epidemiology 107.

    >>> round(corrected_rate(23 / 150, 0.96, 0.89), 4)
    0.051
    >>> corrected_rate(0.5, 0.7, 0.55) is None
    True
    """
    gain = sensitivity + specificity
    if gain < LEAST_SUM:
        return None
    return min(1.0, max(0.0, (observed + specificity - 1.0) / (gain - 1.0)))


def corrected_rate_difference(
    first: MeasuredSample,
    second: MeasuredSample,
    confidence: float,
    rng: np.random.Generator,
    draws: int = 4000,
) -> Interval | None:
    """Bound the second true rate minus the first, each corrected by its own test's errors.

    Every rate is drawn from its Jeffreys posterior, and the limits are percentiles. A draw in
    which a test says nothing (sensitivity + specificity at most 1) leaves its rate anywhere in
    [0, 1]. None where either test stays below `LEAST_SUM`. The samples are taken as separate,
    which is wider than need be for paired ones; prefer `hitl.stats.prediction` where pairs are at hand.

    Raises:
        ValueError: for counts outside their range, or a confidence outside (0, 1).
    """
    level = one_sided_level(confidence)
    rates = [_point(sample) for sample in (first, second)]
    if rates[0] is None or rates[1] is None:
        return None
    (first_low, first_high), (second_low, second_high) = (
        _drawn(sample, rng, draws) for sample in (first, second)
    )
    low = float(np.quantile(second_low - first_high, level))
    high = float(np.quantile(second_high - first_low, 1.0 - level))
    method, n = "rogan-gladen, simulated", first.n + second.n
    return Interval(rates[1] - rates[0], low, high, confidence, method, n)


def _point(sample: MeasuredSample) -> float | None:
    if sample.n < 1 or not 0 <= sample.k <= sample.n:
        raise ValueError(f"expected 0 <= k <= n and n >= 1, not k = {sample.k}, n = {sample.n}")
    errors = sample.errors
    return corrected_rate(sample.k / sample.n, errors.sensitivity, errors.specificity)


def _drawn(
    sample: MeasuredSample, rng: np.random.Generator, draws: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The lowest and the highest true rate of each draw."""
    observed, sensitivity, specificity = (
        rng.beta(k + 0.5, n - k + 0.5, draws)
        for k, n in ((sample.k, sample.n), sample.errors.positives, sample.errors.negatives)
    )
    gain = sensitivity + specificity - 1.0
    speaks = gain > 0.0
    rates = np.clip((observed + specificity - 1.0) / np.where(speaks, gain, 1.0), 0.0, 1.0)
    return np.where(speaks, rates, 0.0), np.where(speaks, rates, 1.0)
