"""What a model is asked, and what it must never be told."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from hitl.errors import DocumentError
from hitl.golden.load import load_golden_set
from hitl.run.model import Message, Request
from hitl.run.request import build_requests, prompt_identity
from tests.builders import a_case, a_golden_set

LOGS = {"name": "logs", "description": "Read logs", "parameters": {"type": "object"}}


def asked(**fields: object) -> Request:
    return build_requests(a_golden_set({"main": [a_case("a", **fields)]}))["a"]


def problems(*cases: dict[str, object]) -> str:
    made = [a_case(f"c{number}", **fields) for number, fields in enumerate(cases)]
    with pytest.raises(DocumentError) as error:
        build_requests(a_golden_set({"main": made}))
    return str(error.value)


def user(content: object) -> tuple[Message, ...]:
    return ({"role": "user", "content": content},)  # type: ignore[dict-item]  # JSON


@pytest.fixture
def templated(tmp_path: Path) -> Path:
    """A golden set whose subset has a template around the input."""
    (tmp_path / "p.jinja").write_text("Ticket: {{ title }}\nNotes: {{ context.notes }}\n")
    case = {
        "id": "a",
        "input": {"title": "disk full"},
        "context": {"notes": "n1", "system": "Be brief.", "tools": [LOGS], "tool_results": {"logs": 1}},
    }  # fmt: skip
    (tmp_path / "cases.jsonl").write_text(json.dumps(case))
    (tmp_path / "set.yaml").write_text(
        "format: hitl/golden-set/v1\nid: s\nversion: '1'\nworkflow_id: w\n"
        "subsets:\n  - {id: main, cases: cases.jsonl, prompt: p.jinja}\n  - {id: plain, cases: [{id: b, input: x}]}\n"
    )
    return tmp_path / "set.yaml"


def test_a_text_is_one_message_of_the_user() -> None:
    assert asked(input="hello").messages == user("hello")


def test_chat_messages_are_asked_as_they_are() -> None:
    chat = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "look"}]},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function"}]},
        {"role": "tool", "tool_call_id": "1", "content": "ok"},
    ]

    assert list(asked(input=chat).messages) == chat


def test_an_object_without_a_template_is_its_canonical_json() -> None:
    assert asked(input={"b": 1.0, "a": "é"}).messages == user('{"a":"é","b":1}')


@pytest.mark.parametrize(
    ("context", "block"),
    [
        ("the runbook", "the runbook"),
        (["one", "two"], '["one","two"]'),
        ({"documents": ["one"]}, '{"documents":["one"]}'),
        ({"tool_results": {"logs": "ok"}}, '{"tool_results":{"logs":"ok"}}'),
        (0, "0"),
        (False, "false"),
    ],
)
def test_a_context_follows_the_input_in_a_block_of_its_own(context: object, block: str) -> None:
    assert asked(input="hello", context=context).messages == user(f"hello\n\nContext:\n{block}")


@pytest.mark.parametrize("context", [None, "", [], {}, {"system": ""}, {"tools": []}])
def test_an_empty_context_adds_nothing(context: object) -> None:
    assert asked(input="hello", context=context).messages == user("hello")


def test_a_context_alone_can_be_asked() -> None:
    assert asked(context="the runbook").messages == user("Context:\nthe runbook")


def test_the_context_of_a_conversation_joins_the_last_message_of_the_user() -> None:
    chat = [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}]
    parts = [{"role": "user", "content": [{"type": "text", "text": "one"}]}]
    none = [{"role": "assistant", "content": "two"}]

    assert asked(input=chat, context="c").messages[0]["content"] == "one\n\nContext:\nc"
    assert asked(input=parts, context="c").messages[0]["content"] == [
        {"type": "text", "text": "one"},
        {"type": "text", "text": "Context:\nc"},
    ]
    assert asked(input=none, context="c").messages == (*none, *user("Context:\nc"))


def test_tools_results_and_system_have_their_own_places() -> None:
    context = {
        "system": "Be brief.",
        "tools": [LOGS, {"type": "function", "function": {"name": "drain"}}],
        "tool_results": {"logs": ["ok"]},
        "documents": ["one"],
    }

    request = asked(input="hello", context=context)

    assert request.messages == (
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": 'hello\n\nContext:\n{"documents":["one"]}'},
    )
    assert request.tools == (
        {"type": "function", "function": LOGS},
        {"type": "function", "function": {"name": "drain"}},
    )
    assert request.tool_results == {"logs": ["ok"]}


def test_a_template_decides_the_message_and_the_context_is_not_repeated(templated: Path) -> None:
    requests = build_requests(load_golden_set(templated))

    assert requests["a"].messages == (
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Ticket: disk full\nNotes: n1\n"},
    )
    assert requests["a"].tools == ({"type": "function", "function": LOGS},)
    assert requests["a"].tool_results == {"logs": 1}
    assert requests["b"].messages == user("x")


def test_the_template_of_each_subset_is_named_with_its_digest(templated: Path) -> None:
    (found,) = prompt_identity(load_golden_set(templated))

    text = (templated.parent / "p.jinja").read_bytes()
    assert (found.subset, found.template, found.sha256) == (
        "main",
        "p.jinja",
        sha256(text).hexdigest(),
    )


@pytest.mark.parametrize(
    "case", [{"input": "q"}, {"input": {"k": "q"}}, {"input": "q", "context": {"tools": [LOGS]}}]
)
def test_what_is_expected_never_enters_a_request(case: dict[str, object]) -> None:
    told = {
        "expect": [{"equals": "SECRET"}],
        "outcome": "refusal",
        "reference": "SECRET",
        "notes": "SECRET",
        "tags": ["SECRET"],
        "slices": {"SECRET": "SECRET"},
        "provenance": {"incident": "SECRET"},
    }

    bare, full = asked(**case), asked(**case, **told)

    assert "SECRET" not in json.dumps([full.messages, full.tools, full.tool_results])
    assert full.digest == bare.digest
    assert full.n_bytes == bare.n_bytes


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"input": [{"role": "robot", "content": "x"}]}, "input[0].role: 'robot' is none of system, developer"),
        ({"input": [{"content": "x"}]}, "input[0].role: None is none of"),
        ({"input": [{"role": "user"}]}, "input[0].content: missing"),
        ({"input": [{"role": "user", "content": None}]}, "input[0].content: missing"),
        ({"input": [{"role": "user", "content": 5}]}, "input[0].content: expected text or a list of parts"),
        ({"input": [{"role": "user", "content": ["x"]}]}, "input[0].content: expected text or a list of parts"),
        ({"input": [{"role": "user", "content": "x", "tool_calls": [{}]}]}, "input[0].tool_calls: expected"),
        ({"input": [{"role": "assistant", "tool_calls": []}]}, "input[0].tool_calls: expected"),
        ({"input": []}, "input: no message"),
        ({"input": ""}, "there is nothing to ask"),
        ({"input": "  \n"}, "there is nothing to ask"),
        ({"input": "x", "context": {"tools": {"logs": {}}}}, "context.tools: expected a list"),
        ({"input": "x", "context": {"tools": ["logs"]}}, "context.tools[0]: expected {name"),
        ({"input": "x", "context": {"tools": [{"name": ""}]}}, "context.tools[0]: expected {name"),
        ({"input": "x", "context": {"tools": [{"name": "a", "parameters": 1}]}}, "context.tools[0]: expected {name"),
        ({"input": "x", "context": {"tools": [LOGS, LOGS]}}, "context.tools[1]: the tool 'logs' is offered twice"),
        ({"input": "x", "context": {"tools": [LOGS], "tool_results": [1]}}, "context.tool_results: expected an object"),
        ({"input": "x", "context": {"tools": [LOGS], "tool_results": {"log": 1}}}, "no tool 'log' is offered; expected one of logs"),
        ({"input": "x", "context": {"system": ["x"]}}, "context.system: expected the text"),
    ],
)  # fmt: skip
def test_a_case_that_cannot_be_asked_is_named_with_what_is_wrong(
    fields: dict[str, object], words: str
) -> None:
    told = problems(fields)

    assert words in told
    assert "case 'c0'" in told


def test_every_case_that_cannot_be_asked_is_told_at_once() -> None:
    told = problems({"input": ""}, {"input": "fine"}, {"input": [{"role": "robot"}]})

    assert "case 'c0'" in told
    assert "case 'c1'" not in told
    assert "input[0].role" in told
    assert "input[0].content" in told
