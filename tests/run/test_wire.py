"""Every way in which an HTTP call fails, in both wire formats."""

import asyncio
import socket
import tracemalloc
from typing import Any

import pytest

from hitl.manifest.release import Provider
from hitl.run.http.failures import BadAnswer, Secret, failure, plain_line, retry_after_s
from hitl.run.model import CallError, Completion, Fault
from tests.loopback.process import LoopbackProcess
from tests.loopback.server import Loopback
from tests.run.asking import (
    KEY,
    a_model,
    a_request,
    all_completions,
    both_wires,
    the_completion,
    the_failure,
)

NO_SECRET = Secret(None)


def failing(wire: Provider, do: str, **rule: object) -> CallError:
    with Loopback(rules=[{"do": do, **rule}]) as server:
        return the_failure(a_model(server, wire))


@both_wires
@pytest.mark.parametrize(
    ("status", "message", "fault"),
    [
        (400, "too long", Fault.REJECTED),
        (401, "who?", Fault.UNAUTHORIZED),
        (402, "pay first", Fault.UNAUTHORIZED),
        (403, "not you", Fault.UNAUTHORIZED),
        (404, "no such model", Fault.NOT_FOUND),
        (408, "slow", Fault.TIMEOUT),
        (413, "too large", Fault.REJECTED),
        (422, "bad", Fault.REJECTED),
        (429, "slow down", Fault.RATE_LIMITED),
        (500, "broken", Fault.SERVER),
        (502, "bad gateway", Fault.SERVER),
        (503, "down for maintenance", Fault.SERVER),
        (503, "the model is overloaded", Fault.RATE_LIMITED),
        (529, "Overloaded", Fault.RATE_LIMITED),
    ],
)
def test_each_status_has_its_fault_and_keeps_the_servers_words(
    wire: Provider, status: int, message: str, fault: Fault
) -> None:
    error = failing(wire, "status", status=status, message=message)

    assert error.fault is fault
    assert message in str(error)
    assert str(status) in str(error)
    assert "http://127.0.0.1:" in str(error)


@both_wires
@pytest.mark.parametrize(
    ("rule", "wait"),
    [
        pytest.param({}, None, id="not told"),
        pytest.param({"retry_after": 7}, 7.0, id="seconds"),
        pytest.param({"retry_after": "0.25"}, 0.25, id="part of a second"),
        pytest.param({"retry_after_ms": 1500, "retry_after": 2}, 1.5, id="milliseconds"),
        pytest.param({"retry_after_date": 90}, 90.0, id="date"),
        pytest.param({"retry_after_date": -90}, 0.0, id="date that is over"),
        pytest.param({"retry_after": "soon"}, None, id="word"),
        pytest.param({"retry_after": "-5"}, None, id="below nothing"),
        pytest.param({"retry_after": "9" * 400}, None, id="no time at all"),
        pytest.param({"retry_after": "nan"}, None, id="not a number"),
    ],
)
def test_the_wait_that_a_server_asks_for_is_kept(
    wire: Provider, rule: dict[str, Any], wait: float | None
) -> None:
    assert failing(wire, "429", **rule).retry_after_s == wait


def test_a_date_without_the_servers_own_clock_says_nothing() -> None:
    assert retry_after_s({"Retry-After": "Fri, 31 Dec 2027 23:59:59 GMT"}) is None


def test_a_busy_server_that_only_names_a_wait_is_rate_limited() -> None:
    error = failing(Provider.OPENAI, "503", retry_after=3)

    assert (error.fault, error.retry_after_s) == (Fault.RATE_LIMITED, 3.0)


def test_a_spent_quota_is_no_rate_limit_for_no_wait_brings_it_back() -> None:
    error = failing(Provider.OPENAI, "429", code="insufficient_quota", message="quota exceeded")

    assert error.fault is Fault.UNAUTHORIZED
    assert not error.is_transient


@both_wires
def test_a_refused_key_names_its_variable_and_not_the_key(wire: Provider) -> None:
    with Loopback(key="another") as server:
        error = the_failure(a_model(server, wire))

    assert error.fault is Fault.UNAUTHORIZED
    assert "THE_KEY" in str(error)
    assert KEY not in str(error)


@both_wires
def test_the_right_key_opens(wire: Provider) -> None:
    with Loopback(key=KEY) as server:
        assert the_completion(a_model(server, wire, key=f" {KEY}\n")).text == "answer to: What now?"


def test_without_a_key_the_advice_is_to_name_its_variable() -> None:
    with Loopback(key="needed") as server:
        error = the_failure(a_model(server, key=None))

    assert "api_key_env" in str(error)


