"""Langfuse, LangSmith, MLflow and Phoenix: decisions in one file, what people said of them in another."""

import json
from pathlib import Path

import pytest

from hitl.decisions.exchange.shape import Shape
from hitl.decisions.mapping import LogColumns
from hitl.errors import DocumentError
from tests.decisions.exchange.imports import EXPORTS, SPAN, TRACE, lines, refused, run

LANGFUSE = LogColumns.model_validate(
    {
        "columns": {"action_type": "metadata.action", "confidence": "metadata.confidence",
                    "human_action": "score.review", "correct": "score.right"},
        "values": {"human_action": {"fine": "approve", "wrong": "reject"}},
        "units": {"confidence": "percent"},
    },
    strict=False,
)  # fmt: skip


def test_langfuse_observations_and_scores_become_reviewed_decisions(tmp_path: Path) -> None:
    files: list[str | Path] = ["langfuse_scores.jsonl", "langfuse_observations.jsonl"]
    imported, rows = run(files, Shape.LANGFUSE, tmp_path, LANGFUSE)

    assert rows[0] == {
        "decision_id": "obs-2",
        "at": "2026-05-01T10:15:00.100000Z",
        "action_type": "refund",
        "declared_model": "acme/triage-latest",
        "resolved_model": "acme/triage-2026-04-20",
        "confidence": 0.91,
        "reviewer_pool": "q-claims",
        "reviewer_id": "usr-7",
        "human_action": "approve",
        "decided_at": "2026-05-01T10:25:00Z",
        "cost_usd": 0.0031,
        "latency_ms": 1500.0,
        "prompt_template_id": "triage",
        "prompt_version": "12",
    }
    assert (rows[1]["human_action"], rows[1]["reviewer_id"], rows[1]["correct"]) == (
        "reject",
        "usr-9",
        False,
    )
    assert imported.joined == 3
    assert sum(one.n for one in imported.strays) == 1


def test_a_score_of_a_machine_is_no_human_decision(tmp_path: Path) -> None:
    files: list[str | Path] = ["langfuse_scores.jsonl", "langfuse_observations.jsonl"]
    imported, rows = run(files, Shape.LANGFUSE, tmp_path, LANGFUSE)

    assert rows[2]["decision_id"] == "obs-4"
    assert "human_action" not in rows[2]
    assert ("not by a person (EVAL)", 1) in [(one.name, one.n) for one in imported.unread]


def test_scores_that_nobody_mapped_are_named_and_read_by_nothing(tmp_path: Path) -> None:
    files: list[str | Path] = ["langfuse_scores.jsonl", "langfuse_observations.jsonl"]
    imported, rows = run(files, Shape.LANGFUSE, tmp_path)

    assert ("scores that no column reads: review", 3) in [
        (one.name, one.n) for one in imported.unread
    ]
    assert not any("human_action" in row for row in rows)


def test_the_api_of_langfuse_gives_the_same_rows_as_its_scheduled_export(tmp_path: Path) -> None:
    observation = {
        "id": "obs-3", "traceId": "tr-2", "type": "GENERATION", "startTime": "2026-05-01T10:30:00.000Z",
        "endTime": "2026-05-01T10:30:02.250Z", "model": "acme/triage-latest", "calculatedTotalCost": 0.0031,
        "promptName": "triage", "promptVersion": 12,
        "metadata": json.dumps({"action": "close", "confidence": 42, "attributes": {"gen_ai.response.model": "acme/triage-2026-04-29"}}),
    }  # fmt: skip
    scores = [
        {"id": "s2", "traceId": "tr-2", "name": "review", "value": 0, "stringValue": "wrong", "dataType": "CATEGORICAL",
         "source": "ANNOTATION", "authorUserId": "usr-9", "queueId": "q-claims", "timestamp": "2026-05-01T10:41:00.000Z"},
        {"id": "s3", "traceId": "tr-2", "observationId": "obs-3", "name": "right", "value": 0, "stringValue": "False",
         "dataType": "BOOLEAN", "source": "ANNOTATION", "timestamp": "2026-05-01T10:41:00.000Z"},
    ]  # fmt: skip
    trace = {"id": "tr-2", "timestamp": "2026-05-01T10:30:00.000Z", "projectId": "p1",
             "observations": [observation], "scores": scores}  # fmt: skip
    path = tmp_path / "page.json"
    path.write_text(json.dumps({"data": [trace], "meta": {"page": 1}}))
    (tmp_path / "api").mkdir()

    _, rows = run([path], Shape.LANGFUSE, tmp_path / "api", LANGFUSE)
    _, exported = run(["langfuse_scores.jsonl", "langfuse_observations.jsonl"], Shape.LANGFUSE, tmp_path, LANGFUSE)  # fmt: skip

    assert rows == [exported[1]]


