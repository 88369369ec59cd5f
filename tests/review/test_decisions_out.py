import json
from pathlib import Path

import pytest

from hitl.cli.door import main as run
from hitl.decisions.decision import Decision
from hitl.decisions.words import HumanAction
from hitl.review.decisions_out import decision_log, decision_rows
from hitl.review.words import Mode, SideName
from hitl.run.arm import Arm
from tests.review.by_hand import Said, a_mark, a_pair, a_review, a_vote, identical, one_sided

POLICY = """
format: hitl/policy/v1
id: plain
version: "1"
workflow_id: workflow
action_types:
  reply: {risk: low, reversible: true, thresholds: {auto: 0.90, review: 0.50}}
"""
NAMES = ("alice", "bob", "carol")


def test_each_rated_reply_is_a_row_by_consensus(tmp_path: Path) -> None:
    made = a_review(tmp_path, [a_pair(0, probability=0.25), a_pair(1), identical(2)])
    same: dict[int, Said] = {
        0: ("reject", "approve", "win"),
        1: ("escalate", "modify", "tie"),
        2: ("approve", None, None),
    }
    odd = same | {1: ("escalate", "reject", "tie")}
    ratings = made.said(alice=same, bob=same, carol=odd).merged()
    rows = list(decision_rows(ratings))
    found = {(row.declared_model, row.review_probability, row.human_action, row.correct) for row in rows}  # fmt: skip
    assert found == {
        ("model-old", 0.25, HumanAction.REJECT, False),
        ("model-new", 0.25, HumanAction.APPROVE, True),
        ("model-old", 1.0, HumanAction.ESCALATE, None),
        ("model-new", 1.0, HumanAction.MODIFY, False),
        ("model-old", 1.0, HumanAction.APPROVE, True),
        ("model-new", 1.0, HumanAction.APPROVE, True),
    }
    assert len({row.decision_id for row in rows}) == 6
    assert {row.workflow_id for row in rows} == {"workflow"}
    names = {vote.reviewer for item in ratings.items for vote in item.votes}
    text = decision_log(ratings).decode()
    assert not any(name in text for name in names)
    assert [Decision.model_validate_json(line) for line in text.splitlines()] == rows


def test_a_reply_without_consensus_stays_in_the_log_without_a_label(tmp_path: Path) -> None:
    made = a_review(tmp_path, [a_pair(0)])
    votes: dict[str, dict[int, Said]] = {
        name: {0: (action, "approve", "tie")}
        for name, action in zip(NAMES, ("approve", "modify", "reject"), strict=True)
    }
    open_one, settled = decision_rows(made.said(**votes).merged())
    assert (open_one.human_action, open_one.correct) == (None, None)
    assert settled.correct is True


def test_time_is_given_where_one_output_was_shown(tmp_path: Path) -> None:
    items = [one_sided(0, Arm.PREVIOUS), one_sided(1, Arm.CANDIDATE)]
    made = a_review(tmp_path, items, rules={"mode": Mode.SINGLE})
    for name, seconds in zip(NAMES, (10.0, 20.0, 60.0), strict=True):
        marks = (a_mark(SideName.A, "approve"),)
        made = made.cast(name, [a_vote(n, marks, None, seconds=seconds) for n in range(2)])
    assert [row.review_seconds for row in decision_rows(made.merged())] == [30.0, 30.0]
    pair = a_review(tmp_path, [a_pair(0)])
    said: dict[int, Said] = {0: ("approve", "approve", "tie")}
    ratings = pair.said(**dict.fromkeys(NAMES, said)).merged()
    assert [row.review_seconds for row in decision_rows(ratings)] == [None, None]


def test_the_log_is_one_that_lint_accepts_and_a_recalibration_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    n = 200
    made = a_review(tmp_path, [a_pair(number) for number in range(n)])
    said: dict[int, Said] = {
        number: ("approve", "approve" if number % 4 else "reject", "tie") for number in range(n)
    }
    ratings = made.said(**dict.fromkeys(NAMES, said)).merged()
    log = tmp_path / "decisions.jsonl"
    log.write_bytes(decision_log(ratings))
    assert run(["log", "lint", str(log), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows_mapped"] == 2 * n
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY, encoding="utf-8")
    arguments = ["recalibrate", str(log), "--policy", str(policy), "--model", "model-new"]
    assert run([*arguments, "--out", str(tmp_path / "out"), "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["types"]
    assert (found["n"], found["n_labelled"], found["n_wrong"]) == (n, n, n // 4)
