"""The script document: how a scripted model answers, and what it gets wrong."""

from typing import Annotated, Literal, TypeVar

from pydantic import Field, ValidationInfo, field_validator

from hitl.document.schema import Amount, Document, Identifier, Json, Share
from hitl.golden.expectation import OutcomeClass
from hitl.run.model import Fault
from hitl.run.reply import ToolCall

PLACEHOLDER = "{reply}"


class ScriptedLatency(Document):
    """Response times of a scripted model, log-normal around a median."""

    median: Annotated[float, Field(gt=0)]
    """Half of the replies are faster than this, in milliseconds."""
    spread: Amount = 0.0
    """Standard deviation of the logarithm of the time; 0 makes every reply take the median."""


class Habit(Document):
    """Something that a scripted model does now and then; its parts apply together."""

    name: Identifier
    """Unique in the script; it decides, with the seed, which cases are hit."""
    rate: Share
    """Probability that a matching case is hit."""
    when: dict[Identifier, str] = Field(default_factory=dict)
    """Slices that a case must have, name and value; empty: every case matches."""
    set: dict[Identifier, Json] = Field(default_factory=dict)
    """Fields of the reply that get this value."""
    append: dict[Identifier, Json] = Field(default_factory=dict)
    """Fields that grow: a list by one item, a text by more text."""
    remove: tuple[Identifier, ...] = ()
    """Fields that are left out."""
    text: str | None = None
    """Takes the place of the whole reply."""
    wrap: str | None = None
    """Text around the reply, which stands where `{reply}` is."""
    outcome: OutcomeClass | None = None
    """The outcome class, stored as the reply's label `outcome`."""
    tool_calls: tuple[ToolCall, ...] | None = None
    """Tool calls of the reply."""
    error: str | None = None
    """The call fails with this message and there is no reply."""
    latency_factor: Annotated[float, Field(gt=0)] = 1.0
    """The reply takes this many times as long."""

    @field_validator("wrap")
    @classmethod
    def _holds_the_reply(cls, wrap: str | None) -> str | None:
        if wrap is not None and PLACEHOLDER not in wrap:
            raise ValueError("`wrap` has no `{reply}`; use `text` to replace the reply")
        return wrap

    @property
    def changes_fields(self) -> bool:
        """Whether the habit needs a reply with fields."""
        return bool(self.set or self.append or self.remove)


class ScriptedFault(Document):
    """A way in which calls of a scripted model break down now and then."""

    name: Identifier
    """Unique in the script; it decides, with the seed, which cases are hit."""
    rate: Share
    """Probability that a matching case is hit; of several faults that hit, the first counts."""
    when: dict[Identifier, str] = Field(default_factory=dict)
    """Slices that a case must have, name and value; empty: every case matches."""
    kind: Literal[
        Fault.RATE_LIMITED,
        Fault.SERVER,
        Fault.TIMEOUT,
        Fault.UNREACHABLE,
        Fault.BROKEN,
        Fault.MALFORMED,
    ]
    """What is wrong with the call; the same request may well be answered later."""
    attempts: Annotated[int, Field(ge=1)] | None = None
    """Attempts in a row that fail before it answers; left out, every one does."""
    retry_after_s: Amount | None = None
    """Seconds that the caller is asked to wait."""


_Named = TypeVar("_Named", Habit, ScriptedFault)


class Script(Document):
    """How a scripted model answers: every case's reference, changed by habits."""

    format: Literal["hitl/script/v1"]
    """`hitl/script/v1`."""
    description: str | None = None
    """Free text."""
    resolved_model: Identifier | None = None
    """The identity that the replies state; left out, they state none."""
    latency_ms: ScriptedLatency | None = None
    """Response times; left out, none is measured."""
    characters_per_token: Annotated[float, Field(gt=0)] = 4.0
    """Characters of text that count as one token."""
    usd_per_1k_input: Amount | None = None
    """Price of 1000 input tokens; left out, the input costs nothing."""
    usd_per_1k_output: Amount | None = None
    """Price of 1000 output tokens; left out, the cost is unknown."""
    habits: tuple[Habit, ...] = ()
    """Applied in the order written: first what changes fields, then `text` and `wrap`."""
    faults: tuple[ScriptedFault, ...] = ()
    """Calls that give no reply, at first or at all."""
    paced: bool = False
    """true: a live reply really takes its response time."""
    answers: dict[str, str] = Field(default_factory=dict)
    """For a judge: what it answers, by a text that the last message holds; the first that matches."""

    @field_validator("habits", "faults")
    @classmethod
    def _names_are_unique(
        cls, parts: tuple[_Named, ...], info: ValidationInfo
    ) -> tuple[_Named, ...]:
        names = [part.name for part in parts]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(
                f"two {info.field_name} are named {twice[0]!r}; give each its own name"
            )
        return parts
