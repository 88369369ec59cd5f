from pathlib import Path

import pytest

from hitl.decisions.exchange.shape import Shape
from hitl.decisions.mapping import LogColumns
from tests.decisions.exchange.imports import SPAN, TRACE, lines, otlp, refused, run, span

GENERATIONS = ("otlp_main.jsonl", "otlp_1_41.jsonl", "otlp_1_36.jsonl", "otlp_openinference.jsonl")


@pytest.mark.parametrize("name", GENERATIONS)
def test_every_generation_of_names_gives_the_same_rows(tmp_path: Path, name: str) -> None:
    imported, rows = run([name], Shape.OTLP, tmp_path)

    assert rows[0] == {
        "decision_id": f"{TRACE}-{SPAN}",
        "at": "2026-05-01T10:15:00.100000Z",
        "workflow_id": "claims",
        "workflow_version": "7",
        "action_type": "refund",
        "declared_model": "acme/triage-latest",
        "resolved_model": "acme/triage-2026-04-20",
        "confidence": 0.91,
        "risk": "medium",
        "lane": "queue",
        "reviewer_id": "bo",
        "human_action": "approve",
        "decided_at": "2026-05-01T10:25:00Z",
        "review_seconds": 31.0,
        "cost_usd": 0.0031,
        "latency_ms": 1500.0,
        "prompt_template_id": "triage",
        "prompt_version": "12",
        "prompt_hash": "9f86d081884c7d65",
        "retrieval_sources": "doc-1, doc-7",
        "schema_valid": True,
        "repair_event": False,
        "policy_outcome": "allow",
        "validator_outcome": "pass",
    }
    assert (rows[1]["human_action"], rows[1]["repair_event"]) == ("reject", True)
    assert [(aside.name, aside.n) for aside in imported.asides] == [
        ("a step around model calls", 1),
        ("a tool call", 1),
    ]
    assert imported.records == 5  # four spans, and the event by which a person decided


def test_a_model_that_was_only_asked_for_is_never_the_one_that_answered(tmp_path: Path) -> None:
    path = lines(tmp_path / "t.jsonl", otlp(span({"llm.model_name": "acme/latest"})))

    _, rows = run([path], Shape.OTLP, tmp_path)

    assert rows[0]["declared_model"] == "acme/latest"
    assert "resolved_model" not in rows[0]


def test_a_review_in_a_file_of_its_own_joins_by_id_by_link_and_by_parent(tmp_path: Path) -> None:
    ids = [f"00000000000000a{number}" for number in range(3)]
    decisions = [span({}, spanId=one) for one in ids]
    decisions[0] = span({"hitl.decision.id": "d-1"}, spanId=ids[0])
    other = {"gen_ai.operation.name": "review", "hitl.human.action": "reject"}
    reviews = [
        span({**other, "hitl.decision.id": "d-1"}, spanId="00000000000000b0"),
        span(other, spanId="00000000000000b1", links=[{"traceId": TRACE, "spanId": ids[1]}]),
        span(other, spanId="00000000000000b2", parentSpanId=ids[2]),
    ]
    # Unmarked calls of a trace with a marked one would be parts of it.
    decisions[0]["traceId"] = "0" * 31 + "1"
    files = [
        lines(tmp_path / "r.jsonl", otlp(*reviews)),
        lines(tmp_path / "d.jsonl", otlp(*decisions)),
    ]

    imported, rows = run(list(files), Shape.OTLP, tmp_path)

    assert [row["human_action"] for row in rows] == ["reject"] * 3
    assert rows[0]["decided_at"] == "2026-05-01T10:15:01Z"
    assert imported.joined == 3


def test_model_calls_inside_a_decision_that_another_span_names_are_no_rows(tmp_path: Path) -> None:
    agent = span({"gen_ai.operation.name": "invoke_agent", "hitl.action.suggested": "refund"})
    path = lines(tmp_path / "t.jsonl", otlp(span({}, spanId="00000000000000b1"), agent))

    imported, rows = run([path], Shape.OTLP, tmp_path)

    assert [row["action_type"] for row in rows] == ["refund"]
    assert imported.asides[0].name == "a model call inside a decision that another span names"


def test_ids_that_a_protobuf_library_wrote_as_base64_are_the_same_ids(tmp_path: Path) -> None:
    as_base64 = span({}, traceId="W47/95gDgQPSabYzgT/GDA==", spanId="7uGbfsPBsXQ=")
    path = lines(tmp_path / "t.jsonl", otlp(as_base64))

    _, rows = run([path], Shape.OTLP, tmp_path)

    assert rows[0]["decision_id"] == f"{TRACE}-{SPAN}"


