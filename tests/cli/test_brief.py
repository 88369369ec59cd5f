import json
from pathlib import Path

import pytest

from hitl.cli.brief import BriefFormat, brief_text
from hitl.cli.door import main
from hitl.digest import digest
from hitl.record.release import UNSEALED
from hitl.record.store import load_record, record_bytes
from hitl.render.brief.content import BLIND
from tests.cli.workspace import Workspace

ROOT = Path(__file__).parents[2]


@pytest.fixture
def recorded(release: Workspace, capsys: pytest.CaptureFixture[str]) -> Workspace:
    """Return a release that was held, with its record."""
    release.fail(range(40))
    release.gate()
    capsys.readouterr()
    return release


@pytest.mark.parametrize("view", ["md", "html"])
def test_a_brief_goes_to_stdout(
    recorded: Workspace, capsys: pytest.CaptureFixture[str], view: str
) -> None:
    assert main(["brief", str(recorded.record_path), "--format", view]) == 0

    said = capsys.readouterr()
    assert BLIND in said.out
    assert said.out.startswith("<!doctype html>") is (view == "html")
    assert said.err == ""


def test_markdown_is_what_is_printed_unless_said_otherwise(
    recorded: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["brief", str(recorded.record_path.parent)]) == 0

    assert capsys.readouterr().out.startswith("# Reviewer brief: upgrade\n")


def test_both_views_are_written_to_a_folder(
    recorded: Workspace, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = tmp_path / "for" / "reviewers"

    assert main(["brief", str(recorded.record_path), "--out", str(folder)]) == 0

    said = capsys.readouterr()
    assert (said.out, said.err) == (
        "",
        f"wrote {folder / 'brief.md'} and {folder / 'brief.html'}\n",
    )
    record = load_record(recorded.record_path)
    for view in BriefFormat:
        assert (folder / f"brief.{view}").read_text() == brief_text(record, view)


def test_machines_get_the_brief_as_values(
    recorded: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["brief", str(recorded.record_path), "--json"]) == 0

    said = json.loads(capsys.readouterr().out)
    assert said["verdict"] == "hold"
    assert said["digest"] == load_record(recorded.record_path).digest
    assert {"look", "why"} == set(said["watch"][0])


def test_a_record_that_was_changed_gives_no_brief(
    recorded: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    content = recorded.record_path.read_text()
    recorded.record_path.write_text(content.replace('"is_beyond_chance": false', '"is_beyond_chance": true'))  # fmt: skip

    assert main(["brief", str(recorded.record_path)]) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert "not what was sealed" in said.err


def test_a_record_from_before_style_was_measured_keeps_its_seal(
    recorded: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    record = load_record(recorded.record_path)
    value = json.loads(record_bytes(record))
    del value["style"]
    recorded.record_path.write_text(json.dumps(value))
    assert main(["brief", str(recorded.record_path)]) == 2
    assert "not what was sealed" in capsys.readouterr().err

    sealed = {name: part for name, part in value.items() if name not in UNSEALED}
    recorded.record_path.write_text(json.dumps(value | {"digest": digest(sealed)}))
    assert main(["brief", str(recorded.record_path)]) == 0
    assert "Nothing is known of how the replies are written" in capsys.readouterr().out


def test_a_number_that_no_record_can_hold_is_refused(
    recorded: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    value = json.loads(recorded.record_path.read_text())
    recorded.record_path.write_text(json.dumps(value | {"seed": 2**60}))

    assert main(["brief", str(recorded.record_path)]) == 2

    assert "holds what no record can" in capsys.readouterr().err


def test_what_is_no_record_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["brief", str(tmp_path / "nothing")]) == 2

    assert "no such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("manifest", "shifts", "looks"),
    [
        pytest.param(
            "gpt4-june-2023",
            ["Replies are 96 % shorter", "“I” or “we” (English)"],
            "Ask what is missing",
            id="labels and texts of two real models",
        ),
        pytest.param(
            "incident-triage",
            ["Replies are 1.3 times as long", "Steps that act", "Hand-overs to a person"],
            "Before you approve, look for a step that changes something",
            id="scripted models",
        ),
        pytest.param("starter", [], "", id="nothing changed"),
    ],
)
def test_every_shipped_release_has_a_brief(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    manifest: str,
    shifts: list[str],
    looks: str,
) -> None:
    main(["gate", str(ROOT / "manifests" / manifest / "release.yaml"), "--out", str(tmp_path)])
    (folder,) = tmp_path.iterdir()
    capsys.readouterr()

    assert main(["brief", str(folder), "--json"]) == 0

    said = json.loads(capsys.readouterr().out)
    assert bool(said["shifts"]) is bool(shifts)
    assert all(any(line.startswith(shift) for line in said["shifts"]) for shift in shifts)
    assert any(item["look"].startswith(looks) for item in said["watch"]) is bool(looks)
