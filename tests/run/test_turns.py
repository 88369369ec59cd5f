"""Recorded tool results, replayed in both wire formats."""

from typing import Any

import pytest

from hitl.document.schema import Json
from hitl.manifest.release import Provider
from hitl.run.model import Completion, Fault
from hitl.run.reply import Finish, ToolCall
from tests.loopback.server import Loopback
from tests.run.asking import TOOL, a_model, a_request, both_wires, the_completion, the_failure

STATUS: dict[str, Any] = {"name": "get_status", "arguments": {"id": 4}}
OWNER: dict[str, Any] = {"name": "get_owner", "arguments": {}}


def calls_in(turns: int, *calls: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"when": {"turn": n + 1}, "do": "tool_calls", "calls": calls} for n in range(turns)]


def conversed(
    wire: Provider, rules: list[dict[str, Any]], results: dict[str, Json]
) -> tuple[Completion, list[dict[str, Any]]]:
    with Loopback(rules=rules) as server:
        found = the_completion(
            a_model(server, wire), a_request(tools=(TOOL,), tool_results=results)
        )
        return found, server.bodies()


@both_wires
def test_a_recorded_result_is_handed_back_and_the_model_goes_on(wire: Provider) -> None:
    found, sent = conversed(wire, calls_in(1, STATUS), {"get_status": {"state": "down"}})

    assert len(sent) == 2
    assert found.text == 'the tools say: {"state": "down"}'
    assert found.finish is Finish.STOP
    assert found.tool_calls == (ToolCall(name="get_status", arguments={"id": 4}),)
    # Ten tokens a message: one message, then three. Words: none, then five.
    assert (found.input_tokens, found.output_tokens) == (10 + 30, 0 + 5)


@both_wires
def test_the_calls_of_all_turns_are_kept_in_order(wire: Provider) -> None:
    rules = [*calls_in(1, STATUS, OWNER), {"when": {"turn": 2}, "do": "tool_calls", "calls": [OWNER]}]  # fmt: skip

    found, _ = conversed(wire, rules, {"get_status": "down", "get_owner": "sre"})

    assert [call.name for call in found.tool_calls or ()] == ["get_status", "get_owner", "get_owner"]  # fmt: skip


@both_wires
def test_a_list_of_results_is_used_one_by_one_and_its_last_again(wire: Provider) -> None:
    found, sent = conversed(wire, calls_in(2, STATUS, STATUS), {"get_status": ["a", "b", "c"]})

    assert found.text == "the tools say: c, c"
    assert len(sent) == 3
    assert '"a"' in str(sent[1]).replace("'", '"')


@both_wires
def test_a_single_result_is_the_same_each_time(wire: Provider) -> None:
    found, _ = conversed(wire, calls_in(3, STATUS), {"get_status": "down"})

    assert found.text == "the tools say: down"


@both_wires
@pytest.mark.parametrize("results", [{}, {"get_owner": "sre"}, {"get_status": []}])
def test_a_call_without_a_recorded_result_ends_the_conversation(
    wire: Provider, results: dict[str, Json]
) -> None:
    found, sent = conversed(wire, calls_in(1, STATUS, OWNER), results)

    assert len(sent) == 1
    assert found.finish is Finish.TOOL_CALLS
    assert [call.name for call in found.tool_calls or ()] == ["get_status", "get_owner"]


@both_wires
def test_a_cut_call_is_not_answered(wire: Provider) -> None:
    rules = [*calls_in(1, STATUS), {"do": "finish", "finish": "length"}]

    found, sent = conversed(wire, rules, {"get_status": "down"})

    assert (len(sent), found.finish) == (1, Finish.LENGTH)


@both_wires
def test_a_model_that_never_stops_calling_is_stopped(wire: Provider) -> None:
    with Loopback(rules=[{"do": "tool_calls", "calls": [STATUS]}]) as server:
        request = a_request(tool_results={"get_status": "down"})
        error = the_failure(a_model(server, wire, max_turns=3), request)

        assert server.calls()["total"] == 3
    assert error.fault is Fault.TOO_MANY_TURNS
    assert "limits.max_turns" in str(error)


@both_wires
def test_tokens_are_unknown_if_one_turn_does_not_tell_them(wire: Provider) -> None:
    rules = [*calls_in(1, STATUS), {"when": {"turn": 2}, "do": "no_usage"}]

    found, _ = conversed(wire, rules, {"get_status": "down"})

    assert (found.input_tokens, found.output_tokens) == (None, None)


@both_wires
def test_latencies_of_the_turns_add_up(wire: Provider) -> None:
    with Loopback(rules=calls_in(2, STATUS), latency_ms=40) as server:
        found = the_completion(
            a_model(server, wire), a_request(tool_results={"get_status": "down"})
        )

    assert found.latency_ms is not None
    assert found.latency_ms >= 120


@both_wires
def test_two_models_in_one_conversation_are_both_named(wire: Provider) -> None:
    rules = [*calls_in(1, STATUS), {"when": {"turn": 2}, "do": "model", "model": "prod-new"}]

    found, _ = conversed(wire, rules, {"get_status": "down"})

    assert found.resolved_model == "prod + prod-new"


@both_wires
def test_a_turn_that_fails_fails_the_attempt(wire: Provider) -> None:
    rules = [*calls_in(1, STATUS), {"when": {"turn": 2}, "do": "429", "retry_after": 3}]

    with Loopback(rules=rules) as server:
        error = the_failure(a_model(server, wire), a_request(tool_results={"get_status": "down"}))

    assert (error.fault, error.retry_after_s) == (Fault.RATE_LIMITED, 3.0)


def test_anthropics_thinking_goes_back_as_it_came() -> None:
    _, sent = conversed(Provider.ANTHROPIC, calls_in(1, STATUS), {"get_status": "down"})

    assert sent[1]["messages"][1]["content"] == [
        {"type": "thinking", "thinking": "hm", "signature": "s"},
        {"type": "tool_use", "id": "toolu-0", "name": "get_status", "input": {"id": 4}},
    ]
    assert sent[1]["messages"][2]["content"] == [
        {"type": "tool_result", "tool_use_id": "toolu-0", "content": "down"}
    ]


def test_openais_calls_go_back_with_their_ids() -> None:
    _, sent = conversed(Provider.OPENAI, calls_in(1, STATUS), {"get_status": "down"})

    assert sent[1]["messages"][1:] == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "call-0",
                    "type": "function",
                    "function": {"name": "get_status", "arguments": '{"id": 4}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "call-0", "content": "down"},
    ]


def test_the_old_form_of_a_call_is_answered_in_the_old_form() -> None:
    old = (
        '{"choices": [{"message": {"content": null, "function_call": '
        '{"name": "f", "arguments": "{}"}}, "finish_reason": "function_call"}]}'
    )

    _, sent = conversed(
        Provider.OPENAI, [{"when": {"turn": 1}, "do": "raw", "body": old}], {"f": "down"}
    )

    assert sent[1]["messages"][2] == {"role": "function", "name": "f", "content": "down"}