def test_a_score_of_a_whole_trace_with_several_decisions_is_refused(tmp_path: Path) -> None:
    observation = json.loads((EXPORTS / "langfuse_observations.jsonl").read_text().splitlines()[2])
    score = json.loads((EXPORTS / "langfuse_scores.jsonl").read_text().splitlines()[1])
    records = (observation, {**observation, "id": "obs-8"}, score)
    mapping = LogColumns.model_validate(
        {
            "columns": {"human_action": "score.review"},
            "values": {"human_action": {"wrong": "reject"}},
        }
    )
    imported, _ = run([lines(tmp_path / "x.jsonl", *records)], Shape.LANGFUSE, tmp_path, mapping)

    said = refused(imported)
    assert "x.jsonl:3: are said of a whole trace that has several decisions" in said
    assert "1 in all" in said


def test_langsmith_names_the_asked_model_and_only_the_mapping_the_one_that_answered(
    tmp_path: Path,
) -> None:
    files: list[str | Path] = ["langsmith_runs.json", "langsmith_feedback.json"]
    imported, rows = run(files, Shape.LANGSMITH, tmp_path)

    assert rows[0]["declared_model"] == "acme/triage-latest"
    assert "resolved_model" not in rows[0]
    assert (rows[0]["cost_usd"], rows[0]["at"]) == (0.0031, "2026-05-01T10:15:00.100000Z")
    assert [row["human_action"] for row in rows] == ["approve", "reject"]
    assert (rows[0]["correct"], rows[0]["reviewer_id"]) == (True, "usr-7")
    assert imported.unread[0].name == "not by a person (auto_eval)"

    mapping = LogColumns(columns={"resolved_model": "outputs.llm_output.model_name"})
    _, rows = run(files, Shape.LANGSMITH, tmp_path, mapping)
    assert rows[0]["resolved_model"] == "acme/triage-2026-04-20"


def test_mlflow_attributes_are_json_text_and_its_ids_base64(tmp_path: Path) -> None:
    imported, rows = run(["mlflow_traces.json"], Shape.MLFLOW, tmp_path)

    assert rows == [
        {
            "decision_id": f"tr-{TRACE}-{SPAN}",
            "at": "2026-05-01T10:15:00.100000Z",
            "workflow_id": "claims",
            "action_type": "refund",
            "declared_model": "acme/triage-latest",
            "resolved_model": "acme/triage-2026-04-20",
            "reviewer_id": "bo",
            "human_action": "approve",
            "decided_at": "2026-05-01T10:25:00Z",
            "correct": True,
            "cost_usd": 0.0031,
            "latency_ms": 1500.0,
        }
    ]
    assert "an assessment that a later one replaced" in [one.name for one in imported.asides]


@pytest.mark.parametrize("n_calls", [1, 2])
def test_what_the_tags_of_an_mlflow_trace_say_is_said_of_its_one_decision(
    tmp_path: Path, n_calls: int
) -> None:
    trace = json.loads((EXPORTS / "mlflow_traces.json").read_text())[0]
    trace["info"] |= {
        "assessments": [],
        "tags": {"hitl.human.action": "reject", "hitl.action.suggested": "x"},
    }
    call = trace["data"]["spans"][1]
    trace["data"]["spans"] += [{**call, "span_id": "0000000000000001"}] * (n_calls - 1)

    imported, rows = run([lines(tmp_path / "t.jsonl", trace)], Shape.MLFLOW, tmp_path)

    if n_calls == 1:
        assert [(row["human_action"], row["action_type"]) for row in rows] == [("reject", "refund")]
    else:
        assert "are said of a whole trace that has several decisions" in refused(imported)
    assert sum(aside.n for aside in imported.asides) == 2


