"""A record quotes no personal data and no key, whatever the replies and cases hold, and says what it left out."""

import gzip
import json
from pathlib import Path

import pytest

from hitl.cli.live import RunOptions
from hitl.cli.session import gate_release
from hitl.errors import DocumentError
from hitl.record.release import ReleaseRecord
from tests.record.test_record import a_workspace

SECRET = "ann.lee@example.com"


def a_leaky_release(folder: Path, policy: object = None) -> Path:
    """Write a release whose first case asks about an address, and whose candidate repeats it."""
    path = a_workspace(folder)
    cases = [json.loads(line) for line in (folder / "cases.jsonl").read_text().splitlines()]
    cases[0] |= {"input": "x" * 985 + " " + SECRET, "expect": [{"must_not_include": [SECRET]}]}
    (folder / "cases.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases))
    replies = [json.loads(line) for line in (folder / "candidate.jsonl").read_text().splitlines()]
    replies[0]["text"] = json.dumps({"a": 2, "note": "y" * 968 + " " + SECRET})
    (folder / "candidate.jsonl").write_text("".join(json.dumps(reply) + "\n" for reply in replies))
    if policy is not None:
        manifest = json.loads(path.read_text())
        path.write_text(json.dumps(manifest | {"policy": "policy.json"}))
        head = {"format": "hitl/policy/v1", "version": "1"}
        (folder / "policy.json").write_text(json.dumps(head | {"redact": policy}))
    return path


def gated(path: Path, out: Path) -> tuple[ReleaseRecord, str]:
    record, folder = gate_release(path, RunOptions(out=out))
    return record, "".join(file.read_text() for file in folder.iterdir() if file.is_file())


def test_no_address_stands_in_any_view(tmp_path: Path) -> None:
    record, views = gated(a_leaky_release(tmp_path / "w"), tmp_path / "out")
    assert "ann.lee" not in views
    assert "ann" not in record.failures[0].input[980:]
    # the input, the reply, and the rule that forbids the address: as expected, and in the finding of the candidate
    assert record.redactions == {"email": 4}


def test_the_copies_of_the_replies_stay_as_they_came(tmp_path: Path) -> None:
    path = a_leaky_release(tmp_path / "w")
    _, folder = gate_release(path, RunOptions(out=tmp_path / "out"))
    copy = gzip.decompress((folder / "evidence" / "candidate.jsonl.gz").read_bytes()).decode()
    assert SECRET in copy


def test_the_verdict_does_not_depend_on_what_is_taken_out(tmp_path: Path) -> None:
    plain, views = gated(a_leaky_release(tmp_path / "a", {"builtin": []}), tmp_path / "1")
    clean, _ = gated(a_leaky_release(tmp_path / "b"), tmp_path / "2")
    assert "ann.lee" in views
    assert plain.redactions == {}
    assert (plain.verdict, plain.reasons, plain.subsets) == (
        clean.verdict,
        clean.reasons,
        clean.subsets,
    )
    assert [row.case_id for row in plain.failures] == [row.case_id for row in clean.failures]


def test_a_policy_names_more_to_take_out(tmp_path: Path) -> None:
    path = a_leaky_release(tmp_path / "w", {"words": ["question"]})
    record, views = gated(path, tmp_path / "out")
    assert record.redactions["word"] >= 8
    assert "question 1" not in views
    assert "[word] 1" in views


@pytest.mark.parametrize("redact", [{"builtin": ["names"]}, ["email"], {"keep": ["("]}])
def test_a_policy_that_asks_for_what_nobody_can_find_is_a_mistake(
    tmp_path: Path, redact: object
) -> None:
    path = a_leaky_release(tmp_path / "w", redact)
    with pytest.raises(DocumentError, match="redact"):
        gate_release(path, RunOptions(out=tmp_path / "out"))
