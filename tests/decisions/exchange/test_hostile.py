"""Exports that lie, break off, or were made to do harm."""

import gzip
import json
from pathlib import Path

import pytest

from hitl.decisions.exchange.shape import Shape
from hitl.decisions.mapping import LogColumns
from hitl.errors import DocumentError
from tests.decisions.exchange.imports import EXPORTS, lines, otlp, refused, run, span


def of(tmp_path: Path, *spans: dict[str, object]) -> Path:
    return lines(tmp_path / "t.jsonl", otlp(*spans))


def test_markup_and_formulas_are_text_like_any_other(tmp_path: Path) -> None:
    hostile = '=HYPERLINK("http://x")<script>alert(1)</script>\'; DROP TABLE x --'

    _, rows = run([of(tmp_path, span({"hitl.action.suggested": hostile}))], Shape.OTLP, tmp_path)

    assert rows[0]["action_type"] == hostile


def test_nul_and_lone_surrogates_cannot_break_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    text = json.dumps(otlp(span({"hitl.action.suggested": "a-b"})))
    path.write_text(text.replace("a-b", "a\\u0000\\ud800b\\u001b[2J"))

    _, rows = run([path], Shape.OTLP, tmp_path)

    assert rows[0]["action_type"] == "a\ufffd\ufffdb\x1b[2J"


def deep(tmp_path: Path, depth: int) -> Path:
    value = '{"arrayValue":{"values":[' * depth + '{"stringValue":"x"}' + "]}}" * depth
    text = json.dumps(otlp(span({"app.deep": "here"})))
    path = tmp_path / "t.jsonl"
    path.write_text(text.replace('{"stringValue": "here"}', value))
    return path


def test_deep_nesting_is_no_value(tmp_path: Path) -> None:
    _, rows = run([deep(tmp_path, 100)], Shape.OTLP, tmp_path)

    assert len(rows) == 1


def test_nesting_that_would_exhaust_the_stack_is_refused(tmp_path: Path) -> None:
    imported, _ = run([deep(tmp_path, 100_000)], Shape.OTLP, tmp_path)

    assert "found 'not valid JSON: nested too deeply' (1)" in refused(imported)


def test_ten_thousand_attributes_are_read(tmp_path: Path) -> None:
    many: dict[str, object] = {f"app.a{number}": "x" * 100 for number in range(10_000)}

    path = of(tmp_path, span(many | {"hitl.action.suggested": "refund"}))
    _, rows = run([path], Shape.OTLP, tmp_path)

    assert rows[0]["action_type"] == "refund"


def test_the_same_span_again_is_one_row(tmp_path: Path) -> None:
    imported, rows = run([of(tmp_path, span({}), span({}))], Shape.OTLP, tmp_path)

    assert len(rows) == 1
    assert [(one.name, one.n) for one in imported.asides] == [("the same row again", 1)]


def test_two_spans_with_one_id_are_refused(tmp_path: Path) -> None:
    other = span({"gen_ai.response.model": "acme/other"})

    imported, _ = run([of(tmp_path, span({}), other)], Shape.OTLP, tmp_path)

    assert "decision_id: stand twice with different rows" in refused(imported)


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("9223372036854775808", "times in the future"),
        ("99999999999999999999999999", "no times"),
        ("-1", "no times"),
        ("soon", "no times"),
        (1, "times before 2015"),
        ("1893456000000000000", "times in the future"),
        (1e18, "no times"),
        (True, "no times"),
    ],
)
def test_a_clock_that_cannot_be_is_a_fault(tmp_path: Path, start: object, said: str) -> None:
    imported, _ = run([of(tmp_path, span({}, startTimeUnixNano=start))], Shape.OTLP, tmp_path)

    assert f"t.jsonl:1: at: {said}" in refused(imported)


def test_a_span_that_ends_before_it_starts_is_a_fault(tmp_path: Path) -> None:
    path = of(tmp_path, span({}, endTimeUnixNano="1777630499000000000"))

    imported, _ = run([path], Shape.OTLP, tmp_path)

    assert (
        "latency_ms: out of range; expected 0 to 3.16224e+10; 1 in all; found '-1000.0'"
        in refused(imported)
    )


@pytest.mark.parametrize("value", [1e308, "1e999", "NaN", "0,9", "-0.1", True, "1_0", 2**70, "٣"])
def test_a_confidence_that_is_none_is_a_fault(tmp_path: Path, value: object) -> None:
    path = of(tmp_path, span({"hitl.action.score": value}))

    imported, _ = run([path], Shape.OTLP, tmp_path)

    assert "confidence: " in refused(imported)


