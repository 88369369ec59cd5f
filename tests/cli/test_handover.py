import json
from pathlib import Path

import pytest

from hitl.cli.door import main
from hitl.digest import digest_file
from hitl.record.store import load_record
from tests.cli.workspace import Workspace

ROOT = Path(__file__).parents[2]
POLICY = ROOT / "manifests" / "incident-triage" / "policy.yaml"

ROWS = [
    {"decision_id": "d-1", "action_type": "hold_deployments", "lane": "queue", "risk": "high"},
    {"decision_id": "d-2", "action_type": "hold_deployments", "human_action": "reject", "correct": False,
     "right_action_type": "annotate_incident", "reviewer_id": "bo@example.com"},
    {"decision_id": "d-3", "action_type": "annotate_incident"},
    {"decision_id": "d-3", "action_type": "annotate_incident"},
]  # fmt: skip


@pytest.fixture
def held(release: Workspace, capsys: pytest.CaptureFixture[str]) -> Workspace:
    """Return a release that was held, with its record."""
    release.fail(range(40))
    release.gate()
    capsys.readouterr()
    return release


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return a small log of decisions."""
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


def run(*words: object) -> int:
    return main(["handover", *map(str, words)])


def test_a_ticket_of_a_case_says_what_happened_what_should_have_and_where_the_evidence_is(
    held: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("ticket", held.record_path, "--case", "c007", "--json") == 0

    ticket = json.loads(capsys.readouterr().out)
    record = load_record(held.record_path)
    assert ticket["format"] == "hitl/ticket/v1"
    assert ticket["title"].startswith("[triage-v4] Lost: case c007 of core")
    assert len(ticket["title"]) <= 120
    assert ticket["priority"] == "P3"
    assert ticket["owner"] == "Platform"
    assert ticket["record"]["digest"] == record.digest
    assert "text equals yes" in ticket["body"].replace('"', "")
    assert "question 7" in ticket["body"]


def test_the_same_case_has_the_same_fingerprint_in_the_next_release(
    held: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    def fingerprint() -> str:
        run("ticket", held.record_path, "--case", "c007", "--json")
        return str(json.loads(capsys.readouterr().out)["fingerprint"])

    first = fingerprint()
    held.manifest["seed"] = 7
    held.gate()
    capsys.readouterr()

    assert fingerprint() == first
    run("ticket", held.record_path, "--case", "c008", "--json")
    assert json.loads(capsys.readouterr().out)["fingerprint"] != first


def test_a_case_that_did_not_fail_is_refused_and_near_ones_are_named(
    held: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("ticket", held.record_path, "--case", "c0007") == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert "c007" in said.err


@pytest.mark.parametrize(
    "words", [(), ("--case", "c007", "--log", "x", "--decision", "d"), ("--log", "log.jsonl")]
)
def test_a_handover_is_about_one_thing(
    held: Workspace, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("ticket", held.record_path, *words) == 2
    assert "expected either `--case ID`" in capsys.readouterr().err


def test_a_folder_holds_both_views_and_evidence_that_fits_the_files(
    held: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "hand"

    assert run("ticket", held.record_path, "--case", "c007", "--out", out) == 0

    assert sorted(path.name for path in out.iterdir()) == ["evidence.json", "ticket.json", "ticket.md"]  # fmt: skip
    bundle = json.loads((out / "evidence.json").read_text())
    named = {file["role"]: file for file in bundle["files"]}
    manifest = held.root / named["manifest"]["path"]
    assert named["manifest"]["sha256"] == digest_file(manifest)
    assert bundle["matter"]["id"] == "c007"
    assert capsys.readouterr().out == ""


def test_a_record_that_was_changed_is_not_handed_over(
    held: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = held.record_path.read_text().replace('"verdict": "hold"', '"verdict": "ship"', 1)
    held.record_path.write_text(changed)

    assert run("signoff", held.record_path) == 2
    assert "not what was sealed" in capsys.readouterr().err


def test_an_escalation_without_a_policy_says_that_nobody_knows_by_when(
    held: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("escalation", held.record_path, "--case", "c007", "--json") == 0

    found = json.loads(capsys.readouterr().out)
    assert (found["tier"], found["within_minutes"]) == (None, None)
    assert "no policy was named" in found["message"]


def test_an_escalation_of_a_decision_goes_to_the_pool_and_the_time_of_the_policy(
    held: Workspace, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--log", log, "--decision", "d-1", "--policy", POLICY, "--json")

    assert run("escalation", held.record_path, *words) == 0

    found = json.loads(capsys.readouterr().out)
    assert found["to"][0] == "pool experts"
    assert (found["tier"], found["within_minutes"]) == (2, 240)
    assert "silence approves nothing" in found["meanwhile"]
    assert found["subject"].startswith("HIGH: decision d-1")


def test_a_decision_is_handed_over_without_personal_data_and_with_its_log(
    held: Workspace, log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "hand"

    assert run("ticket", held.record_path, "--log", log, "--decision", "d-2", "--out", out) == 0

    text = (out / "ticket.md").read_text()
    assert "bo@" not in text + (out / "ticket.json").read_text()
    assert "a person said reject; labelled wrong" in text
    assert "annotate" in text
    files = json.loads((out / "evidence.json").read_text())["files"]
    assert [file["sha256"] for file in files if file["role"] == "log"] == [digest_file(log)]


@pytest.mark.parametrize(
    ("decision", "problem"), [("d-3", "stands 2 times"), ("d-9", "ids there are d-1, d-2")]
)
def test_a_decision_that_is_not_there_once_is_refused(
    held: Workspace, log: Path, decision: str, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("ticket", held.record_path, "--log", log, "--decision", decision) == 2
    assert problem in capsys.readouterr().err


def test_only_what_passed_is_ticked_on_a_sign_off(
    held: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("signoff", held.record_path, "--json") == 0

    found = json.loads(capsys.readouterr().out)
    assert [point["is_settled"] for point in found["gates"]] == [False]
    assert not any(point["is_settled"] for point in found["open_points"])
    assert run("signoff", held.record_path) == 0
    assert "- [ ] core, block: fail" in capsys.readouterr().out


def test_a_release_that_ships_has_its_gates_ticked(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    release.gate()
    capsys.readouterr()

    assert run("signoff", release.record_path) == 0
    assert "- [x] core, block: pass" in capsys.readouterr().out


def test_hostile_replies_stay_text_in_a_ticket(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = "```\n<script>alert(1)</script> @team \x1b[2J\u202e [x](javascript:alert(1))"
    release.fail(range(40))
    release.candidate[7]["text"] = hostile
    release.gate()
    capsys.readouterr()

    assert run("ticket", release.record_path, "--case", "c007") == 0

    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "````text\n```\n<script>" in out
