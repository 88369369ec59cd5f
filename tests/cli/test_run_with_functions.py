"""`hitl run` judges what it redacts as it comes, by functions of the user's too."""

import gzip
import json
import sys

import pytest

from hitl.cli.door import main
from tests.cli.workspace import Workspace

ANSWER = """
import json, sys
asked = json.load(sys.stdin)
json.dump({"text": "write to ana@corp-mail.com", "resolved_model": asked["model"]}, sys.stdout)
"""
CHECKS = """
def names_an_address(reply, case):
    return "@" in reply["text"]
"""


@pytest.fixture
def answering(release: Workspace) -> Workspace:
    """Return a release whose models answer with an address, which a function of the user's asks for."""
    (release.root / "answer.py").write_text(ANSWER)
    (release.root / "checks.py").write_text(CHECKS)
    for arm in ("previous_model", "candidate_model"):
        release.manifest[arm] = {
            "id": release.manifest[arm]["id"],
            "provider": "command",
            "command": [sys.executable, "answer.py"],
        }
    release.cases["core"] = release.cases["core"][:3]
    release.expect({"python": "checks:names_an_address"})
    return release


def _stored_marks(release: Workspace) -> set[tuple[str, str]]:
    path = release.record_path.parent / "evidence" / "candidate.jsonl.gz"
    replies = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    return {(reply["text"], reply["graded"]["mark"]) for reply in replies}


def test_a_function_sees_the_reply_before_its_address_is_taken_out(answering: Workspace) -> None:
    code = main(["run", str(answering.write()), "--out", str(answering.out), "--allow-python"])

    assert code == 0
    assert _stored_marks(answering) == {("write to [email]", "pass")}


def test_without_leave_the_function_is_not_run_and_nothing_passes(answering: Workspace) -> None:
    main(["run", str(answering.write()), "--out", str(answering.out)])

    assert _stored_marks(answering) == {("write to [email]", "unmeasured")}
