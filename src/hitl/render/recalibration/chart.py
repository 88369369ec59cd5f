"""Risk and coverage over the threshold as plain numbers: the template only writes them into attributes.

Two panels share one scale of thresholds: above the error among decisions that run alone, below the share that does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from hitl.recalibrate.parts import CurvePoint, Threshold, TypeResult
from hitl.render import numbers
from hitl.render.chart import Tick
from hitl.render.recalibration.points import at, first_failed, first_tested
from hitl.render.recalibration.sight import (
    LOW_FLOOR,
    RIGHT,
    TOP,
    WIDTH,
    Sight,
    errors_of,
    share_y,
    sight_of,
)
from hitl.render.recalibration.words import limit

_FEW_POINTS = 12
"""Curves of no more points show each of them."""
_LABEL = {"inforce": 6.2, "proposed": 7.2}
"""Width of a character of a label, at most; one of them is bold."""
_LINE = 15.0
"""Height of a line of labels."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One model's curve."""

    line: str
    """Path of the error."""
    band: str
    """Path of the band from the error to its upper limit."""
    coverage: str
    """Path of the share that runs alone."""
    area: str
    """Path of what lies under it."""
    dots: tuple[tuple[float, float], ...]
    low_dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Upright:
    """A marked threshold; the line of `never` is left out, its label is not."""

    x: float
    label: str
    css: str
    has_line: bool
    text_x: float
    text_y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Tested:
    """The stretch of thresholds that passed the test, and where it stopped; either may be missing."""

    start: float | None
    end: float | None
    failed: float | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """One picture of an action type."""

    title: str
    description: str
    candidate: Curve
    previous: Curve | None
    target: float
    across: tuple[Tick, ...]
    errors: tuple[Tick, ...]
    """Their x is a y."""
    shares: tuple[Tick, ...]
    uprights: tuple[Upright, ...]
    tested: Tested
    is_cut: bool
    """Whether errors leave the picture at its top."""
    highest: str


def picture(result: TypeResult, target: float) -> Drawn | None:
    """Return the picture of an action type; none where there is no point with an error rate."""
    if not any(one.error is not None for one in result.curve):
        return None
    sight = sight_of(result, target)
    highest = max(errors_of([*result.curve, *result.previous_curve]))
    return Drawn(
        title=f"Error and autonomy by threshold: {result.action_type}",
        description=_in_words(result, target),
        candidate=_curve(result.curve, sight),
        previous=_curve(result.previous_curve, sight) if result.previous_curve else None,
        target=sight.up(target),
        across=sight.thresholds(),
        errors=sight.errors(),
        shares=tuple(Tick(share_y(one), f"{one * 100:g} %") for one in (0.0, 0.5, 1.0)),
        uprights=_uprights(result, sight),
        tested=_tested(result.curve, sight),
        is_cut=highest > sight.top,
        highest=numbers.percent(highest),
    )


def _curve(points: Sequence[CurvePoint], sight: Sight) -> Curve:
    known = [list(run) for has, run in groupby(points, lambda one: one.error is not None) if has]
    shares = [(sight.across(one.threshold), share_y(one.coverage)) for one in points]
    lone = len(points) <= _FEW_POINTS
    return Curve(
        line=" ".join(_path(_risk(run, sight)) for run in known if len(run) > 1),
        band=" ".join(_band(run, sight) for run in known),
        coverage=_path(shares) if len(shares) > 1 else "",
        area=f"{_path(shares)}V{LOW_FLOOR}H{shares[0][0]}Z" if len(shares) > 1 else "",
        dots=tuple(
            dot
            for run in known
            if lone or len(run) == 1
            for dot in _risk(run, sight)
            if dot[1] >= TOP
        ),
        low_dots=tuple(shares) if lone else (),
    )


def _risk(run: Sequence[CurvePoint], sight: Sight) -> list[tuple[float, float]]:
    return [(sight.across(one.threshold), sight.up(one.error or 0.0)) for one in run]


