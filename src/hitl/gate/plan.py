"""What a release would run, and what each of its subsets can and cannot see, before a single reply."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hitl.gate.authority import implied_classes
from hitl.gate.identity import is_alias
from hitl.gate.plan_cost import CostPlan, CostRange, Quotes, cost_assumptions, plan_cost
from hitl.gate.plan_forecast import forecast_plan
from hitl.golden.case import Case, Severity
from hitl.golden.expectation import FieldRule, OutcomeRule, PostureRule, SchemaRule, ToolRule
from hitl.manifest.criteria import Criterion, Facts, answer_criteria, needs_gate
from hitl.manifest.gate_class import Authority, GateClass
from hitl.run.inputs import ReleaseInputs
from hitl.score.suite import Suite, SuiteSubset
from hitl.stats.power import cases_to_prove, detectable_drop, noninferiority_power
from hitl.stats.sequential import level_of_repeated_tests

CHURN = 0.05
"""Share of cases that two equally good models are assumed to answer differently, when nothing is known."""

_POWER = (
    f"power figures assume that two equally good models answer {CHURN:.0%} of the cases differently"
)

LOOKS = (1, 2, 5, 10)
"""How often a team may look at the same gate before it says yes."""


@dataclass(frozen=True, slots=True)
class MarginPlan:
    """What one gate class of one subset can show."""

    subset: str
    authority: Authority
    rule: str
    """What is asked, such as `margin 5.0%`."""
    n_cases: int
    n_clusters: int
    margin: float | None
    cases_needed: int | None
    """Cases that prove the margin if the arms agree on all of them."""
    is_provable: bool
    chance_to_clear: float | None
    """Chance that an equally good candidate is cleared, if the arms differ on CHURN of the cases."""
    detectable_drop: float | None
    """Smallest true drop that is called a regression four times in five, at the same churn."""


@dataclass(frozen=True, slots=True)
class LooksPlan:
    """False-alarm rate of a 5 % test that is looked at several times."""

    looks: int
    level: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What would run and what could be seen."""

    release_id: str
    n_cases: int
    n_calls: int
    """Live calls of the arms; recorded and scripted arms need none."""
    n_judge_calls: int
    cost_usd: CostRange | None
    """Low and high end; None when a part of it is unknown, which `cost` names."""
    cost: CostPlan
    assumptions: tuple[str, ...]
    needs_gate: bool
    criteria: tuple[Criterion, ...]
    margins: tuple[MarginPlan, ...]
    looks: tuple[LooksPlan, ...]
    forecast: str
    """What would be forecast of its reviewers, or why nothing would be."""


def plan_release(inputs: ReleaseInputs, suite: Suite, quotes: Quotes) -> Plan:
    """Say what a release would run, what it may cost and what it could show; nothing is spent."""
    manifest = inputs.manifest
    cost = plan_cost(inputs, suite, quotes)
    criteria = answer_criteria(facts(inputs, suite))
    required = frozenset(manifest.required_eval_subsets)
    graded = frozenset(
        part.id for part in suite.subsets if any(suite.checks[part.start : part.stop])
    )
    implied = implied_classes(
        manifest.gate_classes, manifest.required_eval_subsets, required, graded
    )
    parts = {part.id: part for part in suite.subsets}
    return Plan(
        release_id=manifest.release_id,
        n_cases=len(suite.cases),
        n_calls=sum(line.n_calls for line in cost.lines) - cost.n_judge_calls,
        n_judge_calls=cost.n_judge_calls,
        cost_usd=cost.cost_usd,
        cost=cost,
        assumptions=(*cost_assumptions(manifest, cost), _POWER),
        needs_gate=needs_gate(criteria),
        criteria=criteria,
        margins=tuple(
            traffic_plan(gate, suite)
            if gate.is_about_traffic
            else margin_plan(gate, parts[gate.subset], manifest.confidence)
            for gate in (*manifest.gate_classes, *implied)
        ),
        looks=tuple(LooksPlan(looks, level_of_repeated_tests(looks, 1.959964)) for looks in LOOKS),
        forecast=forecast_plan(manifest),
    )


