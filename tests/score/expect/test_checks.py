"""Every family of rules: what passes, what fails, and what is not measured."""

import json

import pytest
from pydantic import TypeAdapter

from hitl.golden.case import Case
from hitl.golden.expectation import Expectation
from hitl.golden.golden_set import Rubric
from hitl.policy.posture import PosturePolicy
from hitl.run.reply import Reply
from hitl.score.answer import Answer
from hitl.score.expect.compile import CheckContext, compile_checks

RULE = TypeAdapter(Expectation)
RUBRICS = {"grounded": Rubric(version="1", text="Is it grounded?")}
SCHEMAS = {
    "triage.json": {
        "type": "object",
        "required": ["steps"],
        "properties": {"n": {"type": "integer", "maximum": 5}},
    }
}


def see(rule, reply, **case):
    """Return mark and what was seen; a reply is its text, a JSON value, or the fields of a reply."""
    context = CheckContext(SCHEMAS, PosturePolicy(), RUBRICS)
    (check,) = compile_checks([RULE.validate_json(json.dumps(rule))], context)
    fields = reply if isinstance(reply, dict) else {"text": reply}
    finding = check(
        Answer(
            Reply.model_validate_json(json.dumps({"case_id": "c", **fields})), Case(id="c", **case)
        )
    )
    assert finding.rule == check.rule
    assert len(finding.saw) <= 160
    assert finding.saw.isprintable()
    return finding.mark.value, finding.saw


def table(rule, *rows):
    return [
        pytest.param(
            rule, reply, mark, id=f"{json.dumps(rule)[:60]} on {json.dumps(reply)[:40]}: {mark}"
        )
        for reply, mark in rows
    ]


LABELS = {"labels": {"ok": True}}
TOOL = {"tool_calls": [{"name": "get_user"}]}


@pytest.mark.parametrize(
    ("rule", "reply", "mark"),
    [
        *table(
            {"equals": "yes"},
            (" yes\n", "pass"),
            ("Yes", "fail"),
            ("", "fail"),
            (TOOL, "fail"),
            (LABELS, "unmeasured"),
        ),
        *table({"equals": "yes", "ignore_case": True}, ("YES", "pass"), ("no", "fail")),
        *table({"equals": 5}, ("5", "pass"), ("5.0", "fail")),
        *table({"equals": True}, ("true", "pass"), ("True", "fail"), ("1", "fail")),
        *table({"equals": None}, ("null", "pass"), ("none", "fail"), ("", "fail")),
        *table(
            {"equals": ""},
            ("", "pass"),
            ("  ", "pass"),
            ("x", "fail"),
            (LABELS, "unmeasured"),
            (TOOL, "fail"),
        ),
        *table(
            {"equals": {"a": [1]}},
            ('{"a":[1.0]}', "pass"),
            ('{"a":[true]}', "fail"),
            ("{'a':[1]}", "fail"),
        ),
        *table({"one_of": ["a", 2]}, ("a", "pass"), ("2", "pass"), ("b", "fail")),
        *table(
            {"matches": "^(a+)+$"}, ("aaa", "pass"), ("a" * 100_000 + "b", "fail"), ("", "fail")
        ),
        *table({"matches": "x", "ignore_case": True}, ("aXb", "pass")),
        *table({"must_include": ["a", "b"]}, ("b a", "pass"), ("a", "fail")),
        *table(
            {"must_not_include": ["key"]},
            ("fine", "pass"),
            ("the key", "fail"),
            ("", "fail"),
            (LABELS, "unmeasured"),
        ),
    ],
)
def test_rules_on_text(rule, reply, mark):
    assert see(rule, reply)[0] == mark


DOC = json.dumps(
    {
        "a": {"b": [1, "Two", None]},
        "flag": True,
        "n": 1.0,
        "steps": [{"x": 1}, {"x": 2}],
        "none": None,
        "k.d": 1,
    }
)


def on(path, **asked):
    return {"field": path, **asked}


