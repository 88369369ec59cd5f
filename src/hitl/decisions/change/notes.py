"""What limits a comparison as a whole: said once, in words."""

from collections.abc import Iterator

import numpy as np

from hitl.decisions.change.alike import Known, differ
from hitl.decisions.change.days import day_text
from hitl.decisions.change.parts import SidePart
from hitl.decisions.change.rows import Rows
from hitl.decisions.change.rules import MOST_APART, ComparedLog, ComparisonRules
from hitl.decisions.change.side import Sides
from hitl.decisions.change.words import SideBasis
from hitl.decisions.counts import MISSING, Table
from hitl.decisions.measures.group import ALONE, FIRST
from hitl.decisions.measures.measured import only, percent
from hitl.decisions.measures.words import Metric
from hitl.decisions.words import HumanAction

_MOST_NAMED = 5
_FEW_DAYS = 5
_TWINS = 0.001
"""Share of rows that fall together by chance where times are cut to milliseconds."""


def notes_of(
    sides: Sides,
    parts: tuple[SidePart, SidePart],
    counted: tuple[int, int],
    rows: tuple[Rows, Rows],
    rules: ComparisonRules,
) -> tuple[str, ...]:
    """Return what a reader must know before any of the numbers.

    Args:
        sides: how the sides were chosen.
        parts: what they are.
        counted: decisions of the log, and reviewers who stand on both sides.
        rows: their decisions.
        rules: how they are compared.
    """
    n, n_common = counted
    found = [sides.note] if sides.note else []
    n_neither = n - sum(part.n for part in parts)
    if n_neither:
        found.append(f"{n_neither:,} of {n:,} decisions stand on neither side")
    found += _of_time(sides, parts)
    found += _of_models(sides, parts)
    if not n_common and all(part.n_reviewers for part in parts):
        found.append("no reviewer stands on both sides: a change may be one of people")
    found += _of_lanes(rows, rules.coverage_floor)
    found += _of_timeouts(rows, rules)
    return tuple(found)


def log_notes(log: ComparedLog, cells: Table, n_days: int) -> Iterator[str]:
    """Yield what the rows themselves leave open; more values than days are no versions but something of each row."""
    for one in log.versions:
        if 1 < one.n_values <= max(n_days, _FEW_DAYS):
            yield f"{one.n_values:,} values of {one.column}, the newest since {day_text(one.last_new_day)}: what came with it is part of every change"
    if log.n_nameless:
        yield f"{log.n_nameless:,} rows have no decision_id: one decision that stands twice there counts twice"
    if log.n_twins > _TWINS * cells.n:
        yield f"{log.n_twins:,} rows equal another one in all but the id: the same decision under two ids counts twice"
    bins = cells.keys["confidence_bin"]
    if np.any(bins != MISSING) and bins.max() <= 1:
        yield "no confidence lies above 0.02: is its unit in the mapping the right one?"
    if log.n_aside:
        yield f"{log.n_aside:,} rows are set aside by `only` of the mapping"


def waiting_reason(metric: Metric, rows: tuple[Rows, Rows], floor: float) -> str:
    """Return why reviews cannot be counted: actions that nobody wrote down would look like none."""
    if metric is not Metric.SYNC_REVIEW_RATE:
        return ""
    for name, one in zip(("before", "after"), rows, strict=True):
        first = one.chosen(one.is_one_of("lane", *FIRST))
        known = first.chosen(first.has("human_action")).n
        if first.n and known < floor * first.n:
            return f"{name}: {only(known, first.n, 'decisions')} sent to a person say what the person did"
    return ""


def watched_note(metric: Metric, rows: tuple[Rows, Rows]) -> str:
    """Return how much more or less is looked at after it ran alone, where that moves what is changed."""
    if metric is not Metric.AUTO_RESOLVE_RATE:
        return ""
    shares = []
    for one in rows:
        alone = one.chosen(one.is_one_of("lane", *ALONE))
        shares.append(alone.chosen(alone.has("human_action")).n / alone.n if alone.n else 0.0)
    if abs(shares[1] - shares[0]) <= MOST_APART:
        return ""
    seen = f"a person saw {percent(shares[0])} before and {percent(shares[1])} after"
    return f"of decisions that ran alone {seen}: the more are seen, the more are changed"


def _of_time(sides: Sides, parts: tuple[SidePart, SidePart]) -> Iterator[str]:
    first, second = parts
    if sides.basis is SideBasis.PERIODS:
        return
    if None in (first.first_day, first.last_day, second.first_day, second.last_day):
        yield "not every decision says when it was made: whether both sides are of one time is not known"
    elif (first.last_day or "") < (second.first_day or "") or (second.last_day or "") < (first.first_day or ""):  # fmt: skip
        yield "the models never answered on the same day: what else changed meanwhile is part of every change"


def _of_models(sides: Sides, parts: tuple[SidePart, SidePart]) -> Iterator[str]:
    if sides.basis is not SideBasis.PERIODS:
        return
    for name, part in zip(("before", "after"), parts, strict=True):
        if len(part.models) > 1:
            yield f"{name}: {len(part.models):,} models answered, or some rows name none"
        vague = [one.resolved_model for one in part.models if one.is_alias and one.resolved_model]
        if vague:
            yield f"{name}: {', '.join(vague[:_MOST_NAMED])} is an alias and no version: the model may have moved within the period"
        if any(one.resolved_model is None for one in part.models):
            yield f"{name}: not every decision names the model that answered"


def _of_timeouts(rows: tuple[Rows, Rows], rules: ComparisonRules) -> Iterator[str]:
    """What nobody came to in time may be what would have been overridden."""
    known = []
    for one in rows:
        asked = one.chosen(one.has("human_action"))
        late = asked.chosen(asked.is_one_of("human_action", HumanAction.TIMEOUT))
        known.append(Known(late.n, asked.n))
    told = differ("of decisions sent to a person timed out", known[0], known[1], rules)
    if told:
        yield f"{told}: rates of what people did speak for the rest alone"


def _of_lanes(rows: tuple[Rows, Rows], floor: float) -> Iterator[str]:
    for name, one in zip(("before", "after"), rows, strict=True):
        n = int(one.sums["n"][one.has("lane")].sum())
        if n < floor * one.n:
            yield f"{name}: {only(n, one.n, 'decisions')} name the lane: rates of what people did speak for those with a human action, and decisions that waited in vain are not seen"
