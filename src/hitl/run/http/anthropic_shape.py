"""Messages and tools of the OpenAI chat API in the shape of Anthropic's Messages API."""

import re
from collections.abc import Iterable

from hitl.document.schema import Json
from hitl.run.http.foreign_json import Fields, fields, items, read_json
from hitl.run.model import Message

_DATA_URL = re.compile(r"data:([a-z]+/[a-z0-9.+-]+);base64,(.*)", re.DOTALL)


def conversation(messages: Iterable[Message]) -> tuple[str, list[Message]]:
    """Return the system prompt and the other messages, each in Anthropic's shape."""
    system: list[str] = []
    spoken: list[Message] = []
    for message in messages:
        match message.get("role"):
            case "system" | "developer":
                system.append(_plain(message.get("content")))
            case "tool":
                _add_result(spoken, message)
            case "assistant" if message.get("tool_calls"):
                spoken.append({"role": "assistant", "content": _with_calls(message)})
            case role:
                spoken.append({"role": role, "content": _content(message.get("content"))})
    return "\n\n".join(system), spoken


def as_tool(tool: Fields) -> Fields:
    """Return a tool in Anthropic's shape; one that has it already stays as it is."""
    function = tool.get("function")
    if not isinstance(function, dict):
        return tool
    converted: Fields = {
        "name": function.get("name"),
        "input_schema": function.get("parameters") or {"type": "object"},
    }
    if description := function.get("description"):
        converted["description"] = description
    return converted


def _add_result(spoken: list[Message], message: Message) -> None:
    """Add a tool's result to the user message before it: all results of one turn share one."""
    result: Json = {
        "type": "tool_result",
        "tool_use_id": message.get("tool_call_id"),
        "content": _content(message.get("content")),
    }
    before = spoken[-1].get("content") if spoken else None
    if isinstance(before, list) and before and fields(before[-1]).get("type") == "tool_result":
        before.append(result)
    else:
        spoken.append({"role": "user", "content": [result]})


def _with_calls(message: Message) -> list[Json]:
    content = _content(message.get("content"))
    said: list[Json] = [{"type": "text", "text": content}] if content else []
    if isinstance(content, list):
        said = content
    return said + [_as_use(fields(call)) for call in items(message.get("tool_calls"))]


def _as_use(call: Fields) -> Json:
    function = fields(call.get("function"))
    arguments = function.get("arguments")
    if isinstance(arguments, str):
        try:
            arguments = read_json(arguments or "{}")
        except ValueError:  # goes on as it was written: the API takes nothing but objects
            arguments = {"arguments": arguments}
    given: Json = arguments if isinstance(arguments, dict) else {"arguments": arguments}
    return {"type": "tool_use", "id": call.get("id"), "name": function.get("name"), "input": given}


def _content(content: Json) -> Json:
    if isinstance(content, list):
        return [_part(fields(part)) for part in content]
    return "" if content is None else content


def _part(part: Fields) -> Json:
    if part.get("type") != "image_url":
        return part
    address = str(fields(part.get("image_url")).get("url", ""))
    if data := _DATA_URL.fullmatch(address):
        kind, encoded = data.groups()
        return {
            "type": "image",
            "source": {"type": "base64", "media_type": kind, "data": encoded},
        }
    return {"type": "image", "source": {"type": "url", "url": address}}


def _plain(content: Json) -> str:
    if isinstance(content, str):
        return content
    return "".join(str(fields(part).get("text", "")) for part in items(content))