def test_a_list_where_a_word_belongs_is_a_fault(tmp_path: Path) -> None:
    one = span({})
    listed = {"arrayValue": {"values": [{"stringValue": "queue"}]}}
    one["attributes"] = [{"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
                         {"key": "hitl.policy.lane", "value": listed}]  # fmt: skip

    imported, _ = run([of(tmp_path, one)], Shape.OTLP, tmp_path)

    assert "lane: lists or objects where one plain value belongs" in refused(imported)


def test_every_fault_is_told_at_once_with_counts_and_first_places(tmp_path: Path) -> None:
    wrong = [
        otlp(span({"hitl.policy.lane": "fast", "hitl.action.score": 7}, spanId=f"{n:016x}"))
        for n in range(1, 61)
    ]
    path = lines(tmp_path / "t.jsonl", *wrong)
    path.write_text(path.read_text() + '{"resourceSpans": [\n')

    imported, _ = run([path], Shape.OTLP, tmp_path)

    said = refused(imported)
    assert "t.jsonl:61: cannot be read as a record" in said
    assert "t.jsonl:1: lane: unknown words" in said
    assert "60 in all; found 'fast' (60)" in said
    assert "also at " + f"{path}:2, {path}:3" in said
    assert (imported.faulty, imported.unreadable, imported.rows) == (60, 1, 0)


def test_personal_data_in_a_faulty_value_is_not_shown(tmp_path: Path) -> None:
    path = of(tmp_path, span({"hitl.policy.lane": "x" * 50 + " bob@example.com"}))

    imported, _ = run([path], Shape.OTLP, tmp_path)

    assert "bob@" not in refused(imported)
    assert "[email]" in refused(imported)


def test_nothing_is_left_behind_when_anything_is_refused(tmp_path: Path) -> None:
    path = of(tmp_path, span({"hitl.policy.lane": "fast"}))

    run([path], Shape.OTLP, tmp_path)

    assert [one.name for one in tmp_path.iterdir()] == ["t.jsonl"]


def test_a_half_written_document_says_so(tmp_path: Path) -> None:
    whole = (EXPORTS / "mlflow_traces.json").read_bytes()
    path = tmp_path / "half.json"
    path.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(
        DocumentError, match=r"half\.json: is neither JSON lines nor one whole JSON document"
    ):
        run([path], Shape.MLFLOW, tmp_path)


def test_a_gzip_file_that_is_cut_short_gives_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl.gz"
    packed = gzip.compress((EXPORTS / "otlp_main.jsonl").read_bytes() * 50)
    path.write_bytes(packed[: len(packed) - 20])

    with pytest.raises(DocumentError, match="damaged or cut short"):
        run([path], Shape.OTLP, tmp_path)
    assert not (tmp_path / "log.jsonl").exists()


def test_an_empty_file_holds_no_record(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").touch()
    (tmp_path / "b.jsonl").write_text("\n \n")

    for name in ("a.jsonl", "b.jsonl"):
        with pytest.raises(DocumentError, match="is empty: there is no record in it"):
            run([tmp_path / name], Shape.OTLP, tmp_path)


def test_spans_without_a_model_call_are_no_log(tmp_path: Path) -> None:
    path = of(tmp_path, span({"gen_ai.operation.name": "execute_tool"}))

    with pytest.raises(DocumentError, match=r"hold no decision: .* \(1 a tool call\)"):
        run([path], Shape.OTLP, tmp_path)


@pytest.mark.parametrize(
    "record",
    [
        {"resourceSpans": None},
        {"resourceSpans": [None, 3, {"scopeSpans": {"spans": []}}]},
        {"resourceSpans": [{"resource": [], "scopeSpans": [{"spans": [None, [], {}]}]}]},
        {"resourceSpans": [{"scopeSpans": [{"spans": [{"attributes": {"a": 1}, "events": [1], "links": "x"}]}]}]},
    ],
)  # fmt: skip
def test_parts_of_the_wrong_type_hold_nothing(tmp_path: Path, record: object) -> None:
    with pytest.raises(DocumentError, match="hold no decision"):
        run([lines(tmp_path / "t.jsonl", record)], Shape.OTLP, tmp_path)


SAMPLES = {
    Shape.OTLP: "otlp_main.jsonl",
    Shape.LANGFUSE: "langfuse_observations.jsonl",
    Shape.LANGSMITH: "langsmith_runs.json",
    Shape.MLFLOW: "mlflow_traces.json",
    Shape.PHOENIX: "phoenix_spans.json",
    Shape.AGENT_INBOX: "agent_inbox.jsonl",
    Shape.HUMANLAYER: "humanlayer.json",
    Shape.A2I: "a2i.jsonl",
}


def first_record(shape: Shape) -> dict[str, object]:
    path = EXPORTS / SAMPLES[shape]
    text = path.read_text()
    value = json.loads(text.splitlines()[0] if path.suffix == ".jsonl" else text)
    value = value.get("data", value) if shape is Shape.PHOENIX else value
    return value[0] if isinstance(value, list) else value


def outcome(path: Path, shape: Shape, folder: Path) -> str:
    """Whatever the file holds: rows, refusals with their place, or one message about the file."""
    try:
        imported, rows = run([path], shape, folder)
    except DocumentError as error:
        return str(error)
    return f"{path}: {len(rows)} rows" if imported.is_written else refused(imported)


@pytest.mark.parametrize("odd", [None, 7, [], {}, "x", [None], {"a": [[]]}, [[{}]]])
@pytest.mark.parametrize("shape", list(Shape))
def test_a_record_with_an_odd_value_in_any_field_ends_in_rows_or_a_message(
    tmp_path: Path, shape: Shape, odd: object
) -> None:
    record = first_record(shape)
    for name in record:
        path = lines(tmp_path / "odd.jsonl", {**record, name: odd})
        assert str(path) in outcome(path, shape, tmp_path)
        for inner in record[name] if isinstance(record[name], dict) else ():
            changed = {**record, name: {**record[name], inner: odd}}
            assert str(path) in outcome(lines(path, changed), shape, tmp_path)


def test_a_mapping_path_of_any_length_ends(tmp_path: Path) -> None:
    mapping = LogColumns(columns={"action_type": ".".join("a" * 400)})

    with pytest.raises(DocumentError, match="no record has"):
        run(["otlp_main.jsonl"], Shape.OTLP, tmp_path, mapping)
