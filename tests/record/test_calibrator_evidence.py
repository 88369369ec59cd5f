"""A release whose policy has a calibrator stands on that file, too."""

import json
import shutil
from pathlib import Path

import pytest

from hitl.digest import digest_file
from hitl.errors import DocumentError
from hitl.record.assemble import evidence
from hitl.run.inputs import load_release
from tests.policy.test_calibrator import some_calibrator

ROOT = Path(__file__).parents[2]
FOLDER = Path("manifests") / "incident-triage"


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Return the shipped release, whose policy names a calibrator."""
    for folder in (FOLDER, Path("golden_sets") / "incident-triage"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    policy = tmp_path / FOLDER / "policy.yaml"
    policy.write_text(policy.read_text() + "\ncalibrator: calibrator.json\n")
    (tmp_path / FOLDER / "calibrator.json").write_text(json.dumps(some_calibrator()))
    return tmp_path / FOLDER / "release.yaml"


def test_the_evidence_names_the_calibrator_with_its_digest(release: Path) -> None:
    inputs = load_release(release)

    (found,) = [one for one in evidence(inputs) if one.role == "calibrator"]

    assert inputs.policy is not None
    assert inputs.policy.calibrator is not None
    path = release.with_name("calibrator.json")
    assert (found.path, found.sha256, found.bytes) == ("calibrator.json", digest_file(path), path.stat().st_size)  # fmt: skip


def test_a_calibrator_that_cannot_be_read_stops_the_release(release: Path) -> None:
    release.with_name("calibrator.json").write_text("{}")

    with pytest.raises(DocumentError, match=r"calibrator\.json"):
        load_release(release)
