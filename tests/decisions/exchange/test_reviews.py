"""Tools that hold the decisions of people: Agent Inbox, HumanLayer, Amazon A2I."""

from pathlib import Path

import pytest

from hitl.decisions.exchange.shape import Shape
from hitl.decisions.mapping import LogColumns
from tests.decisions.exchange.imports import lines, refused, run


def mapping(**parts: object) -> LogColumns:
    return LogColumns.model_validate(parts)


def test_what_accept_and_edit_mean_is_known_and_what_ignore_and_response_mean_is_asked(
    tmp_path: Path,
) -> None:
    imported, _ = run(["agent_inbox.jsonl"], Shape.AGENT_INBOX, tmp_path)

    said = refused(imported)
    assert "agent_inbox.jsonl:3: human_action: unknown words" in said
    assert "2 in all; found 'ignore' (1), 'response' (1); also at" in said
    assert imported.faulty == 2
    assert imported.rows == 3


def test_words_of_the_mapping_say_what_ignore_and_response_mean(tmp_path: Path) -> None:
    named = mapping(
        columns={"reviewer_id": "user"},
        values={"human_action": {"ignore": None, "response": "reject"}},
    )
    imported, rows = run(["agent_inbox.jsonl"], Shape.AGENT_INBOX, tmp_path, named)

    assert imported.is_written
    assert [row.get("human_action") for row in rows] == ["approve", "modify", None, "reject", None]
    assert (rows[0]["action_type"], rows[0]["reviewer_id"]) == ("refund", "bo")
    assert not {"reviewer_id", "decided_at"} & rows[2].keys()


def test_the_mapping_may_say_otherwise_of_a_word_that_is_known(tmp_path: Path) -> None:
    words = {"accept": "escalate", "ignore": "timeout", "response": "reject"}
    _, rows = run(["agent_inbox.jsonl"], Shape.AGENT_INBOX, tmp_path, mapping(values={"human_action": words}))  # fmt: skip

    assert [row.get("human_action") for row in rows[:3]] == ["escalate", "modify", "timeout"]


def test_approvals_of_humanlayer_are_rows_and_questions_are_not(tmp_path: Path) -> None:
    imported, rows = run(["humanlayer.json"], Shape.HUMANLAYER, tmp_path)

    assert [(row["decision_id"], row.get("human_action")) for row in rows] == [
        ("call-1", "approve"),
        ("call-2", "reject"),
        ("call-3", None),
    ]
    assert not any({"wait_seconds", "review_seconds", "reviewer_id"} & row.keys() for row in rows)
    assert imported.asides[0].name == "a question to a person, which proposes nothing"


def test_channels_and_comments_of_humanlayer_stay_behind(tmp_path: Path) -> None:
    run(["humanlayer.json"], Shape.HUMANLAYER, tmp_path)

    written = (tmp_path / "log.jsonl").read_text()
    assert "example.com" not in written
    assert "1234567" not in written


def test_answers_of_a2i_need_the_field_that_decides(tmp_path: Path) -> None:
    imported, _ = run(["a2i.jsonl"], Shape.A2I, tmp_path)

    assert "people answered and nothing says what they decided" in refused(imported)
    assert imported.faulty == 2


def test_answers_of_a2i_become_human_actions(tmp_path: Path) -> None:
    named = mapping(
        columns={"human_action": "answerContent.decision.label", "at": "inputContent.decided"},
        values={"human_action": {"ok": "approve", "not ok": "reject"}},
    )
    imported, rows = run(["a2i.jsonl"], Shape.A2I, tmp_path, named)

    assert rows[0] == {
        "decision_id": "loop-1",
        "at": "2026-05-01T09:00:00Z",
        "workflow_id": "claims-review",
        "reviewer_id": "worker-0",
        "human_action": "approve",
        "decided_at": "2026-05-01T10:01:00Z",
        "review_seconds": 20.5,
    }
    assert (rows[1]["human_action"], rows[1]["reviewer_id"]) == ("reject", "worker-0")
    assert "human_action" not in rows[2]
    assert imported.joined == 3


@pytest.mark.parametrize("response", [None, [], [None], {}, "accept"])
def test_an_interrupt_without_a_response_is_a_decision_that_nobody_looked_at(
    tmp_path: Path, response: object
) -> None:
    record = {"id": "i-1", "action_request": {"action": "refund", "args": {}}, "response": response}

    _, rows = run([lines(tmp_path / "x.jsonl", record)], Shape.AGENT_INBOX, tmp_path)

    assert rows == [{"decision_id": "i-1", "action_type": "refund"}]
