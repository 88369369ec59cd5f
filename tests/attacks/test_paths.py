from pathlib import Path

import pytest

from hitl.cli.door import main
from tests.cli.workspace import Workspace, refuse


@pytest.mark.parametrize(
    "name", ["../../x", "/x/y", "..", ".", ".x", "a/b", "a\\b", "a\nb", "a ", "", "x" * 300, "ä"]
)
def test_a_release_id_that_is_not_a_plain_folder_name_is_refused(
    release: Workspace, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    release.manifest["release_id"] = name

    refuse(release, capsys, "release_id: ")

    assert sorted(path.name for path in release.root.iterdir()) == [
        "candidate.jsonl",
        "core.jsonl",
        "previous.jsonl",
        "release.yaml",
        "set.yaml",
    ]


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000, "/dev/zero", ".", "candidate.jsonl/x"])
@pytest.mark.parametrize("field", ["golden_set", "policy", "replies", "cases", "prompt", "schema"])
def test_a_path_that_cannot_be_a_file_is_refused(
    release: Workspace, capsys: pytest.CaptureFixture[str], field: str, name: str
) -> None:
    subset = release.golden["subsets"][0]
    match field:
        case "golden_set" | "policy":
            release.manifest[field] = name
        case "replies":
            release.manifest["candidate_model"]["replies"] = name
        case "cases" | "prompt":
            subset[field] = name
        case _:
            subset["expect"] = [{"json_schema": name}]

    refuse(release, capsys)


@pytest.mark.parametrize("field", ["golden_set", "policy", "cases", "prompt", "schema"])
def test_a_file_that_is_not_there_is_refused_by_name(
    release: Workspace, capsys: pytest.CaptureFixture[str], field: str
) -> None:
    subset = release.golden["subsets"][0]
    match field:
        case "golden_set" | "policy":
            release.manifest[field] = "gone.yaml"
        case "cases" | "prompt":
            subset[field] = "gone.yaml"
        case _:
            subset["expect"] = [{"json_schema": "gone.yaml"}]

    refuse(release, capsys, "gone.yaml: no such file")


def test_paths_are_relative_to_the_file_that_names_them(
    release: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = release.write()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)

    assert main(["gate", str(path)]) == 0

    assert (elsewhere / "reports" / "upgrade" / "record.json").is_file()


def test_a_folder_that_cannot_be_written_is_refused_before_anything_runs(
    release: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    path = release.write()
    release.out.write_text("a file")

    assert main(["gate", str(path), "--out", str(release.out)]) == 2

    assert "choose another folder with --out" in capsys.readouterr().err
    assert release.out.read_text() == "a file"