@pytest.mark.parametrize(
    ("rule", "reply", "mark"),
    [
        *table(
            on("flag", equals=True),
            (DOC, "pass"),
            ('{"flag": 1}', "fail"),
            ('{"flag": "true"}', "fail"),
            ("{}", "fail"),
        ),
        *table(
            on("flag", equals=True),
            ("", "fail"),
            ("flag", "fail"),
            (TOOL, "fail"),
            (LABELS, "unmeasured"),
        ),
        *table(on("n", equals=1), (DOC, "pass"), ('{"n": true}', "fail")),
        *table(on("none", equals=None), (DOC, "pass"), ("{}", "fail"), ('{"none": false}', "fail")),
        *table(on("a.b[0]", equals=1), (DOC, "pass")),
        *table(on("a.b[-1]", equals=None), (DOC, "pass")),
        *table(on("a.b[9]", type="null"), (DOC, "fail")),
        *table(on("$['k.d']", equals=1), (DOC, "pass")),
        *table(on("a.b[1]", equals="two", ignore_case=True), (DOC, "pass")),
        *table(on("steps[*].x", at_least=1), (DOC, "pass")),
        *table(on("$.steps[*].x", at_least=2), (DOC, "fail")),
        *table(on("$..x", at_most=2), (DOC, "pass")),
        *table(on("$.steps[?@.x > 5]", present=True), (DOC, "fail")),
        *table(on("$[0]", equals="{"), ('"{}"', "fail")),
        *table(on("$", equals=3), ("3", "fail")),
        *table(
            on("steps", min_items=2, max_items=2),
            (DOC, "pass"),
            ('{"steps": []}', "fail"),
            ('{"steps": "xx"}', "fail"),
        ),
        *table(
            on("n", at_least=0.5, at_most=1),
            (DOC, "pass"),
            ('{"n": "1"}', "fail"),
            ('{"n": true}', "fail"),
            ('{"n": 2}', "fail"),
        ),
        *table(on("n", type="integer"), (DOC, "pass"), ('{"n": 1.5}', "fail")),
        *table(on("n", type="number"), (DOC, "pass"), ('{"n": true}', "fail")),
        *table(on("flag", type="boolean"), (DOC, "pass")),
        *table(
            on("a.b", must_include=["Two", 1]),
            (DOC, "pass"),
            ('{"a": {"b": [true, "Two"]}}', "fail"),
            ('{"a": {"b": 1}}', "fail"),
        ),
        *table(on("a.b", must_not_include=[True]), (DOC, "pass"), ('{"a": {"b": null}}', "fail")),
        *table(
            on("a.b[1]", matches="^T", min_length=3),
            (DOC, "pass"),
            ('{"a": {"b": [0, 5]}}', "fail"),
        ),
        *table(on("x", min_length=1), ('{"x": "  "}', "fail")),
        *table(on("none", present=True), (DOC, "fail")),
        *table(on("flag", absent=False), (DOC, "pass")),
        *table(
            on("gone", absent=True), (DOC, "pass"), ('{"gone": null}', "fail"), ("not json", "fail")
        ),
        *table(on("gone", present=False), (DOC, "pass")),
        *table(
            on("a", equals=1),
            ('```json\n{"a": 1}\n```', "fail"),
            ('{"a": 1, "a": 1}', "fail"),
            ('{"a": NaN}', "fail"),
        ),
        *table(
            on("a", equals=1, parse="fenced"),
            ('```json\n{"a": 1}\n```', "pass"),
            ('So: {"a": 1}', "fail"),
        ),
        *table(
            on("a", equals=1, parse="repair"),
            ('So: {"a": 1}', "pass"),
            ("{'a': 1,}", "pass"),
            ("no", "fail"),
        ),
    ],
)
def test_rules_on_a_field(rule, reply, mark):
    assert see(rule, reply)[0] == mark


