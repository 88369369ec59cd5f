import json
from collections.abc import Iterable
from statistics import NormalDist, median
from typing import Any

import pytest
from pydantic import ValidationError

from hitl.document.schema import Json
from hitl.errors import UsageError
from hitl.golden.case import Case
from hitl.manifest.release import ModelSpec, Provider
from hitl.run.reply import Finish, Reply
from hitl.run.script import Script
from hitl.run.scripted import scripted_replies

MODEL = ModelSpec(id="scripted/a", provider=Provider.SCRIPTED, script="script.yaml")
ANSWER: Json = {"owner": "sre", "unknowns": ["scope"], "note": "short", "escalate": True}


def a_script(*habits: dict[str, Any], **fields: object) -> Script:
    content = {"format": "hitl/script/v1", "habits": habits, **fields}
    return Script.model_validate_json(json.dumps(content))


def a_habit(**fields: object) -> dict[str, Any]:
    return {"name": "habit", "rate": 1, **fields}


def a_case(reference: Json = ANSWER, number: int = 0, **slices: str) -> Case:
    return Case(id=f"case-{number}", input="What now?", reference=reference, slices=slices)


def replies(
    script: Script,
    cases: Iterable[Case],
    *,
    model: ModelSpec = MODEL,
    repeats: int = 1,
    seed: int = 7,
) -> list[Reply]:
    return list(scripted_replies(script, model, cases, repeats, seed))


def the_reply(script: Script, case: Case | None = None) -> Reply:
    (found,) = replies(script, [case or a_case()])
    return found


def fields_of(reply: Reply) -> dict[str, Any]:
    return dict(json.loads(reply.text or ""))


def test_without_habits_the_reference_is_the_answer() -> None:
    assert fields_of(the_reply(a_script())) == ANSWER
    assert the_reply(a_script(), a_case("Plain text.")).text == "Plain text."
    assert the_reply(a_script()).finish is Finish.STOP


def test_text_that_is_not_ascii_stays_as_written() -> None:
    assert the_reply(a_script(), a_case({"owner": "Zoë"})).text == '{"owner": "Zoë"}'


def test_the_same_arguments_give_the_same_replies() -> None:
    script = a_script(a_habit(rate=0.5, text="hit"), latency_ms={"median": 100, "spread": 0.5})
    cases = [a_case(number=number) for number in range(50)]

    assert replies(script, cases, repeats=3) == replies(script, cases, repeats=3)


def test_what_a_case_gets_does_not_depend_on_the_cases_around_it() -> None:
    script = a_script(a_habit(rate=0.5, text="hit"), latency_ms={"median": 100, "spread": 0.5})
    cases = [a_case(number=number) for number in range(50)]

    backwards = replies(script, cases[::-1])

    assert backwards[::-1] == replies(script, cases)


def test_a_new_habit_leaves_the_draws_of_the_others_alone() -> None:
    cases = [a_case(number=number) for number in range(200)]
    first = a_habit(rate=0.3, set={"owner": "nobody"})
    second = a_habit(name="another", rate=0.3, set={"note": "changed"})

    alone = [fields_of(reply)["owner"] for reply in replies(a_script(first), cases)]
    together = [fields_of(reply)["owner"] for reply in replies(a_script(second, first), cases)]

    assert together == alone


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"seed": 8}, id="seed"),
        pytest.param({"model": MODEL.model_copy(update={"id": "scripted/b"})}, id="model"),
    ],
)
def test_seed_and_model_decide_which_cases_are_hit(change: dict[str, Any]) -> None:
    script = a_script(a_habit(rate=0.5, text="hit"))
    cases = [a_case(number=number) for number in range(50)]

    before = [reply.text for reply in replies(script, cases)]

    assert [reply.text for reply in replies(script, cases, **change)] != before


def test_repeats_of_a_case_are_numbered_and_drawn_anew() -> None:
    script = a_script(a_habit(rate=0.5, text="hit"))

    found = replies(script, [a_case()], repeats=40)

    assert [reply.repeat for reply in found] == list(range(40))
    assert {reply.text == "hit" for reply in found} == {True, False}


def test_a_habit_hits_as_often_as_its_rate_says() -> None:
    cases = [a_case(number=number) for number in range(20_000)]

    hits = sum(
        reply.text == "hit" for reply in replies(a_script(a_habit(rate=0.1, text="hit")), cases)
    )

    # 2000 expected with a standard deviation of 42; five of them are 212.
    assert abs(hits - 2000) < 212


@pytest.mark.parametrize(("rate", "text"), [(0, "kept"), (1, "hit")])
def test_rates_of_nothing_and_everything_are_exact(rate: int, text: str) -> None:
    cases = [a_case("kept", number) for number in range(500)]

    found = replies(a_script(a_habit(rate=rate, text="hit")), cases)

    assert {reply.text for reply in found} == {text}


def test_a_habit_keeps_to_the_slices_that_it_names() -> None:
    script = a_script(a_habit(when={"evidence": "thin", "impact": "high"}, text="hit"))

    both = the_reply(script, a_case("kept", evidence="thin", impact="high", region="eu"))
    one = the_reply(script, a_case("kept", evidence="thin"))

    assert (both.text, one.text) == ("hit", "kept")


def test_fields_are_set_grown_and_left_out() -> None:
    habit = a_habit(
        set={"escalate": False},
        append={"unknowns": "cause", "note": " and long", "added": 1},
        remove=["owner"],
    )

    found = fields_of(the_reply(a_script(habit)))

    assert found == {
        "unknowns": ["scope", "cause"],
        "note": "short and long",
        "added": [1],
        "escalate": False,
    }


