"""What a picture of a curve shows: its thresholds, its errors, and the marks on both scales."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor

from hitl.recalibrate.parts import CurvePoint, TypeResult
from hitl.render.chart import Tick

WIDTH = 400
LEFT, RIGHT = 46.0, 386.0
TOP = 40
RISK = 170
"""Height of the panel of errors."""
GAP = 26
COVERAGE = 70
"""Height of the panel of shares."""
FLOOR = TOP + RISK
STRIP = FLOOR + 5
"""Where the thresholds that were tested are drawn."""
LOW_TOP = FLOOR + GAP
LOW_FLOOR = LOW_TOP + COVERAGE
HEIGHT = LOW_FLOOR + 38
_STEPS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25)
_MARKS = 5
"""Stretches between the marks of thresholds, about; one fewer for errors."""
_TARGETS = 5.0
"""A picture reaches to so many targets; errors above it leave the picture, but never all of them."""
_ROOM = 1.15


@dataclass(frozen=True, slots=True)
class Sight:
    """Which thresholds and errors a picture shows, and how far apart its marks are."""

    low: float
    high: float
    step: float
    top: float
    rise: float

    def across(self, threshold: float) -> float:
        """Return the x of a threshold, kept inside the picture."""
        share = (min(max(threshold, self.low), self.high) - self.low) / (self.high - self.low)
        return round(LEFT + share * (RIGHT - LEFT), 1)

    def up(self, error: float) -> float:
        """Return the y of an error rate; one above the picture lies just above its edge."""
        return round(FLOOR - min(error / self.top, 1.1) * RISK, 1)

    def thresholds(self) -> tuple[Tick, ...]:
        """Return the marks of thresholds."""
        marks = range(round((self.high - self.low) / self.step + 1e-6) + 1)
        values = [round(self.low + place * self.step, 6) for place in marks]
        return tuple(Tick(self.across(one), f"{one:g}") for one in values if one <= self.high)

    def errors(self) -> tuple[Tick, ...]:
        """Return the marks of errors; what they call x is a y."""
        values = [round(place * self.rise, 6) for place in range(round(self.top / self.rise) + 1)]
        return tuple(Tick(self.up(one), f"{one * 100:g} %") for one in values)


def sight_of(result: TypeResult, target: float) -> Sight:
    """Return what the picture of an action type shows: its own points, its thresholds, and the target."""
    points = (*result.curve, *result.previous_curve)
    limits = [one for one in (result.auto, result.proposed) if isinstance(one, float)]
    values = [*(one.threshold for one in points), *limits]
    step = _step((max(values) - min(values)) / _MARKS)
    low, high = _down(min(values), step), _up(max(values), step)
    if high - low < 2 * step:
        low, high = max(0.0, round(low - step, 6)), min(1.0, round(high + step, 6))
    highs = [one.error_high for one in result.curve if one.error_high is not None]
    wanted = max(*errors_of(points), min(highs, default=0.0), 0.0) * _ROOM
    most = max(_TARGETS * target, 0.01, 1.5 * min(errors_of(result.curve)))
    reach = min(max(wanted, 2.5 * target), most, 1.0)
    rise = _step(reach / (_MARKS - 1))
    return Sight(low, min(1.0, high), step, min(1.0, _up(reach, rise)), rise)


def errors_of(points: Iterable[CurvePoint]) -> list[float]:
    """Return the error rates that are known; zero alone where none is."""
    return [one.error for one in points if one.error is not None] or [0.0]


def share_y(share: float) -> float:
    """Return the y of a share that runs alone."""
    return round(LOW_FLOOR - min(max(share, 0.0), 1.0) * COVERAGE, 1)


def _down(value: float, step: float) -> float:
    return round(floor(round(value / step, 6)) * step, 6)


def _up(value: float, step: float) -> float:
    return round(ceil(round(value / step, 6)) * step, 6)


def _step(least: float) -> float:
    return next((one for one in _STEPS if one >= least - 1e-9), _STEPS[-1])
