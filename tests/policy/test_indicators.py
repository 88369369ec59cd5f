"""Rules over one decision: what they raise, when they end, and that a broken one never passes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitl.policy import Policy
from tests.policy.policies import AT, Parts, a_decision, one_type


def with_indicator(action: Parts | None = None, **indicator: object) -> Policy:
    """Return a policy with one indicator, which queues if nothing else is said."""
    return one_type(action, risk_indicators=[{"id": "i", "effect": {"lane": "queue"}} | indicator])


@pytest.mark.parametrize(
    ("effect", "lane", "risk", "rate"),
    [
        ({"lane": "audit"}, "audit", "low", 0.075),
        ({"lane": "queue"}, "queue", "low", 0.0),
        ({"lane": "escalate"}, "escalate", "low", 0.0),
        ({"raise_risk": "high"}, "audit", "high", 0.075),
        ({"raise_risk": "critical"}, "escalate", "critical", 0.0),
        ({"raise_risk": "low"}, "auto", "low", 0.05),
        ({"audit_rate": 0.4}, "auto", "low", 0.4),
        ({"audit_rate": 0.01}, "auto", "low", 0.05),
        ({"raise_risk": "high", "audit_rate": 0.5}, "audit", "high", 0.5),
    ],
)
def test_an_effect_only_makes_a_decision_stricter(
    effect: Parts, lane: str, risk: str, rate: float
) -> None:
    found = with_indicator(when="true", effect=effect).lane(a_decision())

    assert (found.lane, found.risk, found.audit_rate) == (lane, risk, rate)
    assert (found.indicators, found.reasons[1]) == (("i",), "indicator:i")


def test_an_effect_never_makes_a_decision_laxer() -> None:
    policy = with_indicator({"risk": "high"}, when="true", effect={"lane": "audit", "raise_risk": "low"})  # fmt: skip

    found = policy.lane(a_decision(confidence=0.1))

    assert (found.lane, found.risk) == ("escalate", "high")


@pytest.mark.parametrize(
    ("age", "holds"),
    [
        (timedelta(0), True),
        (timedelta(days=14) - timedelta(microseconds=1), True),
        (timedelta(days=14), False),
        (timedelta(days=400), False),
        (timedelta(days=-3), True),
        (None, True),
    ],
)
def test_a_model_is_young_until_the_day_and_while_nobody_knows(
    age: timedelta | None, holds: bool
) -> None:
    since = None if age is None else AT - age

    found = with_indicator(model_younger_than_days=14).lane(a_decision(model_active_since=since))

    assert bool(found.indicators) is holds


@pytest.mark.parametrize(
    ("trace", "holds"),
    [
        ({"output_tokens": 40}, False), ({"output_tokens": 600}, False), ({"output_tokens": 300.5}, False),
        ({"output_tokens": 39}, True), ({"output_tokens": 601}, True), ({}, True), ({"output_tokens": None}, True),
        ({"output_tokens": "300"}, True), ({"output_tokens": True}, True), ({"output_tokens": float("nan")}, True),
        ({"output_tokens": float("inf")}, True), ({"output_tokens": np.float64(300)}, False),
    ],
)  # fmt: skip
def test_a_length_outside_the_limits_or_unknown_is_unusual(trace: Parts, holds: bool) -> None:
    policy = with_indicator(unusual_length={"at_least": 40, "at_most": 600})

    assert bool(policy.lane(a_decision(trace=trace)).indicators) is holds


@pytest.mark.parametrize(
    ("trace", "holds"),
    [({"output_format": "json"}, False), ({"output_format": "JSON"}, True), ({}, True),
     ({"output_format": ["json"]}, True), ({"output_format": "xml"}, True)],
)  # fmt: skip
def test_a_format_that_nobody_listed_is_new(trace: Parts, holds: bool) -> None:
    policy = with_indicator(new_output_format=["json", "markdown"])

    assert bool(policy.lane(a_decision(trace=trace)).indicators) is holds


@pytest.mark.parametrize("name", ["output_format", "output_tokens"])
def test_content_cannot_stand_in_for_a_field(name: str) -> None:
    policy = one_type(
        risk_indicators=[
            {"new_output_format": ["json"], "effect": {"lane": "queue"}},
            {"unusual_length": {"at_most": 600}, "effect": {"lane": "queue"}},
        ]
    )
    forged = {"output_format": "json", "output_tokens": 5}
    trace = {key: value for key, value in forged.items() if key != name}

    assert policy.lane(a_decision(trace=forged)).lane == "auto"
    assert policy.lane(a_decision(trace=trace, content=forged)).lane == "queue"


@pytest.mark.parametrize(
    ("expires_at", "holds"),
    [
        ("2026-06-01", False),
        ("2026-06-02", True),
        ("2026-06-01T12:00:00Z", False),
        ("2026-06-01T12:00:00.000001Z", True),
        ("2026-06-01T14:00:00+02:00", False),
        ("2026-06-01T12:00:00-01:00", True),
    ],
)
def test_an_indicator_is_over_from_its_end_on(expires_at: str, holds: bool) -> None:
    policy = with_indicator(when="true", expires_at=expires_at)

    assert bool(policy.lane(a_decision()).indicators) is holds
    assert policy.lane(a_decision(at=None)).indicators == ("i",)


def test_an_indicator_can_end_some_days_after_the_model_became_active() -> None:
    policy = with_indicator(when="true", expires_after_days=30)
    ages = [timedelta(days=30) - timedelta(microseconds=1), timedelta(days=30)]

    found = [policy.lane(a_decision(model_active_since=AT - age)).indicators for age in ages]

    assert found == [("i",), ()]
    assert policy.lane(a_decision(model_active_since=None)).indicators == ("i",)


def test_indicators_without_an_id_are_numbered() -> None:
    policy = one_type(risk_indicators=[{"when": "true", "effect": {"lane": "queue"}}] * 2)

    assert policy.lane(a_decision()).indicators == ("indicator 1", "indicator 2")


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param("decision.content.amount > 100", id="a field that is missing"),
        pytest.param("decision.amount > 100", id="missing, for short"),
        pytest.param("decision.content.service + 1 == 2", id="types that do not go together"),
        pytest.param("decision.content.service", id="text instead of true or false"),
        pytest.param("decision.content.count / 0 == 1", id="division by zero"),
        pytest.param("decision.content.service[5] == 'a'", id="an index into text"),
        pytest.param("decision.content.service.matches('(')", id="a broken pattern"),
    ],
)
def test_a_rule_that_cannot_be_evaluated_counts_as_one_that_holds(rule: str) -> None:
    decision = a_decision(content={"service": "auth", "count": 1})
    indicator = with_indicator(when=rule).lane(decision)
    dynamic = one_type(dynamic_risk=[{"when": rule, "risk": "high"}]).lane(decision)

    assert (indicator.lane, indicator.reasons[1:]) == ("queue", ("rule_failed:indicator:i",))
    assert (dynamic.risk, dynamic.reasons[1:]) == ("high", ("rule_failed:dynamic_risk:1",))


def test_the_highest_risk_of_the_rules_that_hold_counts() -> None:
    rules = [
        {"when": "decision.content.amount > 10", "risk": "high"},
        {"when": "decision.content.amount > 100", "risk": "critical"},
        {"when": "decision.content.amount > 1", "risk": "medium"},
    ]
    policy = one_type(dynamic_risk=rules)

    found = [policy.lane(a_decision(content={"amount": amount})) for amount in (1, 5, 50, 500)]

    assert [one.risk for one in found] == ["low", "medium", "high", "critical"]
    assert found[3].reasons == ("risk_matrix:critical:high_confidence", "dynamic_risk:1", "dynamic_risk:2")  # fmt: skip


def test_a_rule_sees_the_fields_of_a_decision() -> None:
    rule = (
        "decision.decision_id == 'd-1' && decision.action_type == 'act' && decision.confidence == 0.9"
        " && decision.resolved_model == 'acme/model-2026-05-01' && decision.model_age_days == 200.0"
        " && decision.at.startsWith('2026-06-01') && decision.risk == 'low' && decision.workflow_id == 'w'"
        " && decision.content.a == decision.a && !has(decision.cost_usd)"
    )

    found = with_indicator(when=rule).lane(
        a_decision(risk="low", trace={"workflow_id": "w", "cost_usd": None}, content={"a": 3})
    )

    assert found.reasons[1] == "indicator:i"


def test_content_does_not_overrule_what_the_decision_states() -> None:
    policy = one_type(dynamic_risk=[{"when": "decision.confidence < 0.95", "risk": "critical"}])

    assert policy.lane(a_decision(content={"confidence": 0.99})).risk == "critical"
    assert policy.lane(a_decision(confidence=None, content={"confidence": 0.99})).risk == "critical"


def test_what_is_known_only_afterwards_is_never_shown_to_a_rule() -> None:
    policy = with_indicator(when="'human_action' in decision || 'outcome' in decision")
    decision = a_decision(trace={"human_action": "approve"}, content={"outcome": "good"})

    assert policy.lane(decision).indicators == ()


HOSTILE: list[Any] = [
    "\0", "\ud800", "'; DROP TABLE", "a" * 300_000, {"\0": {"\ud800": [None]}}, [[[[]]]], 2**70, float("nan"), object(),
    {1: 2}, datetime(2026, 1, 1, tzinfo=UTC), b"bytes", {"content": {"content": 1}},
]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value)[:20])
def test_hostile_content_ends_in_a_lane(value: object) -> None:
    policy = with_indicator(when="decision.content.x == 'fine'")

    found = policy.lane(a_decision(content={"x": value}))

    # Either the rule answers that this is not `fine`, or it cannot be evaluated and counts.
    assert (found.lane, len(found.reasons)) in {("auto", 1), ("queue", 2)}
    assert policy.lane(a_decision(content={"x": "fine"})).lane == "queue"


def nested() -> st.SearchStrategy[object]:
    """Return values of any kind in any nesting."""
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
    return st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


_RULES = one_type(
    dynamic_risk=[{"when": "decision.content.amount > 10", "risk": "high"}],
    risk_indicators=[
        {"when": "decision.content.who == 'new'", "effect": {"lane": "queue"}},
        {"new_output_format": ["json"], "effect": {"lane": "queue"}},
        {"unusual_length": {"at_most": 10}, "effect": {"lane": "queue"}},
        {"model_younger_than_days": 3, "effect": {"audit_rate": 0.5}},
    ],
)


@given(
    st.dictionaries(
        st.sampled_from(["decision_id", "action_type", "confidence", "risk", "at", "model_active_since", "failure",
                         "content", "output_tokens", "output_format", "amount", "who", "\0"]),
        nested() | st.sampled_from(["act", "low", "json"]),
    )
)  # fmt: skip
def test_whatever_a_row_holds_there_is_a_lane(row: dict[str, object]) -> None:
    found = _RULES.lane(row)

    if found.lane in ("auto", "audit"):
        assert isinstance(row["confidence"], float | int)
        assert row["action_type"] == "act"
        assert row.get("decision_id") not in (None, "")
