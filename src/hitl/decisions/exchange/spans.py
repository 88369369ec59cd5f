"""From a span of any tracing tool to a decision, a review of one, or the reason why it is neither."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hitl.decisions.exchange import names
from hitl.decisions.exchange.ids import joined
from hitl.decisions.exchange.instants import milliseconds_between
from hitl.decisions.exchange.kinds import why_not
from hitl.decisions.exchange.look import text_of
from hitl.decisions.exchange.shape import Aside, Judgement, Proposal, Seen, Tree

_HUMAN = "hitl.human."


@dataclass(frozen=True, slots=True)
class Span:
    """What all tracing tools say of a span."""

    trace: str
    span: str
    parent: str = ""
    start: object = None
    end: object = None
    bags: tuple[Tree, ...] = ()
    """Its attributes."""
    around: tuple[Tree, ...] = ()
    """Attributes of its resource or its trace."""
    kind: object = None
    name: str = ""
    """Its id, if the tool has one of its own that is unique without the trace."""
    events: tuple[tuple[object, Tree], ...] = ()
    """(time, attributes) of each event."""
    links: tuple[str, ...] = ()
    own: Mapping[str, object] = field(default_factory=dict)
    """Columns that the tool holds outside the attributes; attributes go first."""
    record: Tree = field(default_factory=dict)
    """As the tool wrote it, for the paths of a mapping."""

    @property
    def key(self) -> str:
        """What names it among all spans."""
        return self.name or joined(self.trace, self.span)


def read_span(span: Span) -> Iterator[Seen]:
    """Yield what a span amounts to, and what its annotations say of it."""
    reason, marked = why_not(span.bags, span.kind), names.is_marked(span.bags)
    reviews = [found for event in span.events if (found := _of_event(*event))]
    is_review = names.found(span.bags, "hitl.human.action") is not None or bool(reviews)
    if reason and not marked and not is_review:
        yield Aside(reason)
        return
    values = {**names.values_around(span.around), **span.own, **names.values_of(span.bags)}
    if "validator_outcome" not in values and (said := _evaluations(span.events)):
        values["validator_outcome"] = said
    if reason and names.found(span.bags, "hitl.action.suggested") is None and is_review:
        yield from (_review(span, values | review) for review in reviews or [{}])
    else:
        yield _proposal(span, values, is_marked=marked)
        # Each event by itself: people who differ are seen, where the last would silently be the one that counts.
        yield from (Judgement(review, span.key, span.trace) for review in reviews)
        yield from _annotations(span)


def _proposal(span: Span, values: dict[str, object], *, is_marked: bool) -> Proposal:
    if span.key:
        values.setdefault("decision_id", span.key)
    values["at"] = span.start
    values["latency_ms"] = milliseconds_between(span.start, span.end)
    keys = dict.fromkeys((text_of(values.get("decision_id")), span.key, span.span))
    roots = (*span.bags, *span.around, span.record)
    return Proposal(values, roots, tuple(filter(None, keys)), span.trace, is_marked)


def _review(span: Span, values: dict[str, object]) -> Judgement:
    """A span of its own for the review: it names the decision, links to it, or hangs below it."""
    target = text_of(values.pop("decision_id", None))
    for name in (*names.values_around(span.around), *span.own):
        values.pop(name, None)
    values.setdefault("decided_at", span.end)
    links = [*span.links, joined(span.trace, span.parent)]
    return Judgement(values, target or next(filter(None, links), ""), span.trace)


def _of_event(moment: object, attributes: Tree) -> dict[str, object]:
    """An event with `hitl.human.*` is the decision of a person at that moment."""
    values = names.values_of((attributes,))
    if "human_action" not in values or not any(name.startswith(_HUMAN) for name in attributes):
        return {}
    values.setdefault("decided_at", moment)
    values.pop("decision_id", None)
    return values


def _evaluations(events: Sequence[tuple[object, Tree]]) -> str:
    said = []
    for _, attributes in events:
        label = text_of(attributes.get("gen_ai.evaluation.score.label"))
        name = text_of(attributes.get("gen_ai.evaluation.name"))
        said += [(name, label)] if label else []
    if len(said) == 1:
        return said[0][1]
    return "; ".join(f"{name}: {label}" if name else label for name, label in said)


def _annotations(span: Span) -> Iterator[Judgement]:
    for bag in span.bags[:1]:
        for one in names.annotations(bag):
            label = names.found((one,), "annotation.label")
            score = names.found((one,), "annotation.score")
            yield Judgement(
                target=span.key,
                source=machine(names.found((one,), "annotation.annotator_kind"), "HUMAN"),
                name=text_of(names.found((one,), "annotation.name")),
                value=score if label is None else label,
            )


def machine(source: object, person: str) -> str:
    """Return what a judgement comes from if that is not the word for a person; a missing word is no person.

    Examples:
        >>> machine("LLM", "HUMAN"), machine("HUMAN", "HUMAN"), machine(None, "HUMAN")
        ('LLM', '', 'unknown')
    """
    if source == person:
        return ""
    return source[:40] if isinstance(source, str) and source else "unknown"
