"""How many tokens a call can come to, from the bytes of its request: exact counts need the model's own tokenizer."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from hitl.document.schema import Json
from hitl.run.model import MOST_CALLS_OF_A_TOOL, Request

TOOLS_TEXT = 1000
"""Tokens that a provider may add to a prompt that offers tools. The lists of providers name some hundreds."""

_TOOL_PARAMS = ("tools", "functions")


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens that one call is charged for, all its turns together."""

    input: int
    output: int


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What is assumed of a call before it is made."""

    output_tokens: int
    """Tokens of each answer."""
    turns: int = 1
    """Answers of one conversation, where recorded tool results are replayed."""
    bytes_per_token: float = 1.0
    """Bytes of the request's text that make one token; no tokenizer needs less than 1."""
    per_message: int = 8
    """Tokens that a chat template adds to each message."""
    params: Mapping[str, Json] = field(default_factory=dict)
    """Parameters of the model: a schema or tools in them are read as input, so all their bytes count."""
    tools_text: int = TOOLS_TEXT
    """Tokens that the provider adds where tools are offered."""

    def of(self, request: Request) -> Tokens:
        """Return the tokens of a call.

        A request with recorded tool results takes `turns` turns. Each sends all that came before again,
        with the answer and as many results of every recorded tool as are replayed in a turn.
        """
        turns = self.turns if request.tool_results else 1
        first = self._of_bytes(request.n_bytes) + self.per_message * len(request.messages)
        first += self._around(request)
        growth = self.output_tokens + self._results(request)
        return Tokens(turns * first + growth * turns * (turns - 1) // 2, turns * self.output_tokens)

    def _around(self, request: Request) -> int:
        offers = request.tools or any(self.params.get(name) for name in _TOOL_PARAMS)
        size = _size(self.params) if self.params else 0
        return self._of_bytes(size) + (self.tools_text if offers else 0)

    def _results(self, request: Request) -> int:
        results, n_tools = _size(request.tool_results), len(request.tool_results)
        messages = 1 + MOST_CALLS_OF_A_TOOL * n_tools
        return self._of_bytes(MOST_CALLS_OF_A_TOOL * results) + self.per_message * messages

    def _of_bytes(self, n_bytes: int) -> int:
        return math.ceil(n_bytes / self.bytes_per_token)


def _size(value: Mapping[str, Json]) -> int:
    return len(json.dumps(dict(value), ensure_ascii=False).encode())
