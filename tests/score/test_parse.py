import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hitl.golden.expectation import ParseTier
from hitl.score.parse import JsonReading, ReadingTier, read_json
from hitl.score.repair import SIZE_LIMIT, repair

STRICT, FENCED, FIRST, REPAIRED, NONE = (
    ReadingTier.STRICT,
    ReadingTier.FENCED,
    ReadingTier.FIRST_VALUE,
    ReadingTier.REPAIRED,
    ReadingTier.NONE,
)


MANY_KEYS = "{" + ",".join(f'"{key}":1' for key in [*range(60_000), 59_999]) + "}"


@pytest.mark.parametrize(
    ("text", "tier", "value"),
    [
        pytest.param('{"a": 1}', STRICT, {"a": 1}, id="object"),
        pytest.param(" \n[1, 2]\n", STRICT, [1, 2], id="white space around"),
        pytest.param("true", STRICT, True, id="a bare boolean"),
        pytest.param("null", STRICT, None, id="a bare null"),
        pytest.param('"x"', STRICT, "x", id="a bare text"),
        pytest.param('```json\n{"a": 1}\n```', FENCED, {"a": 1}, id="fence with a language"),
        pytest.param('```\n{"a": "```"}\n```', FENCED, {"a": "```"}, id="fence in a fence"),
        pytest.param('~~~\n{"a": 1}\n~~~', FENCED, {"a": 1}, id="tilde fence"),
        pytest.param('Sure!\n```json\n{"a": 1}\n```', FIRST, {"a": 1}, id="words before a fence"),
        pytest.param('Use {name}. Result: {"a": 1} done', FIRST, {"a": 1}, id="braces in prose"),
        pytest.param('First {"a": 1} then {"b": 2}', FIRST, {"a": 1}, id="the first of two"),
        pytest.param('{"a": 1}{"b": 2}', FIRST, {"a": 1}, id="two in a row"),
        pytest.param('{"a": 1,}', REPAIRED, {"a": 1}, id="trailing comma"),
        pytest.param("{'a': 1}", REPAIRED, {"a": 1}, id="single quotes"),
        pytest.param('{a: "b"}', REPAIRED, {"a": "b"}, id="bare key"),
        pytest.param(
            '{"a": 1, "b": {"c": 2}',
            REPAIRED,
            {"a": 1, "b": {"c": 2}},
            id="cut short: not the inner object",
        ),
        pytest.param("```json\n{'a': 1}\n```", REPAIRED, {"a": 1}, id="broken inside a fence"),
        pytest.param("The answer is 42.", NONE, None, id="prose"),
        pytest.param("Use {name} and [see below].", NONE, None, id="only braces in prose"),
        pytest.param("", NONE, None, id="empty"),
        pytest.param("```json\n```", NONE, None, id="an empty fence"),
        pytest.param("```", NONE, None, id="half a fence"),
        pytest.param("1e999", NONE, None, id="a number beyond a double"),
        pytest.param('{"a": -1e9999}', NONE, None, id="minus infinity by overflow"),
        pytest.param("9" * 5000, NONE, None, id="an integer of 5,000 digits"),
        pytest.param("\ufeff{}", FIRST, {}, id="a byte order mark"),
    ],
)
def test_a_reply_is_read_at_the_first_tier_that_works(text, tier, value):
    assert read_json(text) == JsonReading(tier, value)


@pytest.mark.parametrize(
    "text", ['{"a": 1, "a": 2}', '{"a": NaN}', '{"a": Infinity}', '[1, {"b": 1, "b": 1}]']
)
def test_what_python_alone_would_accept_is_not_strict(text):
    assert read_json(text).tier in (REPAIRED, NONE)


def test_lone_surrogates_are_replaced():
    reading = read_json('{"a": "\\ud800x"}')

    assert reading.tier is STRICT
    assert json.dumps(reading.value, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("limit", "tiers"),
    [
        (ParseTier.STRICT, {STRICT}),
        (ParseTier.FENCED, {STRICT, FENCED}),
        (ParseTier.REPAIR, {STRICT, FENCED, FIRST, REPAIRED}),
    ],
)
def test_a_limit_allows_its_own_tiers_only(limit, tiers):
    assert {tier for tier in ReadingTier if JsonReading(tier, {}).within(limit)} == tiers


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 5_000_000, id="millions of brackets"),
        pytest.param('{"a":' * 2_000_000, id="millions of objects"),
        pytest.param("[" * 600 + "]" * 600, id="nested too deeply"),
        pytest.param("[" * 100_000 + "]" * 100_000, id="nested beyond the stack"),
        pytest.param('{"' * 20_000, id="what makes the repairing library slow"),
        pytest.param("[1" + ',"a" "b' * 10_000, id="another"),
        pytest.param("[1 " * 1_000_000, id="broken lists"),
        pytest.param("{" + " " * 5_000_000, id="white space"),
        pytest.param('{"a": "' + "x" * 10_000_000, id="10 MB of unfinished text"),
        pytest.param("word " * 2_000_000, id="10 MB of prose"),
        pytest.param("```" * 1_000_000, id="fences"),
        pytest.param("\u202e{\u2066" * 100_000, id="bidi marks"),
        pytest.param(MANY_KEYS, id="one key of many stands twice"),
        pytest.param(f"So: {MANY_KEYS}", id="the same inside prose"),
    ],
)
def test_hostile_text_ends_soon(text):
    started = time.perf_counter()

    reading = read_json(text)

    assert time.perf_counter() - started < 5
    json.dumps(reading.value)


def test_ten_megabytes_of_good_json_are_read():
    assert read_json(json.dumps({"a": "x" * 10_000_000})).tier is STRICT


def test_a_text_beyond_the_limit_is_not_repaired():
    assert repair("{'a': 1}" + " " * SIZE_LIMIT) is None


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_json_is_strict_and_unchanged(value):
    assert read_json(json.dumps(value)) == JsonReading(STRICT, value)
    assert read_json(json.dumps(value, ensure_ascii=False)) == JsonReading(STRICT, value)


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("{}[]\",:'`\\ \nab1-.eE/*#tnf“"), max_size=60))
def test_any_text_gives_a_reading_that_is_json(text):
    reading = read_json(text)

    json.dumps(reading.value, allow_nan=False)
    assert reading.tier in ReadingTier
