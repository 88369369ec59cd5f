"""One call as the server sees it, whichever wire format it came in."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Asked:
    body: dict[str, Any]
    is_anthropic: bool
    digest: str
    """SHA-256 of model and messages."""
    user: str
    """Text of the last message that people wrote."""

    @property
    def model(self) -> str:
        return str(self.body.get("model"))

    @property
    def messages(self) -> list[dict[str, Any]]:
        return list(self.body.get("messages", []))

    @property
    def turn(self) -> int:
        """1 for an opening, one more for each answer of the model in the conversation."""
        return 1 + sum(message["role"] == "assistant" for message in self.messages)

    @property
    def results(self) -> list[str]:
        """Tool results of the last turn."""
        found: list[str] = []
        for message in reversed(self.messages):
            if message["role"] == "tool":
                found.insert(0, str(message["content"]))
            elif _is_results(message):
                return [str(block["content"]) for block in message["content"]]
            else:
                break
        return found


def read_asked(raw: bytes, is_anthropic: bool) -> Asked:
    body = json.loads(raw)
    spoken = json.dumps([body.get("model"), body.get("messages")], sort_keys=True)
    users = [
        message
        for message in body.get("messages", [])
        if message["role"] == "user" and not _is_results(message)
    ]
    return Asked(
        body=body,
        is_anthropic=is_anthropic,
        digest=hashlib.sha256(spoken.encode()).hexdigest(),
        user=_plain(users[-1]["content"]) if users else "",
    )


def _is_results(message: dict[str, Any]) -> bool:
    content = message["content"]
    return isinstance(content, list) and any(p.get("type") == "tool_result" for p in content)


def _plain(content: str | list[dict[str, Any]]) -> str:
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)
