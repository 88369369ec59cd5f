"""Before a gate: what plan, doctor, lint, compare and the self-test say of a release whose replies people approve."""

import json
from pathlib import Path

import pytest

from hitl.cli.door import main
from tests.cli.reviewed import Reviewed, approve

N = 8


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reviewed:
    """Return a release as a workspace keeps it, with the folder as the current one."""
    root = tmp_path / "manifests" / "upgrade"
    root.mkdir(parents=True)
    found = Reviewed(root, N)
    found.manifest["gate_classes"] = [{"subset": "core", "authority": "block", "max_failures": 0}]
    monkeypatch.chdir(tmp_path)
    return found


def planned(release: Reviewed, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    path = release.workspace.write()
    assert main(["plan", str(path), "--json"]) == 0
    return json.loads(capsys.readouterr().out)["review"]  # type: ignore[no-any-return]  # JSON


def examined(release: Reviewed, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """Return the exit code of the doctor, and the levels of what it says of the review."""
    release.workspace.write()
    code = main(["doctor", ".", "--json"])
    checks = json.loads(capsys.readouterr().out)["checks"]
    return code, [one["level"] for one in checks if one["detail"].startswith("review: ")]


def test_a_review_that_is_closed_is_said_to_be(
    release: Reviewed, capsys: pytest.CaptureFixture[str]
) -> None:
    release.reviewed()
    found = planned(release, capsys)
    assert (found["state"], found["subsets"]) == ("closed", ["core"])
    assert examined(release, capsys) == (0, ["note"])


def test_who_has_not_locked_is_owed_for(
    release: Reviewed, capsys: pytest.CaptureFixture[str]
) -> None:
    release.reviewed(absent=["bob"])
    found = planned(release, capsys)
    assert found["state"] == "under_way"
    assert f"owes {N} votes" in str(found["said"])
    assert examined(release, capsys) == (0, ["warning"])


def test_blanks_are_no_closed_review(release: Reviewed, capsys: pytest.CaptureFixture[str]) -> None:
    release.reviewed(blank=lambda name, case: name == "bob" and case == "c003")
    assert planned(release, capsys)["state"] == "partial"
    assert examined(release, capsys) == (0, ["warning"])


def test_a_folder_that_is_not_there_is_a_fault(
    release: Reviewed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert planned(release, capsys)["state"] == "unreadable"
    code, levels = examined(release, capsys)
    assert code != 0
    assert levels == ["fault"]


def test_a_ballot_that_was_touched_is_a_fault(
    release: Reviewed, capsys: pytest.CaptureFixture[str]
) -> None:
    release.reviewed(lambda name, case, arm: "reject" if arm == "candidate" else "approve")
    path = next((release.folder / "ballots").iterdir())
    path.write_text(path.read_text().replace('"reject"', '"approve"'))
    found = planned(release, capsys)
    assert found["state"] == "unreadable"
    assert "signature" in str(found["said"])


def test_approval_that_nobody_is_asked_for_is_told_by_each(
    release: Reviewed, capsys: pytest.CaptureFixture[str]
) -> None:
    del release.manifest["review"]
    assert planned(release, capsys)["state"] == "unnamed"
    assert examined(release, capsys) == (0, ["warning"])
    root = release.workspace.root
    main(["golden", "lint", str(root / "set.yaml"), "--release", str(root / "release.yaml")])
    assert "review_missing" in capsys.readouterr().out


def test_a_release_without_people_says_nothing_of_a_review(
    release: Reviewed, capsys: pytest.CaptureFixture[str]
) -> None:
    del release.manifest["review"]
    release.workspace.expect({"must_include": ["says"]})
    assert planned(release, capsys) == {"state": "not_needed", "path": None, "subsets": [], "said": ""}  # fmt: skip
    assert examined(release, capsys) == (0, [])


def self_tested(release: Reviewed, capsys: pytest.CaptureFixture[str]) -> tuple[float, str]:
    """Return how often the arm in use was stopped against itself, and what was said beside it."""
    path = release.workspace.write()
    assert main(["gate", str(path), "--aa", "--runs", "20", "--json"]) == 0
    shown = capsys.readouterr()
    return json.loads(shown.out)["stopped"]["estimate"], shown.err


def test_the_arm_in_use_against_itself_has_the_ratings_that_people_gave_it(
    release: Reviewed, capsys: pytest.CaptureFixture[str]
) -> None:
    release.reviewed(approve)
    share, said = self_tested(release, capsys)
    assert share == 0.0
    assert "false alarm" not in said


def test_a_stop_for_want_of_approval_is_not_called_a_false_alarm(
    release: Reviewed, capsys: pytest.CaptureFixture[str]
) -> None:
    release.reviewed(absent=["bob"])
    share, said = self_tested(release, capsys)
    assert share == 1.0
    assert "is no false alarm" in said


def test_two_runs_that_only_people_can_grade_are_not_compared_and_it_says_why(
    release: Reviewed, capsys: pytest.CaptureFixture[str]
) -> None:
    root = release.workspace.write().parent
    arms = [str(root / f"{arm}.jsonl") for arm in ("previous", "candidate")]
    assert main(["compare", *arms, "--golden", str(root / "set.yaml")]) == 12
    assert "people are to approve" in capsys.readouterr().err
