"""A decision counts once, and what is said of it counts for it alone."""

from pathlib import Path

import pytest

from hitl.decisions.exchange.shape import Shape
from hitl.decisions.mapping import LogColumns
from hitl.errors import DocumentError
from tests.decisions.exchange.imports import lines, otlp, refused, run, span, typed


def interrupt(**more: object) -> dict[str, object]:
    return {
        "interrupt": {"action_request": {"action": "refund", "args": {}}},
        "created_at": "2026-05-01T10:15:00Z",
        "response": [{"type": "accept", "args": None}],
        **more,
    }


def test_the_same_row_without_an_id_is_not_counted_twice(tmp_path: Path) -> None:
    first = lines(tmp_path / "a.jsonl", interrupt())
    copy = lines(tmp_path / "b.jsonl", interrupt())

    imported, rows = run([first, copy], Shape.AGENT_INBOX, tmp_path)

    assert rows == []
    assert refused(imported).startswith(
        f"{copy}:1: decision_id: is missing, and the same row stands again"
    )


def test_rows_without_an_id_that_differ_are_taken(tmp_path: Path) -> None:
    later = interrupt(created_at="2026-05-01T10:15:00.000001Z")

    _, rows = run([lines(tmp_path / "a.jsonl", interrupt(), later)], Shape.AGENT_INBOX, tmp_path)

    assert [row["at"] for row in rows] == ["2026-05-01T10:15:00Z", "2026-05-01T10:15:00.000001Z"]


def test_an_id_may_be_a_number(tmp_path: Path) -> None:
    export = lines(tmp_path / "a.jsonl", *(interrupt(id=number) for number in (1, 2, 2)))

    imported, rows = run([export], Shape.AGENT_INBOX, tmp_path)

    assert [row["decision_id"] for row in rows] == ["1", "2"]
    assert [group.name for group in imported.asides] == ["the same row again"]


def test_a_time_without_a_zone_needs_the_zone_of_the_mapping(tmp_path: Path) -> None:
    export = lines(tmp_path / "a.jsonl", interrupt(id="a", created_at="2026-05-01T10:15:00"))

    without, _ = run([export], Shape.AGENT_INBOX, tmp_path)
    _, rows = run([export], Shape.AGENT_INBOX, tmp_path, LogColumns(zone="Europe/Berlin"))

    assert "times without a zone" in refused(without)
    assert rows[0]["at"] == "2026-05-01T08:15:00Z"


def test_of_several_answers_to_one_interrupt_none_is_the_one(tmp_path: Path) -> None:
    answers = [{"type": "accept", "args": None}, {"type": "edit", "args": None}]
    export = lines(tmp_path / "a.jsonl", interrupt(id="a", response=answers))

    imported, _ = run([export], Shape.AGENT_INBOX, tmp_path)

    assert "human_action: lists or objects where one plain value belongs" in refused(imported)


def test_one_annotation_approves_one_decision(tmp_path: Path) -> None:
    def span(trace: str) -> dict[str, object]:
        return {
            "context": {"trace_id": trace, "span_id": "1"},
            "span_kind": "LLM",
            "start_time": "2026-05-01T10:15:00Z",
        }

    annotation = {
        "span_id": "1",
        "annotator_kind": "HUMAN",
        "name": "human_action",
        "result": {"label": "approve"},
    }
    export = lines(tmp_path / "a.jsonl", span("t-1"), span("t-2"), annotation)

    imported, rows = run([export], Shape.PHOENIX, tmp_path)

    assert rows == []
    assert "are said of several decisions by one id" in refused(imported)


@pytest.mark.parametrize("value", [0.9, 0.5, -0.5, 2])
def test_a_score_between_false_and_true_is_neither(tmp_path: Path, value: float) -> None:
    observation = {
        "id": "o-1",
        "trace_id": "t-1",
        "type": "GENERATION",
        "start_time": "2026-05-01 10:15:00.000000",
    }
    score = {
        "id": "s-1",
        "name": "correct",
        "value": value,
        "data_type": "BOOLEAN",
        "source": "ANNOTATION",
        "observation_id": "o-1",
        "trace_id": "t-1",
    }
    export = lines(tmp_path / "a.jsonl", observation, score)

    imported, _ = run([export], Shape.LANGFUSE, tmp_path)

    assert "correct: neither true nor false" in refused(imported)


def test_names_of_scores_and_fields_are_told_without_personal_data(tmp_path: Path) -> None:
    run_ = {"id": "1", "run_type": "llm", "start_time": "2026-05-01T10:15:00Z", "outputs": {"bo@example.com": 1}}  # fmt: skip
    feedback = {
        "run_id": "1",
        "key": "of bo@example.com",
        "score": 1,
        "feedback_source": {"type": "app"},
    }
    export = lines(tmp_path / "a.jsonl", run_, feedback)

    imported, _ = run([export], Shape.LANGSMITH, tmp_path)
    assert [group.name for group in imported.unread] == ["scores that no column reads: of [email]"]

    mapping = LogColumns(columns={"risk": "nowhere"})
    with pytest.raises(DocumentError) as caught:
        run([export], Shape.LANGSMITH, tmp_path, mapping)
    assert "start_time, [email]" in str(caught.value)
    assert "example.com" not in str(caught.value)


def event(action: str, nanoseconds: int) -> dict[str, object]:
    return {
        "timeUnixNano": str(nanoseconds),
        "attributes": [{"key": "hitl.human.action", "value": typed(action)}],
    }


def test_of_two_events_that_differ_the_last_does_not_win(tmp_path: Path) -> None:
    events = [event("reject", 1777630510000000000), event("approve", 1777630520000000000)]
    export = lines(tmp_path / "a.jsonl", otlp(span({}, events=events)))

    imported, rows = run([export], Shape.OTLP, tmp_path)

    assert rows == []
    assert "human_action: contradict each other on one decision" in refused(imported)


def test_of_two_events_that_agree_the_first_counts(tmp_path: Path) -> None:
    events = [event("reject", 1777630520000000000), event("reject", 1777630510000000000)]
    export = lines(tmp_path / "a.jsonl", otlp(span({}, events=events)))

    _, rows = run([export], Shape.OTLP, tmp_path)

    assert [(row["human_action"], row["decided_at"]) for row in rows] == [
        ("reject", "2026-05-01T10:15:10Z")
    ]


@pytest.mark.parametrize("where", ["attribute", "event", "review"])
def test_a_call_on_which_a_person_acted_is_no_part_of_another_decision(
    tmp_path: Path, where: str
) -> None:
    action = {"hitl.human.action": "reject"}
    ids = [f"{number:016x}" for number in (1, 2, 3, 4)]
    acted = span(
        action if where == "attribute" else {},
        spanId=ids[0],
        events=[event("reject", 1777630510000000000)] if where == "event" else [],
    )
    marked = span({"hitl.action.suggested": "refund"}, spanId=ids[1])
    part = span({}, spanId=ids[2])
    review = span({"gen_ai.operation.name": "review", **action}, spanId=ids[3], parentSpanId=ids[0])
    spans = [acted, marked, part, *([review] if where == "review" else [])]

    imported, rows = run([lines(tmp_path / "a.jsonl", otlp(*spans))], Shape.OTLP, tmp_path)

    assert [row.get("human_action") for row in rows] == ["reject", None]
    assert [group.n for group in imported.asides] == [1]
