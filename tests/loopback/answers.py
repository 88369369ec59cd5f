"""What the server answers: from a table, or a plain echo; parameters are honoured unless told otherwise."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.loopback.asked import Asked
from tests.loopback.rules import Rule


@dataclass(frozen=True)
class Answer:
    text: str | None
    model: str | None
    tokens: tuple[int, int] | None
    finish: str = "stop"
    """In OpenAI's words."""
    refusal: str | None = None
    calls: Sequence[Mapping[str, Any]] = ()
    logprobs: Sequence[float] | None = None
    cached: tuple[int, int] = (0, 0)
    """Tokens read from and written to a cache (Anthropic)."""


@dataclass(frozen=True)
class Answers:
    """Rows of the table: `{"user": ..., "text": ..., "model": ..., "tool_calls": [...]}`; without a model, any."""

    table: Sequence[Mapping[str, Any]] = ()
    resolves: Mapping[str, str] = field(default_factory=dict)
    """Identity behind each alias; any other name is echoed."""
    drops: Collection[str] = ()
    """Parameters that are taken and not honoured."""
    _rows: dict[tuple[str | None, str], Mapping[str, Any]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._rows.update({(row.get("model"), row["user"]): row for row in self.table})

    def to(self, asked: Asked, effects: Mapping[str, Rule]) -> Answer:
        row = self._rows.get((asked.model, asked.user)) or self._rows.get((None, asked.user)) or {}
        answer = Answer(
            text=row.get("text", self._echo(asked)),
            model=self.resolves.get(asked.model, asked.model),
            tokens=None,
        )
        if row.get("tool_calls"):
            answer = replace(answer, calls=row["tool_calls"], finish="tool_calls")
        answer = _changed(self._as_wished(asked, answer), effects)
        words = len((answer.text or answer.refusal or "").split())
        return replace(answer, tokens=(10 * len(asked.messages), words))

    def _echo(self, asked: Asked) -> str:
        if asked.results:
            return "the tools say: " + ", ".join(asked.results)
        return f"answer to: {asked.user}"

    def _as_wished(self, asked: Asked, answer: Answer) -> Answer:
        body = asked.body
        wished = body.get("response_format", {}).get("type")
        if wished in ("json_object", "json_schema") and "response_format" not in self.drops:
            answer = replace(answer, text=json.dumps({"answer": answer.text}))
        choice = body.get("tool_choice")
        if (choice == "required" or choice == {"type": "any"}) and "tools" not in self.drops:
            tool = body["tools"][0]
            call = {"name": tool.get("function", tool)["name"], "arguments": {"word": "ready"}}
            answer = replace(answer, text=None, calls=[call], finish="tool_calls")
        if body.get("logprobs") is True and "logprobs" not in self.drops:
            answer = replace(answer, logprobs=(-0.1, -0.3))
        return answer


_CHANGES: dict[str, Callable[[Rule], dict[str, Any]]] = {
    "text": lambda rule: {"text": rule["text"]},
    "big": lambda rule: {"text": "x" * rule.get("size", 1 << 20)},
    "empty": lambda rule: {"text": ""},
    "length": lambda rule: {"finish": "length"},
    "finish": lambda rule: {"finish": rule["finish"]},
    "filtered": lambda rule: {"text": None, "finish": "content_filter"},
    "refusal": lambda rule: {"text": None, "refusal": rule.get("text", "I cannot help.")},
    "refusal_block": lambda rule: {"text": None, "refusal": rule.get("text", "I cannot help.")},
    "tool_calls": lambda rule: {
        "text": rule.get("text"),
        "calls": rule["calls"],
        "finish": "tool_calls",
    },
    "model": lambda rule: {"model": rule["model"]},
    "no_model": lambda rule: {"model": None},
    "logprobs": lambda rule: {"logprobs": rule["values"]},
    "usage": lambda rule: {"cached": (rule.get("read", 0), rule.get("written", 0))},
}


def _changed(answer: Answer, effects: Mapping[str, Rule]) -> Answer:
    for do, rule in effects.items():
        if do in _CHANGES:
            answer = replace(answer, **_CHANGES[do](rule))
    return answer
