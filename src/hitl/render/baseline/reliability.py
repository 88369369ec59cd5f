"""The reliability diagram as plain numbers: what confidence said, and how often it was right."""

from dataclasses import dataclass

from hitl.decisions.measures.parts import Calibration, ReliabilityBin
from hitl.render.baseline.numbers import score
from hitl.render.numbers import is_known, percent, percent_range

LEFT = 46
TOP = 10
SIDE = 260
BARS = 56
"""Height of the bars below the plot."""
GAP = 14
WIDTH = LEFT + SIDE + 14
HEIGHT = TOP + SIDE + GAP + BARS + 38
_NARROWEST = 2.0


@dataclass(frozen=True, slots=True)
class Point:
    """Share right at a confidence, with its interval."""

    x: float
    y: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Bar:
    """How many decisions have a confidence."""

    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Diagram:
    """One drawn calibration."""

    title: str
    description: str
    points: tuple[Point, ...]
    bars: tuple[Bar, ...]
    most: int
    """Decisions of the highest bar."""


def reliability(part: Calibration, name: str) -> Diagram:
    """Return the diagram of a group."""
    most = max((one.n_decisions for one in part.bins), default=0)
    return Diagram(
        title=f"Confidence and share right: {name}",
        description=_in_words(part),
        points=tuple(point for one in part.bins if (point := _point(one)) is not None),
        bars=tuple(_bar(one, most) for one in part.bins if one.n_decisions),
        most=most,
    )


def across(confidence: float) -> float:
    """Return the x of a confidence."""
    return round(LEFT + _inside(confidence) * SIDE, 1)


def up(right: float) -> float:
    """Return the y of a share right."""
    return round(TOP + (1 - _inside(right)) * SIDE, 1)


def bin_said(one: ReliabilityBin) -> str:
    """Return the confidence of a bin."""
    return f"{one.low:.2f} to {one.high:.2f}"


def bin_right(one: ReliabilityBin) -> str:
    """Return the share right of a bin with its interval, or that there is no label."""
    if not is_known(one.right):
        return "not said: no label" if not one.n else "not said"
    return f"{percent(one.right)}, {percent_range(one.right_low, one.right_high)}"


def _point(one: ReliabilityBin) -> Point | None:
    if one.right is None or not (is_known(one.right) and is_known(one.said)):
        return None
    low, high = (
        up(end) if end is not None and is_known(end) else None
        for end in (one.right_low, one.right_high)
    )
    return Point(across(one.said), up(one.right), low, high)


def _bar(one: ReliabilityBin, most: int) -> Bar:
    start, end = across(one.low), across(one.high)
    height = round(max(1.0, BARS * one.n_decisions / most), 1)
    floor = TOP + SIDE + GAP + BARS
    return Bar(
        start + 1, round(max(end - start - 2, _NARROWEST), 1), round(floor - height, 1), height
    )


def _in_words(part: Calibration) -> str:
    said = [
        f"confidence {score(one.said)}: {bin_right(one)}, n = {one.n:,}"
        for one in part.bins
        if one.n
    ]
    return "; ".join(said) + "." if said else "No decision has both a confidence and a label."


def _inside(share: float) -> float:
    return min(max(share, 0.0), 1.0)
