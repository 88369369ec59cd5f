"""Before and after on one scale, and the parts of a change around zero, as plain numbers for the template."""

from collections.abc import Iterable
from dataclasses import dataclass

from hitl.decisions.change.parts import MetricChange, SideLevel
from hitl.decisions.measures.words import Unit
from hitl.render import log_compare_words as words
from hitl.render.chart import Line, Scale, Tick

_TOPS = (0.02, 0.04, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
_REACHES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 1.0)
"""Points to either side of zero that a scale of changes may reach."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale and its marks."""

    scale: Scale
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A share on both sides."""

    title: str
    description: str
    before: float
    after: float
    before_line: Line | None
    after_line: Line | None
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a change, from zero."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Parts:
    """What remains with the same mix, and what is mix."""

    title: str
    description: str
    zero: float
    within: Bar
    line: Line | None
    mix: Bar
    ticks: tuple[Tick, ...]


def level_axis(metrics: Iterable[MetricChange]) -> Axis | None:
    """Return one scale for the shares among some metrics; none where there is no share."""
    sides = [side for one in metrics if one.unit is Unit.SHARE for side in (one.before, one.after)]
    ends = [side.high if side.high is not None else side.value for side in sides if side]
    if not ends:
        return None
    top = next((one for one in _TOPS if one >= max(ends)), 1.0)
    scale = Scale(0.0, top)
    return Axis(scale, tuple(Tick(scale.at(one), f"{one * 100:g} %") for one in (0, top / 2, top)))


def part_axis(metrics: Iterable[MetricChange]) -> Axis:
    """Return one scale for the parts of every share, zero in its middle."""
    ends = [0.0]
    for one in metrics:
        within = one.split.within
        if one.unit is Unit.SHARE and within is not None:
            ends += [
                abs(end) for end in (within.low, within.high, one.split.mix) if end is not None
            ]
    reach = next((one for one in _REACHES if one >= max(ends)), 1.0)
    scale = Scale(-reach, reach)
    marks = ((-reach, f"−{reach * 100:g} pt"), (0.0, "0"), (reach, f"+{reach * 100:g} pt"))
    return Axis(scale, tuple(Tick(scale.at(at), label) for at, label in marks))


def pair_of(metric: MetricChange, axis: Axis | None) -> Pair | None:
    """Return the picture of a share on both sides; none where it is none, or not known."""
    before, after = metric.before, metric.after
    if axis is None or metric.unit is not Unit.SHARE or before is None or after is None:
        return None
    told = [
        f"{words.level(metric, side)} ({words.level_range(metric, side)}), n = {side.n:,}"
        for side in (before, after)
    ]
    return Pair(
        title=f"{words.title(metric)} before and after",
        description=f"Before {told[0]}; after {told[1]}.",
        before=axis.scale.at(before.value),
        after=axis.scale.at(after.value),
        before_line=_line(before, axis.scale),
        after_line=_line(after, axis.scale),
        ticks=axis.ticks,
    )


def parts_of(metric: MetricChange, axis: Axis) -> Parts | None:
    """Return the picture of the parts of a change; none where they are not known."""
    within, mix = metric.split.within, metric.split.mix
    if metric.unit is not Unit.SHARE or within is None or within.value is None or mix is None:
        return None
    scale = axis.scale
    return Parts(
        title=f"{words.title(metric)}: same mix and mix",
        description=f"With the same mix {words.moved(metric, within.value)} ({words.moved_range(metric, within)}); mix {words.moved(metric, mix)}.",
        zero=scale.at(0.0),
        within=_bar(within.value, scale),
        line=_between(within.low, within.high, scale),
        mix=_bar(mix, scale),
        ticks=axis.ticks,
    )


def _bar(value: float, scale: Scale) -> Bar:
    ends = sorted((scale.at(0.0), scale.at(value)))
    return Bar(ends[0], round(ends[1] - ends[0], 1))


def _line(side: SideLevel, scale: Scale) -> Line | None:
    return _between(side.low, side.high, scale)


def _between(low: float | None, high: float | None, scale: Scale) -> Line | None:
    if low is None or high is None:
        return None
    return Line(scale.at(low), scale.at(high), low < scale.low, high > scale.high)
