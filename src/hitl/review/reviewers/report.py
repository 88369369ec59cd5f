"""From the counts of a log to what is said of each reviewer.

Every test of every reviewer is corrected together (Holm), so that `alarm_rate` is the chance of any false alarm in the
whole report.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hitl.decisions.counts import Counts, Table
from hitl.decisions.habits import Run
from hitl.review.reviewers.compare import Beside, levels, moves
from hitl.review.reviewers.notes import notes_of
from hitl.review.reviewers.parts import Reviewer, ReviewersReport, SignName
from hitl.review.reviewers.planted import Found, planted_signs
from hitl.review.reviewers.sides import Models, choose_models
from hitl.review.reviewers.signs import signs_of
from hitl.review.reviewers.tables import (
    Strata,
    acted,
    approvals,
    escalations,
    fast_approvals,
    overrides,
)


@dataclass(frozen=True, slots=True)
class ReviewersAsk:
    """What is asked of a log."""

    previous: str | None
    model: str | None
    alarm_rate: float
    confidence: float


def reviewers_report(
    counts: Counts, runs: Sequence[Run], ask: ReviewersAsk, sources: tuple[str, ...]
) -> ReviewersReport:
    """Return what a log shows of its reviewers; examples are added by whoever has the log.

    Args:
        counts: the reduction of the log.
        runs: longest runs of approvals; see `longest_runs`.
        ask: which models, and how sure.
        sources: names of the log.

    Raises:
        UsageError: models that the log does not have, or a choice that has to be made.
    """
    lines = acted(counts.reviewers)
    names = tuple(sorted({str(line["reviewer_id"]) for line in lines.by("reviewer_id").lines()}))
    models = choose_models(lines, ask.previous, ask.model)
    found = _found(counts, lines, names, models, ask)
    signs = signs_of(names, found, ask.alarm_rate)
    longest = {name: max((run.longest for run in runs if run.reviewer == name), default=0) for name in names}  # fmt: skip
    reviewers = [
        Reviewer(
            reviewer=name,
            pools=_pools(lines, name),
            n=lines.where(reviewer_id=name).n,
            longest_run=longest[name],
            signs=signs[name],
        )
        for name in names
    ]
    n_people = acted(counts.cells).n
    return ReviewersReport(
        sources=sources,
        previous=models.previous,
        model=models.model,
        alarm_rate=ask.alarm_rate,
        confidence=ask.confidence,
        n_tests=sum(sign.p_value is not None for own in signs.values() for sign in own),
        reviewers=tuple(sorted(reviewers, key=lambda one: (not one.alarms, one.reviewer))),
        n_unnamed=n_people - lines.n,
        is_hashed=False,
        notes=notes_of(models, len(names), n_people - lines.n),
    )


def _found(
    counts: Counts, lines: Table, names: tuple[str, ...], models: Models, ask: ReviewersAsk
) -> Mapping[SignName, Sequence[Beside | Found]]:
    strata = Strata(lines)
    now = lines.where(resolved_model=models.model) if models.model is not None else lines
    early, late = _halves(now)
    found: dict[SignName, Sequence[Beside | Found]] = {}
    if models.previous is not None:
        before = lines.where(resolved_model=models.previous)
        found[SignName.CHANGE] = moves(
            overrides(before, names, strata), overrides(now, names, strata), ask.confidence
        )
    found[SignName.DRIFT] = moves(
        overrides(early, names, strata), overrides(late, names, strata), ask.confidence
    )
    found[SignName.APPROVES] = levels(approvals(now, names, strata), ask.confidence)
    found[SignName.FAST] = levels(fast_approvals(now, names, strata), ask.confidence)
    found[SignName.ESCALATES] = levels(escalations(now, names, strata), ask.confidence)
    found[SignName.PLANTED] = planted_signs(counts.reviewers, names)
    return found


def _halves(lines: Table) -> tuple[Table, Table]:
    """Split at the day by which half of the decisions were made; rows without a day are in neither."""
    dated = sorted(
        (int(line["day"]), int(line["n"] or 0))
        for line in lines.by("day").lines()
        if line["day"] is not None
    )
    total, seen = sum(n for _, n in dated), 0
    for day, n in dated:
        if 2 * seen >= total and seen:
            return lines.between("day", 0, day), lines.between("day", day, 10**9)
        seen += n
    last = dated[-1][0] if dated else 0
    return lines.between("day", 0, last), lines.between("day", last, 10**9)


def _pools(lines: Table, name: str) -> tuple[str, ...]:
    found = (line["reviewer_pool"] for line in lines.where(reviewer_id=name).by("reviewer_pool").lines())  # fmt: skip
    return tuple(sorted(str(pool) for pool in found if pool is not None))
