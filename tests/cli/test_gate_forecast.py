"""`hitl gate` with a baseline: what reviewers would face, in the record and in every view."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from hitl.cli.door import main
from hitl.cli.foreseeing import unfound
from hitl.digest import digest_file
from hitl.record.store import load_record
from hitl.run.inputs import load_release
from tests.cli.workspace import N_CASES, Row, Workspace, hold, refuse, write_json, write_lines

PREVIOUS, CANDIDATE = "acme/model-2026-05-01", "acme/model-2026-05-18"
START = datetime(2026, 4, 6, tzinfo=UTC)
POLICY: Row = {
    "format": "hitl/policy/v1",
    "id": "triage",
    "version": "1",
    "action_types": {
        "refund": {
            "risk": "low",
            "thresholds": {"auto": 0.8, "review": 0.5},
            "pool": "desk",
            "audit_rate": 0.2,
        }
    },
    "pools": {
        "desk": {"members": ["ann", "ben"], "capacity_per_hour": 40, "tier": 1, "sla_minutes": 30}
    },
    "targets": {"error_escape_rate": {"at_most": 0.02}},
}
OVERRIDE: Row = {"authority": "block", "metric": "forecast.override_rate", "max_ratio": 1.2}


def a_decision(number: int, **changes: object) -> Row:
    """One of twenty decisions a day: three in four run alone, one in eight that people see is wrong."""
    alone, wrong = number % 4 != 0, number % 32 == 0
    seen = not alone or number % 5 == 0
    acted = "modify" if wrong else "approve"
    return {
        "decision_id": f"d{number}",
        "at": (START + timedelta(minutes=72 * number)).isoformat(),
        "action_type": "refund",
        "resolved_model": PREVIOUS,
        "confidence": 0.9 if alone else 0.6,
        "lane": "auto" if alone else "queue",
        "reviewer_pool": "desk",
        "review_probability": 0.2 if alone else 1.0,
        "cost_usd": 0.01,
    } | ({"human_action": acted, "reviewer_id": f"r{number % 6}", "review_seconds": 60.0 + number % 40, "correct": not wrong} if seen else {}) | changes  # fmt: skip


def spoken(row: Row, confidence: float) -> None:
    row["text"] = json.dumps({"answer": row["text"], "kind": "refund", "sure": confidence})
    row["cost_usd"] = 0.01


@pytest.fixture
def foretold(release: Workspace) -> Workspace:
    """A release whose replies say which decisions they are, with a policy and a log of four weeks."""
    release.expect({"field": "answer", "equals": "yes"})
    for number, (one, other) in enumerate(zip(release.previous, release.candidate, strict=True)):
        for row in (one, other):
            spoken(row, 0.9 if number % 4 else 0.6)
    write_json(release.root / "policy.json", POLICY)
    write_lines(release.root / "log.jsonl", [a_decision(number) for number in range(560)])
    release.manifest |= {
        "policy": "policy.json",
        "baseline": {"decisions": "log.jsonl"},
        "decision_fields": {"action_type": "kind", "confidence": "sure"},
    }
    return release


def unsure(release: Workspace, share: int) -> None:
    """Let the candidate be unsure of all but every so many cases."""
    for number, row in enumerate(release.candidate):
        if number % share:
            row["text"] = row["text"].replace('"sure": 0.9', '"sure": 0.6')


def test_a_candidate_like_the_previous_one_breaks_nothing(foretold: Workspace) -> None:
    assert foretold.gate() == 0
    record = foretold.record
    forecast = record["forecast"]
    assert forecast["unmeasured"] == ""
    assert forecast["n_traffic"] == 560
    assert forecast["n_cases"] == N_CASES
    assert forecast["confidence"] == pytest.approx(0.9)
    assert [one["setting"] for one in forecast["outlooks"]] == ["as_it_is", "recalibrated", "held"]
    now, before = forecast["outlooks"][0], forecast["previous"]
    assert now["auto_resolve_rate"]["estimate"] == pytest.approx(
        before["auto_resolve_rate"]["estimate"], abs=0.03
    )
    assert load_record(foretold.record_path).forecast is not None
    found = {one["role"]: one for one in record["evidence"]}
    log = foretold.root / "log.jsonl"
    assert found["baseline"] == {
        "role": "baseline",
        "path": "log.jsonl",
        "sha256": digest_file(log),
        "bytes": log.stat().st_size,
    }


def test_reviewers_see_the_spike_before_anything_else(
    foretold: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    unsure(foretold, N_CASES)
    foretold.manifest["gate_classes"].append(OVERRIDE | {"metric": "forecast.reviews_per_week"})
    record = hold(foretold, "block_fail")
    (gate,) = record["forecast_gates"]
    assert gate["state"] == "fail"
    assert gate["rules"][0]["low"] > 1.2
    said = capsys.readouterr().out
    assert said.index("What reviewers would face") < said.index("Why")
    page = (foretold.record_path.parent / "index.html").read_text()
    assert "forecast.reviews_per_week.max_ratio" in page


def test_the_same_inputs_give_the_same_forecast(foretold: Workspace) -> None:
    foretold.gate()
    first = foretold.record
    foretold.gate()
    assert foretold.record["digest"] == first["digest"]
    assert foretold.record["forecast"] == first["forecast"]


def test_a_release_without_a_baseline_has_no_forecast(release: Workspace) -> None:
    assert release.gate() == 0
    assert release.record["forecast"] is None
    assert release.record["forecast_gates"] == []


def no_policy(release: Workspace) -> None:
    del release.manifest["policy"]


def other_model(release: Workspace) -> None:
    release.manifest["baseline"]["model"] = "acme/unknown"


def silent_replies(release: Workspace) -> None:
    release.manifest["decision_fields"] = {"action_type": "nowhere"}


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (no_policy, "names no policy"),
        (other_model, "no decision of the log is by acme/unknown"),
        (silent_replies, "says its action type"),
    ],
)
def test_a_forecast_that_cannot_be_said_is_unmeasured_and_changes_no_verdict(
    foretold: Workspace, spoil: Callable[[Workspace], None], why: str
) -> None:
    spoil(foretold)
    assert foretold.gate() == 0
    record = foretold.record
    assert why in record["forecast"]["unmeasured"]
    (note,) = [one for one in record["findings"] if one["code"] == "forecast_unmeasured"]
    assert why in note["message"]


def test_a_candidate_is_not_forecast_by_the_cases_alone_that_it_chose_to_answer(
    foretold: Workspace,
) -> None:
    foretold.gate()
    before = foretold.record["forecast"]["outlooks"][0]["reviews_per_week"]["estimate"]
    # The unsure ones are lost, and the subset lets that pass.
    foretold.candidate = [row for number, row in enumerate(foretold.candidate) if number % 4]
    foretold.manifest["limits"] = {"max_missing": 0.1}
    foretold.manifest["gate_classes"].append(
        {"authority": "block", "metric": "forecast.override_rate", "max": 1.0}
    )
    hold(foretold, "block_unmeasured")
    forecast = foretold.record["forecast"]
    assert (forecast["n_cases"], forecast["n_unanswered"]) == (N_CASES, N_CASES // 4)
    (gate,) = foretold.record["forecast_gates"]
    assert "20 of 80 cases lack a usable reply in one of the arms, and 10.0% may" in gate["reason"]
    assert any("20 golden cases lack a usable reply" in note for note in forecast["notes"])
    assert forecast["outlooks"][0]["reviews_per_week"]["estimate"] >= 0.9 * before


def test_failed_calls_of_the_previous_arm_make_no_candidate_look_better(
    foretold: Workspace,
) -> None:
    for number, row in enumerate(foretold.previous):
        if number % 4 == 1:
            row.pop("text")
            row["error"] = "server_error: 500"
    foretold.manifest["limits"] = {"max_missing": 0.1}
    foretold.manifest["gate_classes"].append(
        {"authority": "block", "metric": "forecast.override_rate", "max": 1.0}
    )
    hold(foretold, "block_unmeasured")
    assert foretold.record["forecast"]["n_unanswered"] == N_CASES // 4


@pytest.mark.parametrize("spoil", [other_model, silent_replies])
def test_a_forecast_that_cannot_be_said_holds_where_a_class_reads_it(
    foretold: Workspace, spoil: Callable[[Workspace], None]
) -> None:
    spoil(foretold)
    foretold.manifest["gate_classes"].append(OVERRIDE)
    hold(foretold, "block_unmeasured")


def test_every_mistake_is_told_at_once_and_before_anything_is_asked(
    foretold: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    foretold.manifest["baseline"] = {"decisions": ["gone.parquet", "log.txt"]}
    foretold.manifest["decision_fields"] = {"action_type": "a b"}
    foretold.manifest["recalibration"] = "none.json"
    refuse(foretold, capsys, "gone.parquet", "log.txt", "decision_fields.action_type", "none.json")


def test_a_broken_row_of_the_baseline_is_bad_input(
    foretold: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [a_decision(number) for number in range(20)]
    rows[7]["confidence"] = 7
    write_lines(foretold.root / "log.jsonl", rows)
    refuse(foretold, capsys, "log.jsonl", "confidence")


def test_the_previous_model_is_told_from_others_in_the_log(foretold: Workspace) -> None:
    others = [
        a_decision(number, decision_id=f"o{number}", resolved_model=CANDIDATE, confidence=0.1)
        for number in range(300)
    ]
    own = [a_decision(number) for number in range(560)]
    foretold.gate()
    alone = foretold.record["forecast"]["previous"]
    write_lines(foretold.root / "log.jsonl", [*own, *others])
    foretold.gate()
    assert foretold.record["forecast"]["n_traffic"] == 560
    mixed = foretold.record["forecast"]["previous"]
    assert mixed["auto_resolve_rate"]["estimate"] == alone["auto_resolve_rate"]["estimate"]


def test_patterns_are_spread_from_the_folder_of_the_manifest(foretold: Workspace) -> None:
    folder = foretold.root / "logs [1]"
    folder.mkdir()
    write_lines(folder / "a.jsonl", [a_decision(number) for number in range(280)])
    write_lines(folder / "b.jsonl", [a_decision(number) for number in range(280, 560)])
    foretold.manifest["baseline"]["decisions"] = "logs [[]1]/*.jsonl"
    assert foretold.gate() == 0
    assert foretold.record["forecast"]["n_traffic"] == 560
    assert foretold.record["forecast"]["sources"] == ["logs [1]/a.jsonl", "logs [1]/b.jsonl"]


def test_a_proposal_for_another_candidate_is_shown_and_not_used(foretold: Workspace) -> None:
    proposal = {
        "format": "hitl/recalibration/v1", "policy_id": "triage", "policy_version": "1",
        "policy_digest": digest_file(foretold.root / "policy.json"), "new_version": "2", "release_id": None,
        "model": "acme/another", "previous_model": None, "target": 0.02, "delta": 0.05, "round": 1, "is_family": False,
        "errors_by": "correct", "created_at": "2026-05-01T00:00:00+00:00", "sources": [], "n": 10,
        "types": [{
            "action_type": "refund", "state": "certified", "reason": "made up", "n": 10, "n_eligible": 10,
            "n_labelled": 10, "n_wrong": 0, "auto": 0.8, "review": 0.5, "proposed": 0.6, "direction": "gains",
        }],
    }  # fmt: skip
    write_json(foretold.root / "recalibration.json", proposal)
    foretold.manifest["recalibration"] = "recalibration.json"
    foretold.manifest["gate_classes"].append(OVERRIDE | {"setting": "recalibrated"})
    record = hold(foretold, "block_unmeasured")
    assert "acme/another" in record["recalibration"]["unused"]
    assert record["recalibration"]["moves"][0]["after"] == 0.6
    assert record["forecast"]["outlooks"][1]["override_rate"]["estimate"] is None
    assert "recalibration_unused" in [note["code"] for note in record["findings"]]
    proposal["model"] = CANDIDATE
    write_json(foretold.root / "recalibration.json", proposal)
    record = hold(foretold, "block_unmeasured")
    assert "without a certificate" in record["recalibration"]["unused"]


def test_what_cannot_be_found_is_told_without_opening_a_log(foretold: Workspace) -> None:
    inputs = load_release(foretold.write())
    assert unfound(inputs) == ()
    (foretold.root / "log.jsonl").unlink()
    foretold.manifest["decision_fields"] = {"confidence": "a b"}
    (path, log) = sorted(unfound(load_release(foretold.write())), key=lambda one: one.field == "")
    assert path.field == "decision_fields.confidence"
    assert "log.jsonl" in log.file


def test_the_self_test_of_a_gate_leaves_the_forecast_out(foretold: Workspace) -> None:
    foretold.manifest["gate_classes"].append(OVERRIDE)
    assert main(["gate", str(foretold.write()), "--aa", "--runs", "20", "--json"]) == 0


def test_a_plan_has_a_line_for_a_class_on_the_forecast(
    foretold: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    foretold.manifest["gate_classes"].append(OVERRIDE)
    assert main(["plan", str(foretold.write()), "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    (line,) = [one for one in plan["margins"] if one["subset"] == "forecast"]
    assert line["rule"] == "forecast.override_rate as_it_is at most x 1.2"
    assert plan["forecast"].startswith("What reviewers would face")


def test_a_release_without_a_baseline_loads_nothing_of_a_forecast(release: Workspace) -> None:
    program = (
        "import sys; from hitl.cli.door import main; code = main(sys.argv[1:]);"
        "sys.exit(code or 'duckdb' in sys.modules or 'hitl.recalibrate.forecast.forecasting' in sys.modules)"
    )
    asked = ["gate", str(release.write()), "--out", str(release.out)]
    done = subprocess.run([sys.executable, "-c", program, *asked], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