@both_wires
@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_a_key_that_the_server_echoes_is_taken_out(wire: Provider, status: int) -> None:
    error = failing(wire, "echo_key", status=status, message="bad key {key}, yes {key}")

    assert KEY not in str(error)
    assert KEY not in repr(error)
    assert "bad key [the key], yes [the key]" in str(error)


def test_a_key_at_the_cut_of_a_long_message_leaves_no_part() -> None:
    error = failing(Provider.OPENAI, "echo_key", message="x" * 290 + "{key}")

    assert KEY[:6] not in str(error)


def test_a_key_with_quotes_is_found_in_text_that_is_no_json() -> None:
    secret = Secret('sk-"quoted"\\key')

    assert plain_line('{"cut": "sk-\\"quoted\\"\\\\key', secret) == '{"cut": "[the key]'


def test_a_secret_never_shows_itself() -> None:
    assert KEY not in repr(Secret(KEY, "THE_KEY"))


@both_wires
@pytest.mark.parametrize("key", ["line\nbreak", "ümlaut"])
def test_a_key_that_fits_no_header_is_refused_before_any_call(wire: Provider, key: str) -> None:
    with pytest.raises(ValueError, match="THE_KEY") as caught:
        a_model("http://localhost:1/v1", wire, key=key)

    assert key not in str(caught.value)


def test_what_a_server_says_is_one_short_line_without_control_characters() -> None:
    error = failing(Provider.OPENAI, "400", message="one\ntwo \x1b[2J\u202e " + "y" * 5000)

    assert "one two ⟨U+001B⟩[2J⟨U+202E⟩ yyy" in str(error)
    assert str(error).isprintable()
    assert len(str(error)) < 450


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(b'{"error": "plain"}', "plain", id="error is a text"),
        pytest.param(b'{"detail": [{"loc": ["body"]}]}', '[{"loc": ["body"]}]', id="detail"),
        pytest.param(b'[{"error": {"message": "wrapped"}}]', "wrapped", id="list"),
        pytest.param(b"<h1>Bad</h1>", "<h1>Bad</h1>", id="no JSON"),
        pytest.param(b"\xff\xfe", "\ufffd\ufffd", id="no text"),
        pytest.param(b"[" * 100_000, "[[[", id="nested without end"),
        pytest.param(b"", "answered 500", id="nothing"),
    ],
)
def test_the_servers_words_are_found_wherever_they_stand(body: bytes, words: str) -> None:
    assert words in str(failure(BadAnswer("http://x", 500, {}, body), NO_SECRET))


@both_wires
def test_a_redirect_is_not_followed(wire: Provider) -> None:
    with (
        Loopback() as elsewhere,
        Loopback(rules=[{"do": "redirect", "to": f"{elsewhere.url}/v1/messages"}]) as server,
    ):
        error = the_failure(a_model(server, wire))

        assert error.fault is Fault.REJECTED
        assert "base_url" in str(error)
        assert elsewhere.calls()["total"] == 0


@both_wires
def test_a_server_that_never_answers_is_given_up_in_time(wire: Provider) -> None:
    with Loopback(rules=[{"do": "hang"}]) as server:
        error = the_failure(a_model(server, wire, timeout_s=0.2))

    assert error.fault is Fault.TIMEOUT
    assert "0.2 s" in str(error)


@both_wires
def test_the_time_limit_holds_for_the_whole_answer_and_not_for_its_pieces(wire: Provider) -> None:
    with Loopback(rules=[{"do": "drip", "pause_s": 0.05}]) as server:
        assert the_failure(a_model(server, wire, timeout_s=0.5)).fault is Fault.TIMEOUT


@both_wires
def test_an_answer_in_many_pieces_is_whole(wire: Provider) -> None:
    with Loopback(rules=[{"do": "drip", "pause_s": 0}]) as server:
        assert the_completion(a_model(server, wire)).text == "answer to: What now?"


@both_wires
@pytest.mark.parametrize("do", ["reset", "break"])
def test_a_connection_that_breaks_is_no_server_that_is_down(wire: Provider, do: str) -> None:
    error = failing(wire, do)

    assert error.fault is Fault.BROKEN
    assert error.is_transient


@both_wires
def test_an_error_whose_text_breaks_off_keeps_its_status(wire: Provider) -> None:
    assert failing(wire, "break", status=500).fault is Fault.SERVER


@both_wires
def test_nobody_at_the_port_is_unreachable(wire: Provider) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        error = the_failure(a_model(f"http://127.0.0.1:{free.getsockname()[1]}/v1", wire))

    assert error.fault is Fault.UNREACHABLE
    assert "is the server running" in str(error)


