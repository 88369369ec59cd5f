"""Faults of a policy that loading does not refuse, and what a policy amounts to."""

from typing import Any

import pytest

from hitl.policy import Policy
from hitl.policy.audit import Maturity
from hitl.policy.lint import Level, PolicyFinding, lint_policy
from hitl.policy.summary import asked_fields, summarise
from tests.policy.policies import AT, a_policy, a_type, one_type, some_parts

OWNED = {name: {"accountable": "head"} for name in ("0", "1", "2", "3")}
POOLS: dict[str, Any] = some_parts()["pools"]


def findings(policy: Policy) -> list[PolicyFinding]:
    return list(lint_policy(policy.lane_rules, AT))


def codes(action: dict[str, Any] | None = None, **changes: object) -> list[tuple[str, str]]:
    """Return code and level of each fault of a policy that is well but for the changes."""
    policy = one_type({"audit_rate": 0.1} | (action or {}), **({"tiers": OWNED} | changes))
    return [(one.code, one.level) for one in findings(policy)]


def rules(*expressions: str) -> list[dict[str, str]]:
    return [{"when": expression, "risk": "high"} for expression in expressions]


ALONE = {"low": "auto", "medium": "auto", "high": "auto"}


CASES: list[Any] = [
        pytest.param({}, {}, [], id="a policy that is well"),
        pytest.param({"thresholds": None}, {}, [("thresholds_missing", "warning")], id="no thresholds"),
        pytest.param({"thresholds": {"auto": 0.8, "review": 0.8}}, {}, [("no_review_zone", "warning")], id="no review zone"),
        pytest.param({"thresholds": {"auto": 0.0, "review": 0.0}}, {},
                     [("no_review_zone", "warning"), ("threshold_without_effect", "warning")], id="thresholds of nothing"),
        pytest.param({"audit_rate": 0.0}, {"risk_matrix": ALONE},
                     [("threshold_without_effect", "warning"), ("never_reviewed", "error"), ("low_confidence_runs", "warning"), ("low_audit_rate", "warning")],
                     id="never reviewed"),
        pytest.param({}, {"risk_matrix": ALONE}, [("threshold_without_effect", "warning"), ("low_confidence_runs", "warning")],
                     id="runs without confidence"),
        pytest.param({}, {"risk_matrix": {"low": {"high_confidence": "auto", "medium_confidence": "auto", "low_confidence": "queue"}}},
                     [("threshold_without_effect", "warning")], id="runs alone below auto"),
        pytest.param({"reversible": False}, {}, [("irreversible_runs_alone", "note")], id="irreversible"),
        pytest.param({"reversible": False, "risk": "critical"}, {}, [], id="irreversible and critical"),
        pytest.param({"audit_rate": 0.0499}, {}, [("low_audit_rate", "warning")], id="audit rate below 5 %"),
        pytest.param({"audit_rate": 0.05}, {}, [], id="audit rate of 5 %"),
        pytest.param({}, {"audit": {"stable": 0.04}}, [("low_audit_rate", "warning")], id="stable rate below 5 %"),
        pytest.param({"audit_rate": None}, {"tiers": OWNED | {"0": {"accountable": "a", "sampling": 0.01}}},
                     [("low_audit_rate", "warning")], id="sampling below 5 %"),
        pytest.param({"pool": None}, {}, [("pool_missing", "warning")], id="no pool"),
        pytest.param({}, {"pools": {"triage": {"capacity_per_hour": 5}}}, [("pool_without_members", "warning")], id="no members"),
        pytest.param({}, {"pools": {"triage": {"members": ["a"], "capacity_per_hour": 0}}},
                     [("pool_without_capacity", "warning")], id="no capacity"),
        pytest.param({"risk": "high"}, {"pools": {"triage": POOLS["triage"]}}, [("no_expert_pool", "warning")], id="no experts"),
        pytest.param({}, {"tiers": {}}, [("tier_without_owner", "warning")], id="no tiers"),
        pytest.param({}, {"tiers": OWNED | {"2": {"name": "expert"}}}, [("tier_without_owner", "warning")], id="a tier without owner"),
        pytest.param({}, {"tiers": {"0": OWNED["0"], "1": OWNED["1"], "2": OWNED["2"]}},
                     [("tier_without_owner", "warning")], id="a tier of a pool that is not described"),
        pytest.param({}, {"dynamic_risk": rules("true")}, [("rule_constant", "warning")], id="always true"),
        pytest.param({}, {"dynamic_risk": rules("1 > 2")}, [("rule_constant", "warning")], id="always false"),
        pytest.param({}, {"dynamic_risk": rules("1 / 0 > 2")}, [("rule_constant", "warning")], id="always broken"),
        pytest.param({}, {"dynamic_risk": rules("!has(decision.content.who)")},
                     [("rule_holds_for_nothing", "note")], id="holds for nothing"),
        pytest.param({}, {"dynamic_risk": rules("has(decision.who) && decision.who == 'new'")},
                     [("absence_passes_rule", "note")], id="absence passes"),
        pytest.param({}, {"dynamic_risk": rules("decision.content.amount > 5")}, [], id="absence does not pass"),
        pytest.param({}, {"dynamic_risk": [{"when": "decision.amount > 5", "risk": "low"}]},
                     [("rule_without_effect", "warning")], id="raises to low"),
        pytest.param({}, {"risk_indicators": [{"when": "true", "effect": {"lane": "queue"}}]},
                     [("rule_constant", "warning")], id="an indicator that is always true"),
        pytest.param({}, {"risk_indicators": [{"model_younger_than_days": 9, "effect": {"lane": "queue"}, "expires_at": "2026-06-01"}]},
                     [("indicator_expired", "warning")], id="expired"),
        pytest.param({}, {"risk_indicators": [{"model_younger_than_days": 9, "effect": {"lane": "queue"}, "expires_at": "2026-06-02"}]},
                     [], id="ends tomorrow"),
]  # fmt: skip


