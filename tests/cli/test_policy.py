"""`hitl policy check`: what a policy amounts to, its faults with their lines, and the exit code."""

import json
from pathlib import Path
from typing import Any

import pytest

from hitl.cli.door import main

SHIPPED = Path(__file__).parents[2] / "manifests" / "incident-triage" / "policy.yaml"

FAULTY = """\
format: hitl/policy/v1
id: faulty
version: "1"
action_types:
  alone:
    risk: low
    thresholds: {auto: 0.0, review: 0.0}
    audit_rate: 0
    pool: triage
risk_indicators:
  - model_younger_than_days: 14
    effect: {lane: queue}
    expires_at: 2020-01-01
pools:
  triage: {members: [ana], capacity_per_hour: 9}
"""


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(FAULTY)
    return path


def test_the_shipped_policy_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "check", str(SHIPPED), "--json"]) == 0

    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert found["policy"] == {"id": "incident-triage", "version": "4"}
    assert {one["level"] for one in found["findings"]} == {"note"}
    lanes = {one["action_type"]: [zone["lane"] for zone in one["zones"]] for one in found["action_types"]}  # fmt: skip
    assert lanes == {
        "annotate_incident": ["auto", "audit", "queue"],
        "route_to_team": ["auto", "queue", "queue"],
        "hold_deployments": ["audit", "queue", "escalate"],
        "notify_customers": ["queue", "queue", "escalate"],
        "remediation": ["escalate", "escalate", "escalate"],
    }
    sampled = found["action_types"][2]["zones"][0]
    assert sampled["audit_rates"] == {"new": 0.25, "established": 0.15, "stable": 0.08}
    assert (sampled["pool"], sampled["tier"]) == ("triage", 0)
    assert found["asked_fields"][0] == "content.customers_affected"


def test_people_see_every_type_with_its_lanes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")

    assert main(["policy", "check", str(SHIPPED)]) == 0

    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["annotate_incident", "from", "0.7", "auto", "triage", "0", "—", "5", "%"] in rows
    assert ["low", "risk", "0.5", "to", "0.7", "audit", "triage", "0", "—", "100", "%"] in rows
    assert ["hold_deployments", "from", "0.9", "audit", "triage", "0", "—", "25", "/", "15", "/", "8", "%"] in rows  # fmt: skip
    assert ["cannot", "be", "undone", "below", "0.8", "escalate", "experts", "2", "240", "min", "decided", "first"] in rows  # fmt: skip
    assert rows[-1] == ["0", "errors,", "0", "warnings,", "4", "notes"]


def test_an_error_leaves_with_2_and_faults_have_their_lines(
    faulty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "check", str(faulty), "--json"]) == 2

    found = json.loads(capsys.readouterr().out)["findings"]
    assert [(one["level"], one["code"], one["line"], one["field"]) for one in found] == [
        ("warning", "no_review_zone", 7, "action_types.alone.thresholds"),
        ("warning", "threshold_without_effect", 7, "action_types.alone.thresholds"),
        ("error", "never_reviewed", 6, "action_types.alone"),
        ("warning", "low_audit_rate", 6, "action_types.alone"),
        ("warning", "indicator_expired", 13, "risk_indicators[0].expires_at"),
        ("warning", "tier_without_owner", 0, "tiers"),
        ("note", "threshold_uncertified", 7, "action_types.alone.thresholds.auto"),
    ]
    assert {one["file"] for one in found} == {str(faulty)}


def test_faults_are_told_to_people_with_their_place(
    faulty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "check", str(faulty)]) == 2

    said = capsys.readouterr().out
    assert f"warning: indicator_expired: {faulty}:13: risk_indicators[0].expires_at: indicator 1 ended on 2020-01-01" in said  # fmt: skip
    assert f"warning: tier_without_owner: {faulty}: tiers: " in said
    assert said.endswith("1 errors, 5 warnings, 1 notes\n")


def test_the_day_counts(
    faulty: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1500000000")  # in 2017

    main(["policy", "check", str(faulty), "--json"])

    codes = [one["code"] for one in json.loads(capsys.readouterr().out)["findings"]]
    assert "indicator_expired" not in codes


def test_mistakes_of_form_are_all_told_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(
        "format: hitl/policy/v1\nversion: x\naction_types:\n  a: {pool: b, risk: odd}\nmore: 1\n"
    )

    assert main(["policy", "check", str(path)]) == 2

    said = capsys.readouterr()
    assert said.out == ""
    for part in (f"{path}:4: action_types.a.pool", f"{path}:4: action_types.a.risk", f"{path}:5: more"):  # fmt: skip
        assert part in said.err


def test_names_cannot_write_to_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(
        'format: hitl/policy/v1\nversion: x\naction_types:\n  "[red]\\u202Eeman": {}\n  ":boom:": {}\n'
    )

    assert main(["policy", "check", str(path)]) == 0

    said = capsys.readouterr().out
    assert "[red]⟨U+202E⟩eman" in said
    assert ":boom:" in said
    assert "\u202e" not in said


def test_a_policy_without_types_is_shown_as_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("format: hitl/policy/v1\nversion: x\n")

    assert main(["policy", "check", str(path)]) == 0

    assert "tier_without_owner" in capsys.readouterr().out