def test_phoenix_annotations_of_people_join_their_spans(tmp_path: Path) -> None:
    mapping = LogColumns(columns={"action_type": "metadata.action"})
    imported, rows = run(["phoenix_annotations.json", "phoenix_spans.json"], Shape.PHOENIX, tmp_path, mapping)  # fmt: skip

    assert rows[0]["decision_id"] == f"{TRACE}-{SPAN}"
    assert (rows[0]["human_action"], rows[0]["correct"]) == ("modify", False)
    assert rows[0]["action_type"] == "refund"
    assert {one.name for one in imported.asides} == {"a guardrail", "a tool call"}


def test_a_table_of_phoenix_spans_gives_the_same_row(tmp_path: Path) -> None:
    page = json.loads((EXPORTS / "phoenix_spans.json").read_text())["data"][0]
    flat = {"name": "x", "span_kind": "LLM", "start_time": page["start_time"], "end_time": page["end_time"],
            "context.trace_id": TRACE, "context.span_id": SPAN, "attributes.missing": None}  # fmt: skip
    flat |= {f"attributes.{name}": value for name, value in page["attributes"].items()}
    (tmp_path / "page").mkdir()

    _, rows = run([lines(tmp_path / "t.jsonl", flat)], Shape.PHOENIX, tmp_path)
    _, expected = run(["phoenix_spans.json"], Shape.PHOENIX, tmp_path / "page")

    assert rows == expected


def test_people_who_differ_on_one_decision_decide_nothing(tmp_path: Path) -> None:
    def said(number: int, label: str) -> dict[str, object]:
        return {
            "span_id": SPAN, "annotator_kind": "HUMAN", "name": "human_action", "user_id": f"u{number}",
            "created_at": f"2026-05-01T11:0{number}:00Z", "result": {"label": label},
        }  # fmt: skip

    differ = lines(tmp_path / "a.jsonl", said(1, "approve"), said(2, "reject"))
    agree = lines(tmp_path / "b.jsonl", said(2, "approve"), said(1, "approve"))

    imported, _ = run(["phoenix_spans.json", differ], Shape.PHOENIX, tmp_path)
    assert "human_action: contradict each other on one decision" in refused(imported)

    _, rows = run(["phoenix_spans.json", agree], Shape.PHOENIX, tmp_path)
    assert (rows[0]["reviewer_id"], rows[0]["decided_at"]) == ("u1", "2026-05-01T11:01:00Z")


@pytest.mark.parametrize(
    ("file", "wrong", "right"),
    [
        ("langfuse_observations.jsonl", Shape.OTLP, Shape.LANGFUSE),
        ("otlp_main.jsonl", Shape.LANGFUSE, Shape.OTLP),
        ("langsmith_runs.json", Shape.MLFLOW, Shape.LANGSMITH),
        ("mlflow_traces.json", Shape.PHOENIX, Shape.MLFLOW),
        ("phoenix_spans.json", Shape.LANGSMITH, Shape.PHOENIX),
        ("agent_inbox.jsonl", Shape.HUMANLAYER, Shape.AGENT_INBOX),
        ("humanlayer.json", Shape.A2I, Shape.HUMANLAYER),
        ("a2i.jsonl", Shape.AGENT_INBOX, Shape.A2I),
    ],
)
def test_another_shape_is_told_by_its_name(
    tmp_path: Path, file: str, wrong: Shape, right: Shape
) -> None:
    with pytest.raises(DocumentError, match=f"it looks like {right}; use --from {right}"):
        run([file], wrong, tmp_path)


def test_a_mapping_that_names_what_no_record_has_is_told_what_there_is(tmp_path: Path) -> None:
    mapping = LogColumns(columns={"action_type": "metadata.acton", "correct": "score.rigth"})

    with pytest.raises(DocumentError) as caught:
        run(["langfuse_observations.jsonl", "langfuse_scores.jsonl"], Shape.LANGFUSE, tmp_path, mapping)  # fmt: skip

    assert "columns.action_type: no record has 'metadata.acton'" in str(caught.value)
    assert "metadata.action" in str(caught.value)
    assert "scores: review, right, tone" in str(caught.value)
