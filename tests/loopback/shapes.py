"""Answers and errors in the two wire formats."""

import json
from collections.abc import Mapping
from typing import Any

from tests.loopback.answers import Answer
from tests.loopback.rules import Rule

_STOPS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}


def body_of(answer: Answer, effects: Mapping[str, Rule], is_anthropic: bool) -> dict[str, Any]:
    body = _anthropic(answer, effects) if is_anthropic else _openai(answer, effects)
    if answer.model is None:
        del body["model"]
    if "no_usage" in effects:
        del body["usage"]
    if "no_choices" in effects:
        body.update({"content": None} if is_anthropic else {"choices": []})
    return body


def error_body(message: str, rule: Mapping[str, Any], is_anthropic: bool) -> dict[str, Any]:
    if is_anthropic:
        error = {"type": rule.get("code", "invalid_request_error"), "message": message}
        return {"type": "error", "error": error}
    return {
        "error": {
            "message": message,
            "type": "invalid_request_error",
            "param": rule.get("param"),
            "code": rule.get("code"),
        }
    }


def _openai(answer: Answer, effects: Mapping[str, Rule]) -> dict[str, Any]:
    content: Any = answer.text
    if "parts" in effects:
        content = [{"type": "text", "text": part} for part in effects["parts"]["parts"]]
    if answer.refusal is not None and "refusal_block" in effects:
        content = [{"type": "refusal", "refusal": answer.refusal}]
    message: dict[str, Any] = {"role": "assistant", "content": content}
    if answer.refusal is not None and "refusal_block" not in effects:
        message["refusal"] = answer.refusal
    if answer.calls:
        message["tool_calls"] = [
            {
                "id": f"call-{number}",
                "type": "function",
                "function": {
                    "name": call.get("name"),
                    "arguments": call.get("raw", json.dumps(call.get("arguments", {}))),
                },
            }
            for number, call in enumerate(answer.calls)
        ]
    choice: dict[str, Any] = {"index": 0, "message": message, "finish_reason": answer.finish}
    if answer.logprobs is not None:
        choice["logprobs"] = {"content": [{"token": "t", "logprob": p} for p in answer.logprobs]}
    tokens_in, tokens_out = answer.tokens or (0, 0)
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": answer.model,
        "choices": [choice],
        "usage": {
            "prompt_tokens": tokens_in,
            "completion_tokens": tokens_out,
            "total_tokens": tokens_in + tokens_out,
        },
    }


def _anthropic(answer: Answer, effects: Mapping[str, Rule]) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "thinking", "thinking": "hm", "signature": "s"}]
    parts = effects["parts"]["parts"] if "parts" in effects else [answer.text]
    content += [{"type": "text", "text": part} for part in parts if part]
    if answer.refusal is not None:
        kind = "refusal" if "refusal_block" in effects else "text"
        content.append({"type": kind, "text": answer.refusal})
    content += [
        {
            "type": "tool_use",
            "id": f"toolu-{number}",
            "name": call.get("name"),
            "input": call.get("arguments", {}),
        }
        for number, call in enumerate(answer.calls)
    ]
    is_refusal = answer.refusal is not None and "refusal_block" not in effects
    tokens_in, tokens_out = answer.tokens or (0, 0)
    return {
        "id": "msg-1",
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "content": content,
        "stop_reason": "refusal" if is_refusal else _STOPS.get(answer.finish, answer.finish),
        "usage": {
            "input_tokens": tokens_in,
            "cache_read_input_tokens": answer.cached[0],
            "cache_creation_input_tokens": answer.cached[1],
            "output_tokens": tokens_out,
        },
    }
