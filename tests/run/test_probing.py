"""What a few calls show about an endpoint, in both wire formats."""

from typing import Any

import pytest

from hitl.manifest.release import Provider
from hitl.run.model import CallError, Fault, Probe
from tests.loopback.server import Loopback
from tests.run.asking import a_model, both_wires, the_probe

JSON_FORM = {"type": "json_object"}


def probed(
    wire: Provider,
    params: dict[str, Any] | None = None,
    *,
    tools_offered: bool = False,
    **settings: object,
) -> tuple[Probe, dict[str, Any]]:
    with Loopback(**settings) as server:
        model = a_model(server, wire, params=params, tools_offered=tools_offered)
        return the_probe(model), server.calls()


@both_wires
def test_one_call_tells_who_answers(wire: Provider) -> None:
    # "answer to: Reply with the word ready." has seven words.
    found, calls = probed(wire, {"max_tokens": 50}, resolves={"prod": "prod-2026-11-01"})

    assert found == Probe("prod-2026-11-01", None, (), (), input_tokens=10, output_tokens=7)
    assert calls["total"] == 1
    assert calls["looks"] == []


@both_wires
def test_vllm_tells_the_weights_behind_a_name(wire: Provider) -> None:
    served = [{"id": "other", "root": "org/other"}, {"id": "prod", "root": "org/model-7b"}]

    found, _ = probed(wire, models=served)

    assert (found.resolved_model, found.metadata_identity) == ("prod", "org/model-7b")


@both_wires
def test_llama_cpp_tells_its_file(wire: Provider) -> None:
    echo = [{"id": "prod", "root": "prod"}]

    found, calls = probed(wire, models=echo, props={"model_path": "/models/llama-q4.gguf"})

    assert found.metadata_identity == "llama-q4.gguf"
    assert calls["looks"] == ["/v1/models", "/props"]


@both_wires
@pytest.mark.parametrize("name", ["prod", "prod:latest"])
def test_ollama_tells_the_digest(wire: Provider, name: str) -> None:
    tags = [
        {"name": "other", "digest": "f" * 64},
        {"name": name, "digest": "sha256:0123456789abcdef"},
    ]

    found, _ = probed(wire, tags=tags)

    assert found.metadata_identity == f"{name}@sha256:0123456789ab"


@both_wires
def test_without_metadata_the_identity_stays_unknown(wire: Provider) -> None:
    found, calls = probed(wire, rules=[{"do": "no_model"}])

    assert (found.resolved_model, found.metadata_identity) == (None, None)
    assert calls["looks"] == ["/v1/models", "/props", "/api/tags"]


@pytest.mark.parametrize(
    "settings",
    [
        {"models": [{"id": "prod", "root": 7}, {"root": "x"}]},
        {"props": {"model_path": ["a"]}},
        {"props": {"model_path": "/models/"}},
        {"props": {"model_path": "/models/\x1b[2J"}},
        {"tags": [{"name": "prod"}]},
        {"tags": [{"name": "another", "digest": "f" * 64}]},
    ],
)
def test_metadata_that_makes_no_sense_is_none(settings: dict[str, Any]) -> None:
    assert probed(Provider.OPENAI, **settings)[0].metadata_identity is None


@both_wires
@pytest.mark.parametrize(("drops", "dropped"), [([], ()), (["temperature"], ("temperature",))])
def test_a_temperature_that_cannot_be_and_is_taken_is_not_read(
    wire: Provider, drops: list[str], dropped: tuple[str, ...]
) -> None:
    found, calls = probed(wire, {"temperature": 0.5}, drops=drops)

    assert found.dropped == dropped
    assert calls["total"] == 2


@both_wires
@pytest.mark.parametrize(
    ("drops", "dropped"), [([], ()), (["response_format"], ("response_format",))]
)
def test_an_answer_that_is_not_json_shows_that_the_form_was_dropped(
    wire: Provider, drops: list[str], dropped: tuple[str, ...]
) -> None:
    found, calls = probed(wire, {"response_format": JSON_FORM}, drops=drops)

    assert found.dropped == dropped
    assert calls["total"] == 1


def test_a_form_of_plain_text_needs_no_look() -> None:
    found, _ = probed(Provider.OPENAI, {"response_format": {"type": "text"}})

    assert found.dropped == ()


@both_wires
@pytest.mark.parametrize("do", ["length", "refusal"])
def test_an_answer_that_was_cut_or_refused_does_not_show_the_form(wire: Provider, do: str) -> None:
    found, _ = probed(wire, {"response_format": JSON_FORM}, rules=[{"do": do}])

    assert found.dropped == ()
    assert "response_format" in found.notes[0]


def test_a_temperature_is_tried_in_a_form_that_the_endpoint_takes() -> None:
    params = {"response_format": JSON_FORM, "temperature": 0.5}

    found, _ = probed(Provider.OPENAI, params, drops=["temperature"])

    assert found.dropped == ("temperature",)


@both_wires
@pytest.mark.parametrize(("drops", "dropped"), [([], ()), (["tools"], ("tools",))])
def test_a_forced_call_that_does_not_come_shows_that_tools_are_dropped(
    wire: Provider, drops: list[str], dropped: tuple[str, ...]
) -> None:
    found, calls = probed(wire, tools_offered=True, drops=drops)

    assert found.dropped == dropped
    assert calls["total"] == 2


