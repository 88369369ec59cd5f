"""`hitl policy replay`, `capacity` and `advise`: what people and machines are told, and the exit code."""

import json
from pathlib import Path
from typing import Any

import pytest

from hitl.cli.door import main
from hitl.document.schema import Document
from hitl.policy.advice.parts import Advice
from hitl.policy.capacity.parts import Capacity
from hitl.policy.replay.parts import Replay
from tests.policy.replay_logs import a_row, reviewed, ten_decisions, write_rows

SHIPPED = Path(__file__).parents[2] / "manifests" / "incident-triage"
EXAMPLE = [str(SHIPPED / "decisions.parquet"), "--policy", str(SHIPPED / "policy.yaml")]
COMMANDS: dict[str, type[Document]] = {"replay": Replay, "capacity": Capacity, "advise": Advice}
POLICY = """\
format: hitl/policy/v1
id: small
version: "1"
action_types:
  act: {risk: low, thresholds: {auto: 0.85, review: 0.6}, pool: triage, audit_rate: 0.0, error_cost_usd: 5}
pools:
  triage: {members: [ana], capacity_per_hour: 10, tier: 1, sla_minutes: 60}
  experts: {members: [bo], capacity_per_hour: 5, tier: 2, sla_minutes: 240}
"""


@pytest.fixture
def small(tmp_path: Path) -> list[str]:
    """Return the arguments of ten decisions and a small policy."""
    (tmp_path / "policy.yaml").write_text(POLICY)
    log = write_rows(tmp_path / "log.jsonl", ten_decisions())
    return [str(log), "--policy", str(tmp_path / "policy.yaml")]


@pytest.mark.parametrize("command", COMMANDS)
def test_json_is_one_typed_document_and_nothing_else(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", command, *EXAMPLE, "--json"]) == 0

    said = capsys.readouterr()
    read = COMMANDS[command].model_validate_json(said.out)
    assert read.model_dump(mode="json") == json.loads(said.out)
    assert said.err == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_the_same_log_gives_the_same_bytes(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = [(main(["policy", command, *EXAMPLE, "--json"]), capsys.readouterr().out) for _ in range(2)]  # fmt: skip

    assert said[0] == said[1]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("more", [[], ["--set-aside-unread"]])
def test_tables_fit_a_narrow_terminal(
    command: str,
    more: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    assert main(["policy", command, *EXAMPLE, *more]) == 0

    lines = capsys.readouterr().out.splitlines()
    rules = [line for line in lines if "──" in line]
    assert rules
    assert max(map(len, rules)) <= 80
    assert not any("…" in line for line in lines)


@pytest.mark.parametrize("columns", ["80", "60"])
def test_the_state_of_a_pool_is_never_broken_in_two(
    columns: str,
    small: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", columns)

    assert main(["policy", "capacity", *small]) == 0
    assert main(["policy", "capacity", *EXAMPLE]) == 0

    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    stands = {row[1] for row in rows if len(row) == 7 and row[0] in ("triage", "incident-command")}
    assert stands == {"unmeasured", "within", "late"}


def test_people_see_lanes_work_and_what_changes(
    small: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "replay", *small]) == 0

    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["act", "9", "44.4", "%", "22.2", "%", "33.3", "%", "0", "%", "2"] in rows
    assert ["odd", "(unknown)", "1", "0", "%", "0", "%", "0", "%", "100", "%", "0"] in rows
    assert ["triage", "3", "2", "2.50", "2026-06-01T09:00Z", "4"] in rows
    assert ["act", "queue", "audit", "2", "d5,", "d6"] in rows
    assert ["Beside", "the", "log:", "8", "the", "same,", "0", "stricter,", "2", "laxer"] in rows


def test_a_second_policy_stands_beside_the_first(
    small: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other.yaml").write_text(POLICY.replace("auto: 0.85", "auto: 0.95"))

    assert main(["policy", "replay", *small, "--against", str(tmp_path / "other.yaml")]) == 0

    # Under the other policy 0.9 lies between the thresholds and is reviewed afterwards.
    said = capsys.readouterr().out
    assert "Beside the other policy: 6 the same, 0 stricter, 4 laxer" in said


def test_rules_that_cannot_be_read_are_told_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "replay", *EXAMPLE, "--json"]) == 0
    strict: dict[str, Any] = json.loads(capsys.readouterr().out)["policies"][0]
    assert main(["policy", "replay", *EXAMPLE, "--set-aside-unread", "--json"]) == 0
    bare: dict[str, Any] = json.loads(capsys.readouterr().out)["policies"][0]

    for rule in bare["unread"]:
        assert rule["is_set_aside"]
    assert sum(strict["lanes"].values()) == sum(bare["lanes"].values())
    for lane in ("auto", "audit"):
        assert strict["lanes"][lane] <= bare["lanes"][lane]
    runs = [policy["lanes"]["auto"] + policy["lanes"]["audit"] for policy in (strict, bare)]
    assert strict["n_because_unread"] == runs[1] - runs[0]


def test_a_pool_without_review_times_is_told_as_unmeasured(
    small: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "capacity", *small]) == 0

    said = capsys.readouterr().out
    assert "triage: unmeasured" in said
    assert "measured review times, fewer than 30" in said
    assert "within SLA" not in said


def test_advice_says_what_cannot_be_said(
    small: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "advise", *small]) == 0

    said = capsys.readouterr().out
    assert "found: threshold_without_calibration: act: 2 labels cannot support it" in said
    assert "unmeasured: seeded_errors_missed: nobody was given a planted error" in said


