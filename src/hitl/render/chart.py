"""Pictures as plain numbers: the template only writes them into attributes.

A thin line is the two-sided interval of a difference, a thick bar reaches to the one-sided limits on which a margin is
decided, and a tick stands at the margin. Lines that leave the scale end in an arrow.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import log, log10

from hitl.gate.verdict_words import State
from hitl.record.parts import IntervalPart, MeasurePart, SubsetResult
from hitl.render.numbers import is_known, measure_name, points, points_range, ratio, ratio_range

WIDTH = 300
_SIDE = 14
_WIDEST = 0.3
"""Half of the widest scale of differences, unless a margin or an estimate asks for more; beyond it an arrow."""
_UNIT = 0.02
"""Least that a scale reaches to either side of zero."""
_MARGINS = ("margin", "max_shift")


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a value stands between the two ends of a picture."""

    low: float
    high: float

    def at(self, value: float) -> float:
        """Return the x of a value, kept inside the picture."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(_SIDE + share * (WIDTH - 2 * _SIDE), 1)


@dataclass(frozen=True, slots=True)
class Line:
    """A horizontal stretch; an end that was cut shows an arrow."""

    start: float
    end: float
    leaves_left: bool
    leaves_right: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A vertical mark with its label."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Picture:
    """One drawn interval."""

    title: str
    description: str
    state: State | None
    middle: Tick
    ticks: tuple[Tick, ...]
    thin: Line | None
    thick: Line | None
    dot: float | None


def difference_scale(subsets: Iterable[SubsetResult]) -> Scale:
    """Return one scale for every subset, so that their pictures can be compared."""
    rows = tuple(subsets)
    limits = [limit for row in rows for limit in _margins(row)]
    ends = [end for row in rows for end in _ends(row.difference) + _ends(row.decision)]
    estimates = [row.difference.estimate or 0.0 for row in rows if row.difference]
    widest = max(
        [_WIDEST, *(abs(limit) * 1.5 for limit in limits), *(abs(one) * 1.3 for one in estimates)]
    )
    reach = [0.0, *(end * 1.1 for end in ends), *(limit * 1.4 for limit in limits)]
    return Scale(
        -min(widest, max(_UNIT, *(-value for value in reach))), min(widest, max(_UNIT, *reach))
    )


def difference_picture(subset: SubsetResult, scale: Scale) -> Picture:
    """Return the picture of a subset's difference against its margins."""
    limits = _margins(subset)
    estimate = subset.difference.estimate if subset.difference else None
    return Picture(
        title=f"Difference of {subset.id}",
        description=_difference_in_words(subset, limits),
        state=subset.state,
        middle=Tick(scale.at(0), "0"),
        ticks=tuple(Tick(scale.at(limit), points(limit)) for limit in limits),
        thin=_line(subset.difference, scale),
        thick=_line(subset.decision, scale),
        dot=scale.at(estimate) if estimate is not None else None,
    )


def ratio_scale(measures: Iterable[MeasurePart]) -> Scale:
    """Return one logarithmic scale for every measure, with 1 in the middle."""
    ends = [log(end) for measure in measures for end in _ends(measure.ratio) if end > 0]
    side = min(log(100), max([log(1.25), *(abs(end) * 1.1 for end in ends)]))
    return Scale(-side, side)


def ratio_picture(name: str, measure: MeasurePart, scale: Scale) -> Picture:
    """Return the picture of candidate / previous, on a logarithmic scale."""
    part = measure.ratio
    in_words = (
        f"Candidate over previous: {ratio(part.estimate)}, {ratio_range(part)}."
        if part
        else "Not measured."
    )
    estimate = part.estimate if part else None
    return Picture(
        title=f"Ratio of {measure_name(name)}",
        description=in_words,
        state=None,
        middle=Tick(scale.at(0), "× 1"),
        ticks=tuple(Tick(scale.at(log(mark)), f"× {mark:g}") for mark in _marks(scale)),
        thin=_line(_logged(part), scale),
        thick=None,
        dot=scale.at(log(estimate)) if estimate is not None and estimate > 0 else None,
    )


def _margins(subset: SubsetResult) -> tuple[float, ...]:
    limits: set[float] = set()
    for rule in subset.rules:
        if rule.rule in _MARGINS and rule.limit is not None:
            limits.add(-abs(rule.limit))
            if rule.rule == "max_shift":
                limits.add(abs(rule.limit))
    return tuple(sorted(limits))


def _ends(part: IntervalPart | None) -> list[float]:
    return (
        [end for end in (part.low, part.high) if end is not None and is_known(end)] if part else []
    )


def _line(part: IntervalPart | None, scale: Scale) -> Line | None:
    ends = _ends(part)
    if len(ends) < 2:
        return None
    low, high = ends
    return Line(scale.at(low), scale.at(high), low < scale.low, high > scale.high)


def _logged(part: IntervalPart | None) -> IntervalPart | None:
    ends = _ends(part)
    if part is None or len(ends) < 2 or min(ends) <= 0:
        return None
    return part.model_copy(update={"low": log(ends[0]), "high": log(ends[1])})


def _marks(scale: Scale) -> tuple[float, ...]:
    reach = scale.high / log(10) if scale.high else log10(1.25)
    mark = 10.0 if reach >= 1.15 else 2.0 if reach >= 0.36 else 1.2
    return (1 / mark, mark) if mark != 1.2 else ()


def _difference_in_words(subset: SubsetResult, limits: tuple[float, ...]) -> str:
    if subset.difference is None:
        return f"No difference was measured; n = {subset.n_cases:,}."
    margin = (
        f" Margin {' and '.join(points(limit) for limit in limits)}." if limits else " No margin."
    )
    decided = f" Decided on {points_range(subset.decision)}." if subset.decision else ""
    return (
        f"Candidate minus previous {points(subset.difference.estimate)}, "
        f"{points_range(subset.difference)}, n = {subset.difference.n:,}.{decided}{margin} State: {subset.state.value}."
    )