def _band(run: Sequence[CurvePoint], sight: Sight) -> str:
    """From the error up to its limit; a single point gets a thin column."""
    bounded = [one for one in run if one.error is not None and one.error_high is not None]
    if not bounded:
        return ""
    highs = [(sight.across(one.threshold), sight.up(one.error_high or 0.0)) for one in bounded]
    lows = _risk(bounded, sight)
    if len(bounded) == 1:
        (x, top), (_, bottom) = highs[0], lows[0]
        return f"M{x - 3} {top}H{x + 3}V{bottom}H{x - 3}Z"
    return f"{_path([*highs, *reversed(lows)])}Z"


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in places)


def _uprights(result: TypeResult, sight: Sight) -> tuple[Upright, ...]:
    auto, proposed = result.auto, result.proposed
    if auto is not None and auto == proposed:
        return (_centred(_mark(auto, "in force and proposed", "proposed", sight), 1),)
    marks = [
        _mark(value, name, css, sight)
        for value, name, css in ((auto, "in force", "inforce"), (proposed, "proposed", "proposed"))
        if value is not None
    ]
    if len(marks) < 2:
        return tuple(_centred(one, 1) for one in marks)
    left, right = sorted(marks, key=lambda one: one.x)
    return _side_by_side(left, right) or (_centred(marks[0], 0), _centred(marks[1], 1))


def _mark(value: Threshold, name: str, css: str, sight: Sight) -> Upright:
    is_line = not isinstance(value, str)
    x = RIGHT if isinstance(value, str) else sight.across(value)
    return Upright(x, f"{name} {limit(value)}", css, is_line, x, 2 * _LINE - 1, "middle")


def _centred(mark: Upright, line: int) -> Upright:
    half = _width(mark) / 2
    middle = min(max(mark.x, half), WIDTH - half)
    return replace(mark, text_x=round(middle, 1), text_y=_LINE * (line + 1) - 1)


def _side_by_side(left: Upright, right: Upright) -> tuple[Upright, Upright] | None:
    """Both labels on one line, each on its own side; none where one would end up far from its mark."""
    start = min(right.x, WIDTH - _width(right))
    end = min(left.x, start - _LINE / 2)
    if end - _width(left) < 0 or left.x - end > 2 * _LINE:
        return None
    return replace(left, text_x=round(end, 1), anchor="end"), replace(
        right, text_x=round(start, 1), anchor="start"
    )


def _width(mark: Upright) -> float:
    return len(mark.label) * _LABEL[mark.css]


def _tested(curve: Sequence[CurvePoint], sight: Sight) -> Tested:
    begin, stop = first_tested(curve), first_failed(curve)
    passed = [one.threshold for one in curve if one.is_tested and one.passes]
    return Tested(
        start=sight.across(min(passed)) if passed else None,
        end=sight.across(begin.threshold) if passed and begin is not None else None,
        failed=sight.across(stop.threshold) if stop is not None else None,
    )


def _in_words(result: TypeResult, target: float) -> str:
    said = [
        f"Target {numbers.percent(target)}. In force {limit(result.auto)}, proposed {limit(result.proposed)}."
    ]
    wanted = [result.curve[0], result.curve[-1]]
    marked = (at(result.curve, one) for one in (result.auto, result.proposed))
    wanted += [one for one in marked if one is not None]
    by_threshold = {one.threshold: one for one in wanted}
    said += [_point_words(by_threshold[one]) for one in sorted(by_threshold, reverse=True)]
    return " ".join(said)


def _point_words(point: CurvePoint) -> str:
    error = (
        "the error is not known"
        if point.error is None
        else f"error {numbers.percent(point.error)}, at most {numbers.percent(point.error_high)}"
    )
    return f"At {limit(point.threshold)}: {error}; {numbers.percent(point.coverage)} of what could run alone does."