def test_a_habit_never_changes_the_case() -> None:
    case = a_case()

    the_reply(a_script(a_habit(append={"unknowns": "cause"})), case)

    assert case.reference == ANSWER


def test_habits_are_applied_in_the_order_written_and_wrapping_comes_last() -> None:
    script = a_script(
        a_habit(name="fence", wrap="```\n{reply}\n```"),
        a_habit(name="first", set={"owner": "a"}),
        a_habit(name="second", set={"owner": "b"}),
        a_habit(name="chatter", wrap="Here: {reply}"),
    )

    assert the_reply(script, a_case({"owner": "?"})).text == 'Here: ```\n{"owner": "b"}\n```'


@pytest.mark.parametrize(
    ("reference", "habit", "problem"),
    [
        pytest.param("text", {"set": {"owner": "a"}}, "is no JSON object", id="fields of a text"),
        pytest.param(None, {"remove": ["owner"]}, "is no JSON object", id="fields of nothing"),
        pytest.param(
            {"n": 1}, {"append": {"n": 2}}, "neither list nor text", id="more of a number"
        ),
    ],
)
def test_a_habit_that_does_not_fit_the_case_is_an_error(
    reference: Json, habit: dict[str, Any], problem: str
) -> None:
    with pytest.raises(UsageError, match=problem) as caught:
        the_reply(a_script(a_habit(**habit)), a_case(reference))

    assert "'habit'" in str(caught.value)
    assert "'case-0'" in str(caught.value)


def test_a_case_without_a_reference_gets_an_error_and_not_an_empty_answer() -> None:
    reply = the_reply(a_script(), a_case(None))

    assert reply.is_error
    assert reply.text is None


def test_a_habit_can_answer_a_case_without_a_reference() -> None:
    reply = the_reply(a_script(a_habit(text="I need to ask somebody.")), a_case(None))

    assert (reply.text, reply.error) == ("I need to ask somebody.", None)


def test_a_failed_call_holds_an_error_and_nothing_else() -> None:
    reply = the_reply(a_script(a_habit(error="timed out", outcome="refusal", text="never seen")))

    assert (reply.error, reply.finish) == ("timed out", Finish.ERROR)
    assert (reply.text, reply.labels, reply.output_tokens) == (None, None, 0)


def test_an_outcome_is_stored_as_a_label() -> None:
    assert the_reply(a_script(a_habit(outcome="refusal"))).labels == {"outcome": "refusal"}
    assert the_reply(a_script()).labels is None


def test_tool_calls_are_part_of_the_reply() -> None:
    calls = [{"name": "get_status", "arguments": {"id": 4}}]

    reply = the_reply(a_script(a_habit(tool_calls=calls)), a_case(None))

    assert reply.finish is Finish.TOOL_CALLS
    assert [call.model_dump() for call in reply.tool_calls or ()] == calls


def test_the_identity_is_stated_only_if_the_script_states_it() -> None:
    named = the_reply(a_script(resolved_model="scripted/a-2026-05-01"))

    assert (named.declared_model, named.resolved_model) == ("scripted/a", "scripted/a-2026-05-01")
    assert the_reply(a_script()).resolved_model is None


def test_tokens_are_counted_from_characters_and_priced() -> None:
    script = a_script(characters_per_token=4, usd_per_1k_input=1, usd_per_1k_output=2)

    reply = the_reply(script, a_case("x" * 10))

    # "What now?" has 9 characters: 3 tokens in. 10 characters: 3 tokens out.
    assert (reply.input_tokens, reply.output_tokens) == (3, 3)
    assert reply.cost_usd == pytest.approx(0.003 * 1 + 0.003 * 2)


def test_the_context_counts_as_input() -> None:
    case = Case(id="case", input="1234", context="5678", reference="x")

    assert the_reply(a_script(), case).input_tokens == 2


def test_without_a_price_the_cost_is_unknown_and_not_zero() -> None:
    assert the_reply(a_script()).cost_usd is None


def test_without_a_latency_none_is_measured() -> None:
    assert the_reply(a_script()).latency_ms is None


def test_latency_spreads_around_its_median_as_a_log_normal_does() -> None:
    script = a_script(latency_ms={"median": 1000, "spread": 0.3})

    times = sorted(reply.latency_ms or 0 for reply in replies(script, [a_case()], repeats=5000))

    # The standard error of the median's logarithm is 1.25 * 0.3 / sqrt(5000) = 0.0053.
    assert median(times) == pytest.approx(1000, rel=0.025)
    assert times[4750] == pytest.approx(
        1000 * 2.718281828 ** (0.3 * NormalDist().inv_cdf(0.95)), rel=0.05
    )


def test_slow_habits_multiply_the_latency() -> None:
    slow = a_habit(latency_factor=3)
    slower = a_habit(name="slower", latency_factor=2)

    assert the_reply(a_script(slow, slower, latency_ms={"median": 100})).latency_ms == 600


@pytest.mark.parametrize(
    ("habits", "problem"),
    [
        pytest.param([a_habit(wrap="no place")], "has no `{reply}`", id="wrap without the reply"),
        pytest.param([a_habit(), a_habit()], "two habits are named 'habit'", id="two of one name"),
        pytest.param([a_habit(rate=1.5)], "less than or equal to 1", id="rate above one"),
        pytest.param([a_habit(outcome="shrug")], "needs_human_review", id="unknown outcome"),
        pytest.param([a_habit(chance=1)], "Extra inputs", id="unknown field"),
    ],
)
def test_a_script_that_cannot_work_is_refused(habits: list[dict[str, Any]], problem: str) -> None:
    with pytest.raises(ValidationError) as caught:
        a_script(*habits)

    assert problem in str(caught.value)
