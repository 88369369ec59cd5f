"""Declared shifts against measured ones, and the shifts that nobody declared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hitl.manifest.release import Direction, ExpectedDelta
from hitl.score.subset import SubsetScore
from hitl.stats.bootstrap import MeasureComparison
from hitl.stats.interval import Interval
from hitl.stats.multiple import benjamini_hochberg

NOTABLE_RATIO = 0.10
"""A measure that moved by less than this share is not reported as a shift, however certain."""

PASS_RATE = "pass_rate"


@dataclass(frozen=True, slots=True)
class DeltaResult:
    """One declared shift, checked."""

    declared: ExpectedDelta
    measured: float | None
    low: float | None
    high: float | None
    met: bool | None
    message: str


@dataclass(frozen=True, slots=True)
class ShiftResult:
    """A shift beyond chance that nobody declared."""

    measure: str
    subset: str | None
    direction: Direction
    previous: float | None
    candidate: float | None
    p_value: float | None
    message: str


Comparisons = Mapping[tuple[str | None, str], MeasureComparison | None]
"""What each measure shows, by (subset or None for all cases, measure)."""


def check_delta(
    delta: ExpectedDelta, scores: Mapping[str, SubsetScore], comparisons: Comparisons
) -> DeltaResult:
    """Check one declared shift against what was measured.

    With a lower limit, or none, the shift must be there beyond chance in the declared direction.
    With an upper limit only, it must not exceed it nor go the other way beyond chance.
    """
    place = f"{delta.measure} of {delta.subset or 'all cases'}"
    difference, ratio = _measured(delta, scores, comparisons)
    if difference is None:
        why = (
            "a pass rate needs its subset"
            if delta.measure == PASS_RATE and not delta.subset
            else "not measured"
        )
        return DeltaResult(delta, None, None, None, None, f"{place}: {why}, so not met")
    sign = 1 if delta.direction is Direction.UP else -1
    in_direction = difference.low > 0 if sign > 0 else difference.high < 0
    against = difference.high < 0 if sign > 0 else difference.low > 0
    needs_proof = (
        delta.at_least is not None or delta.at_least_ratio is not None or not _upper_limits(delta)
    )
    met = (in_direction if needs_proof else not against) and _within(
        delta, sign * difference.estimate, ratio
    )
    wants_ratio = ratio is not None and (
        delta.at_least_ratio is not None or delta.at_most_ratio is not None
    )
    shown = ratio if wants_ratio and ratio is not None else difference
    seen = f"{shown.estimate:+.4g}" if shown is difference else f"x {shown.estimate:.3g}"
    message = f"{place}: declared {_said(delta)}; measured {seen} [{shown.low:.4g}, {shown.high:.4g}] (n = {shown.n})"
    return DeltaResult(
        delta,
        shown.estimate,
        shown.low,
        shown.high,
        met,
        f"{message}: {'met' if met else 'not met'}",
    )


def undeclared_shifts(
    declared: Sequence[ExpectedDelta],
    scores: Mapping[str, SubsetScore],
    comparisons: Comparisons,
    confidence: float,
) -> tuple[ShiftResult, ...]:
    """Return every shift beyond chance that no declaration covers, pass rates first."""
    found = [*_rate_shifts(scores, confidence), *_measure_shifts(comparisons)]
    return tuple(shift for shift in found if not any(_covers(delta, shift) for delta in declared))


def _covers(delta: ExpectedDelta, shift: ShiftResult) -> bool:
    """Whether a declaration speaks of a shift: of its subset, of all cases, or of a part of all cases."""
    is_same = (delta.measure, delta.direction) == (shift.measure, shift.direction)
    return is_same and (delta.subset in (None, shift.subset) or shift.subset is None)


def _measured(
    delta: ExpectedDelta, scores: Mapping[str, SubsetScore], comparisons: Comparisons
) -> tuple[Interval | None, Interval | None]:
    if delta.measure == PASS_RATE:
        score = scores.get(delta.subset or "")
        return (score.comparison.difference if score and not score.missing_cases else None), None
    comparison = comparisons.get((delta.subset, delta.measure))
    return (comparison.increase, comparison.ratio) if comparison else (None, None)


def _upper_limits(delta: ExpectedDelta) -> bool:
    return delta.at_most is not None or delta.at_most_ratio is not None


def _within(delta: ExpectedDelta, size: float, ratio: Interval | None) -> bool:
    """Whether the point estimate respects every limit; a ratio that cannot be formed respects none."""
    if delta.at_least is not None and size < delta.at_least:
        return False
    if delta.at_most is not None and size > delta.at_most:
        return False
    if delta.at_least_ratio is not None and (
        ratio is None or ratio.estimate < delta.at_least_ratio
    ):
        return False
    return delta.at_most_ratio is None or (
        ratio is not None and ratio.estimate <= delta.at_most_ratio
    )


def _said(delta: ExpectedDelta) -> str:
    limits = {
        "at least": delta.at_least,
        "at most": delta.at_most,
        "at least x": delta.at_least_ratio,
        "at most x": delta.at_most_ratio,
    }
    stated = [f"{word} {limit:g}" for word, limit in limits.items() if limit is not None]
    return " ".join([delta.direction.value, *stated])


def _rate_shifts(scores: Mapping[str, SubsetScore], confidence: float) -> list[ShiftResult]:
    tested = [
        (score, score.comparison.p_value) for score in scores.values() if not score.missing_cases
    ]
    known = [(score, p) for score, p in tested if p is not None]
    found = []
    for (score, _), p in zip(known, benjamini_hochberg([p for _, p in known]), strict=True):
        if p <= 1 - confidence and (difference := score.comparison.difference):
            before, after = score.previous.interval, score.candidate.interval
            direction = Direction.UP if difference.estimate > 0 else Direction.DOWN
            message = (
                f"pass rate of {score.id} went {direction} by {abs(difference.estimate) * 100:.1f} points "
                f"[{difference.low * 100:+.1f}, {difference.high * 100:+.1f}] (n = {score.n_cases}, p = {p:.2g})"
            )
            rates = (before.estimate if before else None, after.estimate if after else None)
            found.append(ShiftResult(PASS_RATE, score.id, direction, *rates, p, message))
    return found


def _measure_shifts(comparisons: Comparisons) -> list[ShiftResult]:
    found = []
    for (subset, measure), comparison in comparisons.items():
        ratio = comparison.ratio if comparison else None
        if (
            subset is not None
            or comparison is None
            or ratio is None
            or ratio.low <= 1 <= ratio.high
        ):
            continue
        if abs(ratio.estimate - 1) >= NOTABLE_RATIO:
            direction = Direction.UP if ratio.estimate > 1 else Direction.DOWN
            message = (
                f"{comparison.statistic} {measure} went {direction}: {comparison.previous:.4g} to {comparison.candidate:.4g}, "
                f"x {ratio.estimate:.3g} [{ratio.low:.3g}, {ratio.high:.3g}] (n = {ratio.n})"
            )
            found.append(
                ShiftResult(
                    measure,
                    None,
                    direction,
                    comparison.previous,
                    comparison.candidate,
                    None,
                    message,
                )
            )
    return found
