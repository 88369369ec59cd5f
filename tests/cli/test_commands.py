import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from hitl.cli.door import main
from hitl.cli.lint import print_findings
from hitl.cli.self_test import print_self_test
from hitl.gate.self_test import SelfTest, SelfTestLine
from hitl.golden.lint import Level, LintFinding
from hitl.manifest.gate_class import Authority
from hitl.stats.interval import Interval
from tests.cli.workspace import Row, Workspace, a_case, write_json, write_lines


@pytest.fixture
def recorded(release: Workspace, capsys: pytest.CaptureFixture[str]) -> Workspace:
    """Return a release that was held, with its record."""
    release.fail(range(40))
    release.gate()
    capsys.readouterr()
    return release


@pytest.mark.parametrize("view", ["html", "md", "junit", "github", "sarif"])
@pytest.mark.parametrize("from_folder", [True, False])
def test_every_view_of_a_record_can_be_drawn_again(
    recorded: Workspace, capsys: pytest.CaptureFixture[str], view: str, from_folder: bool
) -> None:
    place = recorded.record_path.parent if from_folder else recorded.record_path

    assert main(["report", str(place), "--format", view]) == 0

    said = capsys.readouterr()
    assert "upgrade" in said.out
    assert said.err == ""


def test_views_are_what_they_claim_to_be(
    recorded: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str(recorded.record_path)

    main(["report", place, "--format", "junit"])
    assert ET.fromstring(capsys.readouterr().out).tag == "testsuites"  # noqa: S314  # our own file

    main(["report", place, "--format", "sarif"])
    assert json.loads(capsys.readouterr().out)["version"] == "2.1.0"

    main(["report", place, "--format", "html"])
    html = capsys.readouterr().out
    assert html.strip() == (recorded.record_path.parent / "index.html").read_text().strip()

    main(["report", place, "--format", "md", "--json"])
    assert json.loads(capsys.readouterr().out)["format"] == "md"


def test_a_report_can_go_to_a_file(
    recorded: Workspace, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "views" / "record.md"

    assert main(["report", str(recorded.record_path), "--out", str(out)]) == 0

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"wrote {out}\n"
    assert out.read_text() == (recorded.record_path.parent / "record.md").read_text()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"verdict": "hold"', '"verdict": "ship"'),
        ('"exit_code": 10', '"exit_code": 0'),
        ('"regressed": 40', '"regressed": 0'),
        ('"seed": 0', '"seed": 1'),
    ],
)
@pytest.mark.parametrize("command", ["report", "explain"])
def test_a_record_that_was_changed_after_its_verdict_is_refused(
    recorded: Workspace, capsys: pytest.CaptureFixture[str], command: str, old: str, new: str
) -> None:
    text = recorded.record_path.read_text()
    assert old in text
    recorded.record_path.write_text(text.replace(old, new, 1))

    assert main([command, str(recorded.record_path)]) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert "not what was sealed" in said.err


@pytest.mark.parametrize("command", ["report", "explain"])
@pytest.mark.parametrize("name", ["nowhere", "x" * 5000, "release.yaml", "."])
def test_what_is_no_record_is_refused(
    recorded: Workspace, capsys: pytest.CaptureFixture[str], command: str, name: str
) -> None:
    assert main([command, str(recorded.root / name)]) == 2

    assert capsys.readouterr().err.startswith("hitl: ")


