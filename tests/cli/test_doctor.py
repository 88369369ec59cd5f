import json
from datetime import timedelta
from pathlib import Path

import pytest

from hitl.cli.doctor_release import is_loopback
from hitl.cli.door import main
from hitl.manifest.release import ReleaseManifest
from tests.builders import AT
from tests.cli.workspace import Row, Workspace, a_manifest
from tests.score.judge.world import JUDGE, RUBRIC, a_certificate

KEY = "DOCTOR_TEST_KEY"
SECRET = "sk-0123456789abcdef"  # no key of anything
JUDGED: Row = {"judge": "grounded", "at_least": 4}


def a_live_arm(**changes: object) -> Row:
    """Return an arm behind an address where nobody listens: to ask it would fail."""
    return {
        "id": "acme/model-2026-05-18",
        "provider": "openai",
        "base_url": "https://models.invalid/v1",
        "api_key_env": KEY,
    } | changes


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Return a release where `hitl doctor` looks for it, at a fixed hour, without any key."""
    folder = tmp_path / "manifests" / "upgrade"
    folder.mkdir(parents=True)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int((AT + timedelta(hours=1)).timestamp())))
    for name in (KEY, "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return Workspace(folder)


@pytest.fixture
def judged(workspace: Workspace) -> Workspace:
    """Return a release with judge rules whose judge needs no key."""
    workspace.golden["rubrics"] = {"grounded": RUBRIC.model_dump(mode="json")}
    workspace.expect({"equals": "yes"}, JUDGED)
    workspace.manifest["judge"] = {"model": JUDGE}
    return workspace


def examined(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], code: int = 0
) -> list[tuple[str, str]]:
    """Run `hitl doctor`, and return level and detail of what it says of the release."""
    path = workspace.write()
    capsys.readouterr()
    assert main(["doctor", str(path.parents[2]), "--json"]) == code
    found = json.loads(capsys.readouterr().out)
    assert found["well"] is (code == 0)
    return [
        (check["level"], check["detail"])
        for check in found["checks"]
        if check["name"] == str(path) and check["level"] != "ok"
    ]


def certify(workspace: Workspace, days_ago: int = 0, **changes: object) -> None:
    """Write a certificate of the release's own judge, as of so many days ago."""
    manifest = ReleaseManifest.model_validate_json(json.dumps(workspace.manifest))
    certificate = a_certificate(manifest, folder=workspace.root)
    moved = {
        "created_at": certificate.created_at - timedelta(days=days_ago),
        "valid_until": certificate.valid_until - timedelta(days=days_ago),
    }
    dated = certificate.model_copy(update=moved | changes)
    (workspace.root / "judge.json").write_text(dated.model_dump_json())
    workspace.manifest["judge"]["certificates"] = ["judge.json"]


