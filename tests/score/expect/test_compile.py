import json

import pytest
from pydantic import TypeAdapter

from hitl.golden.case import Case
from hitl.golden.expectation import Expectation
from hitl.golden.golden_set import Rubric
from hitl.policy.posture import PosturePolicy
from hitl.run.reply import Reply
from hitl.score.answer import Answer
from hitl.score.expect.compile import CheckContext, CompileError, compile_checks
from hitl.score.expect.place import MATCH_LIMIT, Place, TooManyPlaces

RULES = TypeAdapter(tuple[Expectation, ...])
RUBRICS = {"grounded": Rubric(version="1", text="Is it grounded?")}


def compiled(*rules, schemas=None):
    context = CheckContext(schemas or {}, PosturePolicy(), RUBRICS)
    return compile_checks(RULES.validate_json(json.dumps(rules)), context)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"matches": "("}, "missing )"),
        ({"judge": "polite", "at_least": 4}, "no rubric 'polite'; expected one of: grounded"),
        ({"judge": "grounded", "at_least": 6}, "ends at 5; no reply could pass"),
        ({"matches": "(?=a)"}, "look-around"),
        ({"matches": "a" * 20_000}, "at most 10000"),
        ({"field": "a..b", "equals": 1}, "not a path"),
        ({"field": "a[", "equals": 1}, "not a path"),
        ({"field": "$.a[", "equals": 1}, "not a path"),
        ({"field": "a", "absent": True, "equals": 1}, "never hold"),
        ({"field": "a", "absent": True, "present": True}, "never hold"),
        ({"json_schema": "gone.json"}, "no schema 'gone.json'"),
        ({"json_schema": {"type": "strin"}}, "not a usable JSON Schema"),
        ({"json_schema": {"$ref": "http://127.0.0.1:9/x.json"}}, "not a usable JSON Schema"),
        ({"json_schema": {"$ref": "file:///etc/hostname"}}, "not a usable JSON Schema"),
        ({"json_schema": {"$schema": "http://127.0.0.1:9/x.json"}}, "not a usable JSON Schema"),
        ({"json_schema": {"pattern": "("}}, "not a usable JSON Schema"),
        ({"numeric": {"equals": 1, "extract": "("}}, "RE2"),
        ({"label": "ok", "equals": None}, "null grade"),
        ({"label": "ok", "equals": "a", "at_least": 1}, "never hold"),
        ({"rule": "colour == 1"}, "unknown name `colour`"),
        ({"rule": "1 + 1"}, "expected true or false"),
        ({"judge": "tone", "at_least": 1}, "expected one of: grounded"),
    ],
)
def test_a_rule_that_cannot_be_used_says_why(rule, says):
    with pytest.raises(CompileError) as error:
        compiled({"equals": "fine"}, rule)

    ((at, problem),) = error.value.problems
    assert at == 1
    assert says in problem
    assert "\n" not in problem


def test_every_problem_is_told_at_once():
    with pytest.raises(CompileError) as error:
        compiled({"matches": "("}, {"equals": 1}, {"rule": "x == 1"})

    assert [at for at, _ in error.value.problems] == [0, 2]


def test_equal_rules_are_compiled_once_and_true_is_not_one():
    checks = compiled(
        {"field": "a", "equals": 1}, {"field": "a", "equals": 1}, {"field": "a", "equals": True}
    )

    assert checks[0] is checks[1]
    assert checks[0] is not checks[2]


def test_a_stated_null_is_not_the_same_as_none_stated():
    first, second = compiled(
        {"field": "a", "type": "null"}, {"field": "a", "type": "null", "equals": None}
    )

    assert first.rule != second.rule


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("$[?match(@, '(a+)+b')]", id="match"),
        pytest.param("$[?search(@, '(a+)+b')]", id="search"),
        pytest.param("$..*..*..*", id="every descendant of every descendant"),
    ],
)
def test_hostile_paths_end(path):
    # A backtracking engine, or one without a limit on places, would not end in a lifetime.
    try:
        found = Place(path).values(["a" * 50, [[["a" * 50] * 20] * 20] * 20])
    except TooManyPlaces:
        found = []

    assert len(found) <= MATCH_LIMIT


def test_a_path_that_names_too_many_places_says_so():
    with pytest.raises(TooManyPlaces, match=str(MATCH_LIMIT)):
        Place("$[*]").values([0] * (MATCH_LIMIT + 1))


def test_a_pattern_in_a_path_matches_the_whole_or_finds_a_part():
    assert Place("$[?match(@, 'a')]").values(["a", "ab"]) == ["a"]
    assert Place("$[?search(@, 'a')]").values(["a", "ab"]) == ["a", "ab"]
    assert Place("$[?match(@, '(')]").values(["a"]) == []


def test_integers_beyond_64_bits_reach_every_rule():
    checks = compiled(
        {"field": "a", "at_least": 1},
        {"json_schema": {"type": "object"}},
        {"rule": "json.a > 1"},
        {"numeric": {"equals": 1}},
    )
    text = json.dumps({"a": 10**300})

    marks = [
        check(Answer(Reply(case_id="c", text=text), Case(id="c"))).mark.value for check in checks
    ]

    assert marks == ["pass", "pass", "pass", "fail"]
