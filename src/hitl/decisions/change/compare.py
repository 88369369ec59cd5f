"""From the counts of a log to the comparison of its two sides."""

import numpy as np

from hitl.decisions.change.comparison import LogComparison
from hitl.decisions.change.days import Period, day_text, first_and_last
from hitl.decisions.change.escape import ESCAPE, escape_change
from hitl.decisions.change.maturity import Mature, matured
from hitl.decisions.change.means import MEANS, mean_sample
from hitl.decisions.change.metric import metric_change, refused_metric
from hitl.decisions.change.notes import log_notes, notes_of, waiting_reason, watched_note
from hitl.decisions.change.odds import odds_change
from hitl.decisions.change.parts import MetricChange, SidePart
from hitl.decisions.change.rows import Rows, rows_of
from hitl.decisions.change.rules import ComparedLog, ComparisonRules
from hitl.decisions.change.shares import SHARES, ShareRule
from hitl.decisions.change.shift import shifts
from hitl.decisions.change.side import Side, Sides, Wanted, choose_sides, models_told
from hitl.decisions.change.yardstick import share_yardstick
from hitl.decisions.counts import MISSING, Counts, Table
from hitl.decisions.measures.parts import ModelPart
from hitl.decisions.measures.words import Metric
from hitl.errors import EvidenceError
from hitl.manifest.alias import is_alias

_ORDER = list(Metric)


def compare_log(
    counts: Counts, wanted: Wanted, rules: ComparisonRules, log: ComparedLog
) -> LogComparison:
    """Compare two model versions or two periods of a log.

    Planted errors count for neither side. The order of the log's rows changes nothing.

    Raises:
        UsageError: the sides cannot be told from what was asked for.
        EvidenceError: a side has no decision, or too few decisions say to which side they belong.
    """
    cells = counts.cells.where(seeded=0)
    sides = choose_sides(cells, wanted, rules.coverage_floor)
    before, after = rows_of(counts, sides.before), rows_of(counts, sides.after)
    _check_filled(cells, sides, before, after)
    parts = [
        _side_part(side, side.of(cells), rows)
        for side, rows in ((sides.before, before), (sides.after, after))
    ]
    whole = first_and_last(cells)
    mature = matured(before, after, whole[1] if whole else None, rules)
    metrics = [_share(rule, before, after, mature, rules) for rule in SHARES]
    metrics += [
        metric_change(
            kind, mean_sample(before, amount, has), mean_sample(after, amount, has), rules
        )
        for kind, amount, has in MEANS
    ]
    old = Period(0, whole[1] - rules.maturity_days) if whole else Period(0, -1)
    metrics += [_escape(cells, sides, old, mature, rules), odds_change(mature, rules)]
    common = _common(before, after)
    n_days = whole[1] - whole[0] + 1 if whole else 0
    notes = notes_of(sides, (parts[0], parts[1]), (cells.n, common), (before, after), rules)
    return LogComparison(
        format="hitl/log-comparison/v1",
        hitl_version=log.hitl_version,
        created_at=log.created_at,
        sources=log.sources,
        n=cells.n,
        basis=sides.basis,
        before=parts[0],
        after=parts[1],
        n_reviewers_common=common,
        confidence=rules.confidence,
        coverage_floor=rules.coverage_floor,
        maturity=mature.part,
        metrics=tuple(sorted(metrics, key=lambda one: _ORDER.index(one.metric))),
        shifts=shifts(before, after, rules),
        notes=(*notes, *log_notes(log, cells, n_days)),
    )


def _share(
    rule: ShareRule, before: Rows, after: Rows, mature: Mature, rules: ComparisonRules
) -> MetricChange:
    yardstick = share_yardstick(rule.metric, rule.cluster)
    if not rule.needs_maturity:
        rows = before, after
        reason = waiting_reason(rule.metric, rows, rules.coverage_floor)
        if reason:
            return refused_metric(yardstick, reason, before.n + after.n)
        note = watched_note(rule.metric, rows)
        return metric_change(yardstick, rule.sample(before), rule.sample(after), rules, note)
    samples = rule.sample(mature.before), rule.sample(mature.after)
    of_labels = rule.metric is Metric.LABELLED_ERROR_RATE
    reason = mature.no_labels if of_labels else mature.no_outcomes
    if reason:
        return refused_metric(yardstick, reason, samples[0].n_all + samples[1].n_all)
    note = "it speaks for decisions with a label and for no other" if of_labels else ""
    return metric_change(yardstick, *samples, rules, note)


def _escape(
    cells: Table, sides: Sides, old: Period, mature: Mature, rules: ComparisonRules
) -> MetricChange:
    if mature.young:
        return refused_metric(ESCAPE, mature.young, 0)
    is_old = Side(period=old)
    return escape_change(is_old.of(sides.before.of(cells)), is_old.of(sides.after.of(cells)), rules)


def _check_filled(cells: Table, sides: Sides, before: Rows, after: Rows) -> None:
    days = first_and_last(cells)
    spans = f"{day_text(days[0])} to {day_text(days[1])}" if days else "no day"
    for name, side, rows in (("before", sides.before, before), ("after", sides.after, after)):
        if not rows.n:
            raise EvidenceError(
                f"no decision stands {name} ({side}); the log has {cells.n:,} decisions, {spans}, of {models_told(cells)}"
            )


def _side_part(side: Side, cells: Table, rows: Rows) -> SidePart:
    days = first_and_last(cells)
    return SidePart(
        model=side.model,
        n=rows.n,
        first_day=day_text(days[0]) if days else None,
        last_day=day_text(days[1]) if days else None,
        n_reviewers=len(_people(rows)),
        models=_models(cells),
    )


def _models(cells: Table) -> tuple[ModelPart, ...]:
    parts = []
    for name in (None, *cells.words.get("resolved_model", ())):
        some = cells.where(resolved_model=name)
        if not some.n:
            continue
        days = first_and_last(some)
        parts.append(
            ModelPart(
                resolved_model=name,
                n=some.n,
                first_day=day_text(days[0]) if days else None,
                last_day=day_text(days[1]) if days else None,
                is_alias=name is not None and is_alias(name, None),
            )
        )
    return tuple(sorted(parts, key=lambda one: (-one.n, one.resolved_model or "")))


def _people(rows: Rows) -> set[int]:
    return {int(code) for code in np.unique(rows.keys["person"])} - {MISSING}


def _common(before: Rows, after: Rows) -> int:
    return len(_people(before) & _people(after))
