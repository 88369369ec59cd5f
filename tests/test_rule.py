import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hitl.rule import DEPTH_LIMIT, EXPRESSION_LIMIT, SIZE_LIMIT, compile_rule

NAMES = ["reply", "case", "json"]


def nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("expression", "json", "holds"),
    [
        pytest.param("json.a == 1", {"a": 1}, True, id="equal"),
        pytest.param("json.a == 1", {"a": 2}, False, id="unequal"),
        pytest.param("json.a > 5", {"a": 5.5}, True, id="integer against a fraction"),
        pytest.param("json == null", None, True, id="null"),
        pytest.param("json.all(x, x > 0)", [1, 2, 3], True, id="every item"),
        pytest.param(
            "json.a.matches('^(a+)+$')",
            {"a": "a" * 50 + "b"},
            False,
            id="a pattern that others hang on",
        ),
        pytest.param(
            "json.a > 9000000000000000000", {"a": 2**63}, True, id="an integer beyond 64 bits"
        ),
        pytest.param("json", True, True, id="a value that is itself a boolean"),
    ],
)
def test_a_rule_says_whether_it_holds(expression, json, holds):
    outcome = compile_rule(expression, NAMES).holds({"json": json})

    assert (outcome.holds, outcome.problem) == (holds, "")


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        pytest.param(
            "json.a == 1 && colour == 2",
            r"column 16: unknown name `colour`; expected one of case, json, reply",
            id="unknown name",
        ),
        pytest.param("1 + 1", "gives INT; expected true or false", id="a number"),
        pytest.param("'a' + 'b'", "gives STRING", id="text"),
        pytest.param(
            "'a' + 1 == 'a1'",
            "column 5: found no matching overload",
            id="types that do not go together",
        ),
        pytest.param("1 +", "column 4: Syntax error", id="cut short"),
        pytest.param("", "column 1", id="nothing"),
        pytest.param("   ", "Syntax error", id="blank"),
        pytest.param("(" * 500 + "true" + ")" * 500, "recursion limit", id="too many brackets"),
        pytest.param("true || " * 600 + "true", f"at most {EXPRESSION_LIMIT}", id="too long"),
        pytest.param("'\ud800' == ''", "incompatible function arguments", id="a lone surrogate"),
        pytest.param("__import__('os') == 1", "unknown name", id="python"),
    ],
)
def test_a_rule_that_cannot_be_used_says_where_and_why(expression, says):
    with pytest.raises(ValueError, match=says.replace("(", r"\(")):
        compile_rule(expression, NAMES)


@pytest.mark.parametrize(
    ("expression", "json", "says"),
    [
        pytest.param("json.b == 1", {"a": 1}, "Key not found", id="missing key"),
        pytest.param("json.a == 1", "text", "SELECT", id="field of a text"),
        pytest.param("json", 1, "gave INT", id="not a boolean"),
        pytest.param("json.matches('(')", "x", "regular expression", id="a broken pattern"),
        pytest.param("json > 1", 10**400, "not finite or beyond", id="a number beyond a double"),
        pytest.param("!(json > 5.0)", math.nan, "not finite", id="NaN holds nothing"),
        pytest.param("json == json", math.inf, "not finite", id="infinity"),
        pytest.param("json == json", nested(DEPTH_LIMIT + 1), "levels", id="nested too deeply"),
        pytest.param("json == json", nested(50_000), "levels", id="nested beyond any stack"),
        pytest.param("json == json", [0] * (SIZE_LIMIT + 1), "levels", id="too many values"),
        pytest.param("json == json", {1, 2}, "not JSON", id="a set"),
        pytest.param(
            "json.all(x, json.all(y, x + y >= 0))", list(range(150)), "budget", id="nested loops"
        ),
    ],
)
def test_anything_but_a_boolean_is_a_failed_rule_with_its_reason(expression, json, says):
    outcome = compile_rule(expression, NAMES).holds({"json": json})

    assert not outcome.holds
    assert says in outcome.problem
    assert "\n" not in outcome.problem


def test_a_name_without_a_value_fails_the_rule():
    outcome = compile_rule("json == 1", NAMES).holds({})

    assert not outcome.holds
    assert outcome.problem


def test_text_is_never_cut_at_a_nul():
    rule = compile_rule("json == 'a'", NAMES)

    assert not rule.holds({"json": "a\0b"}).holds
    assert not rule.holds({"json": "a\ud800"}).holds


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        pytest.param(
            "json.map(a, reply.text + reply.text).size() > 0",
            {"json": [1] * 9000, "reply": {"text": "a" * 100_000}},
            id="copies of text",
        ),
        pytest.param(
            "json.map(a, json.map(b, json)) == []",
            {"json": list(range(1000))},
            id="copies of a list",
        ),
        pytest.param(
            "reply.text + reply.text + reply.text == ''",
            {"reply": {"text": "a" * 10_000_000}},
            id="joins of 10 MB",
        ),
        pytest.param(
            "'a'.matches(reply.text)",
            {"reply": {"text": "(a|" * 1_000_000}},
            id="a pattern from the reply",
        ),
        pytest.param(
            "reply.text.matches('(a+)+$')",
            {"reply": {"text": "a" * 10_000_000 + "b"}},
            id="a pattern over 10 MB",
        ),
        pytest.param(
            "[0,1,2,3,4,5,6,7,8,9]"
            + "".join(f".all({v}, [0,1,2,3,4,5,6,7,8,9]" for v in "abcdefg")
            + ".all(h, true)"
            + ")" * 7,
            {},
            id="loops in loops",
        ),
    ],
)
def test_bombs_end(expression, values):
    outcome = compile_rule(expression, NAMES).holds(values)

    assert not outcome.holds


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@settings(max_examples=150, deadline=None)
@given(JSON)
def test_no_value_makes_a_rule_raise(value):
    for expression in (
        "json == json",
        "json.a > 1",
        "json[0].size() == 2",
        "json.exists(x, x == 'a')",
    ):
        compile_rule(expression, NAMES).holds({"json": value})
