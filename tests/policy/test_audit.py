"""The audit sample: the same on every machine, of the promised size, and nested."""

import subprocess
import sys
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hitl.policy.audit import AuditDraw
from tests.policy.policies import AT, a_decision, a_policy, one_type

IDS = [f"decision-{number}" for number in range(20_000)]
NEARLY_NEVER = 1e-6


@pytest.mark.parametrize(
    ("policy_id", "version", "decision_id", "draw"),
    [
        # SHA-256 of "\0\0\0\0\0\0\0\x0fincident-triage" "\0\0\0\0\0\0\0\x014" "\0\0\0\0\0\0\0\x08d-000001"
        # begins with a5 63 16 e8 2f a8 b2 d8: 0xa56316e82fa8b2d8 / 2^64 = 0.6460432354794274.
        ("incident-triage", "4", "d-000001", 0.6460432354794274),
        ("incident-triage", "4", "d-000002", 0.6895014728481493),
        ("incident-triage", "5", "d-000001", 0.1448466437410355),
        ("", "1", "d", 0.4378060126707126),
        ("p", "1", "é\U0001f600", 0.44707123029851514),
        ("p", "1", "\ud800", 0.27256385723764),
    ],
)
def test_the_draw_of_a_decision_never_changes(
    policy_id: str, version: str, decision_id: str, draw: float
) -> None:
    assert AuditDraw(policy_id, version).draw(decision_id) == draw


def test_the_draw_does_not_depend_on_the_process() -> None:
    program = "from hitl.policy.audit import AuditDraw; print(AuditDraw('p', '1').draw('d'))"

    seen = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip

    assert seen == {f"{AuditDraw('p', '1').draw('d')}\n"}


def test_where_one_part_ends_matters() -> None:
    assert AuditDraw("ab", "c").draw("d") != AuditDraw("a", "bc").draw("d")
    assert AuditDraw("a", "b").draw("cd") != AuditDraw("a", "bc").draw("d")


@given(st.text())
def test_every_text_has_a_draw_from_0_up_to_1(text: str) -> None:
    assert 0.0 <= AuditDraw("p", "1").draw(text) < 1.0


def test_draws_are_spread_evenly() -> None:
    draws = [AuditDraw("p", "1").draw(name) for name in IDS]

    assert stats.kstest(draws, "uniform").pvalue > NEARLY_NEVER


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.15, 0.5, 0.99])
def test_the_sample_is_as_large_as_the_rate_says(rate: float) -> None:
    policy = one_type({"audit_rate": rate})

    drawn = sum(policy.lane(a_decision(decision_id=name)).is_audited for name in IDS)

    low, high = stats.binom.ppf([NEARLY_NEVER / 2, 1 - NEARLY_NEVER / 2], len(IDS), rate)
    assert low <= drawn <= high


@pytest.mark.parametrize(("rate", "n"), [(0.0, 0), (1.0, 200)])
def test_none_and_all_are_exact(rate: float, n: int) -> None:
    policy = one_type({"audit_rate": rate})

    assert sum(policy.lane(a_decision(decision_id=name)).is_audited for name in IDS[:200]) == n


def test_a_higher_rate_keeps_every_decision_that_a_lower_one_drew() -> None:
    few, many = one_type({"audit_rate": 0.1}), one_type({"audit_rate": 0.2})

    drawn = [
        {name for name in IDS[:5000] if policy.lane(a_decision(decision_id=name)).is_audited}
        for policy in (few, many)
    ]

    assert drawn[0] < drawn[1]


def test_a_new_version_draws_anew() -> None:
    policies = [one_type({"audit_rate": 0.5}, version=version) for version in ("1", "2")]

    drawn = [
        np.array([policy.lane(a_decision(decision_id=name)).is_audited for name in IDS[:5000]])
        for policy in policies
    ]

    both = int((drawn[0] & drawn[1]).sum())
    low, high = stats.binom.ppf([NEARLY_NEVER / 2, 1 - NEARLY_NEVER / 2], 5000, 0.25)
    assert low <= both <= high


def test_a_person_who_decides_first_is_no_audit() -> None:
    found = a_policy().lane(a_decision("critical"))

    assert (found.audit_rate, found.is_audited, found.review_probability) == (0.0, False, 1.0)


def test_a_young_model_is_looked_at_more() -> None:
    young = {"model_active_since": AT - timedelta(days=2)}
    policy = a_policy()

    found = [
        sum(policy.lane(a_decision("high", decision_id=name, **when)).is_audited for name in IDS)
        for when in ({}, young)
    ]

    for drawn, rate in zip(found, (0.075, 0.25), strict=True):
        low, high = stats.binom.ppf([NEARLY_NEVER / 2, 1 - NEARLY_NEVER / 2], len(IDS), rate)
        assert low <= drawn <= high
