"""Which spans are decisions: calls of a model, and spans that say so; the rest is set aside with its reason."""

from collections.abc import Sequence

from hitl.decisions.exchange.names import found
from hitl.decisions.exchange.shape import Tree

_CALLS = frozenset({"chat", "text_completion", "generate_content", "llm", "chat_model", "generation"})  # fmt: skip
_REASONS = {
    **dict.fromkeys(("execute_tool", "tool"), "a tool call"),
    **dict.fromkeys(("embeddings", "embedding"), "an embedding"),
    **dict.fromkeys(("retrieval", "retriever", "reranker"), "a retrieval"),
    **dict.fromkeys(("create_agent", "invoke_agent", "invoke_workflow", "plan", "agent", "chain", "span"), "a step around model calls"),
    "event": "an event",
    "guardrail": "a guardrail",
    **dict.fromkeys(("evaluator", "evaluation"), "an evaluation"),
}  # fmt: skip
_OTHER = "another kind of step"
_KINDS = ("gen_ai.operation.name", "openinference.span.kind", "mlflow.spanType")


def why_not(bags: Sequence[Tree], kind: object = None) -> str:
    """Return why a span is no model call; empty if it is one.

    Args:
        bags: its attributes.
        kind: what the tool calls it, where that is no attribute.
    """
    word = next((value for name in _KINDS if (value := found(bags, name)) is not None), kind)
    if isinstance(word, str):
        word = word.lower()
        return "" if word in _CALLS else _REASONS.get(word, _OTHER)
    provider = found(bags, "gen_ai.provider.name") or found(bags, "gen_ai.system")
    if provider is not None and found(bags, "gen_ai.request.model") is not None:
        return ""
    return _OTHER
