import pytest

from hitl.golden.case import Case
from hitl.golden.lineage import trace_lineage
from hitl.golden.lint import Level, lint
from tests.builders import a_case, a_golden_set, some_cases


def findings(cases: list[Case], margin: float | None = 0.05, **golden: object) -> list[str]:
    loaded = a_golden_set({"main": cases}, **golden)
    return [finding.code for finding in lint(loaded, {"main": margin}, 0.05, 0.95)]


def different(n: int) -> list[Case]:
    return [a_case(f"c{number}", input=str(number)) for number in range(n)]


@pytest.mark.parametrize(
    ("cases", "margin", "codes"),
    [
        pytest.param(different(59), 0.05, [], id="as many cases as a margin needs"),
        pytest.param(different(58), 0.05, ["too_small"], id="one case too few"),
        pytest.param(different(58), 0.1, [], id="enough for a wider margin"),
        pytest.param(different(3), None, [], id="no margin is asked"),
        pytest.param([], 0.05, ["no_cases"], id="no case"),
        pytest.param(some_cases(59, cluster="one"), 0.05, ["too_small"], id="one cluster"),
    ],
)
def test_subsets_too_small_for_their_margin_are_found(
    cases: list[Case], margin: float | None, codes: list[str]
) -> None:
    assert findings(cases, margin) == codes


def test_a_case_that_expects_nothing_is_an_error() -> None:
    (found,) = lint(a_golden_set({"main": [a_case("c")]}, expect=()), {"main": None}, 0.05, 0.95)

    assert (found.code, found.level, found.case) == ("empty_expectation", Level.ERROR, "c")


def test_an_outcome_class_is_an_expectation() -> None:
    assert findings([a_case("c", outcome="refusal")], None, expect=()) == []


def test_cases_that_repeat_an_input_are_told() -> None:
    cases = [*different(60), a_case("copy", input="7")]

    assert findings(cases) == ["repeated_input"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param("Is it up?", " is it\nUP? ", id="text"),
        pytest.param(
            [{"role": "user", "content": "Is it up?"}],
            [{"role": "user", "content": "is it  up?\n"}],
            id="chat message",
        ),
        pytest.param(
            [{"role": "user", "content": [{"type": "text", "text": "Is it up?"}]}],
            [{"role": "user", "content": [{"type": "text", "text": "is it up?"}]}],
            id="part of a chat message",
        ),
    ],
)
@pytest.mark.parametrize("context", [None, {"document": "x"}])
def test_case_and_white_space_make_no_other_input(
    first: object, second: object, context: object
) -> None:
    cases = [a_case("a", input=first, context=context), a_case("b", input=second, context=context)]

    assert findings(cases, None) == ["repeated_input"]
    assert trace_lineage(cases).joined.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param([{"role": "user", "content": "a"}], [{"role": "user", "content": "b"}], id="text"),
        pytest.param([{"role": "user", "content": "a"}], [{"role": "system", "content": "a"}], id="role"),
        pytest.param([{"role": "user"}], [{"role": "user", "content": "a"}], id="no content"),
        pytest.param({"key": "a"}, {"key": "A"}, id="objects are taken as they are"),
    ],
)  # fmt: skip
def test_what_asks_something_else_is_another_case(first: object, second: object) -> None:
    assert findings([a_case("a", input=first), a_case("b", input=second)], None) == []


def test_repeated_inputs_join_clusters_when_independent_cases_are_counted() -> None:
    cases = [a_case("a", input="0", cluster="one"), *different(59)]

    assert findings(cases) == ["repeated_input"]
    assert findings([*cases, a_case("b", input="1", cluster="one")]) == [
        "too_small",
        "repeated_input",
        "repeated_input",
    ]


def test_the_same_input_with_another_context_is_another_case() -> None:
    cases = [*different(60), a_case("other", input="7", context={"document": "x"})]

    assert findings(cases) == []
