"""Do people override what would turn out badly, and did that change? By odds: base rates move with a model."""

import numpy as np

from hitl.decisions.change.crude import grouped, missing, refused_change
from hitl.decisions.change.maturity import Mature
from hitl.decisions.change.metric import refused_metric
from hitl.decisions.change.parts import Change, MetricChange, SideLevel
from hitl.decisions.change.rows import Rows
from hitl.decisions.change.rules import ComparisonRules
from hitl.decisions.change.sample import Sample, by_cluster
from hitl.decisions.change.split import refused_split
from hitl.decisions.change.words import Cluster, Scale
from hitl.decisions.change.yardstick import Yardstick
from hitl.decisions.counts import Integers
from hitl.decisions.measures.group import DECIDED, OVERRIDDEN
from hitl.decisions.measures.measured import Basis, joined, rounded
from hitl.decisions.measures.words import Metric, Stand
from hitl.decisions.words import HumanAction, Outcome
from hitl.stats.association import association
from hitl.stats.association_clusters import clustered_association_change

_ALONE = "the limits of each side are as if decisions were independent"
_JUDGED = "what was overridden never ran, so its outcome is a judgement"
_WHOLE = "a ratio of odds is not taken apart: it does not move with how often people override"
_HAS = "that a person approved or overrode say how they turned out"


def _same(value: float) -> float:
    return value


ODDS = Yardstick(
    Metric.OUTCOME_LOG_ODDS, Cluster.REVIEWER, Scale.DIFFERENCE, 1, _same, _same
)  # fmt: skip


def odds_change(mature: Mature, rules: ComparisonRules) -> MetricChange:
    """Return the log odds ratio of override and bad outcome on both sides, and its change."""
    before, after = (_sample(one) for one in (mature.before, mature.after))
    n = before.n_all + after.n_all
    reason = mature.no_odds or missing(before, after, rules)
    if reason:
        return refused_metric(ODDS, reason, n)
    yardstick, note = grouped(ODDS, before, after, rules.coverage_floor)
    first, second = _tables(before, after, yardstick.cluster)
    levels = [
        _level(table.sum(axis=0), one, rules.confidence)
        for table, one in ((first, before), (second, after))
    ]
    found = clustered_association_change(first, second, rules.confidence)
    if found.difference is None:
        reason = f"too few decisions were overridden, approved, good or bad: {found.reason}"
        change = refused_change(reason, n)
    else:
        change = Change(
            stand=Stand.MEASURED,
            value=rounded(found.difference.estimate),
            low=rounded(found.difference.low),
            high=rounded(found.difference.high),
            method=found.difference.method,
            n=n,
            n_clusters=int(((first + second).sum(axis=(1, 2)) > 0).sum()),
        )
    return MetricChange(
        metric=yardstick.metric,
        unit=yardstick.unit,
        scale=yardstick.scale,
        cluster=yardstick.cluster,
        reason=joined(note, _JUDGED, _ALONE),
        before=levels[0],
        after=levels[1],
        crude=change,
        split=refused_split(_WHOLE),
    )


def _sample(rows: Rows) -> Sample:
    decided = rows.chosen(rows.is_one_of("human_action", *DECIDED))
    known = decided.chosen(decided.has("outcome"))
    basis = Basis(
        decided.n, known.n, _HAS, "a person approved or overrode no decision that is old enough"
    )
    return Sample.of_hits(known, known.has("outcome"), basis)


def _tables(before: Sample, after: Sample, kind: Cluster) -> tuple[Integers, Integers]:
    """Counts by cluster, override and approve, bad and good."""
    cells = []
    for actions in (OVERRIDDEN, (HumanAction.APPROVE,)):
        for outcome in (Outcome.BAD, Outcome.GOOD):
            sides = [_cell(one, actions, outcome) for one in (before, after)]
            cells.append([sums for sums, _ in by_cluster(sides[0], sides[1], kind)])
    first, second = (
        np.stack([cell[side] for cell in cells], axis=1).reshape(-1, 2, 2) for side in (0, 1)
    )
    return first, second


def _cell(sample: Sample, actions: tuple[HumanAction, ...], outcome: Outcome) -> Sample:
    rows = sample.rows
    hit = rows.is_one_of("human_action", *actions) & rows.is_one_of("outcome", outcome)
    return Sample.of_hits(rows, hit, sample.basis)


def _level(table: Integers, sample: Sample, confidence: float) -> SideLevel | None:
    interval = association(table, confidence).log_odds_ratio
    if interval is None:
        return None
    return SideLevel(
        value=float(f"{interval.estimate:.12g}"),
        low=rounded(interval.low),
        high=rounded(interval.high),
        n=sample.n_all,
        population=sample.basis.population,
        unattributed=rounded(sample.basis.unattributed) or 0.0,
    )
