"""What `hitl log lint` is told: a mapping, a policy, an engine."""

import json
from pathlib import Path

import pytest

from hitl.cli.door import main
from tests.decisions.program import Said, fresh
from tests.services.spark import check_spark


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log with words of its own, and who says what they mean: a policy rightly, a mapping for another log."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "log.csv").write_text("id,what\nd1,ok\nd2,no\n")
    said = "{columns: {decision_id: id, human_action: what}, values: {human_action: {ok: approve, 'no': reject}}}"
    (tmp_path / "policy.yaml").write_text(f"format: hitl/policy/v1\nversion: '1'\nlog: {said}\n")
    (tmp_path / "mapping.yaml").write_text("columns: {human_action: what}\n")
    return tmp_path


def refused(capsys: Said, *words: str) -> tuple[int, int]:
    code = main(["log", "lint", "log.csv", "--json", *words])
    return code, json.loads(capsys.readouterr().out)["rows_refused"]


@pytest.mark.usefixtures("folder")
def test_a_policy_says_how_a_log_is_read_and_a_mapping_wins(capsys: Said) -> None:
    assert refused(capsys, "--policy", "policy.yaml") == (0, 0)
    assert refused(capsys, "--policy", "policy.yaml", "--mapping", "mapping.yaml") == (2, 2)


def test_a_policy_with_a_fault_is_told(folder: Path, capsys: Said) -> None:
    (folder / "policy.yaml").write_text("format: hitl/policy/v1\nversion: '1'\nlog: {zones: UTC}\n")

    assert main(["log", "lint", "log.csv", "--policy", "policy.yaml"]) == 2
    assert "log.zones: is not a field of this document" in capsys.readouterr().err


@pytest.mark.spark
def test_spark_reads_a_log_if_it_is_asked(folder: Path) -> None:
    check_spark()
    words = ["log.csv", "--policy", "policy.yaml", "--engine", "spark", "--json"]

    done = fresh(folder, "log", "lint", *words)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows_mapped"] == 2
