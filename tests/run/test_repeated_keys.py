"""A server that repeats the key it was sent: no form of it leaves the wire."""

import json
from typing import Any

import pytest
from yarl import URL

from hitl.manifest.release import Provider
from hitl.run.http.failures import Secret
from hitl.run.model import Fault
from tests.loopback.server import Loopback
from tests.run.asking import (
    KEY,
    a_model,
    both_wires,
    the_completion,
    the_failure,
    the_probe,
)


def numbered(text: str) -> str:
    """Write every sign as JSON may: by its number."""
    return "".join(f"\\u{ord(sign):04X}" for sign in text)


def answered(content: str, key: str = KEY) -> str:
    """Ask a server whose answer's body is `content`; return all that comes of it."""
    rules = [{"do": "raw", "body": content}]
    with Loopback(rules=rules) as server:
        return repr(the_completion(a_model(server, key=key)))


def an_answer(inner: str) -> str:
    return f'{{"choices": [{{"message": {inner}, "finish_reason": "stop"}}]}}'


@both_wires
@pytest.mark.parametrize(
    "told",
    [
        {"models": [{"id": "prod", "root": f"org/{KEY}"}]},
        {"props": {"model_path": f"/models/{KEY}.gguf"}},
        {"tags": [{"name": "prod", "digest": KEY}]},
        {"models": [{"id": "prod", "root": "x" * 190 + KEY}]},
    ],
)
def test_metadata_does_not_repeat_the_key(wire: Provider, told: dict[str, Any]) -> None:
    with Loopback(**told) as server:
        found = the_probe(a_model(server, wire)).metadata_identity

    assert found is not None
    assert KEY[:6] not in found
    assert len(found) <= 200


def test_a_key_in_numbers_does_not_come_through_an_answer() -> None:
    body = an_answer(f'{{"content": "it is {numbered(KEY)}!"}}')

    assert "it is [the key]!" in answered(body)


def test_a_key_in_the_names_and_texts_of_tool_arguments_does_not_come_through() -> None:
    arguments = json.dumps(f'{{"{numbered(KEY)}": "a {numbered(KEY)}"}}')
    call = f'{{"function": {{"name": "f", "arguments": {arguments}}}}}'

    found = answered(an_answer(f'{{"content": null, "tool_calls": [{call}]}}'))

    assert KEY not in found
    assert "{'[the key]': 'a [the key]'}" in found


def test_text_that_holds_the_key_as_json_would_write_it_is_kept_without_it() -> None:
    text = json.dumps(json.dumps({"k": KEY[:5]})[:-2] + numbered(KEY[5:]) + '"}')

    found = answered(an_answer(f'{{"content": {text}}}'))

    assert numbered(KEY[5:]) not in found
    assert "[the key]" in found


@both_wires
@pytest.mark.parametrize("shape", ['{{"error": {{"message": "bad {}"}}}}', "bad {} and no JSON"])
def test_a_key_in_numbers_does_not_come_through_an_error(wire: Provider, shape: str) -> None:
    rule = {"do": "status", "status": 400, "body": shape.format(numbered(KEY))}
    with Loopback(rules=[rule]) as server:
        error = the_failure(a_model(server, wire))

    assert KEY not in str(error)
    assert "bad [the key]" in str(error)
    assert "u0073" not in str(error)


@pytest.mark.parametrize("key", ["k3y-8sgn", "with/slash+", 'with"quote\\', "nabc-defg"])
def test_short_keys_and_keys_that_json_escapes_do_not_come_through(key: str) -> None:
    for told in (json.dumps(f"\n{key}."), json.dumps(f"\n{key}.").replace("/", "\\/")):
        found = answered(an_answer(f'{{"content": {told}}}'), key)
        assert r"text='\n[the key].'" in found


def test_a_key_of_less_than_eight_signs_is_a_word_that_an_answer_may_hold() -> None:
    assert "I am ollama." in answered(an_answer('{"content": "I am ollama."}'), "ollama")


def test_an_answer_without_the_key_stays_the_object_that_it_is() -> None:
    answer = {"a": ["é\n", {"b": 1.5}, None]}
    secret = Secret(KEY)

    assert secret.hide_in(answer, json.dumps(answer, ensure_ascii=False).encode()) is answer
    assert secret.hide_in(answer, json.dumps(answer).encode()) == answer


@pytest.mark.parametrize("sign", ["\\", "\\u", "\\u006"])
def test_a_text_full_of_backslashes_is_searched_in_time(sign: str) -> None:
    # A search that took the square of the length would take hours here.
    text = sign * 500_000
    assert Secret(KEY).hide(text) == text


def test_an_answer_nested_past_all_sense_is_malformed() -> None:
    deep = '{"a": "\\u0041", "b": ' + "[" * 900 + "]" * 900 + ', "choices": []}'
    with Loopback(rules=[{"do": "raw", "body": deep}]) as server:
        assert the_failure(a_model(server)).fault is Fault.MALFORMED


def test_an_address_that_no_call_can_be_made_to_is_unreachable() -> None:
    model = a_model("http://localhost:1/v1")
    model._url = URL.build(scheme="http", host="a" * 300, path="/v1")

    error = the_failure(model)

    assert error.fault is Fault.UNREACHABLE
    assert "base_url" in str(error)
