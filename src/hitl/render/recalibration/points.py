"""Points of a curve: the one at a threshold, and the few that a table shows."""

from collections.abc import Sequence

from hitl.recalibrate.parts import CurvePoint, Threshold, TypeResult

MOST_ROWS = 15
_GRAIN = 1e-4
"""Thresholds are whole ten-thousandths; one between two of them is the same as the upper."""
_NOISE = 1e-9


def at(curve: Sequence[CurvePoint], threshold: Threshold | None) -> CurvePoint | None:
    """Return the point at a threshold; none where the curve does not have it."""
    if threshold is None or threshold == "never":
        return None
    return next(
        (one for one in curve if -_NOISE < one.threshold - threshold < _GRAIN - _NOISE), None
    )


def share_alone(curve: Sequence[CurvePoint], threshold: Threshold | None) -> float | None:
    """Return the share that runs alone at a threshold, of decisions that could; none where the curve does not say."""
    if threshold == "never":
        return 0.0
    point = at(curve, threshold)
    return None if point is None else point.coverage


def first_failed(curve: Sequence[CurvePoint]) -> CurvePoint | None:
    """Return the point at which the test stopped; none where it stopped nowhere."""
    return next((one for one in curve if one.is_tested and not one.passes), None)


def first_tested(curve: Sequence[CurvePoint]) -> CurvePoint | None:
    """Return the point at which the test began; none where there was no test."""
    return next((one for one in curve if one.is_tested), None)


def marks(result: TypeResult, point: CurvePoint) -> tuple[str, ...]:
    """Return what a point is, beside a point: in force, proposed, where the test began or stopped."""
    proposed, auto = at((point,), result.proposed), at((point,), result.auto)
    said = {
        "in force and proposed": proposed is not None and auto is not None,
        "proposed": proposed is not None and auto is None,
        "in force": auto is not None and proposed is None,
        "test begins": point is first_tested(result.curve),
        "test stops": point is first_failed(result.curve),
    }
    return tuple(name for name, holds in said.items() if holds)


def thinned(result: TypeResult, most: int = MOST_ROWS) -> tuple[CurvePoint, ...]:
    """Return at most so many points, from high to low: both ends, every point that is something, and others evenly."""
    curve = result.curve
    if len(curve) <= most:
        return curve
    kept = {0, len(curve) - 1, *(place for place, one in enumerate(curve) if marks(result, one))}
    free = [place for place in range(len(curve)) if place not in kept]
    room = most - len(kept)
    kept.update(free[(2 * step + 1) * len(free) // (2 * room)] for step in range(max(0, room)))
    return tuple(curve[place] for place in sorted(kept))