def traffic_plan(gate: GateClass, suite: Suite) -> MarginPlan:
    """Say on how much a gate class on the forecast stands; what it would show depends on the traffic."""
    n = len(np.unique(suite.lineage.joined))
    words = rule_words(gate)
    return MarginPlan(
        gate.subset, gate.authority, words, len(suite.cases), n, None, None, n > 0, None, None
    )


def margin_plan(gate: GateClass, part: SuiteSubset, confidence: float) -> MarginPlan:
    """Say what one gate class can show at its subset's size."""
    n = len(np.unique(part.lineage.joined))
    rule = gate.effective()
    margin = rule.margin if rule.margin is not None else rule.max_shift
    needed = cases_to_prove(margin, confidence).exact if margin is not None else None
    return MarginPlan(
        subset=gate.subset,
        authority=gate.authority,
        rule=rule_words(rule),
        n_cases=part.stop - part.start,
        n_clusters=n,
        margin=margin,
        cases_needed=needed,
        is_provable=n > 0 and (needed is None or n >= needed),
        chance_to_clear=noninferiority_power(n, margin, CHURN, confidence)
        if margin is not None and n
        else None,
        detectable_drop=detectable_drop(n, CHURN / 2, confidence) if n else None,
    )


def rule_words(gate: GateClass) -> str:
    """Return the rules of a gate class in words."""
    shares = {"margin": gate.margin, "max shift": gate.max_shift, "floor": gate.floor}
    counts = {
        "max regressions": gate.max_regressions,
        "max failures": gate.max_failures,
        "min cases": gate.min_cases,
    }
    limits = {
        "at most": gate.max,
        "at most x": gate.max_ratio,
        "increase at most": gate.max_increase,
    }
    words = [f"{name} {value:.1%}" for name, value in shares.items() if value is not None]
    words += [f"{name} {value}" for name, value in counts.items() if value is not None]
    words += [
        f"{gate.metric} {gate.setting if gate.is_forecast else gate.statistic} {name} {value:g}"
        for name, value in limits.items()
        if value is not None
    ]
    return ", ".join(words)


def facts(inputs: ReleaseInputs, suite: Suite) -> Facts:
    """Read from a release what its workflow depends on."""
    manifest = inputs.manifest
    declared = [
        manifest.previous_model.id,
        manifest.candidate_model.id,
        *([manifest.alias_resolution.alias] if manifest.alias_resolution else []),
    ]
    policy = inputs.policy
    irreversible = (
        [name for name, action in policy.action_types.items() if not action.reversible]
        if policy
        else []
    )
    return Facts(
        structured_output=tuple(_checking(suite, (SchemaRule, FieldRule))),
        suggestions=tuple(_checking(suite, (PostureRule, ToolRule))),
        refusals=tuple(_checking(suite, (OutcomeRule,))),
        moving_aliases=tuple(
            dict.fromkeys(name for name in declared if is_alias(name, manifest.alias_resolution))
        ),
        budgets=tuple(
            dict.fromkeys(
                gate.subset
                for gate in manifest.gate_classes
                if gate.metric is not None and not gate.is_forecast
            )
        ),
        consequences=(
            *(
                part.id
                for part in suite.subsets
                if any(map(_is_grave, suite.cases[part.start : part.stop]))
            ),
            *irreversible,
        ),
    )


def _checking(suite: Suite, families: tuple[type, ...]) -> Iterator[str]:
    for part in suite.subsets:
        cases = suite.cases[part.start : part.stop]
        if any(
            isinstance(rule, families) for case in cases for rule in part.source.expectations(case)
        ):
            yield part.id


def _is_grave(case: Case) -> bool:
    return case.zero_tolerance or case.severity is Severity.CRITICAL
