"""The loopback server gives a scripted model's replies, and both wire formats read back the same."""

import json
from pathlib import Path

import pytest

from hitl.document.load import load_document
from hitl.golden.load import load_golden_set
from hitl.manifest.release import ModelSpec, Provider
from hitl.run.model import CallError, Request
from hitl.run.reply import Reply
from hitl.run.request import build_requests
from hitl.run.script import Script
from hitl.run.scripted import scripted_replies
from tests.loopback.process import LoopbackProcess
from tests.loopback.rules import RuleBook
from tests.loopback.server import Loopback
from tests.loopback.table import rows
from tests.run.asking import a_model, a_request, all_completions, both_wires, the_completion

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def requests() -> dict[str, Request]:
    return build_requests(load_golden_set(ROOT / "golden_sets/incident-triage/set.yaml"))


@pytest.fixture(scope="module")
def replies(requests: dict[str, Request]) -> list[Reply]:
    script = load_document(ROOT / "manifests/incident-triage/candidate.yaml", Script)
    model = ModelSpec(id="triage", provider=Provider.SCRIPTED, script="candidate.yaml")
    cases = [request.case for request in requests.values() if request.case is not None]
    return [*scripted_replies(script, model, cases, 1, 0)]


@both_wires
def test_the_replies_of_a_script_come_back_over_the_wire(
    wire: Provider, requests: dict[str, Request], replies: list[Reply]
) -> None:
    with Loopback(table=rows("triage", requests, replies)) as server:
        model = a_model(server, wire, model_id="triage")
        found = all_completions(model, [requests[reply.case_id] for reply in replies])

    assert len(found) > 100
    for completion, reply in zip(found, replies, strict=True):
        assert not isinstance(completion, CallError)
        assert (completion.text, completion.tool_calls) == (reply.text, reply.tool_calls)


def test_a_table_cannot_give_two_answers_to_one_question() -> None:
    requests = {"a": a_request(), "b": a_request()}
    replies = [Reply(case_id="a", text="yes"), Reply(case_id="b", text="no")]

    with pytest.raises(ValueError, match="'b'"):
        rows("prod", requests, replies)


def test_failed_replies_are_left_to_rules() -> None:
    assert rows("prod", {"a": a_request()}, [Reply(case_id="a", error="timed out")]) == []


def test_every_call_is_counted_by_the_server_that_got_it() -> None:
    rules = [{"when": {"first": 1, "per": "message"}, "do": "503"}]

    with LoopbackProcess(rules=rules) as server:
        all_completions(a_model(server), [a_request("a"), a_request("a"), a_request("b")])
        calls = server.calls()

    assert calls["total"] == 3
    assert calls["by_model"] == {"prod": 3}
    assert sorted(calls["by_message"].values()) == [1, 2]
    assert [(call["user"], call["status"]) for call in calls["order"]] == [
        ("a", 503),
        ("a", 200),
        ("b", 503),
    ]


def test_the_servers_table_answers_by_model_and_question() -> None:
    table = [
        {"user": "q", "text": "for all"},
        {"user": "q", "model": "prod", "text": json.dumps({"a": 1})},
    ]

    with Loopback(table=table) as server:
        assert the_completion(a_model(server), a_request("q")).text == '{"a": 1}'
        assert the_completion(a_model(server, model_id="x"), a_request("q")).text == "for all"


def test_a_behaviour_that_the_server_does_not_know_is_an_error() -> None:
    with pytest.raises(ValueError, match="no such behaviour: 'smile'"):
        RuleBook([{"do": "smile"}])
