"""Models behind Anthropic's Messages API."""

from collections.abc import Sequence

from yarl import URL

from hitl.document.schema import Json
from hitl.manifest.release import ModelSpec
from hitl.run.http.anthropic_shape import as_tool, conversation
from hitl.run.http.endpoint import base_of, check_params, endpoint_name
from hitl.run.http.failures import Secret
from hitl.run.http.foreign_json import Fields, count_of, fields, items, text_of
from hitl.run.http.probing import Subject, probe
from hitl.run.http.turns import Turn, converse
from hitl.run.http.wire import Wire
from hitl.run.model import Completion, Message, Probe, Request
from hitl.run.reply import Finish, ToolCall

_HOME = "https://api.anthropic.com"
_VERSION = "2023-06-01"
_MAX_TOKENS = 4096
"""The API wants a bound; this one holds where the manifest names none."""

_FINISHES = {
    "end_turn": Finish.STOP,
    "stop_sequence": Finish.STOP,
    "max_tokens": Finish.LENGTH,
    "model_context_window_exceeded": Finish.LENGTH,
    "tool_use": Finish.TOOL_CALLS,
    "refusal": Finish.REFUSAL,
}


class AnthropicModel:
    """A model that is asked through `{base_url}/v1/messages`."""

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
            spec: The arm; without `base_url` it is asked at Anthropic.
            key: Its key.
            timeout_s: Longest that one HTTP call may take, in seconds.
            max_turns: Turns of one conversation with recorded tool results.
            connections: Connections at once.
            tools_offered: Whether cases offer tools, so that a probe looks whether they are honoured.

        Raises:
            ValueError: the settings cannot work.
        """
        check_params(spec, ("system",))
        self._base = _versioned(base_of(spec, _HOME))
        self._endpoint = endpoint_name(spec, self._base)
        self._url = self._base / "messages"
        self._spec = spec
        self._max_turns = max_turns
        self._tools_offered = tools_offered
        secret = Secret((key or "").strip() or None, spec.api_key_env or "ANTHROPIC_API_KEY")
        headers = {"anthropic-version": _VERSION}
        if secret.value:
            headers["x-api-key"] = secret.value
        self._wire = Wire(headers, secret, timeout_s, connections)

    @property
    def endpoint(self) -> str:
        """Provider, address, model and parameters, without secrets."""
        return self._endpoint

    async def ask(self, request: Request, repeat: int) -> Completion:
        """Make one attempt.

        Raises:
            CallError: why there is no completion.
        """
        _, opening = conversation(request.messages)
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
                base=self._base if self._spec.base_url else None,  # at home, answers name the model
                wire=self._wire,
                say=self._say,
                impossible_temperature=99,
                forced_choice={"type": "any"},
                tools_offered=self._tools_offered,
            )
        )

    async def close(self) -> None:
        """Let go of connections."""
        await self._wire.close()

    async def turn(self, messages: list[Message], request: Request) -> Turn:
        """Send the conversation so far; return the next answer.

        Raises:
            CallError: there is none.
        """
        system, _ = conversation(request.messages)
        return await self._sent(messages, self._spec.params, request.tools, system)

    def handed_back(self, said: Message, results: Sequence[str]) -> list[Message]:
        """Return the model's blocks as they came, and one message with a result for each call."""
        blocks = [fields(block) for block in items(said["content"])]
        uses = [block for block in blocks if block.get("type") == "tool_use"]
        answers: list[Json] = [
            {"type": "tool_result", "tool_use_id": use.get("id"), "content": result}
            for use, result in zip(uses, results, strict=True)
        ]
        return [said, {"role": "user", "content": answers}]

    async def _say(self, text: str, params: Fields, tools: Sequence[Fields]) -> Completion:
        messages: list[Message] = [{"role": "user", "content": text}]
        return (await self._sent(messages, params, tools)).completion

    async def _sent(
        self, messages: list[Message], params: Fields, tools: Sequence[Fields], system: str = ""
    ) -> Turn:
        body: Fields = {"max_tokens": _MAX_TOKENS, **params, "model": self._spec.id}
        body["messages"] = list[Json](messages)
        if system:
            body["system"] = system
        if tools:
            body["tools"] = [as_tool(tool) for tool in tools]
        answer, took = await self._wire.post(self._url, body)
        content = answer.get("content")
        if not isinstance(content, list):
            if answer.get("error"):
                raise self._wire.reported(self._url, 502, answer)
            raise self._wire.malformed(self._url, "the answer has no list `content`")
        try:
            blocks = [block for block in content if isinstance(block, dict)]
            completion = _completion(answer, blocks, took)
        except ValueError as error:
            raise self._wire.malformed(self._url, str(error)) from None
        return Turn(completion, {"role": "assistant", "content": list[Json](blocks)})


def _versioned(base: URL) -> URL:
    return base if base.name == "v1" else base / "v1"


def _completion(answer: Fields, blocks: list[Fields], took: float) -> Completion:
    texts = [text for block in blocks if (text := _text(block)) is not None]
    calls = tuple(_call(block) for block in blocks if block.get("type") == "tool_use")
    finish = _FINISHES.get(str(answer.get("stop_reason")))
    if any(block.get("type") == "refusal" for block in blocks):
        finish = Finish.REFUSAL
    usage = fields(answer.get("usage"))
    return Completion(
        text="".join(texts) if texts or not calls else None,
        tool_calls=calls or None,
        finish=finish,
        resolved_model=text_of(answer.get("model")),
        input_tokens=_input_tokens(usage),
        output_tokens=count_of(usage.get("output_tokens")),
        latency_ms=took,
    )


def _text(block: Fields) -> str | None:
    if block.get("type") not in ("text", "refusal"):
        return None
    text = block.get("text", block.get("refusal"))
    return text if isinstance(text, str) else None


def _call(block: Fields) -> ToolCall:
    name = text_of(block.get("name"))
    if name is None:
        raise ValueError("a tool_use block names no tool")
    try:
        return ToolCall(name=name, arguments=block.get("input"))
    except ValueError:  # nested deeper than a reply can hold
        return ToolCall(name=name, arguments=str(block.get("input")))


def _input_tokens(usage: Fields) -> int | None:
    """Return all tokens of the prompt; those read from or written to a cache are counted apart."""
    plain = count_of(usage.get("input_tokens"))
    if plain is None:
        return None
    cached = (usage.get("cache_read_input_tokens"), usage.get("cache_creation_input_tokens"))
    return plain + sum(count_of(count) or 0 for count in cached)