def test_names_of_the_log_cannot_write_to_the_terminal(
    tmp_path: Path, small: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        a_row("\x1b[2Jx", action_type="[red]\x1b[2J", lane="queue", reviewer_pool=":boom:\u202e"),
        *(reviewed(f"d{n}", reviewer_id="\x1b]0;x", reviewer_pool="\u202ep", review_seconds=1.0) for n in range(40)),
    ]  # fmt: skip
    write_rows(tmp_path / "log.jsonl", rows)

    for command in COMMANDS:
        assert main(["policy", command, *small]) == 0
        said = capsys.readouterr().out
        assert "\x1b" not in said
        assert "\u202e" not in said


@pytest.mark.parametrize("command", COMMANDS)
def test_a_log_or_policy_that_is_missing_is_2(
    command: str, small: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", command, str(tmp_path / "none.parquet"), *small[1:]]) == 2
    assert main(["policy", command, small[0], "--policy", str(tmp_path / "none.yaml")]) == 2
    assert main(["policy", command, small[0]]) == 2

    assert "Traceback" not in capsys.readouterr().err


def test_a_log_with_faults_is_2_with_the_column(
    tmp_path: Path, small: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    write_rows(tmp_path / "log.jsonl", [a_row("a", confidence=7)])

    assert main(["policy", "replay", *small]) == 2

    assert "confidence: 1 rows: out of range" in capsys.readouterr().err


def test_names_of_another_log_are_mapped(
    tmp_path: Path, small: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.csv"
    log.write_text("id,kind,sure\na,act,90\nb,act,10\n")
    mapping = "columns: {decision_id: id, action_type: kind, confidence: sure}\nunits: {confidence: percent}\n"
    (tmp_path / "mapping.yaml").write_text(f"format: hitl/mapping/v1\n{mapping}")

    code = main(["policy", "replay", str(log), *small[1:], "--json", "--mapping", str(tmp_path / "mapping.yaml")])  # fmt: skip

    assert code == 0
    assert json.loads(capsys.readouterr().out)["policies"][0]["lanes"] == {"auto": 1, "audit": 0, "queue": 1, "escalate": 0}  # fmt: skip


def test_the_policy_itself_may_say_how_its_log_is_named(
    tmp_path: Path, small: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.csv"
    log.write_text("id,kind,sure\na,act,0.9\n")
    names = "log: {columns: {decision_id: id, action_type: kind, confidence: sure}}\n"
    (tmp_path / "policy.yaml").write_text(POLICY + names)

    assert main(["policy", "replay", str(log), *small[1:], "--json"]) == 0

    assert json.loads(capsys.readouterr().out)["policies"][0]["lanes"]["auto"] == 1
