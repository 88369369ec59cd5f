"""Every shape with its module, and what a record that has another shape looks like."""

from collections.abc import Mapping

from hitl.decisions.exchange import (
    a2i,
    agent_inbox,
    humanlayer,
    langfuse,
    langsmith,
    mlflow,
    otlp,
    phoenix,
)
from hitl.decisions.exchange.shape import Reader, Shape, Tree

READERS: Mapping[Shape, Reader] = {
    Shape.OTLP: otlp,
    Shape.LANGFUSE: langfuse,
    Shape.LANGSMITH: langsmith,
    Shape.MLFLOW: mlflow,
    Shape.PHOENIX: phoenix,
    Shape.AGENT_INBOX: agent_inbox,
    Shape.HUMANLAYER: humanlayer,
    Shape.A2I: a2i,
}


def looks_like(record: Tree) -> Shape | None:
    """Return the shape that a record has, if any."""
    return next((shape for shape, reader in READERS.items() if reader.is_mine(record)), None)