@both_wires
@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        pytest.param({"do": "html"}, "text/html", id="login page"),
        pytest.param({"do": "type", "type": "text/event-stream"}, "event-stream", id="stream"),
        pytest.param({"do": "cut"}, "no JSON", id="cut"),
        pytest.param({"do": "raw", "body": ""}, "no JSON", id="nothing"),
        pytest.param({"do": "raw", "body": "[1]"}, "not an object", id="list"),
        pytest.param({"do": "raw", "body": "[" * 100_000}, "nested too deeply", id="deep"),
        pytest.param({"do": "raw", "body": "{}"}, "the answer has no", id="empty object"),
        pytest.param({"do": "no_choices"}, "the answer has no", id="no choices"),
        pytest.param({"do": "not_http"}, "rules of HTTP", id="not HTTP"),
        pytest.param({"do": "bad_gzip"}, "rules of HTTP", id="not gzip"),
        pytest.param(
            {"do": "tool_calls", "calls": [{"arguments": {}}]}, "names no", id="nameless tool"
        ),
    ],
)
def test_what_is_not_the_api_is_malformed(
    wire: Provider, rule: dict[str, Any], problem: str
) -> None:
    error = failing(wire, **rule)

    assert error.fault is Fault.MALFORMED
    assert problem in str(error)


@both_wires
def test_json_under_another_json_type_is_read(wire: Provider) -> None:
    with Loopback(
        rules=[{"do": "type", "type": "Application/Problem+JSON; charset=utf-8"}]
    ) as server:
        assert the_completion(a_model(server, wire)).text == "answer to: What now?"


@both_wires
def test_compressed_and_large_answers_are_read(wire: Provider) -> None:
    with Loopback(rules=[{"do": "gzip"}, {"do": "big", "size": 1 << 20}]) as server:
        assert the_completion(a_model(server, wire)).text == "x" * (1 << 20)


@both_wires
def test_an_answer_past_the_limit_is_too_large(wire: Provider) -> None:
    error = failing(wire, "big", size=17 << 20)

    assert error.fault is Fault.TOO_LARGE
    assert "16 MB" in str(error)


def test_a_bomb_is_never_read_into_memory() -> None:
    with LoopbackProcess(rules=[{"do": "bomb", "size": 300 << 20}]) as server:
        model = a_model(server)
        tracemalloc.start()
        try:
            error = the_failure(model)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert error.fault is Fault.TOO_LARGE
    assert peak < 60 << 20


@both_wires
def test_a_question_of_more_than_a_megabyte_goes_through(wire: Provider) -> None:
    text = "long " * 400_000

    with Loopback(rules=[{"do": "text", "text": "read"}]) as server:
        assert the_completion(a_model(server, wire), a_request(text)).text == "read"


@both_wires
def test_after_a_failure_the_same_model_answers_again(wire: Provider) -> None:
    rules = [{"when": {"first": 1}, "do": "reset"}, {"when": {"every": 2}, "do": "500"}]

    with Loopback(rules=rules) as server:
        found = all_completions(a_model(server, wire), [a_request()] * 3)

    assert [type(one) for one in found] == [CallError, CallError, Completion]


@both_wires
def test_half_a_surrogate_pair_becomes_a_sign_that_can_be_stored(wire: Provider) -> None:
    with Loopback(rules=[{"do": "text", "text": "a\ud800b \U0001f600"}]) as server:
        assert the_completion(a_model(server, wire)).text == "a\ufffdb \U0001f600"


@both_wires
def test_latency_runs_to_the_last_byte(wire: Provider) -> None:
    with Loopback(latency_ms=30, rules=[{"do": "drip", "pause_s": 0.001}]) as server:
        latency = the_completion(a_model(server, wire)).latency_ms

    # The answer has more than 100 bytes, with a millisecond after each.
    assert latency is not None
    assert 130 <= latency < 20_000


@both_wires
def test_many_calls_at_once_share_few_connections(wire: Provider) -> None:
    async def run() -> list[Completion]:
        model = a_model(server, wire)
        found = await asyncio.gather(*(model.ask(a_request(f"q{n}"), 0) for n in range(100)))
        await model.close()
        return found

    with Loopback() as server:
        texts = [completion.text for completion in asyncio.run(run())]

        assert texts == [f"answer to: q{n}" for n in range(100)]
        assert set(server.calls()["by_message"].values()) == {1}


@both_wires
def test_a_model_that_was_never_asked_closes(wire: Provider) -> None:
    asyncio.run(a_model("http://localhost:1/v1", wire).close())


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)

    with Loopback() as server:
        assert the_completion(a_model(server)).text == "answer to: What now?"
