"""Lanes of a table are those of its rows, one by one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hitl.policy import LaneDecision, Policy
from hitl.policy.table import LaneTable
from tests.policy.policies import AT, a_policy, a_type
from tests.policy.test_lane import BROKEN_CONFIDENCES

RULES: dict[str, Any] = {
    "dynamic_risk": [{"when": "decision.amount > 10", "risk": "high"}],
    "risk_indicators": [
        {"id": "short", "unusual_length": {"at_least": 5}, "effect": {"lane": "queue"}},
        {"id": "ends", "when": "decision.amount > 3", "effect": {"lane": "audit"}, "expires_at": "2026-06-02"},
    ],
}  # fmt: skip
TIMED: dict[str, Any] = {
    "risk_indicators": [
        {"id": "young", "model_younger_than_days": 7, "effect": {"audit_rate": 0.6}, "expires_at": "2026-06-02"},
        {"id": "fresh", "model_younger_than_days": 20, "effect": {"lane": "audit"}, "expires_after_days": 10},
    ]
}  # fmt: skip
NO_LIMITS = {
    "no_limits": a_type(thresholds=None),
    "top": a_type(thresholds={"auto": 1, "review": 1}),
    "closed": a_type(thresholds={"auto": "never", "review": 0.6}),
}
BUILT_IN: dict[str, Any] = {
    "risk_indicators": [
        {"id": "short", "unusual_length": {"at_least": 5}, "effect": {"lane": "queue"}},
        {"id": "young", "model_younger_than_days": 7, "effect": {"audit_rate": 0.6}, "expires_at": "2026-06-02"},
        {"id": "format", "new_output_format": ["json"], "effect": {"raise_risk": "high"}, "expires_after_days": 14},
    ]
}  # fmt: skip
MANY = [{"unusual_length": {"at_most": limit}, "effect": {"lane": "audit"}} for limit in range(70)]
POLICIES = [
    a_policy(),
    a_policy(**TIMED),
    a_policy(**RULES),
    a_policy(action_types=NO_LIMITS),
    a_policy(action_types={}),
    a_policy(**BUILT_IN),
]
MOMENTS = [AT + timedelta(days=shift) for shift in (-100, -90, -30, -14, -10, -7, -3, 0, 1, 3)]

ROWS = st.fixed_dictionaries(
    {
        "decision_id": st.one_of(st.text(max_size=3), st.integers(), st.none(), st.just(float("nan"))),
        "action_type": st.sampled_from(
            ["low", "medium", "high", "critical", "low_for_good", "high_for_good", "no_limits", "top", "closed", "nope", None, 3]
        ),
        "confidence": st.one_of(
            st.floats(), st.floats(0, 1), st.sampled_from([0.6, 0.85, 1, 0, *BROKEN_CONFIDENCES])
        ),
        "risk": st.sampled_from([None, "low", "high", "critical", "severe", 5, float("nan")]),
        "failure": st.sampled_from([None, None, None, "model_error", "nope"]),
        "at": st.sampled_from([None, "nonsense", AT.isoformat(), AT.replace(tzinfo=None), *MOMENTS]),
        "model_active_since": st.sampled_from([None, 5, *MOMENTS, *(one - timedelta(microseconds=1) for one in MOMENTS)]),
        "output_tokens": st.sampled_from([None, 4, 5, 6, "5", float("nan")]),
        "output_format": st.sampled_from([None, "json", "xml", ["json"]]),
        "amount": st.sampled_from([None, 3, 4, 11, "a"]),
    }
)  # fmt: skip


def row_of(table: LaneTable, row: int) -> LaneDecision:
    sla = float(table.sla_minutes[row])
    return LaneDecision(
        lane=table.lane[row],
        reasons=table.reasons[row],
        risk=table.risk[row],
        zone=table.zone[row],
        tier=int(table.tier[row]),
        pool=table.pool[row],
        sla_minutes=None if np.isnan(sla) else sla,
        audit_rate=float(table.audit_rate[row]),
        is_audited=bool(table.is_audited[row]),
        indicators=table.indicators[row],
    )


@pytest.mark.parametrize(
    "policy", POLICIES, ids=["plain", "timed", "rules", "no limits", "empty", "built in"]
)
@given(rows=st.lists(ROWS, min_size=1, max_size=30), at=st.sampled_from([None, None, AT]))
@settings(deadline=None)
def test_a_table_gives_what_its_rows_give_one_by_one(
    policy: Policy, rows: list[dict[str, object]], at: datetime | None
) -> None:
    columns = {name: [row[name] for row in rows] for name in rows[0]}

    found = policy.lanes(columns, at)

    assert len(found.lane) == len(rows)
    assert [row_of(found, place) for place in range(len(rows))] == [
        policy.lane(row, at) for row in rows
    ]


@pytest.mark.parametrize("policy", POLICIES[:3], ids=["plain", "timed", "rules"])
def test_arrays_give_what_lists_give(policy: Policy) -> None:
    rng = np.random.default_rng(7)
    n = 2000
    days = rng.integers(-100, 5, n)
    at = np.datetime64("2026-06-01T12:00") + np.zeros(n, dtype="timedelta64[s]")
    since = at - days.astype("timedelta64[D]")
    since[::50] = np.datetime64("NaT")
    confidence = rng.choice([0.85, 0.6, np.nan, np.inf, -1.0, *rng.random(50)], n)
    kinds = rng.choice(["low", "high", "critical", "nope", "high_for_good"], n)
    columns: dict[str, Any] = {
        "decision_id": np.arange(n), "action_type": kinds, "confidence": confidence, "at": at,
        "model_active_since": since, "output_tokens": rng.integers(0, 9, n), "amount": rng.integers(0, 20, n),
    }  # fmt: skip

    found = policy.lanes(columns)

    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    for place, row in enumerate(rows):
        values = dict(zip(columns, row, strict=True))
        for name in ("at", "model_active_since"):
            values[name] = None if values[name] is None else values[name].replace(tzinfo=UTC)
        assert row_of(found, place) == policy.lane(values)


def test_more_facts_than_a_number_can_hold_are_kept_apart() -> None:
    policy = a_policy(risk_indicators=MANY)
    n = 500
    columns = {
        "decision_id": [f"d{row}" for row in range(n)],
        "action_type": ["low", "high", "critical", "medium"] * (n // 4),
        "confidence": np.linspace(0, 1, n),
        "output_tokens": np.arange(n) % 73,
    }

    found = policy.lanes(columns)

    lists = [values.tolist() if isinstance(values, np.ndarray) else values for values in columns.values()]  # fmt: skip
    for place, row in enumerate(zip(*lists, strict=True)):
        assert row_of(found, place) == policy.lane(dict(zip(columns, row, strict=True)))


def test_a_column_that_is_missing_is_not_known_in_any_row() -> None:
    found = a_policy().lanes({"decision_id": ["a", "b"], "action_type": ["low", "high"]})

    assert found.lane.tolist() == ["queue", "escalate"]
    assert all("no_confidence" in reasons for reasons in found.reasons)


def test_ids_that_are_missing_stop_everything() -> None:
    found = a_policy().lanes({"action_type": ["low"], "confidence": [0.99]})

    assert found.reasons[0] == ("risk_matrix:low:high_confidence", "no_decision_id")
    assert found.lane[0] == "queue"


@pytest.mark.parametrize("columns", [{}, {"decision_id": [], "confidence": np.array([])}])
@pytest.mark.parametrize(
    "policy", POLICIES, ids=["plain", "timed", "rules", "no limits", "empty", "built in"]
)
def test_an_empty_table_has_no_lanes(policy: Policy, columns: dict[str, Any]) -> None:
    assert len(policy.lanes(columns).lane) == 0


@pytest.mark.parametrize("policy", [POLICIES[0], POLICIES[2]], ids=["plain", "rules"])
def test_columns_of_different_lengths_are_refused(policy: Policy) -> None:
    with pytest.raises(ValueError, match="different lengths"):
        policy.lanes({"decision_id": ["a"], "confidence": [0.5, 0.6]})
