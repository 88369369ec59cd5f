import json
import re
from pathlib import Path

import pytest

from hitl.cli.door import main

EXPORTS = Path(__file__).parents[1] / "decisions" / "exchange" / "exports"
LANGFUSE = [str(EXPORTS / f"langfuse_{part}.jsonl") for part in ("observations", "scores")]
MAPPING = """format: hitl/mapping/v1
columns: {action_type: metadata.action, human_action: score.review}
values: {human_action: {fine: approve, wrong: reject}}
"""
NOW = "1784505600"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", NOW)


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "mapping.yaml"
    path.write_text(MAPPING)
    return path


@pytest.fixture
def log(tmp_path: Path, mapping: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    out = tmp_path / "log.parquet"
    assert main(["log", "import", *LANGFUSE, "--from", "langfuse", "--mapping", str(mapping), "--out", str(out)]) == 0  # fmt: skip
    capsys.readouterr()
    return out


def test_an_import_says_what_became_of_every_record(
    tmp_path: Path, mapping: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "log.jsonl"

    code = main(["log", "import", *LANGFUSE, "--from", "langfuse", "--mapping", str(mapping), "--out", str(out)])  # fmt: skip

    said = capsys.readouterr()
    assert code == 0
    assert said.out.startswith(
        "10 records in: 3 decisions, 6 judgements, 1 set aside, 0 unreadable\n3 rows written"
    )
    assert "judgements: 2 belong to a decision" in said.out
    assert "not by a person (EVAL)" in said.out
    assert "human_action         2 of 3" in said.out
    assert said.err == ""


def test_json_holds_the_same_and_nothing_else(
    tmp_path: Path, mapping: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "log.jsonl"

    main(["log", "import", *LANGFUSE, "--from", "langfuse", "--mapping", str(mapping), "--out", str(out), "--json"])  # fmt: skip

    found = json.loads(capsys.readouterr().out)
    parts = (
        *found["judgements_without_decision"],
        *found["judgements_not_read"],
        *found["set_aside"],
    )
    assert found["records_in"] == 10
    assert found["rows"] + found["judgements_joined"] + sum(part["n"] for part in parts) == 10
    assert found["columns"]["human_action"] == 2


@pytest.mark.parametrize("name", ["log.parquet", "log.csv.gz", "log.jsonl"])
def test_an_imported_log_is_one_that_lint_reads_in_every_form(
    tmp_path: Path, mapping: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    out = tmp_path / name
    main(["log", "import", *LANGFUSE, "--from", "langfuse", "--mapping", str(mapping), "--out", str(out)])  # fmt: skip
    capsys.readouterr()

    assert main(["log", "lint", str(out), "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    n = {line["field"]: line["n"] for line in found["coverage"]}
    assert (found["rows_mapped"], n["human_action"], n["resolved_model"], n["at"]) == (3, 2, 2, 3)


def test_scores_of_a_source_that_is_called_people_count_as_theirs(
    tmp_path: Path, mapping: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "log.jsonl"
    words = ["--from", "langfuse", "--mapping", str(mapping), "--people", "EVAL", "--out", str(out)]

    assert main(["log", "import", *LANGFUSE, *words, "--json"]) == 0

    assert json.loads(capsys.readouterr().out)["columns"]["human_action"] == 3


def test_a_refused_import_is_2_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "log.parquet"
    inbox = str(EXPORTS / "agent_inbox.jsonl")

    assert main(["log", "import", inbox, "--from", "agent-inbox", "--out", str(out)]) == 2

    said = capsys.readouterr().out
    assert "nothing written: 2 records refused" in said
    assert "error: " in said
    assert "found 'ignore' (1), 'response' (1)" in said
    assert not out.exists()


def test_a_policy_says_how_an_export_is_read_and_a_mapping_wins(
    tmp_path: Path, mapping: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = MAPPING.partition("\n")[2].replace("{fine: approve", "{fine: modify")
    policy, out = tmp_path / "policy.yaml", tmp_path / "log.jsonl"
    policy.write_text(f"format: hitl/policy/v1\nversion: '1'\n{said}")
    words = ["log", "import", *LANGFUSE, "--from", "langfuse", "--policy", str(policy), "--out", str(out)]  # fmt: skip

    assert main(words) == 0
    assert '"human_action": "modify"' in out.read_text()
    assert main([*words, "--mapping", str(mapping), "--force"]) == 0
    assert '"human_action": "modify"' not in out.read_text()
    assert '"human_action": "approve"' in out.read_text()


def test_an_export_of_another_tool_is_not_replaced_by_the_log_made_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "observations.jsonl"
    source.write_bytes(Path(LANGFUSE[0]).read_bytes())
    before = source.read_bytes()

    words = ["log", "import", str(source), "--from", "langfuse", "--out", str(source), "--force"]

    assert main(words) == 2
    assert "is what is read" in capsys.readouterr().err
    assert source.read_bytes() == before


def test_an_existing_log_stays_without_force(
    log: Path, mapping: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = log.read_bytes()
    words = ["log", "import", LANGFUSE[0], "--from", "langfuse", "--out", str(log)]

    assert main(words) == 2
    assert "exists; choose another name, or replace it with --force" in capsys.readouterr().err
    assert log.read_bytes() == before
    assert main([*words, "--force"]) == 0
    assert log.read_bytes() != before


def test_reviewers_keep_their_ids_in_an_import_unless_asked(
    tmp_path: Path, mapping: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEOPLE_KEY", "a secret of the test, long enough")
    words = ["log", "import", *LANGFUSE, "--from", "langfuse", "--mapping", str(mapping), "--out"]

    main([*words, str(tmp_path / "plain.jsonl")])
    main([*words, str(tmp_path / "hidden.jsonl"), "--hash-reviewers", "--salt-env", "PEOPLE_KEY"])

    assert '"usr-7"' in (tmp_path / "plain.jsonl").read_text()
    hidden = (tmp_path / "hidden.jsonl").read_text()
    assert '"usr-7"' not in hidden
    assert len(set(re.findall(r"reviewer-[0-9a-f]{16}", hidden))) == 2


@pytest.mark.parametrize(("value", "said"), [("", "is not set"), ("short", "has 5 bytes")])
def test_a_secret_that_is_none_is_told_and_never_shown(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], value: str, said: str
) -> None:  # fmt: skip
    monkeypatch.setenv("PEOPLE_KEY", value)

    assert main(["log", "export", str(log), "--out", str(tmp_path / "x.csv"), "--salt-env", "PEOPLE_KEY"]) == 2  # fmt: skip

    err = capsys.readouterr().err
    assert f"PEOPLE_KEY {said}" in err
    assert "short" not in err.replace("PEOPLE_KEY", "")


def test_an_export_hides_people_and_says_so(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "shared.csv"

    assert main(["log", "export", str(log), "--out", str(out)]) == 0

    said = capsys.readouterr().out
    assert "3 of 3 rows written" in said
    assert "reviewers under pseudonyms: 2" in said
    assert "usr-" not in out.read_text()


def test_two_exports_without_a_secret_cannot_be_joined(log: Path, tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        main(["log", "export", str(log), "--out", str(tmp_path / name)])

    assert (tmp_path / "a.csv").read_text() != (tmp_path / "b.csv").read_text()


def test_days_are_kept_as_asked(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def kept(*words: str) -> int:
        out = str(tmp_path / "x.jsonl")
        main(["log", "export", str(log), "--out", out, "--force", "--json", *words])
        return json.loads(capsys.readouterr().out)["rows_out"]

    assert kept("--keep-days", "10", "--at", "2026-05-11T10:20:00Z") == 2
    assert kept("--from", "2026-05-01", "--to", "2026-05-01") == 3
    assert main(["log", "export", str(log), "--out", str(tmp_path / "x.jsonl"), "--force", "--keep-days", "1"]) == 2  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--keep-days", "9", "--from", "2026-05-01"], "name one of them"),
        (["--at", "2026-05-01T00:00:00Z"], "name both"),
        (["--keep-days", "9", "--at", "2026-05-01"], "is no time with a zone"),
        (["--from", "soon"], "is no day; expected such as 2026-05-01"),
        (["--from", "2026-05-02", "--to", "2026-05-01"], "no row can leave"),
        (["--columns", "at,colour"], "names 'colour'; columns are decision_id"),
        (["--to", "9999-12-31"], "is no day"),
        (["--keep-days", "36500", "--at", "0050-01-01T00:00:00Z"], "lies before the calendar"),
    ],
)
def test_words_that_contradict_each_other_are_told(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["log", "export", str(log), "--out", str(tmp_path / "x.csv"), *words]) == 2
    assert said in capsys.readouterr().err


def test_the_redaction_of_a_policy_is_used(log: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    text = (Path(__file__).parents[2] / "manifests/incident-triage/policy.yaml").read_text()
    policy.write_text(re.sub(r"(?m)^redact:\n(?: .*\n)+", "redact: {words: [refund]}\n", text))

    assert main(["log", "export", str(log), "--out", str(tmp_path / "x.csv"), "--policy", str(policy)]) == 0  # fmt: skip
    assert "[word]" in (tmp_path / "x.csv").read_text()


def test_hostile_names_cannot_repaint_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    score = json.loads(Path(LANGFUSE[1]).read_text().splitlines()[0])
    path = tmp_path / "s.jsonl"
    path.write_text(json.dumps({**score, "name": "\x1b[2Jname[red]"}))

    main(["log", "import", LANGFUSE[0], str(path), "--from", "langfuse", "--out", str(tmp_path / "o.csv")])  # fmt: skip

    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "⟨U+001B⟩[2Jname[red]" in said


def test_lint_shows_no_personal_data_of_the_values_that_it_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"decision_id": "bo@example.com", "lane": "ask ana@example.com", "at": "+49 30 1234567"}
    path = tmp_path / "log.jsonl"
    path.write_text((json.dumps(row) + "\n") * 2)

    assert main(["log", "lint", str(path)]) == 2

    said = capsys.readouterr()
    assert "'ask [email]' (2)" in said.out
    assert "'[email]' (2 rows)" in said.out
    assert "example.com" not in said.out + said.err
    assert "1234567" not in said.out + said.err
