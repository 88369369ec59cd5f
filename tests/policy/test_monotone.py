"""The promises of the policy: more confidence is never stricter, more risk or less knowledge never laxer."""

import json
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hitl.policy import Lane, LaneDecision, Policy
from tests.policy.policies import AT, a_decision, a_policy, a_type

LANES = list(Lane)
RISKS = ["low", "medium", "high", "critical"]
ORDER = {lane: place for place, lane in enumerate(LANES)}


@st.composite
def matrices(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a matrix that a policy may have: stricter to the right and downwards."""
    rows: dict[str, Any] = {}
    above = [0, 0, 0]
    for risk in RISKS:
        lowest = 2 if risk == "critical" else 0
        row: list[int] = []
        for place in range(3):
            least = max([above[place], lowest, *row])
            row.append(draw(st.integers(least, 3)))
        above = row
        names = ("high_confidence", "medium_confidence", "low_confidence")
        rows[risk] = {name: LANES[lane].value for name, lane in zip(names, row, strict=True)}
    return rows


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Draw a policy with every kind of rule, none of which looks at confidence or whether something is there."""
    cuts = sorted(draw(st.lists(st.floats(0, 1), min_size=2, max_size=2)))
    act = a_type(
        risk=draw(st.sampled_from(RISKS)),
        reversible=draw(st.booleans()),
        thresholds=draw(
            st.sampled_from(
                [None, *({"auto": auto, "review": cuts[0]} for auto in (cuts[1], "never"))]
            )
        ),
    )
    rules = [
        {"when": "decision.content.amount > 100", "risk": draw(st.sampled_from(RISKS))},
        {"when": "decision.content.who == 'new' && decision.amount > 10", "risk": "critical"},
    ]
    indicators = [
        {"model_younger_than_days": 14, "effect": {"lane": "queue"}, "expires_after_days": 30},
        {"unusual_length": {"at_most": 50}, "effect": {"raise_risk": "high"}, "expires_at": "2026-06-10"},
        {"new_output_format": ["json"], "effect": {"lane": "audit"}},
    ]  # fmt: skip
    some = draw(st.sampled_from([[], indicators[:1], indicators[1:2], indicators]))
    return a_policy(
        action_types={"act": act},
        risk_matrix=draw(matrices()),
        dynamic_risk=draw(st.sampled_from([[], rules])),
        risk_indicators=some,
    )


@st.composite
def known(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a decision of which everything is known."""
    return {
        "action_type": "act",
        "confidence": draw(st.floats(0, 1)),
        "decision_id": draw(st.sampled_from(["a", "b", "c"])),
        "at": AT + timedelta(days=draw(st.sampled_from([0, 20]))),
        "model_active_since": AT - timedelta(days=draw(st.sampled_from([1, 13, 14, 29, 30, 100]))),
        "trace": {
            "output_tokens": draw(st.sampled_from([10, 50, 51])),
            "output_format": draw(st.sampled_from(["json", "xml"])),
        },
        "content": {
            "amount": draw(st.sampled_from([1, 50, 500])),
            "who": draw(st.sampled_from(["new", "old"])),
        },
    }


def is_at_least_as_strict(first: LaneDecision, second: LaneDecision) -> bool:
    return ORDER[first.lane] >= ORDER[second.lane]


@given(policies(), known(), st.floats(0, 1))
@settings(deadline=None)
def test_more_confidence_never_leads_to_a_stricter_lane(
    policy: Policy, decision: dict[str, Any], other: float
) -> None:
    low, high = sorted([decision["confidence"], other])

    lanes = [policy.lane(a_decision(**(decision | {"confidence": one}))) for one in (low, high)]

    assert is_at_least_as_strict(*lanes)


@given(policies(), known(), st.integers(0, 3), st.integers(0, 3))
@settings(deadline=None)
def test_more_risk_never_leads_to_a_laxer_lane(
    policy: Policy, decision: dict[str, Any], first: int, second: int
) -> None:
    high, low = RISKS[max(first, second)], RISKS[min(first, second)]

    stated = [policy.lane(a_decision(**decision, risk=risk)) for risk in (high, low)]

    assert is_at_least_as_strict(*stated)
    assert is_at_least_as_strict(stated[0], policy.lane(a_decision(**decision)))


@given(policies(), known(), st.integers(0, 3), st.integers(0, 3))
@settings(deadline=None)
def test_a_riskier_action_type_is_never_treated_more_laxly(
    policy: Policy, decision: dict[str, Any], first: int, second: int
) -> None:
    high, low = RISKS[max(first, second)], RISKS[min(first, second)]
    parts = json.loads(policy.model_dump_json())

    lanes = []
    for risk in (high, low):
        parts["action_types"]["act"]["risk"] = risk
        lanes.append(Policy.model_validate_json(json.dumps(parts)).lane(a_decision(**decision)))

    assert is_at_least_as_strict(*lanes)


FIELDS = ("action_type", "confidence", "decision_id", "at", "model_active_since", "amount", "who", "output_tokens",
          "output_format")  # fmt: skip


@given(policies(), known(), st.sets(st.sampled_from(FIELDS)))
@settings(deadline=None, max_examples=300)
def test_knowing_less_never_leads_to_a_laxer_lane(
    policy: Policy, decision: dict[str, Any], lost: set[str]
) -> None:
    less = {name: None if name in lost else value for name, value in decision.items()}
    for part in ("trace", "content"):
        less[part] = {name: value for name, value in decision[part].items() if name not in lost}

    known_lane, less_known = (policy.lane(a_decision(**one)) for one in (decision, less))

    assert is_at_least_as_strict(less_known, known_lane)
    assert less_known.review_probability >= known_lane.review_probability


@given(policies(), known())
@settings(deadline=None)
def test_what_cannot_be_undone_never_runs_before_a_person_decided(
    policy: Policy, decision: dict[str, Any]
) -> None:
    found = policy.lane(a_decision(**decision))

    if not policy.action_types["act"].reversible or found.risk == "critical":
        assert found.lane in ("queue", "escalate")
