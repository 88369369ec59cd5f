"""The baseline of a decision log: every metric of every group, or why there is none."""

from collections.abc import Mapping

import numpy as np

from hitl.decisions.counts import Counts
from hitl.decisions.measures.actions import action_measures, detection, satisfaction
from hitl.decisions.measures.attribution import key_basis, unnamed_pools
from hitl.decisions.measures.baseline import Baseline
from hitl.decisions.measures.confidence import confidence_measures
from hitl.decisions.measures.cutting import Tables, choose, cut
from hitl.decisions.measures.doubt import doubts
from hitl.decisions.measures.escape import escape_measures, routing_measures
from hitl.decisions.measures.feedback import feedback_used
from hitl.decisions.measures.group import OVERRIDDEN, GroupCounts
from hitl.decisions.measures.lanes import lane_measures
from hitl.decisions.measures.log_part import days_of, log_part
from hitl.decisions.measures.measured import Basis, joined, refused
from hitl.decisions.measures.met import target_parts
from hitl.decisions.measures.money import cost_per_corrected
from hitl.decisions.measures.outcomes import outcome_measures
from hitl.decisions.measures.parts import Calibration, Group, Measured
from hitl.decisions.measures.quality import type_measures, weighted_false_positives
from hitl.decisions.measures.rules import BaselineRules, Key, LogFacts
from hitl.decisions.measures.times import time_measures
from hitl.decisions.measures.words import Metric
from hitl.manifest.alias import is_alias


def measure_baseline(
    counts: Counts, facts: LogFacts, rules: BaselineRules, rng: np.random.Generator
) -> Baseline:
    """Measure what people and model did, whole and by group; pure.

    Args:
        counts: of the log, or of some days of it.
        facts: what is known of the log beside them.
        rules: confidence, floor, groups and targets.
        rng: a seeded generator, for the bands of the calibration errors.
    """
    span = days_of(counts.cells.where(seeded=0))
    last_day = facts.last_day if facts.last_day is not None else (span or (0, 0))[1]
    tables = Tables.of(counts, last_day, rules)
    chosen = choose(tables, rules)
    real = tables.cells.where(seeded=0)
    faults = {key: _key_fault(key_basis(real, key), rules) for key in rules.by}
    pools = unnamed_pools(real, rules.coverage_floor)
    whole = next(cut(tables, (), [()], rules))
    groups = []
    for keys, wanted in chosen.groups.items():
        for group in cut(tables, keys, wanted, rules):
            reason = joined(*(faults[key] for key in keys), _alias(group.by))
            groups.append(_refused(group, reason) if reason else _measured(group, pools, rng))
    overrides = real.where(human_action=OVERRIDDEN).n
    feedback = feedback_used(facts, span, overrides)
    found = {one.metric: one for one in groups[0].measures}
    return Baseline(
        format="hitl/baseline/v1",
        hitl_version=facts.hitl_version,
        created_at=facts.created_at,
        log=log_part(counts, tables, facts, rules),
        confidence=rules.confidence,
        coverage_floor=rules.coverage_floor,
        seed=rules.seed,
        policy=facts.policy,
        hourly_cost_usd=rules.hourly_cost_usd,
        outcome_maturity_days=rules.outcome_maturity_days,
        targets=tuple(target_parts(found, feedback, doubts(whole, found, facts), rules)),
        groups=tuple(groups),
        n_groups_left_out=chosen.n_left_out,
    )


def _measured(group: GroupCounts, unnamed_pool: str, rng: np.random.Generator) -> Group:
    scored, calibration = confidence_measures(group, rng)
    found = [
        *action_measures(group),
        *lane_measures(group, unnamed_pool=unnamed_pool),
        *escape_measures(group),
        detection(group),
        *time_measures(group),
        satisfaction(group),
        *type_measures(group),
        *routing_measures(group),
        weighted_false_positives(group),
        cost_per_corrected(group),
        *scored,
        *outcome_measures(group),
    ]
    return _group(group, {one.metric: one for one in found}, calibration)


def _refused(group: GroupCounts, reason: str) -> Group:
    basis = Basis(group.n, group.n, "")
    return _group(group, {metric: refused(metric, basis, reason) for metric in Metric}, None)


def _group(
    group: GroupCounts, found: Mapping[Metric, Measured], calibration: Calibration | None
) -> Group:
    return Group(
        by=dict(group.by),
        n=group.n,
        measures=tuple(found[metric] for metric in Metric),
        calibration=calibration,
    )


def _key_fault(basis: Basis, rules: BaselineRules) -> str:
    return basis.refusal(rules.coverage_floor)


def _alias(by: Mapping[str, str | None]) -> str:
    model = by.get(Key.RESOLVED_MODEL)
    return "an alias is no version: it can move, so no number belongs to it" if model and is_alias(model, None) else ""  # fmt: skip
