import math
from typing import Any

import pytest

from hitl.manifest.release import Provider
from hitl.run.model import CallError, Completion, Fault
from hitl.run.reply import Finish, ToolCall
from tests.loopback.server import Loopback
from tests.run.asking import (
    KEY,
    TOOL,
    a_model,
    a_request,
    all_completions,
    both_wires,
    the_completion,
    the_failure,
)

STATUS_CALL = {"name": "get_status", "arguments": {"id": 4}}


def completion(*rules: dict[str, Any], **params: object) -> Completion:
    with Loopback(rules=rules) as server:
        return the_completion(a_model(server, params=params))


def raw(body: str) -> Completion:
    return completion({"do": "raw", "body": body})


@both_wires
def test_an_answer_is_read_with_who_gave_it_and_what_it_took(wire: Provider) -> None:
    with Loopback(resolves={"prod": "prod-2026-11-01"}) as server:
        found = the_completion(a_model(server, wire))

    # Ten tokens for the one message; "answer to: What now?" has four words.
    assert (found.text, found.finish) == ("answer to: What now?", Finish.STOP)
    assert (found.resolved_model, found.input_tokens, found.output_tokens) == (
        "prod-2026-11-01",
        10,
        4,
    )
    assert found.tool_calls is None
    assert found.confidence is None
    assert found.cost_usd is None


def test_model_messages_tools_and_parameters_are_sent() -> None:
    with Loopback() as server:
        model = a_model(server, params={"temperature": 0.5, "seed": 7, "stream": False})
        the_completion(model, a_request(tools=(TOOL,)))
        (sent,) = server.bodies()

    assert sent == {
        "model": "prod",
        "messages": [{"role": "user", "content": "What now?"}],
        "tools": [TOOL],
        "temperature": 0.5,
        "seed": 7,
        "stream": False,
    }


