"""Models behind Anthropic's Messages API."""

from collections.abc import Sequence
from typing import ClassVar

from yarl import URL

from hitl.document.schema import Json
from hitl.run.http.anthropic_shape import as_tool, conversation
from hitl.run.http.chat_model import ChatModel
from hitl.run.http.foreign_json import Fields, count_of, fields, items, text_of
from hitl.run.http.turns import Turn
from hitl.run.model import Completion, Message, Request
from hitl.run.reply import Finish, ToolCall

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


class AnthropicModel(ChatModel):
    """A model that is asked through `{base_url}/v1/messages`."""

    home = "https://api.anthropic.com"
    key_variable = "ANTHROPIC_API_KEY"
    own_params = ("system",)
    impossible_temperature = 99
    forced_choice: ClassVar[Json] = {"type": "any"}

    def based(self, base: URL) -> URL:
        """Return the address with its version, which `base_url` may leave out."""
        return base if base.name == "v1" else base / "v1"

    def told_of(self, base: URL) -> URL | None:
        """Return the address of a server of somebody else's; at home, answers name the model."""
        return base if self._spec.base_url else None

    def headers(self, key: str | None) -> dict[str, str]:
        """Return the version of the API, and the key if there is one."""
        return {"anthropic-version": _VERSION} | ({"x-api-key": key} if key else {})

    def opening(self, request: Request) -> list[Message]:
        """Return the messages without those of the system, which go apart."""
        _, messages = conversation(request.messages)
        return messages

    async def turn(self, messages: list[Message], request: Request) -> Turn:
        """Send the conversation so far; return the next answer.

        Raises:
            CallError: there is none.
        """
        system, _ = conversation(request.messages)
        return await self.sent(messages, self._spec.params, request.tools, system)

    def handed_back(self, said: Message, results: Sequence[str]) -> list[Message]:
        """Return the model's blocks as they came, and one message with a result for each call."""
        blocks = [fields(block) for block in items(said["content"])]
        uses = [block for block in blocks if block.get("type") == "tool_use"]
        answers: list[Json] = [
            {"type": "tool_result", "tool_use_id": use.get("id"), "content": result}
            for use, result in zip(uses, results, strict=True)
        ]
        return [said, {"role": "user", "content": answers}]

    async def sent(
        self, messages: list[Message], params: Fields, tools: Sequence[Fields], system: str = ""
    ) -> Turn:
        """Send messages with parameters, tools and the words of the system; return the answer."""
        url = self._base / "messages"
        body: Fields = {"max_tokens": _MAX_TOKENS, **params, "model": self._spec.id}
        body["messages"] = list[Json](messages)
        if system:
            body["system"] = system
        if tools:
            body["tools"] = [as_tool(tool) for tool in tools]
        answer, took = await self._wire.post(url, body)
        content = answer.get("content")
        if not isinstance(content, list):
            if answer.get("error"):
                raise self._wire.reported(url, 502, answer)
            raise self._wire.malformed(url, "the answer has no list `content`")
        try:
            blocks = [block for block in content if isinstance(block, dict)]
            completion = _completion(answer, blocks, took)
        except ValueError as error:
            raise self._wire.malformed(url, str(error)) from None
        return Turn(completion, {"role": "assistant", "content": list[Json](blocks)})


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