@pytest.mark.parametrize(("action", "changes", "expected"), CASES)
def test_each_fault_is_found_and_nothing_else(
    action: dict[str, Any], changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert codes(action, **changes) == expected


def test_a_fault_names_its_place() -> None:
    policy = one_type(
        {"audit_rate": 0.1},
        tiers=OWNED,
        risk_indicators=[{"when": "1 > 2", "effect": {"lane": "queue"}}],
    )

    assert findings(policy) == [
        PolicyFinding(
            "rule_constant",
            Level.WARNING,
            ("risk_indicators", 0, "when"),
            "the rule looks at nothing of the decision and is always false",
        )
    ]


def test_the_summary_says_where_each_zone_goes() -> None:
    types = {
        "low": a_type(),
        "grave": a_type(risk="high", reversible=False, escalate_to="board"),
        "sampled": a_type(risk="high"),
    }

    found = summarise(a_policy(action_types=types).lane_rules)

    assert [
        (one.action_type, *((zone.lane.value, zone.pool, zone.tier) for zone in one.zones))
        for one in found
    ] == [
        ("low", ("auto", "triage", 0), ("audit", "triage", 0), ("queue", "triage", 1)),
        ("grave", ("queue", "triage", 1), ("queue", "triage", 1), ("escalate", "board", 3)),
        ("sampled", ("audit", "triage", 0), ("queue", "triage", 1), ("escalate", "experts", 2)),
    ]
    assert found[2].zones[0].audit_rates == {
        Maturity.NEW: 0.25,
        Maturity.ESTABLISHED: 0.15,
        Maturity.STABLE: 0.075,
    }
    assert found[2].zones[1].audit_rates == {}


@pytest.mark.parametrize(
    ("thresholds", "zones"),
    [
        (None, ["low_confidence"]),
        ({"auto": 0.8, "review": 0.8}, ["high_confidence", "low_confidence"]),
        ({"auto": 0.8, "review": 0.0}, ["high_confidence", "medium_confidence"]),
        ({"auto": 0.0, "review": 0.0}, ["high_confidence"]),
    ],
)
def test_the_summary_shows_only_zones_that_can_be_reached(
    thresholds: dict[str, float] | None, zones: list[str]
) -> None:
    (found,) = summarise(one_type({"thresholds": thresholds}).lane_rules)

    assert [zone.zone.value for zone in found.zones] == zones


def test_the_fields_that_rules_ask_for_are_listed() -> None:
    policy = one_type(
        dynamic_risk=rules("decision.content.amount > 5 && decision . content . who == 'decision.nobody'"),
        risk_indicators=[
            {"model_younger_than_days": 14, "effect": {"lane": "queue"}},
            {"new_output_format": ["json"], "effect": {"lane": "queue"}},
            {"unusual_length": {"of": "output_chars", "at_most": 9}, "effect": {"lane": "queue"}},
            {"when": "decision['service'] == 'auth'", "effect": {"lane": "queue"}},
        ],
    )  # fmt: skip

    assert asked_fields(policy.lane_rules) == (
        "content.amount", "content.who", "model_active_since", "output_chars", "output_format", "service",
    )  # fmt: skip
