"""Risk and coverage by threshold: what each would mean for errors, people and volume."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hitl.decisions.counts import Table
from hitl.decisions.measures.measured import rounded
from hitl.recalibrate.ladder import Ladder
from hitl.recalibrate.parts import CurvePoint
from hitl.recalibrate.scores import GRAIN
from hitl.recalibrate.terms import Terms
from hitl.recalibrate.threshold import Finding
from hitl.stats.fixed_sequence import Step

_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Pace:
    """How much there is to decide, and how long people take."""

    n: int
    """Decisions of the type."""
    n_eligible: int
    """Those that could run alone."""
    weeks: float | None
    """Weeks that they cover."""
    review_ms: float | None
    """Mean time that a person takes."""

    @classmethod
    def of(cls, typed: Table, weeks: float | None) -> "Pace":
        """Return the pace of the decisions of one type and model."""
        timed = typed.total("n_review_ms")
        mean = typed.total("sum_review_ms") / timed if timed else None
        return cls(typed.n, typed.where(eligible=1).n, weeks, mean)

    def hours_per_week(self, n_alone: int) -> float | None:
        """Return how long people work in a week on what does not run alone."""
        if self.weeks is None or self.review_ms is None:
            return None
        return (self.n - n_alone) * self.review_ms / _HOUR_MS / self.weeks


def curve_points(
    ladder: Ladder, finding: Finding, pace: Pace, terms: Terms
) -> tuple[CurvePoint, ...]:
    """Return a point for each threshold of a ladder, from high to low.

    Where labels speak for nothing, errors are not said. Planted errors that people missed raise both the rate and its
    limit.

    Args:
        ladder: the counts; that of the finding, or one with more thresholds.
        finding: which thresholds were tested, and whether labels speak.
        pace: of the decisions of the type.
        terms: the chance behind the limits.
    """
    if not pace.n_eligible:
        return ()
    return tuple(_points(ladder, finding, pace, terms))


def _points(ladder: Ladder, finding: Finding, pace: Pace, terms: Terms) -> Iterator[CurvePoint]:
    is_silent = bool(ladder.labelling.refusal)
    rates, limits = ladder.rates(), ladder.limits(terms.delta)
    n_all, n, k = ladder.n_all.tolist(), ladder.n.tolist(), ladder.k.tolist()
    tested = _steps(finding)
    for at, threshold in enumerate(ladder.thresholds.tolist()):
        is_known = not (is_silent or np.isnan(rates[at])) and terms.detected > 0.0
        error = min(1.0, float(rates[at]) / terms.detected) if is_known else None
        high = (
            min(1.0, float(limits[at]) / terms.detection) if is_known and terms.detection else None
        )
        per_week = n_all[at] / pace.weeks if pace.weeks else None
        step = tested.get(threshold)
        misses = per_week * error if per_week is not None and error is not None else None
        yield CurvePoint(
            threshold=threshold / GRAIN,
            n_all=n_all[at],
            n=n[at],
            k=k[at],
            error=rounded(error),
            error_high=rounded(high),
            coverage=n_all[at] / pace.n_eligible,
            escalation=1.0 - n_all[at] / pace.n,
            per_week=rounded(per_week),
            misses_per_week=rounded(misses),
            reviewer_hours_per_week=rounded(pace.hours_per_week(n_all[at])),
            is_tested=step is not None and step.is_tested,
            passes=step is not None and step.passes,
        )


def _steps(finding: Finding) -> dict[int, Step]:
    """Return the steps of a test by threshold."""
    if finding.ladder is None or finding.sequence is None:
        return {}
    thresholds = finding.ladder.thresholds.tolist()
    found = dict(zip(thresholds, finding.sequence.steps, strict=True))
    if finding.threshold is not None and finding.sequence.chosen is not None:
        found[finding.threshold] = finding.sequence.steps[finding.sequence.chosen]
    return found
