"""What a release could show, before a single reply."""

from pathlib import Path

import pytest

from hitl.gate.plan import Plan, plan_release, rule_words
from hitl.gate.plan_cost import CostRange, Quotes
from hitl.golden.case import Case
from hitl.golden.expectation import Expectation, FieldRule, LabelRule, ToolCalls, ToolRule
from hitl.manifest.gate_class import GateClass
from hitl.run.inputs import ReleaseInputs
from tests.builders import a_case, a_golden_set, a_manifest, a_suite, some_cases

RECORDED = {"id": "model-2026-05-18", "provider": "recorded", "replies": "c.jsonl"}
GRADE = LabelRule(label="passed", equals=True)


def planned(
    cases: list[Case],
    *,
    expect: Expectation = GRADE,
    gate: dict[str, object] | None = None,
    **fields: object,
) -> Plan:
    golden = a_golden_set({"main": cases}, expect=(expect,))
    manifest = a_manifest([{"subset": "main", "authority": "block"} | (gate or {})], **fields)
    return plan_release(
        ReleaseInputs(Path("release.yaml"), manifest, golden, None), a_suite(golden), Quotes()
    )


@pytest.mark.parametrize(
    ("n", "margin", "is_provable", "needed"),
    [
        pytest.param(59, 0.05, True, 59, id="59 cases can prove 5 points"),
        pytest.param(58, 0.05, False, 59, id="58 cannot"),
        pytest.param(0, 0.05, False, 59, id="none cannot"),
        pytest.param(29, 0.1, True, 29, id="29 can prove 10 points"),
    ],
)
def test_what_a_margin_can_show_at_its_size(
    n: int, margin: float, is_provable: bool, needed: int
) -> None:
    (part,) = planned(some_cases(n), gate={"margin": margin}).margins

    assert (part.is_provable, part.cases_needed, part.n_cases) == (is_provable, needed, n)


def test_copies_of_a_case_are_planned_as_one() -> None:
    (part,) = planned(some_cases(80, input="the same")).margins

    assert (part.n_cases, part.n_clusters, part.is_provable) == (80, 1, False)


def test_recorded_arms_cost_nothing() -> None:
    plan = planned(some_cases(5))

    assert (plan.n_cases, plan.n_calls, plan.cost_usd) == (5, 0, CostRange(0.0, 0.0))


def test_a_live_arm_is_counted_and_its_unknown_price_is_not_called_nothing() -> None:
    live = {"id": "m", "provider": "openai", "base_url": "http://localhost"}

    plan = planned(some_cases(5), candidate_model=live, repeats=3)

    assert (plan.n_calls, plan.cost_usd) == (15, None)


@pytest.mark.parametrize(
    ("cases", "expect", "fields", "question"),
    [
        pytest.param(some_cases(3), FieldRule(field="a", equals=1), {}, "structured output", id="JSON"),
        pytest.param(some_cases(3), ToolRule(tool_calls=ToolCalls(read_only=True)), {}, "Are tools",
                     id="tools"),
        pytest.param(some_cases(3, outcome="refusal"), GRADE, {}, "refusals", id="refusals"),
        pytest.param(some_cases(3), GRADE, {"candidate_model": RECORDED | {"id": "m-latest"}}, "alias",
                     id="alias"),
        pytest.param(some_cases(3), GRADE, {"gate": {"metric": "cost_usd", "max": 1}}, "cost", id="cost"),
        pytest.param([a_case("x", zero_tolerance=True)], GRADE, {}, "consequences", id="zero tolerance"),
        pytest.param([a_case("x", severity="critical")], GRADE, {}, "consequences", id="critical"),
    ],
)  # fmt: skip
def test_each_criterion_is_read_from_the_release(
    cases: list[Case], expect: Expectation, fields: dict[str, object], question: str
) -> None:
    plan = planned(cases, expect=expect, **fields)

    assert [question in criterion.question for criterion in plan.criteria if criterion.answer] == [
        True
    ]
    assert plan.needs_gate


def test_a_release_of_no_consequence_needs_no_gate() -> None:
    assert not planned(some_cases(3)).needs_gate


def test_looking_often_at_a_five_percent_test_is_told_with_its_price() -> None:
    # Armitage, McPherson and Rowe (1969): 0.05, 0.083, 0.142 and 0.193 at 1, 2, 5 and 10 looks.
    looks = {part.looks: part.level for part in planned(some_cases(3)).looks}

    assert looks == pytest.approx({1: 0.05, 2: 0.083, 5: 0.142, 10: 0.193}, abs=5e-4)


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"margin": 0.05}, "margin 5.0%"),
        ({"floor": 0.9, "max_failures": 0}, "floor 90.0%, max failures 0"),
        (
            {"metric": "latency_ms", "statistic": "p95", "max_ratio": 1.2},
            "latency_ms p95 at most x 1.2",
        ),
    ],
)
def test_rules_in_words(rules: dict[str, object], words: str) -> None:
    gate = GateClass.model_validate({"subset": "main", "authority": "block"} | rules, strict=False)

    assert rule_words(gate) == words
