"""A reply: one answer of one arm to one case."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from hitl.document.schema import Amount, Count, Document, Identifier, Json, Share


class Finish(StrEnum):
    """Why a reply ended."""

    STOP = "stop"
    LENGTH = "length"
    REFUSAL = "refusal"
    TOOL_CALLS = "tool_calls"
    ERROR = "error"


class ToolCall(Document):
    """A tool that the reply wants called; nothing is ever executed."""

    name: Annotated[str, Field(min_length=1)]
    arguments: Json = None


class Reply(Document):
    """One line of a replies file."""

    case_id: Identifier
    repeat: Count = 0
    """0, 1, ... for several replies to the same case."""
    text: str | None = None
    tool_calls: tuple[ToolCall, ...] | None = None
    declared_model: str | None = None
    """The model that was asked."""
    resolved_model: str | None = None
    """The model that says it answered."""
    finish: Finish | None = None
    error: str | None = None
    latency_ms: Amount | None = None
    input_tokens: Count | None = None
    output_tokens: Count | None = None
    cost_usd: Amount | None = None
    confidence: Share | None = None
    action_type: str | None = None
    labels: dict[str, Json] | None = None
    """Grades from outside, by name."""
    at: datetime | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if (
            self.text is None
            and self.tool_calls is None
            and self.labels is None
            and self.error is None
        ):
            raise ValueError("holds no reply; expected one of text, tool_calls, labels, error")
        return self

    @property
    def is_error(self) -> bool:
        """Whether the call failed, so that there is nothing to judge."""
        return self.error is not None or self.finish is Finish.ERROR
