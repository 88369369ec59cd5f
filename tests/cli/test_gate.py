import gzip
import json

import pytest

from hitl.cli.door import main
from tests.cli.workspace import Workspace, a_reply
from tests.promised import FIELDS, SUBSET_FIELDS


@pytest.fixture
def failing(release: Workspace) -> Workspace:
    """Return a release whose candidate fails half of the cases."""
    release.fail(range(40))
    return release


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 10),
        (["--json"], 10),
        (["--exit-zero"], 0),
        (["--fail-on", "hold"], 10),
        (["--fail-on", "hold,revert"], 10),
        (["--fail-on", "revert"], 0),
        (["--fail-on", "ship"], 2),
        (["--fail-on", ""], 2),
        (["--fail-on", "hold;revert"], 2),
        (["--nope"], 2),
    ],
)
def test_the_options_change_the_code_and_never_the_verdict(
    failing: Workspace, options: list[str], code: int
) -> None:
    assert failing.gate(*options) == code

    if code != 2:
        assert failing.record["verdict"] == "hold"
        assert failing.record["exit_code"] == 10


@pytest.mark.parametrize(("fail_on", "code"), [("revert", 11), ("hold", 0), ("hold,revert", 11)])
def test_a_revert_fails_the_command_when_asked(failing: Workspace, fail_on: str, code: int) -> None:
    failing.manifest["stage"] = "canary"

    assert failing.gate("--fail-on", fail_on) == code
    assert failing.record["exit_code"] == 11


def test_stdout_holds_the_record_and_nothing_else(
    failing: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    failing.gate("--json")

    said = capsys.readouterr()
    assert json.loads(said.out) == failing.record
    assert said.err == (
        f"upgrade: hold\nrecord: {failing.record_path}\n"
        f"page:   {failing.record_path.parent / 'index.html'}\n"
    )


@pytest.mark.parametrize("spoil", ["manifest", "evidence"])
def test_an_error_is_json_too(
    release: Workspace, capsys: pytest.CaptureFixture[str], spoil: str
) -> None:
    if spoil == "manifest":
        release.manifest["nope"] = 1
    else:
        release.candidate.clear()

    code = release.gate("--json")

    said = capsys.readouterr()
    found = json.loads(said.out)
    assert found["exit_code"] == code
    assert f"hitl: {found['error']}\n" == said.err


def test_the_record_has_every_field_of_the_format(failing: Workspace) -> None:
    failing.gate()

    record = failing.record
    assert record.keys() >= set(FIELDS)
    assert record["format"] == "hitl/record/v1"
    (subset,) = record["subsets"]
    assert subset.keys() >= set(SUBSET_FIELDS)
    assert subset["difference"].keys() >= {"estimate", "low", "high", "confidence", "method"}
    assert subset["rules"][0].keys() >= {"rule", "value", "limit", "state", "n", "low", "high"}
    assert record["reasons"][0].keys() >= {"code", "subset", "authority", "message"}


def test_the_record_counts_what_was_written(failing: Workspace) -> None:
    failing.fail(range(40, 42))
    failing.previous[79]["text"] = "no"

    failing.gate()

    record = failing.record
    (subset,) = record["subsets"]
    assert (subset["n_cases"], subset["n_clusters"]) == (80, 80)
    assert subset["previous"].items() >= {"n_passed": 79, "n": 80, "rate": 0.9875}.items()
    assert subset["candidate"].items() >= {"n_passed": 38, "n": 80, "rate": 0.475}.items()
    assert (subset["regressed"], subset["improved"]) == (42, 1)
    assert subset["regressed_cases"] == [f"c{i:03}" for i in range(42)]
    assert subset["improved_cases"] == ["c079"]
    assert subset["difference"]["estimate"] == pytest.approx(-0.5125)
    assert [row["case_id"] for row in record["failures"]] == subset["regressed_cases"]


def test_every_input_is_in_the_evidence_with_its_digest(release: Workspace) -> None:
    release.gate()

    found = {part["path"]: part for part in release.record["evidence"]}
    assert found.keys() == {
        "release.yaml",
        "set.yaml",
        "core.jsonl",
        "previous.jsonl",
        "candidate.jsonl",
    }
    for name, part in found.items():
        assert part["bytes"] == (release.root / name).stat().st_size
        assert len(part["sha256"]) == 64


def test_every_view_stands_beside_the_record(release: Workspace) -> None:
    release.gate()

    folder = release.record_path.parent
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == [
        "candidate.jsonl.gz",
        "index.html",
        "junit.xml",
        "previous.jsonl.gz",
        "record.json",
        "record.md",
    ]
    kept = gzip.decompress((folder / "evidence" / "candidate.jsonl.gz").read_bytes())
    assert [json.loads(line) for line in kept.splitlines()] == release.candidate


def test_the_same_inputs_give_the_same_bytes(
    failing: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1780000000")
    failing.gate()
    files = [path for path in failing.out.rglob("*") if path.is_file()]
    first = {path: path.read_bytes() for path in files}

    failing.gate()

    assert {path: path.read_bytes() for path in files} == first


def test_only_the_time_and_the_place_may_differ(failing: Workspace) -> None:
    failing.gate()
    first = failing.record

    failing.previous.reverse()
    failing.cases["core"].reverse()
    failing.gate()

    changed = {name for name in first if first[name] != failing.record[name]}
    assert changed <= {"created_at", "environment", "evidence", "digest"}


def test_arms_may_hold_different_numbers_of_repeats(release: Workspace) -> None:
    release.candidate = [a_reply(i, repeat=r) for i in range(80) for r in range(3)]

    assert release.gate() == 0

    (subset,) = release.record["subsets"]
    assert subset["repeats"] == {"previous": 1, "candidate": 3}


def test_the_only_release_of_a_workspace_needs_no_name(
    release: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(release.root)
    assert main(["gate"]) == 2
    assert "hitl init" in capsys.readouterr().err

    assert main(["init"]) == 0
    assert main(["gate"]) == 0


def test_a_suite_against_itself_says_how_often_it_would_stop(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    path = release.write()

    assert main(["gate", str(path), "--aa", "--runs", "20", "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert (found["runs"], found["method"]) == (20, "splitting")
    assert found["stopped"]["estimate"] == 0
    assert release.wrote_nothing()
