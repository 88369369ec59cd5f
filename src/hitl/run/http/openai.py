"""Models behind an OpenAI-compatible chat endpoint: OpenAI, Azure, vLLM, Ollama, llama.cpp, gateways."""

import json
import math
from collections.abc import Sequence

from hitl.document.schema import Json
from hitl.run.http.chat_model import ChatModel
from hitl.run.http.foreign_json import (
    Fields,
    count_of,
    fields,
    items,
    number_of,
    read_json,
    text_of,
)
from hitl.run.http.turns import Turn
from hitl.run.model import Completion, Message, Request
from hitl.run.reply import Finish, ToolCall

_FINISHES = {
    "stop": Finish.STOP,
    "length": Finish.LENGTH,
    "tool_calls": Finish.TOOL_CALLS,
    "function_call": Finish.TOOL_CALLS,
    "content_filter": Finish.REFUSAL,
}


_ROUNDING = 1e-3
"""How far above 0 the logarithm of a probability may come out; beyond it the values are none."""


class OpenAIModel(ChatModel):
    """A model that is asked through `{base_url}/chat/completions`."""

    home = "https://api.openai.com/v1"
    key_variable = None
    own_params = ()
    impossible_temperature = -1
    forced_choice = "required"

    def headers(self, key: str | None) -> dict[str, str]:
        """Return the key as a bearer token, if there is one."""
        return {"Authorization": f"Bearer {key}"} if key else {}

    def opening(self, request: Request) -> list[Message]:
        """Return the messages as they are: requests are written in the words of this API."""
        return list(request.messages)

    async def turn(self, messages: list[Message], request: Request) -> Turn:
        """Send the conversation so far; return the next answer.

        Raises:
            CallError: there is none.
        """
        return await self.sent(messages, self._spec.params, request.tools)

    def handed_back(self, said: Message, results: Sequence[str]) -> list[Message]:
        """Return the assistant's message with its calls, and a tool message for each."""
        if "tool_calls" not in said:
            name = fields(said["function_call"])["name"]
            return [said, {"role": "function", "name": name, "content": results[0]}]
        calls = items(said["tool_calls"])
        return [said] + [
            {"role": "tool", "tool_call_id": fields(call)["id"], "content": result}
            for call, result in zip(calls, results, strict=True)
        ]

    async def sent(self, messages: list[Message], params: Fields, tools: Sequence[Fields]) -> Turn:
        """Send messages with parameters and tools; return the answer."""
        url = self._base / "chat" / "completions"
        body: Fields = {**params, "model": self._spec.id, "messages": list[Json](messages)}
        if tools:
            body["tools"] = list[Json](tools)
        answer, took = await self._wire.post(url, body)
        choice = next(iter(items(answer.get("choices"))), None)
        message = fields(choice).get("message")
        if not isinstance(message, dict):
            if error := answer.get("error"):
                status = count_of(fields(error).get("code")) or 502
                raise self._wire.reported(url, status, answer)
            raise self._wire.malformed(url, "the answer has no choice with a message")
        try:
            said, calls = _calls(message)
        except ValueError as error:
            raise self._wire.malformed(url, str(error)) from None
        return Turn(_completion(answer, fields(choice), calls, took), said)


def _completion(
    answer: Fields, choice: Fields, calls: tuple[ToolCall, ...], took: float
) -> Completion:
    message = fields(choice.get("message"))
    text, refusal = _texts(message)
    finish = _FINISHES.get(str(choice.get("finish_reason")))
    if refusal is not None:
        text, finish = refusal, Finish.REFUSAL
    elif calls and finish is Finish.STOP:
        finish = Finish.TOOL_CALLS  # so some servers end a call that was forced
    usage = fields(answer.get("usage"))
    return Completion(
        text=text if text or not calls else None,
        tool_calls=calls or None,
        finish=finish,
        resolved_model=text_of(answer.get("model")),
        input_tokens=count_of(usage.get("prompt_tokens")),
        output_tokens=count_of(usage.get("completion_tokens")),
        latency_ms=took,
        confidence=_confidence(fields(choice.get("logprobs"))),
    )


def _texts(message: Fields) -> tuple[str, str | None]:
    """Return the text, and the refusal where there is one."""
    content, refusal = message.get("content"), text_of(message.get("refusal"))
    if isinstance(content, str):
        return content, refusal
    parts = [fields(part) for part in items(content)]
    refusals = [part["refusal"] for part in parts if isinstance(part.get("refusal"), str)]
    texts = [part["text"] for part in parts if isinstance(part.get("text"), str)]
    if refusals and refusal is None:
        refusal = "".join(map(str, refusals))
    return "".join(map(str, texts)), refusal


def _calls(message: Fields) -> tuple[Message, tuple[ToolCall, ...]]:
    """Return the message as it can be sent back, and the calls in it.

    Raises:
        ValueError: a call names no function.
    """
    raw = items(message.get("tool_calls"))
    if not raw:
        if isinstance(old := message.get("function_call"), dict):
            said: Message = {"role": "assistant", "content": None, "function_call": old}
            return said, (_call(old),)
        return message, ()
    found = [fields(fields(call).get("function")) for call in raw]
    calls = tuple(_call(function) for function in found)
    sent_back: list[Json] = [
        {
            "id": text_of(fields(call).get("id")) or f"call_{number}",
            "type": "function",
            "function": {"name": function["name"], "arguments": _as_text(function)},
        }
        for number, (call, function) in enumerate(zip(raw, found, strict=True))
    ]
    content = message.get("content")
    return {"role": "assistant", "content": content, "tool_calls": sent_back}, calls


def _call(function: Fields) -> ToolCall:
    name = text_of(function.get("name"))
    if name is None:
        raise ValueError("a tool call names no function")
    arguments = function.get("arguments")
    try:
        parsed = read_json(arguments) if isinstance(arguments, str) else arguments
        return ToolCall(name=name, arguments=parsed)
    except ValueError:  # what cannot be read is kept as it was written
        return ToolCall(name=name, arguments=_as_text(function))


def _as_text(function: Fields) -> str:
    arguments = function.get("arguments")
    return arguments if isinstance(arguments, str) else json.dumps(arguments or {})


def _confidence(logprobs: Fields) -> float | None:
    """Return the geometric mean of the tokens' probabilities."""
    found = [number_of(fields(token).get("logprob")) for token in items(logprobs.get("content"))]
    known = [value for value in found if value is not None]
    if not known or len(known) < len(found):
        return None
    mean = math.fsum(known) / len(known)
    return round(math.exp(min(mean, 0.0)), 6) if mean < _ROUNDING else None
