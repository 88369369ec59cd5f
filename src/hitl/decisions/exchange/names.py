"""Names of attributes: the one table from the conventions, through all their generations, to hitl's columns.

Revisions: OpenTelemetry semantic-conventions 1.36 and 1.41, semantic-conventions-genai 1.42.0-dev (all of
them in development), and OpenInference semantic conventions 0.1.42. `hitl.*` is ours where they have nothing.
"""

from collections.abc import Iterator, Mapping, Sequence

from hitl.decisions.exchange.look import as_list, as_tree, opened, text_of
from hitl.decisions.exchange.shape import Tree
from hitl.decisions.schema import BY_NAME, COLUMNS

ALIASES: Mapping[str, tuple[str, ...]] = {
    # Never the answering model: these three are what was configured or asked for.
    "declared_model": ("llm.request.model_name", "llm.model_name", "mlflow.llm.model", "ls_model_name"),
    "resolved_model": ("llm.response.model_name",),
    "prompt_template_id": ("prompt.id",),
    "prompt_version": ("llm.prompt_template.version",),
    "cost_usd": ("llm.cost.total",),
}  # fmt: skip
"""Other names of a column, after its standard one, the most exact first."""

REVIEW = frozenset({"reviewer_id", "reviewer_pool", "decided_at", "review_seconds", "wait_seconds"})
"""Columns that belong to one review and come with its `human_action`."""
OF_PEOPLE = REVIEW | {
    "human_action",
    "satisfaction",
    "correct",
    "right_action_type",
    "outcome",
    "severity",
}
"""Columns that only a person's judgement fills; labels of a machine are no truth."""
_COMPUTED = frozenset({"at", "latency_ms", "repair_event", "retrieval_sources", "cost_usd"})
_PLAIN = tuple(
    (column.name, (column.standard, *ALIASES.get(column.name, ())))
    for column in COLUMNS
    if column.name not in _COMPUTED
)
_BY_STANDARD = {column.standard: column.name for column in COLUMNS if "." in column.standard}
_AROUND = ("workflow_id", "workflow_version", "rollout_status")
_MARKS = ("hitl.decision.id", "hitl.action.suggested")
_DOCUMENTS = ("gen_ai.retrieval.documents", "retrieval.documents")
_MOST_DOCUMENTS = 100


def column_of(name: str) -> str | None:
    """Return the column that a name means: hitl's own, or the standard one."""
    return name if name in BY_NAME else _BY_STANDARD.get(name)


def found(bags: Sequence[Tree], name: str) -> object:
    """Return an attribute from the first bag that has it, written flat or as nested objects."""
    for bag in bags:
        if (value := bag.get(name)) is not None:
            return value
        head, _, tail = name.partition(".")
        if tail and isinstance(inner := bag.get(head), dict):
            value = found((inner,), tail)
            if value is not None:
                return value
    return None


def is_marked(bags: Sequence[Tree]) -> bool:
    """Say whether a span says itself that it is a decision."""
    return any(found(bags, name) is not None for name in _MARKS)


def values_around(bags: Sequence[Tree]) -> dict[str, object]:
    """Return the columns that what surrounds a span may say of it: where it ran, and nothing of what was decided."""
    values = {name: found(bags, BY_NAME[name].standard) for name in _AROUND}
    return {name: value for name, value in values.items() if value is not None}


def values_of(bags: Sequence[Tree]) -> dict[str, object]:
    """Return every column for which the attributes hold a value."""
    values: dict[str, object] = {}
    for column, names in _PLAIN:
        for name in names:
            if (value := found(bags, name)) is not None:
                values[column] = value
                break
    values |= _cost(bags)
    if (repairs := found(bags, "hitl.schema.repair.count")) is not None:
        values["repair_event"] = bool(repairs) if isinstance(repairs, int) else repairs
    if sources := _sources(bags):
        values["retrieval_sources"] = sources
    return values


def _cost(bags: Sequence[Tree]) -> dict[str, object]:
    """A cost in another currency stays with its word, so that it is refused and not taken for dollars."""
    cost = found(bags, "hitl.cost.amount")
    currency = found(bags, "hitl.cost.currency")
    if cost is not None and currency not in (None, "USD"):
        return {"cost_usd": f"{cost} {currency}"}
    for name in ALIASES["cost_usd"]:
        cost = found(bags, name) if cost is None else cost
    return {} if cost is None else {"cost_usd": cost}


def _sources(bags: Sequence[Tree]) -> object:
    for name in _DOCUMENTS:
        documents = as_list(opened(found(bags, name)))[:_MOST_DOCUMENTS]
        if ids := [text for text in map(_document_id, documents) if text]:
            return ", ".join(ids)
    flat = []
    for number in range(_MOST_DOCUMENTS):
        document = text_of(found(bags, f"retrieval.documents.{number}.document.id"))
        if not document:
            break
        flat.append(document)
    return ", ".join(flat) or found(bags, "gen_ai.data_source.id")


def _document_id(document: object) -> str:
    tree = as_tree(document)
    return text_of(tree.get("id") or found((tree,), "document.id"))


def annotations(attributes: Tree) -> Iterator[Tree]:
    """Yield OpenInference annotations of a span: `annotations.N.annotation.NAME`, flat or as a list."""
    listed = [as_tree(one) for one in as_list(opened(attributes.get("annotations")))]
    if not listed:
        numbered: dict[str, dict[str, object]] = {}
        for name, value in attributes.items():
            if name.startswith("annotations."):
                number, _, field = name.removeprefix("annotations.").partition(".")
                numbered.setdefault(number, {})[field] = value
        listed = list(numbered.values())
    yield from (one for one in listed if found((one,), "annotation.name"))
