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
    """Name of the tool."""
    arguments: Json = None
    """Its arguments, any JSON value."""


class StoredGrade(Document):
    """What the checks found in a reply before redaction; it stands only for the checks that gave it."""

    checks: str
    """SHA-256 of the case's expectations, with all that they refer to."""
    mark: str
    """pass, fail or unmeasured."""
    findings: tuple[tuple[str, str, str], ...] = ()
    """(rule, mark, what was seen) of each rule that did not pass."""
    tier: str = ""
    """How the reply was read as JSON."""
    outcome: str = ""
    """Outcome class that was found."""


class Reply(Document):
    """One line of a replies file."""

    case_id: Identifier
    """The case that it answers."""
    repeat: Count = 0
    """0, 1, ... for several replies to the same case."""
    text: str | None = None
    """What the model wrote."""
    tool_calls: tuple[ToolCall, ...] | None = None
    """Tools that it wants called."""
    declared_model: str | None = None
    """The model that was asked."""
    resolved_model: str | None = None
    """The model that says it answered."""
    finish: Finish | None = None
    """Why it ended."""
    error: str | None = None
    """Why the call failed; such a reply is missing evidence."""
    latency_ms: Amount | None = None
    """Response time in milliseconds."""
    input_tokens: Count | None = None
    """Tokens of the prompt."""
    output_tokens: Count | None = None
    """Tokens of the reply."""
    cost_usd: Amount | None = None
    """Cost in USD."""
    confidence: Share | None = None
    """Confidence that the model states, 0 to 1."""
    action_type: str | None = None
    """Kind of action that it proposes."""
    labels: dict[str, Json] | None = None
    """Grades from outside, by name."""
    at: datetime | None = None
    """When it was given, ISO 8601."""
    attempts: Annotated[int, Field(ge=1)] | None = None
    """Attempts that the call took."""
    redacted: dict[str, Annotated[int, Field(ge=1)]] | None = None
    """Pieces of personal data or keys that were taken out before it was stored, by kind."""
    graded: StoredGrade | None = None
    """What the checks found in the reply as it came, kept where redaction changed it."""

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
