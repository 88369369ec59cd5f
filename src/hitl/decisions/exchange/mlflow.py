"""MLflow traces: `info` with assessments, `data` with spans.

Attribute values are JSON text and ids may be base64. An assessment of the source `HUMAN` comes from a person.
"""

from collections.abc import Iterator

from hitl.decisions.exchange.ids import hex_id, joined
from hitl.decisions.exchange.instants import of_milliseconds, of_nanoseconds, of_utc
from hitl.decisions.exchange.look import as_list, as_tree, take, text_of
from hitl.decisions.exchange.names import OF_PEOPLE, values_of
from hitl.decisions.exchange.shape import Aside, Judgement, Seen, Tree
from hitl.decisions.exchange.spans import Span, machine, read_span
from hitl.document.lines import strict_json

_LARGE = frozenset({"mlflow.spanInputs", "mlflow.spanOutputs"})
"""Prompts and replies: left as text, because no column is read from them."""


def is_mine(record: Tree) -> bool:
    """Say whether a record is a trace of MLflow."""
    return isinstance(record.get("info"), dict) and "spans" in as_tree(record.get("data"))


def read(record: Tree) -> Iterator[Seen]:
    """Yield what the spans of a trace amount to, and its assessments."""
    info = as_tree(record.get("info"))
    trace = text_of(take(info, "trace_id", "request_id"))
    around = (as_tree(info.get("trace_metadata")), as_tree(info.get("tags")))
    for span in map(as_tree, as_list(as_tree(record.get("data")).get("spans"))):
        yield from read_span(_span(span, trace, around))
    for one in map(as_tree, as_list(info.get("assessments"))):
        yield _assessment(one, trace)
    said = {name: value for name, value in values_of(around).items() if name in OF_PEOPLE}
    if said:
        yield Judgement(said, trace=trace)


def _span(span: Tree, trace: str, around: tuple[Tree, ...]) -> Span:
    context = as_tree(span.get("context"))
    own = attributes(as_tree(span.get("attributes")))
    cost = as_tree(own.get("mlflow.llm.cost")).get("total_cost")
    return Span(
        trace=trace,
        span=hex_id(take(span, "span_id") or context.get("span_id")),
        parent=hex_id(take(span, "parent_span_id", "parent_id")),
        start=of_nanoseconds(take(span, "start_time_unix_nano", "start_time")),
        end=of_nanoseconds(take(span, "end_time_unix_nano", "end_time")),
        bags=(own,),
        around=around,
        events=tuple(
            (of_nanoseconds(take(event, "time_unix_nano", "timestamp")), attributes(as_tree(event.get("attributes"))))
            for event in map(as_tree, as_list(span.get("events")))
        ),
        own={} if cost is None else {"cost_usd": cost},
        record={**span, "attributes": own},
    )  # fmt: skip


def attributes(texts: Tree) -> dict[str, object]:
    """Return attributes with their JSON text read; what is no JSON is text."""
    return {name: value if name in _LARGE else _read(value) for name, value in texts.items()}


def _read(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return strict_json(value)
    except ValueError:
        return value


def _assessment(one: Tree, trace: str) -> Seen:
    if one.get("valid") is False:
        return Aside("an assessment that a later one replaced")
    if one.get("error") is not None:
        return Aside("an assessment that failed")
    source = as_tree(one.get("source"))
    said = as_tree(one.get("feedback") or one.get("expectation"))
    moment = of_utc(one.get("create_time")) or of_milliseconds(one.get("create_time_ms"))
    span = hex_id(one.get("span_id"))
    return Judgement(
        {"reviewer_id": source.get("source_id"), "decided_at": moment},
        target=joined(trace, span) if span else "",
        trace=trace,
        source=machine(source.get("source_type"), "HUMAN"),
        name=text_of(take(one, "assessment_name", "name")),
        value=said.get("value"),
        roots=(one,),
    )
