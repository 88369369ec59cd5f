import json
from pathlib import Path

import pytest

from hitl.cli.door import main
from tests.decisions.logs import Truth, write_log

MAPPING = """format: hitl/mapping/v1
columns: {decision_id: id, human_action: what}
values: {human_action: {accept: approve}}
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return write_log(tmp_path / "log.parquet", Truth(rows=1000))


def test_a_usable_log_is_0_and_shows_coverage_and_what_is_forbidden(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["log", "lint", str(log)]) == 0

    said = capsys.readouterr()
    assert said.out.startswith("1,000 rows in, 1,000 usable, 0 refused\n")
    assert "resolved_model          100%  1,000 of 1,000" in said.out
    assert "prompt_hash: 100% of rows (1,000 of 1,000) have no value → an edited prompt" in said.out
    assert said.err == ""


def test_json_holds_the_same_and_nothing_else(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["log", "lint", str(log), "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert (found["rows_in"], found["rows_refused"]) == (1000, 0)
    lane = next(line for line in found["coverage"] if line["field"] == "lane")
    assert (lane["n"], lane["share"], lane["standard"]) == (1000, 1.0, "hitl.policy.lane")


def test_a_mapping_file_names_columns_and_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log.csv").write_text("id,what,secret\n1,accept,x\n2,reject,y\n")
    (tmp_path / "mapping.yaml").write_text(MAPPING)

    code = main(
        ["log", "lint", str(tmp_path / "log.csv"), "--mapping", str(tmp_path / "mapping.yaml")]
    )

    said = capsys.readouterr().out
    assert code == 0
    assert "2 rows in, 2 usable, 0 refused\ncolumns that nothing reads: secret" in said


def test_unknown_words_are_2_and_cannot_repaint_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log.csv").write_text("decision_id,lane\n1,\x1b[2Jfast\n")

    assert main(["log", "lint", str(tmp_path / "log.csv")]) == 2

    said = capsys.readouterr().out
    assert "1 rows in, 0 usable, 1 refused" in said
    assert "error: unknown_word: lane" in said
    assert "\x1b" not in said


@pytest.mark.parametrize("wrong", ["columns: {when: at}", "colums: {}", "zone: Mars"])
def test_a_mapping_with_mistakes_is_2_with_its_place(
    log: Path, tmp_path: Path, wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mapping.yaml").write_text(f"format: hitl/mapping/v1\n{wrong}\n")

    assert main(["log", "lint", str(log), "--mapping", str(tmp_path / "mapping.yaml")]) == 2

    err = capsys.readouterr().err
    assert "mapping" in err
    assert wrong.split(":", maxsplit=1)[0] in err
    assert "Traceback" not in err


def test_no_log_is_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["log", "lint", str(tmp_path / "none.parquet")]) == 2

    assert "no such file" in capsys.readouterr().err