@pytest.mark.parametrize(
    ("rule", "reply", "mark"),
    [
        *table(
            {"json_schema": "triage.json"},
            ('{"steps": 1}', "pass"),
            ("{}", "fail"),
            ("steps", "fail"),
            (LABELS, "unmeasured"),
        ),
        *table(
            {"json_schema": {"prefixItems": [{"type": "string"}]}},
            ('["a"]', "pass"),
            ("[1]", "fail"),
        ),
        *table({"json_schema": {"pattern": "^(?=a)(a+)+$"}}, ('"' + "a" * 60 + 'b"', "fail")),
        *table(
            {"numeric": {"equals": 5}},
            ("It is 5.", "pass"),
            ("5 or 6", "fail"),
            ("five", "fail"),
            ("v5", "fail"),
            ("", "fail"),
        ),
        *table(
            {"numeric": {"equals": -1234.5}},
            ("= -1,234.50", "pass"),
            ("\u22121234.5", "pass"),
            ("1,234.5", "fail"),
        ),
        *table(
            {"numeric": {"equals": 0.3, "tolerance": 0.1}},
            ("0.4", "pass"),
            ("0.2", "pass"),
            ("0.41", "fail"),
        ),
        *table(
            {"numeric": {"equals": 5, "extract": "total: ([0-9]+)"}},
            ("total: 5, tax 9", "pass"),
            ("tax 9", "fail"),
        ),
        *table({"numeric": {"equals": 5, "extract": "total.*"}}, ("total: 5", "fail")),
        *table(
            {"numeric": {"equals": 1}},
            ("9" * 100_000, "fail"),
            ("1e999999999", "fail"),
            (LABELS, "unmeasured"),
        ),
        *table(
            {"tool_calls": {"allow": ["get_*"]}},
            (TOOL, "pass"),
            ({"tool_calls": [{"name": "pay"}]}, "fail"),
            ("hi", "pass"),
        ),
        *table(
            {"tool_calls": {"allow": []}}, (TOOL, "fail"), ("hi", "pass"), (LABELS, "unmeasured")
        ),
        *table(
            {"tool_calls": {"deny": ["get_user"]}},
            (TOOL, "fail"),
            ({"tool_calls": [{"name": "get_users"}]}, "pass"),
        ),
        *table(
            {"tool_calls": {"require": ["get_user"]}},
            (TOOL, "pass"),
            ("hi", "fail"),
            ({"tool_calls": []}, "fail"),
        ),
        *table(
            {"tool_calls": {"read_only": True}},
            (TOOL, "pass"),
            ({"tool_calls": [{"name": "forget_all"}]}, "fail"),
        ),
        *table(
            {"posture": "read_only"},
            (TOOL, "pass"),
            ({"tool_calls": [{"name": "drain_node"}]}, "fail"),
            ("Look.", "pass"),
            ("Restart it.", "fail"),
            ({"text": "Now delete the database.", **TOOL}, "fail"),
            ({"text": "Then compare both.", **TOOL}, "pass"),
        ),
        *table({"posture": "read_only"}, (LABELS, "unmeasured"), ("", "fail")),
        *table(
            {"posture": "read_only", "field": "steps"},
            ('{"steps": ["look", {"do": ["read the logs"]}]}', "pass"),
            ('{"steps": ["look", {"do": ["drain the node"]}]}', "fail"),
            ('{"steps": "restart_pod"}', "fail"),
            ('{"steps": [{"delete": "db-1"}]}', "fail"),
            ('{"steps": [{"look at": ["db-1"]}]}', "pass"),
            ('{"steps": []}', "pass"),
            ('{"steps": null}', "fail"),
            ('{"steps": 3}', "fail"),
            ("{}", "fail"),
        ),
        *table(
            {"outcome": "refusal"},
            ("I can't help with that.", "pass"),
            ("Here it is.", "fail"),
            ("", "fail"),
            (LABELS, "unmeasured"),
        ),
        *table({"outcome": "answer"}, ({"text": "x", "labels": {"outcome": "odd"}}, "unmeasured")),
        *table(
            {"similar_to": "a cat sat", "at_least": 0.8},
            ("a cat sat.", "pass"),
            ("dogs", "fail"),
            ("", "fail"),
            (LABELS, "unmeasured"),
        ),
        *table(
            {"similar_to": "a cat sat", "at_least": 1, "by": "token_set"}, ("sat a cat", "pass")
        ),
        *table({"similar_to": "a", "at_least": 0.5}, ("a" * 10_000_000, "fail")),
        *table(
            {"rule": "json.a == 1 && reply.text.size() == 8"},
            ('{"a": 1}', "pass"),
            ("nope", "fail"),
            (LABELS, "unmeasured"),
        ),
        *table({"rule": "json == null"}, ("{'a': 1}", "pass")),
        *table(
            {"rule": "reply.cost_usd < 1.0"},
            ({"text": "x", "cost_usd": 0.5}, "pass"),
            ("x", "fail"),
        ),
        *table({"rule": "case.id == 'c' && case.reference == null"}, ("x", "pass")),
        *table(
            {"latency_ms": {"at_most": 10}},
            ({"text": "x", "latency_ms": 10}, "pass"),
            ({"text": "x", "latency_ms": 11}, "fail"),
            ("x", "unmeasured"),
        ),
        *table(
            {"cost_usd": {"at_most": 0}},
            ({"text": "x", "cost_usd": 0}, "pass"),
            ("x", "unmeasured"),
        ),
        *table({"judge": "grounded", "at_least": 4}, ("x", "unmeasured")),
        *table({"python": "checks:holds"}, ("x", "unmeasured")),
    ],
)
def test_the_other_rules(rule, reply, mark):
    assert see(rule, reply)[0] == mark


