"""Repairs of a confidence, fitted on one half of the decisions and judged on the other."""

import numpy as np

from hitl.recalibrate.calibration.labels import Labelled
from hitl.recalibrate.parts import Figure, Fit
from hitl.stats.calibrator import FITS
from hitl.stats.counts import Numbers
from hitl.stats.score_map import Method
from hitl.stats.smooth_error import smooth_null_band

CONFIDENCE = 0.95
RESAMPLES = 400


def repairs(fitted: Labelled, judged: Labelled, rng: np.random.Generator) -> tuple[Fit, ...]:
    """Return confidence as it is, then every repair, the simplest first."""
    found = [_judged(Method.NONE, {}, judged.score, judged, rng)]
    for method, fit in FITS.items():
        if not fitted.total:
            found.append(_not_fitted(method, "no decision of the first half has a label"))
            continue
        of = fit(fitted.n, fitted.k, fitted.score)
        if of.parameters is None:
            found.append(_not_fitted(method, of.reason))
        else:
            found.append(_judged(method, dict(of.parameters), of.apply(judged.score), judged, rng))
    return tuple(found)


def is_within(fit: Fit) -> bool:
    """Say whether an error is no larger than perfect scores would show; without an error it is not."""
    error = fit.error
    return error is not None and error.high is not None and error.value <= error.high


def brier(chance: Numbers, judged: Labelled) -> float:
    """Return the mean squared distance of chances, one for each confidence, and the truth; 0 to 1."""
    wrong = judged.n - judged.k
    return float((judged.k * (1.0 - chance) ** 2 + wrong * chance**2).sum()) / judged.total


def _judged(
    method: Method,
    parameters: dict[str, float | tuple[float, ...]],
    chance: Numbers,
    judged: Labelled,
    rng: np.random.Generator,
) -> Fit:
    if not judged.total:
        reason = "no decision of the second half has a label"
        return Fit(method=method, parameters=parameters, error=None, brier=None, reason=reason)
    band = smooth_null_band(judged.n, judged.k, chance, rng, CONFIDENCE, RESAMPLES)
    error = Figure(value=band.observed, low=band.low, high=band.high, n=band.n)
    return Fit(method=method, parameters=parameters, error=error, brier=brier(chance, judged))


def _not_fitted(method: Method, reason: str) -> Fit:
    return Fit(method=method, error=None, brier=None, reason=reason)