@pytest.mark.parametrize(("drops", "dropped"), [([], ()), (["tools"], ("tools",))])
def test_a_choice_of_tools_among_the_parameters_is_tried_with_a_tool(
    drops: list[str], dropped: tuple[str, ...]
) -> None:
    params = {"tool_choice": "auto", "parallel_tool_calls": False}

    assert probed(Provider.OPENAI, params, drops=drops)[0].dropped == dropped


@both_wires
def test_tools_that_the_endpoint_refuses_are_refused(wire: Provider) -> None:
    assert probed(wire, tools_offered=True, refuses=["tools"])[0].refused == ("tools",)


@both_wires
def test_an_endpoint_without_forced_calls_is_asked_once_more(wire: Provider) -> None:
    found, calls = probed(wire, tools_offered=True, refuses=["tool_choice"])

    assert (found.dropped, found.refused) == ((), ())
    assert "no forced call" in found.notes[0]
    assert calls["total"] == 3


@both_wires
def test_a_call_of_the_models_own_will_shows_that_tools_are_honoured(wire: Provider) -> None:
    call = {"when": {"contains": "report_ready"}, "do": "tool_calls", "calls": [{"name": "report_ready"}]}  # fmt: skip

    found, _ = probed(wire, tools_offered=True, refuses=["tool_choice"], rules=[call])

    assert (found.dropped, found.refused, found.notes) == ((), (), ())


@both_wires
def test_a_second_look_at_tools_that_fails_is_said(wire: Provider) -> None:
    rules = [
        {"when": {"contains": "report_ready", "first": 1}, "do": "400"},
        {"when": {"contains": "report_ready", "every": 2}, "do": "503", "retry_after": 60},
    ]

    found, _ = probed(wire, tools_offered=True, rules=rules)

    assert (found.dropped, found.refused) == ((), ())
    assert "status 503" in found.notes[0]


@pytest.mark.parametrize(("drops", "dropped"), [([], ()), (["logprobs"], ("logprobs",))])
def test_log_probabilities_that_do_not_come_are_dropped(
    drops: list[str], dropped: tuple[str, ...]
) -> None:
    assert probed(Provider.OPENAI, {"logprobs": True}, drops=drops)[0].dropped == dropped


@both_wires
def test_every_refused_parameter_is_named(wire: Provider) -> None:
    params = {"seed": 7, "top_p": 0.5, "temperature": 0.5}

    found, _ = probed(wire, params, refuses=["seed", "top_p"])

    assert sorted(found.refused) == ["seed", "top_p"]
    assert found.resolved_model == "prod"
    assert found.dropped == ()


@both_wires
def test_a_refusal_that_is_about_no_parameter_is_an_error(wire: Provider) -> None:
    rules = [{"do": "400", "message": "the user is too cold", "param": "messages"}]

    with pytest.raises(CallError) as caught:
        probed(wire, {"seed": 7}, rules=rules)

    assert caught.value.fault is Fault.REJECTED


@both_wires
def test_the_name_of_a_parameter_in_other_words_is_no_refusal_of_it(wire: Provider) -> None:
    rules = [{"do": "400", "message": "the user is too cold"}]

    with pytest.raises(CallError, match="too cold"):
        probed(wire, {"user": "me"}, rules=rules)


@both_wires
@pytest.mark.parametrize("status", [401, 404])
def test_an_endpoint_that_cannot_be_used_is_an_error_at_once(wire: Provider, status: int) -> None:
    with Loopback(rules=[{"do": str(status)}]) as server:
        with pytest.raises(CallError):
            the_probe(a_model(server, wire))

        assert server.calls()["total"] == 1


@both_wires
def test_a_failure_that_passes_is_waited_out(wire: Provider) -> None:
    rules = [{"when": {"first": 2}, "do": "429", "retry_after": "0.01"}]

    found, calls = probed(wire, rules=rules)

    assert found.resolved_model == "prod"
    assert calls["total"] == 3


@both_wires
def test_a_failure_that_stays_is_an_error_after_three_more_tries(wire: Provider) -> None:
    with Loopback(rules=[{"do": "429", "retry_after": 0}]) as server:
        with pytest.raises(CallError) as caught:
            the_probe(a_model(server, wire))

        assert server.calls()["total"] == 4
    assert caught.value.fault is Fault.RATE_LIMITED


@both_wires
def test_a_server_that_wants_a_long_wait_is_not_asked_again(wire: Provider) -> None:
    with Loopback(rules=[{"do": "429", "retry_after": 31}]) as server:
        with pytest.raises(CallError):
            the_probe(a_model(server, wire))

        assert server.calls()["total"] == 1


@both_wires
def test_what_could_not_be_found_out_is_said(wire: Provider) -> None:
    rules = [{"when": {"after": 1}, "do": "503", "retry_after": 60}]

    found, _ = probed(wire, {"temperature": 0.5}, tools_offered=True, rules=rules)

    assert (found.dropped, found.refused) == ((), ())
    assert "temperature" in found.notes[0]
    assert "tools" in found.notes[1]


@both_wires
def test_tokens_of_all_calls_are_summed_and_missing_ones_are_said(wire: Provider) -> None:
    told, _ = probed(wire, {"temperature": 0.5}, drops=["temperature"])
    silent, _ = probed(wire, rules=[{"do": "no_usage"}])

    # Two calls of ten tokens; seven words each.
    assert (told.input_tokens, told.output_tokens, told.notes) == (20, 14, ())
    assert (silent.input_tokens, silent.output_tokens) == (0, 0)
    assert "how many tokens" in silent.notes[0]
