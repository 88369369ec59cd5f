"""The reference workflow, its scripted arms behind a real endpoint: the same verdict, reasons and states."""

import json
from pathlib import Path

import pytest

from hitl.cli.door import main
from hitl.document.load import load_document
from hitl.golden.load import load_golden_set
from hitl.manifest.release import ReleaseManifest
from hitl.run.arm import Arm, arm_replies, spec_of
from hitl.run.request import build_requests
from tests.cli.workspace import Row, write_json
from tests.loopback.server import Loopback
from tests.loopback.table import rows

FOLDER = Path(__file__).parents[2] / "manifests/incident-triage"
TIMED = "budget"
"""Subset of the rules on latency and cost, which no server shares with a script."""

PROBES = ("Reply with the word", "Call the tool report_ready")


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """Write the reference release with one reply to each case; return its path."""
    manifest = load_document(FOLDER / "release.yaml", ReleaseManifest)
    found = manifest.model_dump(mode="json", exclude_unset=True) | {"repeats": 1, "limits": {}}
    for name in ("golden_set", "policy"):
        found[name] = str((FOLDER / found[name]).resolve())
    found["baseline"]["decisions"] = str(FOLDER / found["baseline"]["decisions"])
    for arm in ("previous_model", "candidate_model"):
        found[arm]["script"] = str(FOLDER / found[arm]["script"])
    write_json(tmp_path / "scripted.yaml", found)
    return tmp_path / "scripted.yaml"


def table(reference: Path) -> list[Row]:
    """Return what both scripts answer."""
    manifest = load_document(reference, ReleaseManifest)
    requests = build_requests(load_golden_set(Path(manifest.golden_set)))
    cases = [request.case for request in requests.values() if request.case]
    return [
        row
        for arm in Arm
        for row in rows(
            spec_of(manifest, arm).id,
            requests,
            arm_replies(spec_of(manifest, arm), FOLDER, cases, 1, manifest.seed),
        )
    ]


def gated(path: Path) -> Row:
    """Gate a release; return its record."""
    code = main(["gate", str(path), "--out", str(path.parent / path.stem)])
    record: Row = json.loads(next((path.parent / path.stem).glob("*/record.json")).read_text())
    assert record["exit_code"] == code
    return record


def states(record: Row) -> dict[str, tuple[str, int, int, str]]:
    """Return what each subset shows."""
    return {
        part["id"]: (part["state"], part["previous"]["n_passed"], part["candidate"]["n_passed"], part["reason"])
        for part in record["subsets"]
        if part["id"] != TIMED
    }  # fmt: skip


@pytest.mark.parametrize(("provider", "has_run"), [("openai", True), ("openai", False), ("anthropic", False)])  # fmt: skip
def test_the_reference_release_gets_the_verdict_of_its_scripts(
    reference: Path, provider: str, has_run: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    scripted = gated(reference)
    manifest = json.loads(reference.read_text())
    with Loopback(table=table(reference)) as server:
        url = server.openai_url if provider == "openai" else server.url
        for arm in ("previous_model", "candidate_model"):
            manifest[arm] = {"id": manifest[arm]["id"], "provider": provider, "base_url": url}
        live = reference.with_name("live.yaml")
        write_json(live, manifest)
        if has_run:
            assert main(["run", str(live), "--out", str(live.parent / "live")]) == 0
        record = gated(live)
        calls = [call for call in server.calls()["order"] if not call["user"].startswith(PROBES)]

    assert record["verdict"] == scripted["verdict"] == "hold"
    assert states(record) == states(scripted)
    assert [r for r in record["reasons"] if r["subset"] != TIMED] == [r for r in scripted["reasons"] if r["subset"] != TIMED]  # fmt: skip
    assert len(calls) == 2 * len(build_requests(load_golden_set(Path(manifest["golden_set"]))))
