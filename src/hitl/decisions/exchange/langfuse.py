"""Langfuse: observations and scores, from its API (`traceId`) or its scheduled exports (`trace_id`).

The model of an observation is the name that the caller gave, never the one that answered. Only scores of the
source `ANNOTATION` come from people in Langfuse.
"""

from collections.abc import Iterator

from hitl.decisions.exchange.instants import of_utc
from hitl.decisions.exchange.look import as_list, as_tree, take, text_of
from hitl.decisions.exchange.shape import Aside, Judgement, Seen, Tree
from hitl.decisions.exchange.spans import Span, machine, read_span

_TYPES = frozenset({"GENERATION", "SPAN", "EVENT", "AGENT", "TOOL", "CHAIN", "RETRIEVER", "EVALUATOR",
                    "EMBEDDING", "GUARDRAIL"})  # fmt: skip
_SOURCES = frozenset({"ANNOTATION", "API", "EVAL"})
_FLAGS: dict[float, bool] = {0: False, 1: True}


def is_mine(record: Tree) -> bool:
    """Say whether a record is a trace, an observation or a score of Langfuse."""
    return _is_observation(record) or _is_score(record) or _is_trace(record)


def read(record: Tree) -> Iterator[Seen]:
    """Yield what a record amounts to; a trace yields its observations and scores."""
    if _is_observation(record):
        yield from read_span(_span(record))
    elif _is_score(record):
        yield _score(record)
    else:
        for one in map(as_tree, as_list(record.get("observations"))):
            if _is_observation(one):
                yield from read_span(_span(one))
        for one in map(as_tree, as_list(record.get("scores"))):
            if _is_score(one):
                yield _score(one)
        if not as_list(record.get("observations")):
            yield Aside("a trace without its observations")


def _is_observation(record: Tree) -> bool:
    return text_of(record.get("type")) in _TYPES and take(record, "traceId", "trace_id") is not None


def _is_score(record: Tree) -> bool:
    return text_of(record.get("source")) in _SOURCES and "name" in record and "value" in record


def _is_trace(record: Tree) -> bool:
    named = {"projectId", "project_id", "observations", "sessionId", "session_id", "public"}
    return {"id", "timestamp"} <= record.keys() and not named.isdisjoint(record)


def _span(record: Tree) -> Span:
    metadata = as_tree(record.get("metadata"))
    inner = as_tree(metadata.get("attributes"))
    details = as_tree(take(record, "costDetails", "cost_details"))
    own = {
        "declared_model": take(record, "model", "providedModelName", "provided_model_name"),
        "prompt_template_id": take(record, "promptName", "prompt_name"),
        "prompt_version": take(record, "promptVersion", "prompt_version"),
        "cost_usd": take(record, "totalCost", "total_cost", "calculatedTotalCost") or details.get("total"),
    }  # fmt: skip
    return Span(
        trace=text_of(take(record, "traceId", "trace_id")),
        span=text_of(record.get("id")),
        name=text_of(record.get("id")),
        start=of_utc(take(record, "startTime", "start_time")),
        end=of_utc(take(record, "endTime", "end_time")),
        bags=(inner, metadata),
        kind=record.get("type"),
        own={name: value for name, value in own.items() if value is not None},
        record=record,
    )


def _score(record: Tree) -> Judgement:
    said = {
        "reviewer_id": take(record, "authorUserId", "author_user_id"),
        "decided_at": of_utc(record.get("timestamp")),
        "reviewer_pool": take(record, "queueId", "queue_id"),
    }
    return Judgement(
        said,
        target=text_of(take(record, "observationId", "observation_id")),
        trace=text_of(take(record, "traceId", "trace_id")),
        source=machine(record.get("source"), "ANNOTATION"),
        name=text_of(record.get("name")),
        value=_value(record),
        roots=(record,),
    )


def _value(record: Tree) -> object:
    kind = take(record, "dataType", "data_type")
    if kind == "BOOLEAN" and isinstance(number := record.get("value"), int | float):
        return _FLAGS.get(number, number)
    words = take(record, "stringValue", "string_value")
    return record.get("value") if kind == "NUMERIC" or not words else words