def test_explain_walks_down_to_a_case(
    recorded: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str(recorded.record_path)

    assert main(["explain", place, "--subset", "core", "--case", "c007"]) == 0
    said = capsys.readouterr()
    assert "c007" in said.out
    assert "c008" not in said.out

    assert main(["explain", place, "--case", "c007", "--json"]) == 0
    assert [row["case_id"] for row in json.loads(capsys.readouterr().out)["failures"]] == ["c007"]


@pytest.mark.parametrize("options", [["--subset", "nope"], ["--case", "c079"]])
def test_explain_refuses_what_the_record_does_not_have(
    recorded: Workspace, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    assert main(["explain", str(recorded.record_path), *options]) == 2

    assert options[1] in capsys.readouterr().err


def test_compare_counts_by_the_one_grade_there_is(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    release.both(labels={"passed": True})
    for row in release.candidate[:30]:
        row["labels"] = {"passed": False}

    found = compare(release, capsys)

    assert found["format"] == "hitl/comparison/v1"
    (subset,) = found["subsets"]
    assert (subset["n_cases"], subset["regressed"], subset["improved"]) == (80, 30, 0)


def test_compare_asks_which_grade_decides(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    release.both(labels={"passed": True, "polite": False})
    release.write()
    files = [str(release.root / name) for name in ("previous.jsonl", "candidate.jsonl")]

    assert main(["compare", *files]) == 2
    assert "passed, polite" in capsys.readouterr().err

    found = compare(release, capsys, "--label", "polite")
    assert found["subsets"][0]["previous"]["n_passed"] == 0


def test_compare_judges_by_a_golden_set(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    release.fail(range(12))

    found = compare(release, capsys, "--golden", str(release.root / "set.yaml"))

    assert found["subsets"][0]["id"] == "core"
    assert found["subsets"][0]["regressed"] == 12


def test_compare_of_runs_that_share_nothing_cannot_judge(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    release.write()
    write_lines(release.root / "candidate.jsonl", [])
    files = [str(release.root / name) for name in ("previous.jsonl", "candidate.jsonl")]

    assert main(["compare", *files, "--golden", str(release.root / "set.yaml")]) == 12

    assert "nothing to compare" in capsys.readouterr().err


@pytest.mark.parametrize("confidence", ["0.5", "1", "nan", "x"])
def test_compare_refuses_a_confidence_that_means_nothing(
    release: Workspace, confidence: str
) -> None:
    release.write()
    files = [str(release.root / name) for name in ("previous.jsonl", "candidate.jsonl")]

    code = main(
        ["compare", *files, "--golden", str(release.root / "set.yaml"), "--confidence", confidence]
    )

    assert code == 2


def test_a_plan_writes_and_spends_nothing(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    release.gate_class["margin"] = 0.01
    path = release.write()

    assert main(["plan", str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)

    assert (found["n_cases"], found["n_calls"]) == (80, 0)
    assert found["margins"][0]["is_provable"] is False
    assert found["margins"][0]["cases_needed"] == 299
    assert main(["plan", str(path)]) == 0
    assert "299" in capsys.readouterr().out
    assert release.wrote_nothing()


def test_names_with_brackets_or_marks_are_printed_as_they_are(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    release.manifest["candidate_model"]["id"] = "a[/b]\u202e/latest"

    assert main(["plan", str(release.write())]) == 0

    assert "a[/b]⟨U+202E⟩/latest" in capsys.readouterr().out


def test_no_printer_lets_a_mark_or_an_emoji_through(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    name = "[/x]\u202e:smile:"
    part = Interval(0.1, 0.0, 0.2, 0.95, "exact", 20)
    line = SelfTestLine(name, Authority.BLOCK, 20, part, part)

    print_findings([LintFinding("code", Level.ERROR, name, None, name)])
    print_self_test(SelfTest("repeats", 20, part, (line,)))

    said = capsys.readouterr().out
    assert said.count("[/x]⟨U+202E⟩:smile:") == 2


@pytest.mark.parametrize("options", [[], ["--example"]])
def test_a_new_workspace_is_well_and_can_be_gated_at_once(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["init", "--json", *options]) == 0
    written = json.loads(capsys.readouterr().out)

    for name in written["files"]:
        if name.endswith(".yaml"):
            first = Path(name).read_text().splitlines()[0]
            schema = first.removeprefix("# yaml-language-server: $schema=")
            assert json.loads((Path(name).parent / schema).read_text())["$schema"]
    assert main(["doctor"]) == 0
    assert main(["gate", written["release"]]) in {0, 10}
    assert list(tmp_path.glob("reports/*/record.json"))


def test_init_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "manifests" / "starter" / "release.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("mine")

    assert main(["init", str(tmp_path)]) == 2

    assert "nothing was written" in capsys.readouterr().err
    assert own.read_text() == "mine"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [own]


def test_doctor_names_each_fault_and_leaves_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["init", str(tmp_path)])
    (tmp_path / "golden_sets" / "starter" / "set.yaml").write_text("format: nope\n")
    capsys.readouterr()

    assert main(["doctor", str(tmp_path), "--json"]) == 2

    found = json.loads(capsys.readouterr().out)
    assert found["well"] is False
    faults = [check["detail"] for check in found["checks"] if not check["is_well"]]
    assert all("set.yaml:1: format" in fault for fault in faults)
    assert len(faults) == 2  # the set, and the release that names it


def test_lint_finds_what_loading_does_not_refuse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = [a_case(0), a_case(1, input="question 0"), a_case(2, expect=[])]
    subsets = [{"id": "core", "cases": cases}, {"id": "empty", "cases": []}]
    head = {"format": "hitl/golden-set/v1", "id": "a", "version": "1", "workflow_id": "w"}
    write_json(tmp_path / "set.yaml", head | {"subsets": subsets})

    assert main(["golden", "lint", str(tmp_path / "set.yaml"), "--json"]) == 2

    found = json.loads(capsys.readouterr().out)["findings"]
    assert {(part["code"], part["level"]) for part in found} == {
        ("empty_expectation", "error"),
        ("no_cases", "error"),
        ("repeated_input", "warning"),
        ("too_small", "warning"),
    }


def compare(release: Workspace, capsys: pytest.CaptureFixture[str], *options: str) -> Row:
    release.write()
    files = [str(release.root / name) for name in ("previous.jsonl", "candidate.jsonl")]
    assert main(["compare", *files, "--json", *options]) == 0
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]  # JSON
