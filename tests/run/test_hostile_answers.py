"""Every part of an answer, replaced by every kind of wrong value, is read or named malformed: nothing else is raised."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from hitl.manifest.release import Provider
from hitl.run.model import CallError, Completion, Fault
from hitl.run.reply import Reply
from tests.loopback.server import Loopback
from tests.run.asking import a_model, a_request, all_completions

WRONG: list[Any] = [
    None,
    True,
    -7,
    1.5,
    "x",
    "",
    [],
    [7],
    {},
    {"a": 7},
    [[]],
    "\x00\u202e",
    10**400,
]

OPENAI: dict[str, Any] = {
    "model": "m",
    "choices": [
        {
            "message": {
                "content": [{"type": "text", "text": "a"}],
                "refusal": None,
                "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": "{}"}}],
            },
            "finish_reason": "tool_calls",
            "logprobs": {"content": [{"logprob": -0.1}]},
        }
    ],
    "usage": {"prompt_tokens": 1, "completion_tokens": 2},
    "error": {"message": "m", "code": 500, "param": "p"},
}
ANTHROPIC: dict[str, Any] = {
    "model": "m",
    "content": [
        {"type": "text", "text": "a"},
        {"type": "refusal", "refusal": "b"},
        {"type": "tool_use", "id": "1", "name": "f", "input": {"a": 1}},
    ],
    "stop_reason": "tool_use",
    "usage": {"input_tokens": 1, "cache_read_input_tokens": 2, "output_tokens": 3},
    "error": {"message": "m"},
}


def places(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401  # JSON
    named = value.items() if isinstance(value, dict) else enumerate(value)
    for name, item in named:
        yield (*before, name)
        if isinstance(item, dict | list):
            yield from places(item, (*before, name))


def spoiled(answer: dict[str, Any]) -> Iterator[str]:
    for place in places(answer):
        for wrong in WRONG:
            changed = copy.deepcopy(answer)
            holder: Any = changed
            for name in place[:-1]:
                holder = holder[name]
            holder[place[-1]] = wrong
            yield json.dumps(changed)


@pytest.mark.parametrize(
    ("wire", "answer"), [(Provider.OPENAI, OPENAI), (Provider.ANTHROPIC, ANTHROPIC)]
)
def test_a_wrong_value_anywhere_in_an_answer_is_read_or_named(
    wire: Provider, answer: dict[str, Any]
) -> None:
    bodies = [*spoiled(answer)]
    rules = [
        {"when": {"contains": f"#{number}#"}, "do": "raw", "body": body}
        for number, body in enumerate(bodies)
    ]
    requests = [
        a_request(f"#{number}#", tool_results={"f": "again"}) for number in range(len(bodies))
    ]

    with Loopback(rules=rules) as server:
        found = all_completions(a_model(server, wire, max_turns=2), requests)

    assert len(found) > 200
    for one in found:
        if isinstance(one, CallError):
            assert one.fault in (Fault.MALFORMED, Fault.SERVER, Fault.TOO_MANY_TURNS)
        else:
            assert_can_be_stored(one)


def assert_can_be_stored(found: Completion) -> None:
    reply = Reply(
        case_id="case",
        text=found.text,
        tool_calls=found.tool_calls,
        resolved_model=found.resolved_model,
        finish=found.finish,
        input_tokens=found.input_tokens,
        output_tokens=found.output_tokens,
        latency_ms=found.latency_ms,
        confidence=found.confidence,
    )
    assert reply.model_dump_json()
