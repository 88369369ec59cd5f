"""What real endpoints refuse before a model is asked."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from tests.loopback.asked import Asked

Refusal = tuple[str, str | None]
"""The message, and the parameter that it is about."""


def refusal_of(
    asked: Asked, refuses: Collection[str], drops: Collection[str], headers: Mapping[str, str]
) -> Refusal | None:
    body = asked.body
    for name in sorted(set(refuses) & set(body)):
        if asked.is_anthropic:
            return f"{name}: Extra inputs are not permitted", None
        return f"Unsupported parameter: '{name}' is not supported with this model.", name
    if asked.is_anthropic:
        return _temperature(body, drops, 1) or _anthropic(body, headers)
    return _temperature(body, drops, 2) or _openai(body)


def _temperature(body: dict[str, Any], drops: Collection[str], highest: float) -> Refusal | None:
    if "temperature" in drops or 0 <= body.get("temperature", 0) <= highest:
        return None
    return f"temperature: expected a value from 0 to {highest}", "temperature"


def _openai(body: dict[str, Any]) -> Refusal | None:
    if "tool_choice" in body and "tools" not in body:
        return "'tool_choice' is only allowed when 'tools' are specified.", "tool_choice"
    wished = body.get("response_format", {}).get("type")
    if wished == "json_object" and "json" not in json.dumps(body["messages"]).lower():
        return "'messages' must contain the word 'json' in some form.", "messages"
    return None


def _anthropic(body: dict[str, Any], headers: Mapping[str, str]) -> Refusal | None:
    if headers.get("anthropic-version") != "2023-06-01":
        return "anthropic-version: header is required", None
    if "max_tokens" not in body:
        return "max_tokens: Field required", None
    if any(message["role"] not in ("user", "assistant") for message in body["messages"]):
        return "messages: roles must be user or assistant", None
    if "tool_choice" in body and "tools" not in body:
        return "tool_choice: may only be specified while providing tools", None
    return None
