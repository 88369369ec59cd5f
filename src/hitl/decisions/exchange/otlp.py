"""OpenTelemetry spans as OTLP JSON: `resourceSpans`, in one document or one a line.

Ids are hexadecimal, whole numbers of 64 bits are text, and every attribute value carries its type.
"""

from collections.abc import Iterator

from hitl.decisions.exchange.ids import hex_id, joined
from hitl.decisions.exchange.instants import of_nanoseconds, whole
from hitl.decisions.exchange.look import as_list, as_tree, text_of
from hitl.decisions.exchange.shape import Aside, Seen, Tree
from hitl.decisions.exchange.spans import Span, read_span

_DEEPEST = 8
"""Levels of lists and mappings of which an attribute value is read."""
_OTHER_SIGNALS = ("resourceMetrics", "resourceLogs")


def is_mine(record: Tree) -> bool:
    """Say whether a record is OTLP JSON."""
    return any(name in record for name in ("resourceSpans", *_OTHER_SIGNALS))


def read(record: Tree) -> Iterator[Seen]:
    """Yield what each span of a record amounts to."""
    for signal in _OTHER_SIGNALS:
        for _ in as_list(record.get(signal)):
            yield Aside("metrics or log records, which are no spans")
    for resource_spans in map(as_tree, as_list(record.get("resourceSpans"))):
        resource = attributes(as_tree(resource_spans.get("resource")).get("attributes"))
        for scope_spans in map(as_tree, as_list(resource_spans.get("scopeSpans"))):
            for span in map(as_tree, as_list(scope_spans.get("spans"))):
                yield from read_span(_span(span, resource))


def _span(span: Tree, resource: Tree) -> Span:
    own = attributes(span.get("attributes"))
    return Span(
        trace=hex_id(span.get("traceId")),
        span=hex_id(span.get("spanId")),
        parent=hex_id(span.get("parentSpanId")),
        start=of_nanoseconds(span.get("startTimeUnixNano")),
        end=of_nanoseconds(span.get("endTimeUnixNano")),
        bags=(own,),
        around=(resource,),
        events=tuple(
            (of_nanoseconds(event.get("timeUnixNano")), attributes(event.get("attributes")))
            for event in map(as_tree, as_list(span.get("events")))
        ),
        links=tuple(
            joined(hex_id(link.get("traceId")), hex_id(link.get("spanId")))
            for link in map(as_tree, as_list(span.get("links")))
        ),
        record={"name": span.get("name"), "attributes": own, "resource": resource},
    )


def attributes(listed: object) -> dict[str, object]:
    """Return typed key-value pairs as a mapping; of a key that stands twice, the first."""
    values: dict[str, object] = {}
    for pair in map(as_tree, as_list(listed)):
        name = text_of(pair.get("key"))
        if name and name not in values:
            values[name] = _value(as_tree(pair.get("value")), _DEEPEST)
    return values


def _value(typed: Tree, depth: int) -> object:
    for name in ("stringValue", "boolValue", "doubleValue"):
        if name in typed:
            return typed[name]
    if "intValue" in typed:
        number = whole(typed["intValue"])
        return typed["intValue"] if number is None else number
    if not depth:
        return None
    if "arrayValue" in typed:
        listed = as_list(as_tree(typed["arrayValue"]).get("values"))
        return [_value(as_tree(one), depth - 1) for one in listed]
    pairs = map(as_tree, as_list(as_tree(typed.get("kvlistValue")).get("values")))
    found = {
        text_of(pair.get("key")): _value(as_tree(pair.get("value")), depth - 1) for pair in pairs
    }
    return found or None
