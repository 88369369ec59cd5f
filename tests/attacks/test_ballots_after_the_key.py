"""Once a merge has opened the key, a ballot that comes or changes is not blind, whoever signed it."""

from pathlib import Path

import pytest

from hitl.cli.door import main
from hitl.review.folder import RATINGS, ballot_file
from tests.cli.reviewed import Reviewed, approve
from tests.cli.workspace import refuse

N = 16


@pytest.fixture
def release(tmp_path: Path) -> Reviewed:
    """Return a release of which bob left a case blank, and whose key a partial merge opened."""
    found = Reviewed(tmp_path, N)
    found.manifest["gate_classes"] = [{"subset": "core", "authority": "block", "max_failures": 0}]
    packed = found.pack()
    found.vote(packed, approve, blank=lambda name, case: name == "bob" and case == "c007")
    assert main(["review", "merge", str(found.folder), "--partial"]) == 0
    locked = {path: path.read_bytes() for path in (found.folder / "ballots").iterdir()}
    found.vote(packed, approve)
    for one in packed.invitations.invitations:
        path = ballot_file(found.folder, one.reviewer)
        assert (path.read_bytes() != locked[path]) is (one.name == "bob")
    return found


def test_blanks_that_are_filled_after_a_partial_merge_are_refused_by_the_next(
    release: Reviewed, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (release.folder / RATINGS).read_bytes()
    assert main(["review", "merge", str(release.folder)]) == 2
    assert "opened the key" in capsys.readouterr().err
    assert (release.folder / RATINGS).read_bytes() == before


def test_and_by_the_gate(release: Reviewed, capsys: pytest.CaptureFixture[str]) -> None:
    refuse(release.workspace, capsys, "opened the key")


def test_the_same_ballots_merge_as_often_as_anybody_likes(tmp_path: Path) -> None:
    found = Reviewed(tmp_path, N)
    found.manifest["gate_classes"] = [{"subset": "core", "authority": "block", "max_failures": 0}]
    found.reviewed()
    for _ in range(2):
        assert main(["review", "merge", str(found.folder)]) == 0
    assert found.gate()[0] == 0
