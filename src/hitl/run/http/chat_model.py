"""What models behind HTTP have in common, whatever the words of their API: one address, one key, one conversation at a time."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from yarl import URL

from hitl.document.schema import Json
from hitl.manifest.release import ModelSpec
from hitl.run.http.endpoint import base_of, check_params, endpoint_name
from hitl.run.http.failures import Secret
from hitl.run.http.foreign_json import Fields
from hitl.run.http.probing import Subject, probe
from hitl.run.http.turns import Turn, converse
from hitl.run.http.wire import Wire
from hitl.run.model import Completion, Message, Probe, Request


class ChatModel(ABC):
    """A model that is asked over HTTP; each API says how a turn is sent and read."""

    home: ClassVar[str]
    """Where it is asked without a `base_url`."""
    key_variable: ClassVar[str | None]
    """Variable of the key where the manifest names none."""
    own_params: ClassVar[tuple[str, ...]]
    """Parameters that the manifest may not set."""
    impossible_temperature: ClassVar[float]
    """A temperature that an endpoint which reads it has to refuse."""
    forced_choice: ClassVar[Json]
    """`tool_choice` that leaves a model no choice but to call a tool."""

    def __init__(
        self,
        spec: ModelSpec,
        key: str | None,
        timeout_s: float,
        max_turns: int,
        connections: int,
        *,
        tools_offered: bool = False,
    ) -> None:
        """Take the arm of the manifest, its key, and the limits of the run.

        Args:
            spec: The arm.
            key: Its key, where it has one.
            timeout_s: Longest that one HTTP call may take, in seconds.
            max_turns: Turns of one conversation with recorded tool results.
            connections: Connections at once.
            tools_offered: Whether cases offer tools, so that a probe looks whether they are honoured.

        Raises:
            ValueError: the settings cannot work.
        """
        check_params(spec, self.own_params)
        self._base = self.based(base_of(spec, self.home))
        self._endpoint = endpoint_name(spec, self._base)
        self._spec = spec
        self._max_turns = max_turns
        self._tools_offered = tools_offered
        secret = Secret((key or "").strip() or None, spec.api_key_env or self.key_variable)
        self._wire = Wire(self.headers(secret.value), secret, timeout_s, connections)

    @property
    def endpoint(self) -> str:
        """Provider, address, model and parameters, without secrets."""
        return self._endpoint

    async def ask(self, request: Request, repeat: int) -> Completion:
        """Make one attempt.

        Raises:
            CallError: why there is no completion.
        """
        opening = self.opening(request)
        if not request.tool_results:
            return (await self.turn(opening, request)).completion
        return await converse(self, request, opening, self._max_turns)

    async def probe(self) -> Probe:
        """Find out who answers and which parameters are honoured.

        Raises:
            CallError: the endpoint cannot be used as the manifest says.
        """
        return await probe(
            Subject(
                spec=self._spec,
                base=self.told_of(self._base),
                wire=self._wire,
                say=self._say,
                impossible_temperature=self.impossible_temperature,
                forced_choice=self.forced_choice,
                tools_offered=self._tools_offered,
            )
        )

    async def close(self) -> None:
        """Let go of connections."""
        await self._wire.close()

    def based(self, base: URL) -> URL:
        """Return the address that the paths of the API follow."""
        return base

    def told_of(self, base: URL) -> URL | None:
        """Return where metadata about the model may be; None where answers name it."""
        return base

    @abstractmethod
    def headers(self, key: str | None) -> dict[str, str]:
        """Return the headers of every call."""

    @abstractmethod
    def opening(self, request: Request) -> list[Message]:
        """Return the messages that a conversation begins with, in the words of the API."""

    @abstractmethod
    async def turn(self, messages: list[Message], request: Request) -> Turn:
        """Send the conversation so far; return the next answer.

        Raises:
            CallError: there is none.
        """

    @abstractmethod
    def handed_back(self, said: Message, results: Sequence[str]) -> list[Message]:
        """Return the messages that go on: what the model said, and a result for each of its calls."""

    @abstractmethod
    async def sent(self, messages: list[Message], params: Fields, tools: Sequence[Fields]) -> Turn:
        """Send messages with parameters and tools; return the answer."""

    async def _say(self, text: str, params: Fields, tools: Sequence[Fields]) -> Completion:
        messages: list[Message] = [{"role": "user", "content": text}]
        return (await self.sent(messages, params, tools)).completion
