"""Policies and decisions to test with."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hitl.policy import Decision, Policy

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
"""When everything happens."""

Parts = dict[str, Any]


def a_type(**changes: object) -> Parts:
    """Return a low-risk action type with the usual thresholds."""
    return {
        "risk": "low",
        "thresholds": {"auto": 0.85, "review": 0.6},
        "pool": "triage",
    } | changes


def some_parts(**changes: object) -> Parts:
    """Return a policy with a type for each risk, as it stands in a file; a value of None takes the part away."""
    types = {
        f"{risk}{'' if reversible else '_for_good'}": a_type(risk=risk, reversible=reversible)
        for risk in ("low", "medium", "high", "critical")
        for reversible in (True, False)
    }
    parts = {
        "format": "hitl/policy/v1",
        "id": "p",
        "version": "1",
        "action_types": types,
        "pools": {
            "triage": {"members": ["a"], "capacity_per_hour": 10, "tier": 1, "sla_minutes": 60},
            "experts": {"members": ["b"], "capacity_per_hour": 5, "tier": 2, "sla_minutes": 240},
            "board": {"members": ["c"], "capacity_per_hour": 1, "tier": 3},
        },
    } | changes
    return {name: value for name, value in parts.items() if value is not None}


def a_policy(**changes: object) -> Policy:
    """Return that policy."""
    return Policy.model_validate_json(json.dumps(some_parts(**changes)))


def one_type(action: Parts | None = None, **changes: object) -> Policy:
    """Return a policy with the one action type `act`."""
    return a_policy(action_types={"act": a_type(**(action or {}))}, **changes)


def a_decision(
    action_type: str | None = "act",
    confidence: object = 0.9,
    **changes: Any,  # noqa: ANN401  # hostile values are tested
) -> Decision:
    """Return a decision of which everything is known, by a model that is at work for 200 days."""
    known: Parts = {
        "decision_id": "d-1",
        "at": AT,
        "resolved_model": "acme/model-2026-05-01",
        "model_active_since": AT - timedelta(days=200),
    }
    return Decision(action_type=action_type, confidence=confidence, **(known | changes))  # type: ignore[arg-type]  # hostile values are tested