@both_wires
@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"stream": True}, "params.stream"),
        ({"model": "other"}, "params.model"),
        ({"messages": []}, "params.messages"),
        ({"n": 3}, "repeats"),
        ({"seed": 2**60}, "2\\*\\*53|safe|integer|domain|bounds"),
    ],
)
def test_parameters_that_cannot_work_are_refused_before_any_call(
    wire: Provider, params: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        a_model("http://localhost:1/v1", wire, params=params)


@both_wires
@pytest.mark.parametrize(
    "url",
    [
        "localhost:8000/v1",
        "ftp://localhost/v1",
        "http://",
        "http://localhost/v1?key=secret",
        pytest.param(f"http://{300 * chr(97)}/v1", id="long name"),
        "http://..:80/v1",
        "http://localhost:0/v1",
        "http://localhost:65536/v1",
        "http://localhost:port/v1",
        "http://local host/v1",
        "http://localhost/my models/v1",
        "http://local\nhost/v1",
        "http://localhost/v1\x00",
        "http://[::1/v1",
    ],
)
def test_an_address_that_cannot_work_is_refused_before_any_call(wire: Provider, url: str) -> None:
    with pytest.raises(ValueError, match="base_url"):
        a_model(url, wire)


@both_wires
def test_the_endpoint_names_all_settings_and_no_secret(wire: Provider) -> None:
    model = a_model("http://localhost:1/v1/", wire, params={"b": 1, "a": 2})

    assert model.endpoint == (
        '{"base_url":"http://localhost:1/v1","model":"prod","params":{"a":2,"b":1},'
        f'"provider":"{wire.value}"}}'
    )
    assert KEY not in model.endpoint


@both_wires
def test_an_empty_text_is_an_answer(wire: Provider) -> None:
    with Loopback(rules=[{"do": "empty"}]) as server:
        found = the_completion(a_model(server, wire))

    assert (found.text, found.finish) == ("", Finish.STOP)


def test_a_missing_text_without_tool_calls_is_an_empty_answer() -> None:
    assert raw('{"choices": [{"message": {}, "finish_reason": "length"}]}').text == ""


@both_wires
def test_text_in_parts_is_joined(wire: Provider) -> None:
    with Loopback(rules=[{"do": "parts", "parts": ["one ", "two"]}]) as server:
        assert the_completion(a_model(server, wire)).text == "one two"


@both_wires
@pytest.mark.parametrize("do", ["refusal", "refusal_block"])
def test_a_refusal_is_an_answer_with_its_words(wire: Provider, do: str) -> None:
    with Loopback(rules=[{"do": do, "text": "I will not."}]) as server:
        found = the_completion(a_model(server, wire))

    assert (found.text, found.finish) == ("I will not.", Finish.REFUSAL)


@both_wires
def test_a_filtered_answer_is_a_refusal_without_words(wire: Provider) -> None:
    with Loopback(rules=[{"do": "filtered"}]) as server:
        found = the_completion(a_model(server, wire))

    assert (found.text, found.finish) == ("", Finish.REFUSAL)


@both_wires
def test_an_answer_that_ran_out_of_room_says_so(wire: Provider) -> None:
    with Loopback(rules=[{"do": "length"}]) as server:
        assert the_completion(a_model(server, wire)).finish is Finish.LENGTH


@both_wires
def test_an_unknown_reason_to_end_is_unknown(wire: Provider) -> None:
    with Loopback(rules=[{"do": "finish", "finish": "bored"}]) as server:
        assert the_completion(a_model(server, wire)).finish is None


@both_wires
def test_tool_calls_are_read_and_nothing_is_executed(wire: Provider) -> None:
    with Loopback(rules=[{"do": "tool_calls", "calls": [STATUS_CALL, STATUS_CALL]}]) as server:
        found = the_completion(a_model(server, wire), a_request(tools=(TOOL,)))

        assert server.calls()["total"] == 1
    assert found.tool_calls == (ToolCall(name="get_status", arguments={"id": 4}),) * 2
    assert (found.text, found.finish) == (None, Finish.TOOL_CALLS)


def test_a_forced_call_that_ends_with_stop_is_still_a_call() -> None:
    found = completion(
        {"do": "tool_calls", "calls": [STATUS_CALL]}, {"do": "finish", "finish": "stop"}
    )

    assert found.finish is Finish.TOOL_CALLS


@pytest.mark.parametrize(
    ("arguments", "read"),
    [
        ("{cut", "{cut"),
        ("", ""),
        ("[1, 2]", [1, 2]),
        ('{"a": 1e999}', '{"a": 1e999}'),
        ('{"a": NaN}', '{"a": NaN}'),
        ('{"a": "\\ud800"}', {"a": "\ufffd"}),
        ("[" * 5000 + "]" * 5000, "[" * 5000 + "]" * 5000),
        ("[" * 400 + "]" * 400, "[" * 400 + "]" * 400),
    ],
)
def test_arguments_that_are_no_json_stay_as_they_were_written(arguments: str, read: object) -> None:
    found = completion({"do": "tool_calls", "calls": [{"name": "f", "raw": arguments}]})

    assert found.tool_calls is not None
    assert found.tool_calls[0].arguments == read


def test_the_old_form_of_a_call_is_read() -> None:
    found = raw(
        '{"choices": [{"message": {"content": null, "function_call": '
        '{"name": "f", "arguments": "{}"}}, "finish_reason": "function_call"}]}'
    )

    assert found.tool_calls == (ToolCall(name="f", arguments={}),)
    assert found.finish is Finish.TOOL_CALLS


@both_wires
def test_missing_usage_is_unknown_and_not_nothing(wire: Provider) -> None:
    with Loopback(rules=[{"do": "no_usage"}]) as server:
        found = the_completion(a_model(server, wire))

    assert (found.input_tokens, found.output_tokens) == (None, None)


def test_usage_that_is_no_count_is_unknown() -> None:
    found = raw(
        '{"choices": [{"message": {"content": "a"}}], '
        '"usage": {"prompt_tokens": -1, "completion_tokens": "7"}}'
    )

    assert (found.input_tokens, found.output_tokens) == (None, None)


def test_confidence_is_the_geometric_mean_of_the_token_probabilities() -> None:
    found = completion({"do": "logprobs", "values": [-0.1, -0.3, 0]})

    # exp((-0.1 - 0.3 + 0) / 3) = exp(-0.133333) = 0.875173
    assert found.confidence == 0.875173
    assert found.confidence == round(math.exp(-0.4 / 3), 6)


@pytest.mark.parametrize(
    ("values", "confidence"),
    [([], None), ([0], 1.0), ([-9999.0], 0.0), ([1e-9], 1.0), ([5.0], None), ([-0.1, None], None)],
)
def test_probabilities_that_are_none_give_no_confidence(
    values: list[Any], confidence: float | None
) -> None:
    assert completion({"do": "logprobs", "values": values}).confidence == confidence


def test_a_probability_that_no_json_holds_is_unknown_and_the_answer_stays() -> None:
    found = raw(
        '{"choices": [{"message": {"content": "a"}, "logprobs": {"content": [{"logprob": -Infinity}]}}]}'
    )

    assert (found.text, found.confidence) == ("a", None)


def test_a_missing_model_is_unknown() -> None:
    assert completion({"do": "no_model"}).resolved_model is None


@both_wires
def test_an_alias_that_moves_half_way_is_seen_at_every_call(wire: Provider) -> None:
    rules = [{"when": {"after": 2}, "do": "model", "model": "prod-new"}]

    with Loopback(resolves={"prod": "prod-old"}, rules=rules) as server:
        found = all_completions(a_model(server, wire), [a_request()] * 4)

    names = [None if isinstance(one, CallError) else one.resolved_model for one in found]
    assert names == ["prod-old", "prod-old", "prod-new", "prod-new"]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('{"error": {"message": "busy", "code": 429}}', Fault.RATE_LIMITED),
        ('{"error": {"message": "broke", "code": "x"}}', Fault.SERVER),
    ],
)
def test_an_error_under_status_200_is_an_error(body: str, fault: Fault) -> None:
    with Loopback(rules=[{"do": "raw", "body": body}]) as server:
        assert the_failure(a_model(server)).fault is fault


@pytest.mark.parametrize(
    "url",
    [
        "http://[::1]:8000/v1",
        "https://müller.example/v1",
        " http://localhost./v1/\n",
        "http://my_box/v1",
    ],
)
def test_an_address_that_is_merely_unusual_is_taken(url: str) -> None:
    assert '"base_url":"http' in a_model(url).endpoint