def graded(value):
    return {"labels": {"ok": value}}


@pytest.mark.parametrize(
    ("rule", "reply", "mark"),
    [
        *table(
            {"label": "ok", "equals": True},
            (graded(True), "pass"),
            (graded(False), "fail"),
            ({"labels": {}}, "unmeasured"),
            ("x", "unmeasured"),
        ),
        *table(
            {"label": "ok", "equals": True},
            (graded("true"), "unmeasured"),
            (graded(1), "unmeasured"),
            (graded(None), "unmeasured"),
        ),
        *table(
            {"label": "ok", "equals": 1},
            (graded(1.0), "pass"),
            (graded(True), "unmeasured"),
            (graded(0), "fail"),
        ),
        *table(
            {"label": "ok", "at_least": 3, "at_most": 5},
            (graded(4), "pass"),
            (graded(6), "fail"),
            (graded("4"), "unmeasured"),
        ),
        *table(
            {"label": "ok", "one_of": ["a", 1]},
            (graded("a"), "pass"),
            (graded("b"), "fail"),
            (graded([1]), "unmeasured"),
        ),
    ],
)
def test_rules_on_stored_grades(rule, reply, mark):
    assert see(rule, reply)[0] == mark


@pytest.mark.parametrize(
    ("rule", "reply", "saw"),
    [
        ({"equals": "yes"}, "no\nway", '"no\\nway"'),
        ({"equals": "yes"}, "\u202eno", '"\\u202eno"'),
        ({"must_include": ["a"]}, "xyz", 'no "a" in "xyz"'),
        (on("a", equals=1), "{}", "missing"),
        (on("a", equals=1), '{"a": "1"}', '"1"'),
        (on("steps[*].x", at_least=2), DOC, "match 1 of 2: 1"),
        (
            on("a", equals=1),
            '```json\n{"a": 1}\n```',
            "not JSON within `parse: strict` (readable as fenced)",
        ),
        (
            {"json_schema": "triage.json"},
            '{"n": 7}',
            '"steps" is a required property; n: 7 is greater than the maximum of 5',
        ),
        ({"posture": "read_only"}, "Then roll back.", 'roll back: "Then roll back."'),
        ({"tool_calls": {"require": ["page"]}}, "hi", "does not call page"),
        ({"rule": "json.b == 1"}, '{"a": 1}', "Key not found"),
        ({"rule": "reply.text == 'a'"}, "b", "false"),
        ({"judge": "grounded", "at_least": 4}, "x", "no judge has graded this reply"),
        ({"python": "checks:holds"}, "x", "allow it with --allow-python"),
        (
            {"label": "ok", "equals": True},
            graded("true"),
            'the label is "true", which has type string; expected boolean',
        ),
    ],
)
def test_a_finding_tells_what_was_there_instead(rule, reply, saw):
    assert saw in see(rule, reply)[1]


def test_every_part_of_a_rule_must_hold():
    assert see({"must_include": ["a"], "must_not_include": ["b"]}, "a b")[0] == "fail"


@pytest.mark.parametrize("size", [10_000_000])
def test_large_values_are_said_short(size):
    assert see({"equals": "x"}, "y" * size)[0] == "fail"
    assert see(on("a", equals=1), json.dumps({"a": ["y"] * (size // 10)}))[0] == "fail"
    assert (
        see({"json_schema": {"items": {"type": "integer"}}}, json.dumps(["y"] * 100_000))[0]
        == "fail"
    )
