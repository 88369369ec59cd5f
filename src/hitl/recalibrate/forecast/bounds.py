"""From draws to a range: calibrated on what the log says, and never surer than the cases allow."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from hitl.recalibrate.forecast.parts import Range
from hitl.recalibrate.forecast.traffic import Known
from hitl.stats.control import beta_draws, control_factor
from hitl.stats.counts import Numbers

FAR = 3.0
"""Standard errors beyond which the golden replies of the previous model and the log are no longer the same by chance."""
_LEAST_FAR = 0.005


@dataclass(frozen=True)
class Bounded:
    """Draws for the lower and for the upper end; their first rows are both the estimate."""

    low: Numbers
    high: Numbers

    @classmethod
    def plain(cls, draws: Numbers) -> "Bounded":
        """Return the same draws for both ends."""
        return cls(draws, draws)

    @property
    def estimate(self) -> Numbers:
        """The first row."""
        found: Numbers = self.low[0]
        return found

    def mapped(self, change: Callable[[Numbers], Numbers]) -> "Bounded":
        """Return what a rising function makes of both."""
        return Bounded(change(self.low), change(self.high))

    def range(self, confidence: float) -> Range:
        """Return estimate and limits of one number, a row of draws."""
        tail = (1.0 - confidence) / 2.0
        value = float(self.estimate)
        low = float(np.quantile(self.low[1:], tail))
        high = float(np.quantile(self.high[1:], 1.0 - tail))
        return Range(estimate=value, low=min(low, value), high=max(high, value))


@dataclass(frozen=True)
class Calibration:
    """How far the previous model's golden replies are from what the log says of it, draw by draw."""

    gap: Numbers
    factor: float
    """Share of the gap that is taken off the candidate."""
    is_far: bool
    """Whether the gap is more than chance: then both, with all of it and with none, lie within the range."""

    @classmethod
    def of(cls, candidate: Numbers, previous: Numbers, observed: Numbers) -> "Calibration":
        """Find how much of the gap to take off."""
        gap = previous - observed
        far = np.abs(gap[0]) > np.maximum(_LEAST_FAR, FAR * gap[1:].std(axis=0))
        is_far = bool(np.any(far))
        factor = 1.0 if is_far else control_factor(candidate[1:], gap[1:])
        return cls(gap, factor, is_far)

    @classmethod
    def none(cls, candidate: Numbers) -> "Calibration":
        """Return one that changes nothing."""
        return cls(np.zeros_like(candidate), 0.0, is_far=False)

    def applied(self, found: Bounded, gap: Numbers | None = None) -> Bounded:
        """Take the gap, or another that goes with it, off both ends; nothing falls below 0."""
        taken = self.factor * (self.gap if gap is None else gap)
        low, high = np.maximum(0.0, found.low - taken), np.maximum(0.0, found.high - taken)
        if not self.is_far:
            return Bounded(low, high)
        wide = Bounded(np.minimum(low, found.low), np.maximum(high, found.high))
        wide.low[0], wide.high[0] = low[0], high[0]
        return wide


def share_bounds(events: Numbers, trials: Numbers, unit: float, chance: Numbers) -> Bounded:
    """Bound a share of events, as Clopper and Pearson do, by one more independent case on either side.

    With n even cases these are the gamma forms of their limits, so that no event among n never means that there can be
    none.

    Args:
        events: B, or B x columns.
        trials: the same; above 0.
        unit: what one independent case weighs among the trials.
        chance: B draws of an exponential variable, the first 0.
    """
    more = unit * chance.reshape(-1, *(1,) * (events.ndim - 1))
    return Bounded(events / (trials + more), (events + more) / (trials + more))


def known_draws(
    known: Known, confidence: float, n_draws: int, rng: np.random.Generator
) -> Numbers | None:
    """Draw a rate that has an interval; None where it cannot be said."""
    if known.estimate is None or known.low is None or known.high is None:
        return None
    error = (known.high - known.low) / (2.0 * float(ndtri((1.0 + confidence) / 2.0)))
    middle = min(max(known.estimate, error), 1.0 - error) if error < 0.5 else 0.5
    n = np.array(max(1.0, middle * (1.0 - middle) / max(error, 1e-9) ** 2))
    return beta_draws(known.estimate * n, n, n_draws, rng)


def unsaid(reason: str) -> Range:
    """Return a number that cannot be said."""
    return Range(estimate=None, low=None, high=None, reason=reason)