def test_a_cost_in_another_currency_is_no_cost_in_dollars(tmp_path: Path) -> None:
    cost = {"hitl.cost.amount": 0.5, "hitl.cost.currency": "EUR"}
    path = lines(tmp_path / "t.jsonl", otlp(span(cost)))

    imported, _ = run([path], Shape.OTLP, tmp_path)

    assert "cost_usd: no numbers; 1 in all; found '0.5 EUR' (1)" in refused(imported)


def test_attributes_of_ones_own_are_named_by_the_mapping(tmp_path: Path) -> None:
    path = lines(tmp_path / "t.jsonl", otlp(span({"app.step": "refund", "app.sure": 88})))
    mapping = LogColumns.model_validate(
        {"columns": {"action_type": "app.step", "confidence": "attributes.app.sure"},
         "values": {"action_type": {"refund": "money_back"}}, "units": {"confidence": "percent"}},
        strict=False,
    )  # fmt: skip

    _, rows = run([path], Shape.OTLP, tmp_path, mapping)

    assert (rows[0]["action_type"], rows[0]["confidence"]) == ("money_back", 0.88)


def test_rows_that_only_sets_aside_are_counted(tmp_path: Path) -> None:
    spans = [
        span({"test": flag}, spanId=f"00000000000000a{n}") for n, flag in enumerate((True, False))
    ]
    path = lines(tmp_path / "t.jsonl", otlp(*spans))

    imported, rows = run([path], Shape.OTLP, tmp_path, LogColumns(only={"test": ("false",)}))

    assert len(rows) == 1
    assert [(one.name, one.n) for one in imported.asides] == [
        ("set aside by `only` of the mapping", 1)
    ]


def test_openinference_annotations_of_people_are_read_and_those_of_machines_are_not(
    tmp_path: Path,
) -> None:
    def annotation(number: int, name: str, label: str, kind: str) -> dict[str, object]:
        head = f"annotations.{number}.annotation."
        return {f"{head}name": name, f"{head}label": label, f"{head}annotator_kind": kind}

    said = annotation(0, "human_action", "approve", "LLM") | annotation(
        1, "correct", "true", "HUMAN"
    )
    path = lines(tmp_path / "t.jsonl", otlp(span(said)))

    imported, rows = run([path], Shape.OTLP, tmp_path)

    assert rows[0]["correct"] is True
    assert "human_action" not in rows[0]
    assert imported.unread[0].name == "not by a person (LLM)"


def test_what_a_resource_says_marks_none_of_its_spans(tmp_path: Path) -> None:
    document = otlp(
        span({}), span({"gen_ai.operation.name": "execute_tool"}, spanId="00000000000000b1")
    )
    names = {
        "hitl.action.suggested": "x",
        "hitl.human.action": "approve",
        "gen_ai.workflow.name": "w",
    }
    resource = [{"key": name, "value": {"stringValue": value}} for name, value in names.items()]
    document["resourceSpans"][0]["resource"] = {"attributes": resource}  # type: ignore[index]

    imported, rows = run([lines(tmp_path / "t.jsonl", document)], Shape.OTLP, tmp_path)

    assert [row["workflow_id"] for row in rows] == ["w"]
    assert not {"action_type", "human_action"} & rows[0].keys()
    assert imported.asides[0].name == "a tool call"


def test_a_review_may_be_an_event_of_a_span_around_the_model_call(tmp_path: Path) -> None:
    event = {"name": "hitl.human.decision", "timeUnixNano": "1777630560000000000", "attributes": [
        {"key": "hitl.human.action", "value": {"stringValue": "approve"}},
        {"key": "hitl.decision.id", "value": {"stringValue": "d-1"}}]}  # fmt: skip
    around = span(
        {"gen_ai.operation.name": "invoke_agent", "hitl.decision.id": "d-1"},
        spanId="00000000000000b1",
        events=[event],
    )
    call = span({"hitl.decision.id": "d-1", "hitl.action.suggested": "refund"})

    _, rows = run([lines(tmp_path / "t.jsonl", otlp(around, call))], Shape.OTLP, tmp_path)

    assert [(row["human_action"], row["decided_at"]) for row in rows] == [
        ("approve", "2026-05-01T10:16:00Z")
    ]
