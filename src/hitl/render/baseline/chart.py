"""Dots with their intervals on one scale, as plain numbers that the template writes into attributes."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite, log

from hitl.decisions.measures.parts import Measured, TargetPart
from hitl.decisions.measures.words import Unit
from hitl.render.baseline.numbers import (
    basis,
    figure,
    in_target,
    interval,
    is_said,
    target_range,
    wanted,
)
from hitl.render.baseline.words import METRICS, target_unit, target_words
from hitl.render.chart import Line, Scale, Tick

_TOPS = (0.02, 0.04, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
_TIMES = (0.1, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800, 86_400, 172_800, 432_000, 864_000, 2_592_000, 8_640_000)  # fmt: skip
"""Seconds at which a scale of times may have a mark."""
_APART = 52.0
"""Least distance of two marks with labels."""
_ROOM = 1.15
_FARTHEST = 4.0
"""A line that reaches farther beyond value and target than this many times ends in an arrow."""
_SHARED = (Unit.SHARE, Unit.SECONDS)
"""Units of which pictures are drawn: each has one scale that all of its numbers can share."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale, linear or logarithmic, and its marks."""

    scale: Scale
    ticks: tuple[Tick, ...]
    unit: Unit | None = None
    """Of the numbers that may stand on it."""

    @property
    def is_log(self) -> bool:
        """Whether equal factors take equal room."""
        return self.unit is Unit.SECONDS

    def at(self, value: float) -> float:
        """Return the x of a value, kept inside the picture."""
        if not self.is_log:
            return self.scale.at(value)
        return self.scale.at(log(value)) if value > 0 else self.scale.at(self.scale.low)

    def leaves(self, value: float) -> tuple[bool, bool]:
        """Whether a value lies left or right of the picture."""
        at = (log(value) if value > 0 else self.scale.low) if self.is_log else value
        return at < self.scale.low - 1e-9, at > self.scale.high + 1e-9


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of allowed values."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Dot:
    """One drawn number."""

    title: str
    description: str
    x: float
    line: Line | None
    ticks: tuple[Tick, ...]
    reference: float | None = None
    """Where the number of all decisions stands."""
    band: Band | None = None
    state: str = "none"


def axis_of(measures: Iterable[Measured]) -> Axis | None:
    """Return one axis for the numbers of the first unit that can be drawn; none where there is none."""
    drawn = [one for one in measures if is_said(one) and one.unit in _SHARED]
    if not drawn:
        return None
    unit = drawn[0].unit
    alike = [one for one in drawn if one.unit is unit]
    values, highs = _finite(one.value for one in alike), _finite(one.high for one in alike)
    if unit is Unit.SHARE:
        return _shares(values, highs)
    return _times([*values, *highs, *_finite(one.low for one in alike)])


def dot(
    measured: Measured, axis: Axis | None, name: str, all_value: float | None = None
) -> Dot | None:
    """Return the picture of a number; none where there is no number."""
    if (
        axis is None
        or axis.unit is not measured.unit
        or not is_said(measured)
        or measured.value is None
    ):
        return None
    title = METRICS[measured.metric].title
    return Dot(
        title=f"{title}: {name}",
        description=f"{figure(measured)}, {interval(measured)}, {basis(measured)}.",
        x=axis.at(measured.value),
        line=_line(measured.low, measured.high, axis),
        ticks=axis.ticks,
        reference=axis.at(all_value) if all_value is not None else None,
    )


def target_dot(target: TargetPart, state: str) -> Dot | None:
    """Return the picture of a metric against the range in which it should lie; none without a number."""
    value = target.value
    if value is None or not isfinite(value):
        return None
    axis = _target_axis(target)
    start = axis.at(target.at_least or 0.0)
    end = axis.at(axis.scale.high if target.at_most is None else target.at_most)
    return Dot(
        title=f"{target_words(target.name).title} against its target",
        description=f"{in_target(target.name, value)}, {target_range(target)}; target {wanted(target)}: {target.met.value}.",
        x=axis.at(value),
        line=_line(target.low, target.high, axis),
        ticks=axis.ticks,
        band=Band(start, round(end - start, 1)),
        state=state,
    )


def _target_axis(target: TargetPart) -> Axis:
    middle = max(_finite([target.value, target.at_most, target.at_least]))
    reach = max(_finite([target.high, middle]))
    top = max(middle * 1.3, min(middle * _FARTHEST, reach * _ROOM)) or 1.0
    scale = Scale(0.0, top if target_unit(target.name) else min(top, 1.0))
    limits = _finite([target.at_least, target.at_most])
    return Axis(scale, tuple(Tick(scale.at(one), in_target(target.name, one)) for one in limits))


def _shares(values: list[float], highs: list[float]) -> Axis:
    reach = min(max(highs, default=1.0), 2.5 * max(values) or 1.0) * _ROOM
    top = next((one for one in _TOPS if one >= max(reach, *values)), 1.0)
    scale = Scale(0.0, top)
    marks = (0.0, top / 2, top)
    ticks = tuple(Tick(scale.at(mark), f"{mark * 100:g} %") for mark in marks)
    return Axis(scale, ticks, Unit.SHARE)


def _times(ends: list[float]) -> Axis | None:
    above = [end for end in ends if end > 0]
    if not above:
        return None
    low = min(above) / _ROOM
    high = max(max(above) * _ROOM, low * 4)
    scale = Scale(log(low), log(high))
    ticks: list[Tick] = []
    for mark in _TIMES:
        x = scale.at(log(mark))
        if low <= mark <= high and (not ticks or x - ticks[-1].x >= _APART):
            ticks.append(Tick(x, _mark(mark)))
    return Axis(scale, tuple(ticks), Unit.SECONDS)


def _mark(seconds: float) -> str:
    sizes = ((86_400, "d"), (3600, "h"), (60, "min"))
    size, unit = next(((size, unit) for size, unit in sizes if seconds >= size), (1, "s"))
    return f"{seconds / size:g} {unit}"


def _line(low: float | None, high: float | None, axis: Axis) -> Line | None:
    ends = _finite([low, high])
    if len(ends) < 2:
        return None
    return Line(
        axis.at(ends[0]), axis.at(ends[1]), axis.leaves(ends[0])[0], axis.leaves(ends[1])[1]
    )


def _finite(values: Iterable[float | None]) -> list[float]:
    return [one for one in values if one is not None and isfinite(one)]