def test_a_recorded_release_has_nothing_to_heed(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert examined(workspace, capsys) == []


def test_a_key_that_is_not_set_is_a_warning_with_its_remedy(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace.manifest["candidate_model"] = a_live_arm()

    ((level, detail),) = examined(workspace, capsys)

    assert level == "warning"
    assert detail.startswith("candidate_model: ")
    assert detail.endswith(f"run: export {KEY}=...")


def test_the_usual_key_of_a_provider_is_looked_for_without_being_named(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace.manifest["previous_model"] = {"id": "acme/model-2026-05-01", "provider": "anthropic"}

    ((level, detail),) = examined(workspace, capsys)

    assert level == "warning"
    assert "export ANTHROPIC_API_KEY=..." in detail


def test_a_key_that_is_set_is_never_said(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, SECRET)
    workspace.manifest["candidate_model"] = a_live_arm(base_url="http://models.invalid/v1")
    path = workspace.write()

    main(["doctor", str(path.parents[2])])

    said = capsys.readouterr()
    assert KEY in said.out
    assert SECRET not in said.out + said.err


@pytest.mark.parametrize(
    ("url", "is_told"),
    [
        pytest.param("http://models.invalid/v1", True, id="another host"),
        pytest.param("http://10.0.0.1:8000/v1", True, id="another machine of the network"),
        pytest.param("http://localhost.evil.invalid/v1", True, id="a name that begins like this machine's"),
        pytest.param("http://localhost:8000/v1", False, id="this machine"),
        pytest.param("http://127.0.0.1:8000/v1", False, id="this machine by number"),
        pytest.param("http://[::1]:8000/v1", False, id="this machine by its other number"),
        pytest.param("https://models.invalid/v1", False, id="encrypted"),
    ],
)  # fmt: skip
def test_a_key_that_would_travel_in_the_clear_is_a_warning(
    workspace: Workspace,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    is_told: bool,
) -> None:
    monkeypatch.setenv(KEY, SECRET)
    workspace.manifest["candidate_model"] = a_live_arm(base_url=url)

    found = examined(workspace, capsys)

    assert [level for level, _ in found] == ["warning"] * is_told
    assert all("in the clear" in detail for _, detail in found)


def test_without_a_key_nothing_travels_in_the_clear(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    arm = a_live_arm(base_url="http://models.invalid/v1")
    del arm["api_key_env"]
    workspace.manifest["candidate_model"] = arm

    assert examined(workspace, capsys) == []


def test_an_address_that_is_none_is_a_fault(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, SECRET)
    workspace.manifest["candidate_model"] = a_live_arm(base_url="models.invalid")

    ((level, detail),) = examined(workspace, capsys, code=2)

    assert level == "fault"
    assert "is no address" in detail


@pytest.mark.parametrize(
    ("program", "mode", "expected"),
    [
        pytest.param("./ask", None, "no program", id="no such file"),
        pytest.param("./ask", 0o644, "chmod +x", id="not executable"),
        pytest.param("no-such-program-anywhere", None, "is on PATH", id="not on PATH"),
    ],
)
def test_a_program_that_cannot_be_started_is_a_fault(
    workspace: Workspace,
    capsys: pytest.CaptureFixture[str],
    program: str,
    mode: int | None,
    expected: str,
) -> None:
    if mode is not None:
        (workspace.root / "ask").write_text("#!/bin/sh\n")
        (workspace.root / "ask").chmod(mode)
    workspace.manifest["candidate_model"] = {
        "id": "own",
        "provider": "command",
        "command": [program, "--now"],
    }

    ((level, detail),) = examined(workspace, capsys, code=2)

    assert level == "fault"
    assert expected in detail


def test_a_program_is_not_started(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    program, trace = workspace.root / "ask", workspace.root / "trace"
    program.write_text(f"#!/bin/sh\ntouch {trace}\n")
    program.chmod(0o755)
    workspace.manifest["candidate_model"] = {
        "id": "own",
        "provider": "command",
        "command": ["./ask"],
    }

    assert examined(workspace, capsys) == []
    assert not trace.exists()


def test_code_of_the_user_is_a_note(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace.expect({"python": "checks:is_polite"})
    workspace.manifest["candidate_model"] = {
        "id": "own",
        "provider": "python",
        "function": "own:answer",
    }

    found = examined(workspace, capsys)

    assert [level for level, _ in found] == ["note", "note"]
    assert all("--allow-python" in detail for _, detail in found)
    assert "own:answer" in found[0][1]
    assert "checks:is_polite" in found[1][1]


def test_a_judge_with_a_valid_certificate_has_nothing_to_heed(
    judged: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    certify(judged)

    assert examined(judged, capsys) == []


@pytest.mark.parametrize(
    ("certificates", "code", "level", "expected"),
    [
        pytest.param([], 0, "warning", "no certificate", id="none is named"),
        pytest.param(["gone.json"], 2, "fault", "gone.json", id="its file is missing"),
    ],
)
def test_a_judge_without_a_certificate_is_told(
    judged: Workspace,
    capsys: pytest.CaptureFixture[str],
    certificates: list[str],
    code: int,
    level: str,
    expected: str,
) -> None:
    judged.manifest["judge"]["certificates"] = certificates

    ((found, detail),) = examined(judged, capsys, code=code)

    assert found == level
    assert expected in detail


def test_an_expired_certificate_is_a_warning_that_names_the_day(
    judged: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    certify(judged, days_ago=31)

    ((level, detail),) = examined(judged, capsys)

    assert level == "warning"
    assert "judge.json ended on 2026-05-17" in detail  # 18 May, 31 days back, and 30 days on


def test_a_certificate_of_another_judge_gives_no_authority(
    judged: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    certify(judged, judge_id="0" * 64)

    ((level, detail),) = examined(judged, capsys)

    assert level == "warning"
    assert "`grounded` has no authority in core" in detail


def test_judge_rules_without_a_judge_are_a_warning(
    judged: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    del judged.manifest["judge"]

    ((level, detail),) = examined(judged, capsys)

    assert level == "warning"
    assert "name a model under `judge`" in detail


def test_the_key_of_a_judge_that_is_not_needed_is_not_asked_for(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace.manifest["judge"] = {"model": JUDGE | {"api_key_env": KEY}}

    assert examined(workspace, capsys) == []


def test_labels_that_are_not_there_are_a_fault(
    judged: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    certify(judged)
    judged.manifest["judge"]["labels"] = "labels.jsonl"

    ((level, detail),) = examined(judged, capsys, code=2)

    assert level == "fault"
    assert "judge.labels" in detail


def test_people_see_a_mark_for_each_level_and_no_character_that_hides(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace.manifest = a_manifest(candidate_model=a_live_arm(id="acme/\u202emodel"))
    path = workspace.write()

    assert main(["doctor", str(path.parents[2])]) == 0

    said = capsys.readouterr().out
    assert f"ok    {path}: 80 cases, every check compiles, the previous arm has its file" in said
    assert f"WARN  {path}: candidate_model: " in said
    assert "\u202e" not in said
    assert "⟨U+202E⟩" in said
    assert said.endswith("nothing is broken; heed 1 WARN above\n")


@pytest.mark.parametrize(
    ("folder", "code", "expected"),
    [
        pytest.param("empty", 0, "`hitl init` writes them", id="nothing in it"),
        pytest.param("gone", 2, "no such folder", id="not there"),
    ],
)
def test_a_folder_without_a_workspace_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], folder: str, code: int, expected: str
) -> None:
    (tmp_path / "empty").mkdir()

    assert main(["doctor", str(tmp_path / folder)]) == code

    assert expected in capsys.readouterr().out


@pytest.mark.parametrize(
    ("host", "is_own"),
    [("LOCALHOST.", True), ("a.localhost", True), ("localhost.example", False), ("", False)],
)
def test_this_machine_is_known_by_its_name_alone(host: str, is_own: bool) -> None:
    assert is_loopback(host) is is_own
