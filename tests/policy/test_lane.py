"""Which lane a decision takes: the risk matrix, the zones, the gate, and what is missing."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from hitl.policy import Lane, Policy, Risk, Zone
from tests.policy.policies import AT, a_decision, a_policy, one_type

AGES = {"new": 3, "established": 40, "stable": 200}


@pytest.mark.parametrize(
    ("risk", "confidence", "reversible", "maturity", "lane", "rate"),
    [
        ("low", 0.90, True, "new", "auto", 0.05),
        ("low", 0.90, True, "stable", "auto", 0.05),
        ("low", 0.70, True, "stable", "audit", 1.0),
        ("low", 0.50, True, "stable", "queue", 0.0),
        ("low", 0.90, False, "stable", "queue", 0.0),
        ("low", 0.70, False, "stable", "queue", 0.0),
        ("low", 0.50, False, "new", "queue", 0.0),
        ("medium", 0.90, True, "established", "auto", 0.05),
        ("medium", 0.70, True, "established", "audit", 1.0),
        ("medium", 0.50, True, "established", "queue", 0.0),
        ("medium", 0.90, False, "established", "queue", 0.0),
        ("high", 0.90, True, "new", "audit", 0.25),
        ("high", 0.90, True, "established", "audit", 0.15),
        ("high", 0.90, True, "stable", "audit", 0.075),
        ("high", 0.70, True, "stable", "queue", 0.0),
        ("high", 0.50, True, "stable", "escalate", 0.0),
        ("high", 0.90, False, "new", "queue", 0.0),
        ("high", 0.50, False, "stable", "escalate", 0.0),
        ("critical", 1.00, True, "stable", "escalate", 0.0),
        ("critical", 0.70, True, "stable", "escalate", 0.0),
        ("critical", 0.00, False, "new", "escalate", 0.0),
    ],
)
def test_the_lane_follows_risk_confidence_reversibility_and_maturity(
    risk: str, confidence: float, reversible: bool, maturity: str, lane: str, rate: float
) -> None:
    kind = risk if reversible else f"{risk}_for_good"
    since = AT - timedelta(days=AGES[maturity])

    found = a_policy().lane(a_decision(kind, confidence, model_active_since=since))

    assert (found.lane, found.risk, found.audit_rate) == (lane, risk, rate)
    assert found.review_probability == (1.0 if lane in ("queue", "escalate") else rate)


@pytest.mark.parametrize(
    ("confidence", "zone"),
    [
        (1, "high_confidence"), (1.0, "high_confidence"), (0.85, "high_confidence"),
        (math.nextafter(0.85, 0), "medium_confidence"), (0.6, "medium_confidence"),
        (math.nextafter(0.6, 0), "low_confidence"), (0, "low_confidence"), (-0.0, "low_confidence"),
        (np.float64(0.85), "high_confidence"), (np.float32(0.5), "low_confidence"),
    ],
)  # fmt: skip
def test_a_threshold_belongs_to_the_zone_above_it(confidence: float, zone: str) -> None:
    assert one_type().lane(a_decision(confidence=confidence)).zone == zone


@pytest.mark.parametrize(
    ("age", "rate"),
    [
        (timedelta(days=14) - timedelta(microseconds=1), 0.25),
        (timedelta(days=14), 0.15),
        (timedelta(days=90) - timedelta(microseconds=1), 0.15),
        (timedelta(days=90), 0.075),
        (timedelta(days=-5), 0.25),
    ],
)
def test_a_model_matures_on_the_day_and_not_before(age: timedelta, rate: float) -> None:
    found = a_policy().lane(a_decision("high", model_active_since=AT - age))

    assert found.audit_rate == rate


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"model_active_since": None}, id="nobody knows since when"),
        pytest.param({"at": None}, id="nobody knows when"),
        pytest.param({"at": AT.replace(tzinfo=None)}, id="a time without a zone"),
        pytest.param({"model_active_since": "2025-01-01"}, id="a day without a zone"),
        pytest.param({"model_active_since": "yesterday"}, id="no time at all"),
        pytest.param({"at": "9999-12-31T23:59:59-12:00"}, id="a time beyond the calendar"),
    ],
)
def test_a_model_whose_age_is_not_known_is_new(changes: dict[str, Any]) -> None:
    assert a_policy().lane(a_decision("high", **changes)).audit_rate == 0.25


def test_the_time_that_is_given_counts_and_not_the_decisions_own() -> None:
    later = a_decision("high", model_active_since=AT - timedelta(days=1))

    assert a_policy().lane(later).audit_rate == 0.25
    assert a_policy().lane(later, AT + timedelta(days=400)).audit_rate == 0.075


def test_a_given_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="`at` has no time zone"):
        a_policy().lane(a_decision(), datetime(2026, 6, 1))  # noqa: DTZ001  # the fault that is tested
    with pytest.raises(ValueError, match="`at` has no time zone"):
        a_policy().lanes({"decision_id": ["a"]}, datetime(2026, 6, 1))  # noqa: DTZ001


BROKEN_CONFIDENCES = [
    None, math.nan, math.inf, -math.inf, 1e9, -0.1, 1.0000001, True, False, "0.99", "", b"1", [1.0], {"a": 1}, 10**400,
    complex(1, 0), np.nan, np.datetime64("NaT"), object(),
]  # fmt: skip


@pytest.mark.parametrize("confidence", BROKEN_CONFIDENCES, ids=lambda value: repr(value)[:20])
def test_a_confidence_that_is_none_never_runs_alone(confidence: object) -> None:
    lax = {"high_confidence": "auto", "low_confidence": "auto"}
    policy = one_type(risk_matrix={"low": lax})

    found = policy.lane(a_decision(confidence=confidence))

    assert (found.lane, found.zone) == ("queue", "low_confidence")
    assert "no_confidence" in found.reasons


@pytest.mark.parametrize(
    ("changes", "lane", "reason"),
    [
        pytest.param({"action_type": "nope"}, "escalate", "unknown_action_type", id="unknown type"),
        pytest.param({"action_type": None}, "escalate", "unknown_action_type", id="no type"),
        pytest.param({"action_type": 7}, "escalate", "unknown_action_type", id="a number as type"),
        pytest.param({"action_type": ["act"]}, "escalate", "unknown_action_type", id="a list"),
        pytest.param({"action_type": "act\0"}, "escalate", "unknown_action_type", id="NUL"),
        pytest.param({"action_type": "ACT"}, "escalate", "unknown_action_type", id="other case"),
        pytest.param({"decision_id": None}, "queue", "no_decision_id", id="no id"),
        pytest.param({"decision_id": ""}, "queue", "no_decision_id", id="an empty id"),
        pytest.param({"decision_id": True}, "queue", "no_decision_id", id="a truth as id"),
        pytest.param({"decision_id": math.nan}, "queue", "no_decision_id", id="NaN as id"),
        pytest.param({"risk": "severe"}, "escalate", "unknown_risk", id="unknown risk"),
        pytest.param({"risk": ["low"]}, "escalate", "unknown_risk", id="a list as risk"),
        pytest.param({"failure": "model_error"}, "queue", "model_failed:model_error", id="failed"),
        pytest.param({"failure": "on fire"}, "escalate", "model_failed:?", id="failed strangely"),
    ],
)
def test_what_is_missing_or_broken_goes_to_a_person(
    changes: dict[str, Any], lane: str, reason: str
) -> None:
    found = one_type().lane(a_decision(**({"confidence": 1.0} | changes)))

    assert found.lane == lane
    assert reason in found.reasons


def test_a_type_without_thresholds_never_runs_alone() -> None:
    found = one_type({"thresholds": None}).lane(a_decision(confidence=1.0))

    assert (found.lane, found.reasons[-1]) == ("queue", "no_thresholds")


def test_a_policy_without_action_types_sends_everything_to_an_expert() -> None:
    found = a_policy(action_types={}, pools={}).lane(a_decision(confidence=1.0))

    assert (found.lane, found.pool, found.tier, found.sla_minutes) == ("escalate", None, 2, 240)


@pytest.mark.parametrize(
    ("stated", "risk"), [("low", "medium"), ("medium", "medium"), ("high", "high"), (None, "medium")]
)  # fmt: skip
def test_a_stated_risk_raises_the_risk_of_the_type_and_never_lowers_it(
    stated: str | None, risk: str
) -> None:
    found = a_policy().lane(a_decision("medium", risk=stated))

    assert found.risk == risk
    assert ("stated_risk" in found.reasons) is (risk == "high")


@pytest.mark.parametrize(
    ("kind", "confidence", "pool", "tier", "sla"),
    [
        pytest.param("low", 0.9, "triage", 0, None, id="runs"),
        pytest.param("low", 0.5, "triage", 1, 60.0, id="queued: its own pool"),
        pytest.param("high", 0.5, "experts", 2, 240.0, id="escalated: the lowest pool of tier 2 or more"),
        pytest.param("critical", 0.9, "experts", 2, 240.0, id="critical"),
        pytest.param("nope", 0.9, "experts", 2, 240.0, id="unknown type"),
    ],
)  # fmt: skip
def test_the_lane_names_who_looks_and_within_what_time(
    kind: str, confidence: float, pool: str, tier: int, sla: float | None
) -> None:
    found = a_policy().lane(a_decision(kind, confidence))

    assert (found.pool, found.tier, found.sla_minutes) == (pool, tier, sla)


@pytest.mark.parametrize(
    ("action", "pool", "tier", "sla"),
    [
        ({"escalate_to": "board"}, "board", 3, 30.0),
        ({"pool": "board"}, "board", 3, 30.0),
        ({"pool": None}, "experts", 2, 240.0),
    ],
)
def test_escalated_decisions_go_where_the_type_says(
    action: dict[str, Any], pool: str, tier: int, sla: float
) -> None:
    policy = one_type({"risk": "high"} | action, tiers={"3": {"sla_minutes": 30}})

    found = policy.lane(a_decision(confidence=0.1))

    assert (found.pool, found.tier, found.sla_minutes) == (pool, tier, sla)


def test_a_fallback_names_its_own_pool_and_is_never_laxer_than_the_matrix() -> None:
    policy = one_type(
        {"risk": "high"}, fallbacks={"model_error": {"lane": "queue", "pool": "board"}}
    )

    found = policy.lane(a_decision(confidence=None, failure="model_error"))

    assert (found.lane, found.pool) == ("escalate", "board")
    assert found.reasons == ("risk_matrix:high:low_confidence", "model_failed:model_error", "no_confidence")  # fmt: skip


def test_a_type_can_name_its_own_audit_rate_for_both_lanes_that_run() -> None:
    low, high = one_type({"audit_rate": 0.5}), one_type({"audit_rate": 0.5, "risk": "high"})

    assert low.lane(a_decision()).audit_rate == 0.5
    assert high.lane(a_decision()).audit_rate == 0.5
    assert low.lane(a_decision(confidence=0.7)).audit_rate == 1.0


def test_a_matrix_with_two_columns_is_strict_between_the_thresholds() -> None:
    policy = one_type(risk_matrix={"low": {"high_confidence": "auto", "low_confidence": "queue"}})

    assert policy.lane(a_decision(confidence=0.7)).lane == "queue"


def test_an_empty_word_says_nothing() -> None:
    policy = one_type()
    row = {"decision_id": "d", "action_type": "act", "confidence": 0.9, "risk": "", "failure": ""}

    assert policy.lane(row).reasons == ("risk_matrix:low:high_confidence",)
    assert policy.lane(a_decision(risk="", failure="")).lane == "auto"


def test_a_mapping_is_a_decision_and_what_is_no_column_is_its_content() -> None:
    policy = one_type(dynamic_risk=[{"when": "decision.amount > 100", "risk": "critical"}])
    row = {"decision_id": 17, "action_type": "act", "confidence": 0.9, "at": AT.isoformat()}

    assert policy.lane(row | {"amount": 100}).lane == "auto"
    assert policy.lane(row | {"amount": 101}).lane == "escalate"
    assert policy.lane(row | {"content": {"amount": 100}}).lane == "auto"
    assert policy.lane(row).reasons[1] == "rule_failed:dynamic_risk:1"


def test_the_public_names_are_enough(tmp_path: Any) -> None:  # noqa: ANN401
    (tmp_path / "policy.yaml").write_text(
        "{format: hitl/policy/v1, version: '1', action_types: {refund: {risk: low, thresholds: {auto: 0.8, review: 0.5}}}}"
    )

    found = Policy.load(tmp_path / "policy.yaml").lane(
        {"decision_id": "1", "action_type": "refund", "confidence": 0.9}, datetime.now(UTC)
    )

    assert (found.lane, found.risk, found.zone) == (Lane.AUTO, Risk.LOW, Zone.HIGH)
