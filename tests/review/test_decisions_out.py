import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hitl.cli.door import main as run
from hitl.decisions.decision import Decision
from hitl.decisions.words import HumanAction
from hitl.digest import digest
from hitl.review.decisions_out import decision_log, decision_rows
from hitl.review.parts import KeyItem
from hitl.review.votes import Ratings
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
FINE: Said = ("approve", "approve", "tie")


def agreed(ratings: Ratings) -> Ratings:
    """Return ratings of too few items as if there were enough to show that raters agree."""
    return ratings.model_copy(update={"problems": ()})


def recalibrated(
    ratings: Ratings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[int, dict[str, Any]]:
    log, policy = tmp_path / "decisions.jsonl", tmp_path / "policy.yaml"
    log.write_bytes(decision_log(ratings))
    policy.write_text(POLICY, encoding="utf-8")
    arguments = ["recalibrate", str(log), "--policy", str(policy), "--model", "model-new"]
    code = run([*arguments, "--out", str(tmp_path / "out"), "--json"])
    (found,) = json.loads(capsys.readouterr().out)["types"]
    return code, found


def test_repeats_of_a_case_prove_no_more_than_the_case(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def reply(number: int) -> KeyItem:
        case = f"c{number // 10}"
        return a_pair(number, case_id=case, cluster=case, repeat=number % 10, probability=0.5)

    made = a_review(tmp_path, [reply(number) for number in range(600)])
    said = dict.fromkeys(range(600), FINE)
    ratings = made.said(**dict.fromkeys(NAMES, said)).merged()
    assert ratings.problems == ()
    rows = list(decision_rows(ratings))
    assert len(rows) == 2 * 60
    assert {row.review_probability for row in rows} == {0.05}
    assert len({row.decision_id for row in rows}) == 2 * 60
    drawn = {row.confidence for row in rows}
    assert len(drawn) > 5  # not always the same repeat
    code, found = recalibrated(ratings, tmp_path, capsys)
    assert code == 12
    assert (found["n"], found["n_labelled"]) == (60, 60)


def test_replies_that_raters_could_not_settle_are_no_sample_that_nobody_drew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # As many are undecided as a chance of 0.8 would leave out.
    n = 400
    doubtful = set(np.random.default_rng(1).permutation(n)[: n // 5].tolist())
    made = a_review(tmp_path, [a_pair(number, probability=0.8) for number in range(n)])
    votes: dict[str, dict[int, Said]] = {
        name: {
            number: ("approve", doubt if number in doubtful else "approve", "tie")
            for number in range(n)
        }
        for name, doubt in zip(NAMES, ("approve", "modify", "reject"), strict=True)
    }
    code, found = recalibrated(made.said(**votes).merged(), tmp_path, capsys)
    assert code == 12
    assert found["proposed"] == "never"
    assert "count as wrong" in found["reason"]


def test_ratings_that_may_decide_nothing_label_nothing(tmp_path: Path) -> None:
    said: dict[int, Said] = dict.fromkeys(range(200), FINE)
    alone = a_review(tmp_path, [a_pair(number) for number in range(200)], raters=("alice",))
    rows = list(decision_rows(alone.said(alice=said).merged()))
    assert {(row.human_action, row.correct) for row in rows} == {(HumanAction.APPROVE, None)}
    shadow = a_review(tmp_path, [a_pair(number) for number in range(200)], rules={"mode": Mode.SHADOW})  # fmt: skip
    rows = list(decision_rows(shadow.said(**dict.fromkeys(NAMES, said)).merged()))
    assert {row.correct for row in rows} == {True}


def test_two_reviews_of_one_reply_give_one_decision(tmp_path: Path) -> None:
    def ids(raters: tuple[str, ...], reply: int) -> set[str | None]:
        made = a_review(tmp_path, [a_pair(reply, case_id="c")], raters=raters)
        said: dict[int, Said] = {reply: FINE}
        ratings = made.said(**dict.fromkeys(raters, said)).merged()
        again = ratings.model_copy(update={"review_id": digest(raters)[:32]})
        return {row.decision_id for row in decision_rows(again)}

    assert ids(NAMES, 0) == ids(NAMES[:2], 0)
    assert not ids(NAMES, 0) & ids(NAMES, 2)


def test_a_kind_of_action_of_any_length_is_a_row(tmp_path: Path) -> None:
    pair = a_pair(0)
    sides = tuple(
        side.model_copy(update={"action_type": dict.fromkeys(side.arms, "k" * 5000)})
        for side in pair.sides
    )
    made = a_review(tmp_path, [pair.model_copy(update={"sides": sides})])
    said: dict[int, Said] = {0: FINE}
    ratings = made.said(**dict.fromkeys(NAMES, said)).merged()
    assert {row.action_type for row in decision_rows(ratings)} == {"k" * 1000}


def test_a_clock_that_stands_in_another_age_dates_nothing(tmp_path: Path) -> None:
    made = a_review(tmp_path, [a_pair(0)], raters=("alice", "bob"))
    then = "1970-01-01T00:00:00Z"
    for name in ("alice", "bob"):
        made = made.cast(name, made.votes(name, {0: FINE}, decided_at=then), locked_at=then)
    assert {row.at for row in decision_rows(made.merged())} == {None}


def test_each_rated_reply_is_a_row_by_consensus(tmp_path: Path) -> None:
    made = a_review(tmp_path, [a_pair(0, probability=0.25), a_pair(1), identical(2)])
    same: dict[int, Said] = {
        0: ("reject", "approve", "win"),
        1: ("escalate", "modify", "tie"),
        2: ("approve", None, None),
    }
    odd = same | {1: ("escalate", "reject", "tie")}
    ratings = made.said(alice=same, bob=same, carol=odd).merged()
    rows = list(decision_rows(agreed(ratings)))
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
    text = decision_log(agreed(ratings)).decode()
    assert not any(name in text for name in names)
    assert [Decision.model_validate_json(line) for line in text.splitlines()] == rows


def test_a_reply_without_consensus_stays_in_the_log_without_a_label(tmp_path: Path) -> None:
    made = a_review(tmp_path, [a_pair(0)])
    votes: dict[str, dict[int, Said]] = {
        name: {0: (action, "approve", "tie")}
        for name, action in zip(NAMES, ("approve", "modify", "reject"), strict=True)
    }
    open_one, settled = decision_rows(agreed(made.said(**votes).merged()))
    assert (open_one.human_action, open_one.correct) == (None, None)
    assert (open_one.review_probability, settled.review_probability) == (None, 1.0)
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
    code, found = recalibrated(ratings, tmp_path, capsys)
    assert code == 0
    assert (found["n"], found["n_labelled"], found["n_wrong"]) == (n, n, n // 4)
    log = tmp_path / "decisions.jsonl"
    assert run(["log", "lint", str(log), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows_mapped"] == 2 * n
