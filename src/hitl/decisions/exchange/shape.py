"""What an export amounts to, whatever tool wrote it: decisions, what somebody said of them, and the rest."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

Tree = Mapping[str, object]
"""A JSON object."""


class Shape(StrEnum):
    """A form of export that hitl reads."""

    OTLP = "otlp"
    """OpenTelemetry spans as OTLP JSON."""
    LANGFUSE = "langfuse"
    """Observations and scores."""
    LANGSMITH = "langsmith"
    """Runs and feedback."""
    MLFLOW = "mlflow"
    """Traces with assessments."""
    PHOENIX = "phoenix"
    """Spans and span annotations."""
    AGENT_INBOX = "agent-inbox"
    """LangGraph interrupts with the responses of people."""
    HUMANLAYER = "humanlayer"
    """Function calls that waited for approval."""
    A2I = "a2i"
    """Outputs of Amazon A2I human loops."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A decision of a model."""

    values: Mapping[str, object]
    """hitl's column → value as it was found."""
    roots: tuple[Tree, ...] = ()
    """Objects in which the paths of a mapping are looked up, in order."""
    keys: tuple[str, ...] = ()
    """Names by which a judgement can mean it, the most exact first."""
    trace: str = ""
    """Of what it is a part; empty if that is not known."""
    is_marked: bool = False
    """Its span says itself that it is a decision; other model calls of the trace are then parts of it."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a person or a machine said of a decision, wherever that decision stands."""

    values: Mapping[str, object] = field(default_factory=dict)
    """hitl's column → value as it was found."""
    target: str = ""
    """A key of the decision."""
    trace: str = ""
    """Where no single decision is named: of what it is a part."""
    source: str = ""
    """Who or what it comes from, in the words of the export; a person if empty."""
    name: str = ""
    """Of a score; empty if `values` says it all."""
    value: object = None
    """Of a score."""
    roots: tuple[Tree, ...] = ()

    @property
    def is_of_person(self) -> bool:
        """Whether a person said it."""
        return not self.source


@dataclass(frozen=True, slots=True)
class Aside:
    """A record that is no decision."""

    reason: str


Seen = Proposal | Judgement | Aside


class Reader(Protocol):
    """One shape; its implementations are modules."""

    @property
    def is_mine(self) -> Callable[[Tree], bool]:
        """Whether a record has this shape."""
        ...

    @property
    def read(self) -> Callable[[Tree], Iterator[Seen]]:
        """What a record of this shape amounts to."""
        ...
