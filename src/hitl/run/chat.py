"""The shape of chat messages and tools, checked before anything is sent."""

from collections.abc import Iterator, Sequence

from hitl.document.schema import Json
from hitl.run.model import Message

ROLES = ("system", "developer", "user", "assistant", "tool")


def message_problems(messages: Sequence[Message]) -> Iterator[str]:
    """Yield what is wrong with chat messages, with the place of each."""
    if not messages:
        yield "input: no message; expected at least one"
    for number, message in enumerate(messages):
        for problem in _message_problems(message):
            yield f"input[{number}].{problem}"


def with_text(messages: list[Message], text: str) -> list[Message]:
    """Return the messages with a text added to the last one of the user, in a block of its own."""
    last = max((n for n, message in enumerate(messages) if message["role"] == "user"), default=None)
    if last is None:
        return [*messages, {"role": "user", "content": text}]
    old = messages[last].get("content")
    new: Json = (
        [*old, {"type": "text", "text": text}]
        if isinstance(old, list)
        else f"{old}\n\n{text}"
        if old
        else text
    )
    return [*messages[:last], messages[last] | {"content": new}, *messages[last + 1 :]]


def offered_tools(value: Json) -> tuple[tuple[dict[str, Json], ...], list[str]]:
    """Return the tools of a case's context in the shape of the OpenAI chat API, and what is wrong with them."""
    if value is None:
        return (), []
    if not isinstance(value, list):
        return (), ["context.tools: expected a list of tools"]
    tools: list[dict[str, Json]] = []
    problems: list[str] = []
    names: set[str] = set()
    for number, item in enumerate(value):
        function = _function(item)
        name = function.get("name") if function else None
        if function is None or not isinstance(name, str) or not name:
            problems.append(
                f"context.tools[{number}]: expected {{name, description, parameters}}, "
                "or {type: function, function: {name, ...}}"
            )
            continue
        if name in names:
            problems.append(f"context.tools[{number}]: the tool {name!r} is offered twice")
        names.add(name)
        tools.append({"type": "function", "function": function})
    return tuple(tools), problems


def _function(item: Json) -> dict[str, Json] | None:
    if not isinstance(item, dict):
        return None
    inner = item.get("function") if item.get("type") == "function" else item
    if not isinstance(inner, dict) or not isinstance(inner.get("parameters", {}), dict):
        return None
    return inner


def _message_problems(message: Message) -> Iterator[str]:
    role, content, calls = (message.get(name) for name in ("role", "content", "tool_calls"))
    if role not in ROLES:
        yield f"role: {role!r} is none of {', '.join(ROLES)}"
    if "tool_calls" in message and (role != "assistant" or not _are_objects(calls)):
        yield "tool_calls: expected a list of calls, in a message of the assistant"
    elif content is None and not calls:
        yield "content: missing; expected text, a list of parts, or tool_calls"
    if content is not None and not isinstance(content, str) and not _are_objects(content):
        yield "content: expected text or a list of parts, each an object"


def _are_objects(value: Json) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)
