"""The finished review that ships: synthetic, small, made anew byte for byte, and merged like any other."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from hitl.cli.door import main
from hitl.review.folder import load_review
from hitl.review.words import Role

ROOT = Path(__file__).parents[2]
REVIEW = ROOT / "manifests" / "incident-triage" / "review"
BUILD = ROOT / "golden_sets" / "incident-triage" / "build_review.py"


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_it_is_made_anew_byte_for_byte(tmp_path: Path) -> None:
    subprocess.run([sys.executable, BUILD, tmp_path / "review"], check=True, env=os.environ | {"COLUMNS": "40"})  # fmt: skip
    made, shipped = files(tmp_path / "review"), files(REVIEW)

    assert made.keys() == shipped.keys(), "run golden_sets/incident-triage/build_review.py"
    assert [name for name in made if made[name] != shipped[name]] == []


def test_it_is_small_and_says_that_nobody_voted() -> None:
    found = files(REVIEW)

    assert sum(map(len, found.values())) < 300_000
    assert b"**Nobody" in found["README.md"]
    assert "invitations.json" not in found


def test_three_raters_and_an_adjudicator_have_locked() -> None:
    review = load_review(REVIEW)

    assert Counter(ref.role for ref in review.plan.packets) == {Role.RATER: 3, Role.ADJUDICATOR: 1}
    assert review.ballots.keys() == review.packets.keys()
    assert review.plan.rules.sample.n_qualification == 3


def test_it_can_be_merged_and_named_in_its_release(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("manifests", "golden_sets"):
        shutil.copytree(ROOT / name, tmp_path / name)
    folder = tmp_path / "manifests" / "incident-triage"
    release = folder / "release.yaml"
    release.write_text(release.read_text() + "review: review\n")

    assert main(["review", "merge", str(folder / "review")]) == 0
    assert "worse on 18" in capsys.readouterr().out
    assert main(["gate", str(release), "--out", str(tmp_path / "reports")]) == 10
    assert "20 of 248 cases rated (20 chosen), 20 with a consensus" in " ".join(capsys.readouterr().out.split())  # fmt: skip
