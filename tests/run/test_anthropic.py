from typing import Any

import pytest

from hitl.manifest.release import ModelSpec, Provider
from hitl.run.http.anthropic import AnthropicModel
from hitl.run.http.anthropic_shape import conversation
from hitl.run.model import Completion, Fault, Request
from tests.loopback.server import Loopback
from tests.run.asking import TOOL, a_model, a_request, the_completion, the_failure

ANTHROPIC = Provider.ANTHROPIC


def sent_for(request: Request, **params: object) -> dict[str, Any]:
    with Loopback() as server:
        the_completion(a_model(server, ANTHROPIC, params=params), request)
        return server.bodies()[-1]


def completion(*rules: dict[str, Any]) -> Completion:
    with Loopback(rules=rules) as server:
        return the_completion(a_model(server, ANTHROPIC))


def test_the_address_may_end_with_its_version_or_not() -> None:
    with Loopback() as server:
        for url in (server.url, f"{server.url}/", f"{server.url}/v1", f"{server.url}/v1/"):
            assert the_completion(a_model(url, ANTHROPIC)).text == "answer to: What now?"


def test_without_an_address_the_model_is_asked_at_home() -> None:
    model = AnthropicModel(ModelSpec(id="m", provider=ANTHROPIC), "k", 1.0, 1, 1)

    assert '"https://api.anthropic.com/v1"' in model.endpoint


def test_system_messages_are_lifted_out_and_a_bound_is_set() -> None:
    request = Request(
        "case",
        (
            {"role": "system", "content": "Be brief."},
            {"role": "developer", "content": [{"type": "text", "text": "Be kind."}]},
            {"role": "user", "content": "Hi"},
        ),
    )

    assert sent_for(request) == {
        "model": "prod",
        "max_tokens": 4096,
        "system": "Be brief.\n\nBe kind.",
        "messages": [{"role": "user", "content": "Hi"}],
    }


def test_the_manifests_bound_takes_the_place_of_the_usual_one() -> None:
    assert sent_for(a_request(), max_tokens=5)["max_tokens"] == 5


def test_a_system_prompt_among_the_parameters_is_refused() -> None:
    with pytest.raises(ValueError, match=r"params\.system"):
        a_model("http://localhost:1", ANTHROPIC, params={"system": "Be brief."})


def test_tools_are_offered_in_the_apis_own_shape() -> None:
    bare: dict[str, Any] = {"type": "function", "function": {"name": "f"}}
    own: dict[str, Any] = {"name": "g", "input_schema": {"type": "object"}}

    sent = sent_for(a_request(tools=(TOOL, bare, own)))

    assert sent["tools"] == [
        {
            "name": "get_status",
            "description": "Status of a service.",
            "input_schema": TOOL["function"]["parameters"],
        },
        {"name": "f", "input_schema": {"type": "object"}},
        own,
    ]


def test_an_earlier_conversation_with_tools_is_converted() -> None:
    calls: list[Any] = [
        {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}},
        {"id": "2", "type": "function", "function": {"name": "g", "arguments": "{cut"}},
        {"id": "3", "type": "function", "function": {"name": "h", "arguments": "[1]"}},
    ]

    _, spoken = conversation(
        (
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Looking.", "tool_calls": calls},
            {"role": "tool", "tool_call_id": "1", "content": "one"},
            {"role": "tool", "tool_call_id": "2", "content": "two"},
            {"role": "user", "content": "And?"},
        )
    )

    assert spoken == [
        {"role": "user", "content": "Hi"},
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "Looking."},
                {"type": "tool_use", "id": "1", "name": "f", "input": {"a": 1}},
                {"type": "tool_use", "id": "2", "name": "g", "input": {"arguments": "{cut"}},
                {"type": "tool_use", "id": "3", "name": "h", "input": {"arguments": [1]}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "1", "content": "one"},
                {"type": "tool_result", "tool_use_id": "2", "content": "two"},
            ],
        },
        {"role": "user", "content": "And?"},
    ]


@pytest.mark.parametrize(
    ("url", "source"),
    [
        (
            "data:image/png;base64,AAAA",
            {"type": "base64", "media_type": "image/png", "data": "AAAA"},
        ),
        ("https://example.org/a.png", {"type": "url", "url": "https://example.org/a.png"}),
    ],
)
def test_pictures_are_converted(url: str, source: dict[str, str]) -> None:
    parts: list[Any] = [
        {"type": "text", "text": "See:"},
        {"type": "image_url", "image_url": {"url": url}},
    ]

    _, (message,) = conversation([{"role": "user", "content": parts}])

    assert message["content"] == [
        {"type": "text", "text": "See:"},
        {"type": "image", "source": source},
    ]


def test_calls_after_words_in_parts_are_converted() -> None:
    call: Any = {"id": "1", "type": "function", "function": {"name": "f", "arguments": ""}}
    parts: list[Any] = [{"type": "text", "text": "Looking."}]

    _, spoken = conversation([{"role": "assistant", "content": parts, "tool_calls": [call]}])

    assert spoken[0]["content"] == [
        *parts,
        {"type": "tool_use", "id": "1", "name": "f", "input": {}},
    ]


def test_an_endpoint_of_ones_own_needs_no_key() -> None:
    with Loopback() as server:
        assert the_completion(a_model(server, ANTHROPIC, key=None)).text == "answer to: What now?"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('{"a": 1e999, "b": NaN}', {"a": None, "b": None}),
        ("[" * 400 + "]" * 400, "[" * 400 + "]" * 400),
    ],
)
def test_arguments_that_no_file_can_hold_are_still_read(written: str, read: object) -> None:
    body = f'{{"content": [{{"type": "tool_use", "id": "1", "name": "f", "input": {written}}}]}}'

    found = completion({"do": "raw", "body": body})

    assert found.tool_calls is not None
    assert found.tool_calls[0].arguments == read


def test_tokens_from_and_to_a_cache_count_as_input() -> None:
    # Ten for the message, five read from the cache, seven written to it.
    assert completion({"do": "usage", "read": 5, "written": 7}).input_tokens == 22


def test_an_error_under_status_200_is_an_error() -> None:
    with Loopback(rules=[{"do": "error_in_200", "message": "broke"}]) as server:
        error = the_failure(a_model(server, ANTHROPIC))

    assert error.fault is Fault.SERVER
    assert "broke" in str(error)


def test_a_stop_sequence_and_a_full_window_have_their_ends() -> None:
    stop, full = (
        completion({"do": "finish", "finish": end}).finish
        for end in ("stop_sequence", "model_context_window_exceeded")
    )

    assert (stop, full) == ("stop", "length")
