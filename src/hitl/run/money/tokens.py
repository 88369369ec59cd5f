"""How many tokens a call can come to, from the bytes of its request: exact counts need the model's own tokenizer."""

import json
import math
from dataclasses import dataclass

from hitl.run.model import Request


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

    def of(self, request: Request) -> Tokens:
        """Return the tokens of a call.

        A request with recorded tool results takes `turns` turns. Each sends all that came before again,
        with the answer and one result of every recorded tool.
        """
        turns = self.turns if request.tool_results else 1
        first = self._of_bytes(request.n_bytes) + self.per_message * len(request.messages)
        growth = self.output_tokens + self._results(request)
        return Tokens(turns * first + growth * turns * (turns - 1) // 2, turns * self.output_tokens)

    def _results(self, request: Request) -> int:
        results = json.dumps(request.tool_results, ensure_ascii=False).encode()
        return self._of_bytes(len(results)) + self.per_message * (1 + len(request.tool_results))

    def _of_bytes(self, n_bytes: int) -> int:
        return math.ceil(n_bytes / self.bytes_per_token)
