"""Phoenix: spans as its API or a table of them holds them, and span annotations.

An annotation with `annotator_kind: HUMAN` comes from a person.
"""

from collections.abc import Iterator

from hitl.decisions.exchange.ids import hex_id
from hitl.decisions.exchange.instants import of_utc
from hitl.decisions.exchange.look import as_list, as_tree, look, take, text_of
from hitl.decisions.exchange.shape import Judgement, Seen, Tree
from hitl.decisions.exchange.spans import Span, machine, read_span

_FLAT = "attributes."


def is_mine(record: Tree) -> bool:
    """Say whether a record is a span or an annotation of Phoenix."""
    return _is_annotation(record) or _is_span(record)


def read(record: Tree) -> Iterator[Seen]:
    """Yield what a span or an annotation amounts to."""
    if _is_annotation(record):
        yield _annotation(record)
    else:
        yield from read_span(_span(record))


def _is_annotation(record: Tree) -> bool:
    return "annotator_kind" in record and take(record, "span_id", "trace_id") is not None


def _is_span(record: Tree) -> bool:
    return look(record, "context.span_id") is not None and "span_kind" in record


def _span(record: Tree) -> Span:
    bag = dict(as_tree(record.get("attributes")))
    bag |= {
        name.removeprefix(_FLAT): value
        for name, value in record.items()
        if name.startswith(_FLAT) and value is not None
    }
    return Span(
        trace=hex_id(look(record, "context.trace_id")),
        span=hex_id(look(record, "context.span_id")),
        parent=hex_id(record.get("parent_id")),
        start=of_utc(record.get("start_time")),
        end=of_utc(record.get("end_time")),
        bags=(bag, as_tree(bag.get("metadata"))),
        kind=record.get("span_kind"),
        events=tuple(
            (of_utc(event.get("timestamp")), as_tree(event.get("attributes")))
            for event in map(as_tree, as_list(record.get("events")))
        ),
        record=record,
    )


def _annotation(record: Tree) -> Judgement:
    result = as_tree(record.get("result"))
    label = take(result, "label") if result else take(record, "label")
    score = take(result, "score") if result else take(record, "score")
    return Judgement(
        {"reviewer_id": record.get("user_id"), "decided_at": of_utc(record.get("created_at"))},
        target=hex_id(record.get("span_id")),
        trace=hex_id(record.get("trace_id")),
        source=machine(record.get("annotator_kind"), "HUMAN"),
        name=text_of(take(record, "name", "annotation_name")),
        value=score if label is None else label,
        roots=(record,),
    )
