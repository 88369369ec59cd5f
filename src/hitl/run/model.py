"""What a model is to hitl: something that takes one request and gives one completion, or fails for a named reason."""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Protocol

from hitl.digest import digest_bytes
from hitl.document.schema import Json
from hitl.golden.case import Case
from hitl.run.reply import Finish, ToolCall

Message = dict[str, Json]
"""One chat message in the shape of the OpenAI chat API: `role`, `content`, and for tools `tool_calls`, `tool_call_id`."""


@dataclass(frozen=True)
class Request:
    """One question, the same for both arms."""

    case_id: str
    """The case, or the item that a judge is asked about."""
    messages: tuple[Message, ...]
    tools: tuple[dict[str, Json], ...] = ()
    """Tools that are offered, in the shape of the OpenAI chat API."""
    tool_results: dict[str, Json] = field(default_factory=dict)
    """Recorded results by tool name, replayed when the model calls one; nothing is executed."""
    case: Case | None = None
    """The case itself, for models that answer from it (scripted, command, python)."""

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that is asked."""
        asked = [self.case_id, self.messages, self.tools, self.tool_results]
        return digest_bytes(json.dumps(asked, sort_keys=True, separators=(",", ":")).encode())

    @cached_property
    def n_bytes(self) -> int:
        """Size of messages and tools as JSON in UTF-8.

        Text makes no more tokens than it has bytes. That says nothing of parts that are no text: of an image, this
        may count no more than its address. Nor does it count parameters, or what a provider adds.
        """
        asked = [self.messages, self.tools]
        return len(json.dumps(asked, ensure_ascii=False, separators=(",", ":")).encode())


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model answered to one request."""

    text: str | None = None
    tool_calls: tuple[ToolCall, ...] | None = None
    finish: Finish | None = None
    resolved_model: str | None = None
    """The model that says it answered."""
    input_tokens: int | None = None
    output_tokens: int | None = None
    latency_ms: float | None = None
    """From sending the request to the last byte of the answer; replayed turns add up."""
    cost_usd: float | None = None
    """Where the model itself knows; else it is worked out from the price."""
    confidence: float | None = None
    """Geometric mean of the token probabilities, 0 to 1, where the endpoint gives them."""
    action_type: str | None = None
    labels: dict[str, Json] | None = None


MOST_CALLS_OF_A_TOOL = 4
"""Calls of one tool in one turn that recorded results are replayed for; more end the conversation, as they would its cost."""


class Fault(StrEnum):
    """Why a call gave no completion."""

    RATE_LIMITED = "rate_limited"
    """429, or 503/529 with a word about load."""
    SERVER = "server_error"
    """Another 5xx."""
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    """No connection: nothing was asked."""
    BROKEN = "connection_broke"
    """The connection broke after the request was sent and before an answer was whole."""
    MALFORMED = "malformed_answer"
    """An answer that is not what the API promises: cut JSON, a wrong content type, no choice."""
    TOO_LARGE = "answer_too_large"
    REJECTED = "rejected"
    """400, 413, 422 and other 4xx: this request, as it stands."""
    UNAUTHORIZED = "unauthorized"
    """401, 403."""
    NOT_FOUND = "not_found"
    """404: no such model or path."""
    CRASHED = "crashed"
    """A command or function failed."""
    TOO_MANY_TURNS = "too_many_turns"
    """The model kept calling tools."""


TRANSIENT = frozenset({Fault.RATE_LIMITED, Fault.SERVER, Fault.TIMEOUT, Fault.UNREACHABLE, Fault.BROKEN, Fault.MALFORMED})  # fmt: skip
"""Faults after which the same request may well be answered."""

MAYBE_PAID = frozenset(
    {Fault.SERVER, Fault.TIMEOUT, Fault.BROKEN, Fault.MALFORMED, Fault.TOO_LARGE, Fault.CRASHED, Fault.TOO_MANY_TURNS}
)  # fmt: skip
"""Faults of calls that somebody may have charged for: a gateway's 502 may come after the model's answer, and a program
may have paid before it failed. To count too much is the safe side."""


class CallError(Exception):
    """One attempt failed; the message is for people and never holds a secret."""

    def __init__(self, fault: Fault, message: str, retry_after_s: float | None = None) -> None:
        self.fault = fault
        self.retry_after_s = retry_after_s
        """Seconds that the server asks to wait, where it says so."""
        super().__init__(message)

    @property
    def is_transient(self) -> bool:
        """Whether another attempt makes sense."""
        return self.fault in TRANSIENT


@dataclass(frozen=True, slots=True)
class Probe:
    """What a few calls before a run show about an endpoint."""

    resolved_model: str | None
    """Who answered the first probe call."""
    metadata_identity: str | None
    """What the server's own metadata (`/v1/models`, `/props`, `/api/tags`) says stands behind the name."""
    dropped: tuple[str, ...]
    """Parameters of the manifest that the endpoint accepts and does not honour."""
    refused: tuple[str, ...]
    """Parameters that the endpoint refuses; no call can work with them."""
    notes: tuple[str, ...] = ()
    """What could not be found out, for people."""
    cost_usd: float = 0.0
    """What the calls cost, where the model itself knows; else it is worked out from the tokens."""
    input_tokens: int = 0
    """Tokens of the probe's prompts, as far as they were told."""
    output_tokens: int = 0
    """Tokens of the probe's answers, as far as they were told."""


class Model(Protocol):
    """A model of one arm, or a judge."""

    @property
    def endpoint(self) -> str:
        """Where and with which settings it is asked; part of the key of every call, and free of secrets."""
        ...

    async def ask(self, request: Request, repeat: int) -> Completion:
        """Make one attempt.

        Raises:
            CallError: why there is no completion.
        """
        ...

    async def probe(self) -> Probe:
        """Find out who answers and which parameters are honoured.

        Raises:
            CallError: the endpoint cannot be used as the manifest says.
        """
        ...

    async def close(self) -> None:
        """Let go of connections and processes."""
        ...
