"""What a run may cost, before a call."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pytest

from hitl.gate.plan import Plan, plan_release
from hitl.gate.plan_cost import CostRange, Quote, Quotes
from hitl.golden.case import Case
from hitl.golden.expectation import Expectation, JudgeRule, LabelRule
from hitl.run.inputs import ReleaseInputs
from hitl.run.money.price import Price
from hitl.run.request import build_requests
from tests.builders import a_case, a_golden_set, a_manifest, a_suite, some_cases

LIVE = {"provider": "openai", "base_url": "http://127.0.0.1:1/v1"}
TEN = Price(10.0, 100.0, "manifest")
"""10 and 100 USD for a million tokens: 0.00001 and 0.0001 USD a token."""

GRADE = LabelRule(label="passed", equals=True)
RUBRIC = {"clear": {"version": "1", "text": "r" * 100}}


def planned(
    cases: Sequence[Case],
    quotes: dict[str, Quote],
    *,
    expect: tuple[Expectation, ...] = (GRADE,),
    cap_problems: tuple[str, ...] = (),
    **fields: object,
) -> Plan:
    golden = a_golden_set({"main": cases}, expect=expect, rubrics=RUBRIC)
    manifest = a_manifest([{"subset": "main", "authority": "block"}], **fields)
    inputs = ReleaseInputs(Path("release.yaml"), manifest, golden, None)
    money = Quotes(quotes, build_requests(golden), cap_problems)
    return plan_release(inputs, a_suite(golden), money)


def test_the_range_of_one_live_arm_is_worked_out_call_by_call() -> None:
    # [[{"role":"user","content":"<60 letters>"}],[]] is 95 bytes: 95/5 = 19 tokens at the low end,
    # ceil(95/3) + 8 for the message = 40 at the high end. Low: 19 * 1e-5 + 16 * 1e-4 = 0.00179 a call;
    # high: 40 * 1e-5 + 50 * 1e-4 = 0.0054. Three cases with two repeats are six calls.
    plan = planned(
        some_cases(3, input="x" * 60),
        {"candidate": Quote(TEN, 50)},
        candidate_model=LIVE | {"id": "m"},
        repeats=2,
    )

    assert plan.n_calls == 6
    assert plan.cost_usd == CostRange(pytest.approx(0.01074), pytest.approx(0.0324))


def test_both_live_arms_are_counted() -> None:
    plan = planned(
        some_cases(2, input="hello"),
        {"previous": Quote(TEN, 50), "candidate": Quote(Price(0.0, 0.0, "manifest"), 50)},
        previous_model=LIVE | {"id": "a"},
        candidate_model=LIVE | {"id": "b"},
    )

    assert plan.n_calls == 4
    assert [(line.role, line.n_calls) for line in plan.cost.lines] == [
        ("previous", 2),
        ("candidate", 2),
    ]
    assert plan.cost.lines[1].cost_usd == CostRange(0.0, 0.0)
    assert plan.cost_usd == plan.cost.lines[0].cost_usd


def test_replies_that_nothing_bounds_are_taken_as_1024_tokens_and_the_plan_says_so() -> None:
    plan = planned(
        some_cases(1, input="x" * 60),
        {"candidate": Quote(TEN, None)},
        candidate_model=LIVE | {"id": "m"},
    )

    assert plan.cost_usd is not None
    assert plan.cost_usd.high == pytest.approx(40e-5 + 1024e-4)
    assert any("1024 tokens" in text and "may be longer" in text for text in plan.assumptions)


def test_a_bound_below_the_short_reply_bounds_the_low_end_too() -> None:
    plan = planned(
        some_cases(1, input="x" * 60), {"candidate": Quote(TEN, 4)}, candidate_model=LIVE | {"id": "m"}
    )  # fmt: skip

    assert plan.cost_usd == CostRange(pytest.approx(19e-5 + 4e-4), pytest.approx(40e-5 + 4e-4))


def test_one_unknown_price_makes_the_whole_unknown_and_keeps_what_is_known() -> None:
    plan = planned(
        some_cases(3, input="x" * 60),
        {"previous": Quote(TEN, 50), "candidate": Quote(None, 50)},
        previous_model=LIVE | {"id": "a"},
        candidate_model=LIVE | {"id": "b"},
    )

    assert plan.cost_usd is None
    assert plan.cost.known_usd.low == pytest.approx(3 * 0.00179)
    (line,) = [line for line in plan.cost.lines if line.cost_usd is None]
    assert line.role == "candidate"
    assert "'b' is unknown; add `price: {usd_per_1m_input" in str(line.reason)


def test_recorded_tool_results_make_long_conversations_at_the_high_end_only() -> None:
    tool = {"name": "logs", "parameters": {}}
    one = a_case("a", input="look", context={"tools": [tool]})
    many = a_case("a", input="look", context={"tools": [tool], "tool_results": {"logs": "ok"}})
    arm = {"candidate_model": LIVE | {"id": "m"}, "limits": {"max_turns": 3}}
    quote = {"candidate": Quote(TEN, 50)}

    alone, replayed = planned([one], quote, **arm).cost_usd, planned([many], quote, **arm).cost_usd

    assert alone is not None
    assert replayed is not None
    assert replayed.low == alone.low
    # Each later turn adds the answer (50), {"logs": "ok"} four times (56 bytes: 19 tokens) and five messages (40): 109 tokens,
    # once in the second turn and twice in the third.
    first = alone.high - 50e-4
    assert replayed.high == pytest.approx(3 * first + 3 * 109e-5 + 150e-4)


@pytest.mark.parametrize(
    ("rules", "n_calls"),
    [
        pytest.param([JudgeRule(judge="clear", at_least=4)], 5 * 3 * 2 * 2, id="each arm's reply"),
        pytest.param([JudgeRule(judge="clear", pairwise=True)], 5 * 3 * 2 * 2, id="both orders"),
        pytest.param([JudgeRule(judge="clear", at_least=4), JudgeRule(judge="clear", pairwise=True)],
                     2 * 5 * 3 * 2 * 2, id="two rules"),
        pytest.param([GRADE], 0, id="no judge rule"),
    ],
)  # fmt: skip
def test_calls_of_the_judge_are_counted_apart_from_those_of_the_arms(
    rules: list[Expectation], n_calls: int
) -> None:
    judge = {"model": LIVE | {"id": "j"}, "repeats": 3}

    plan = planned(
        some_cases(5, input="hello"), {"judge": Quote(TEN, 50)}, expect=tuple(rules), judge=judge, repeats=2
    )  # fmt: skip

    assert (plan.n_calls, plan.n_judge_calls) == (0, n_calls)
    assert [line.role for line in plan.cost.lines] == (["judge"] if n_calls else [])


def test_a_pairwise_call_holds_two_replies_and_costs_more() -> None:
    def high(rule: JudgeRule) -> float:
        plan = planned(
            some_cases(1, input="hello"),
            {"judge": Quote(TEN, 50)},
            expect=(rule,),
            judge={"model": LIVE | {"id": "j"}},
        )
        assert plan.cost_usd is not None
        return plan.cost_usd.high

    one, both = high(JudgeRule(judge="clear", at_least=4)), high(JudgeRule(judge="clear", pairwise=True))  # fmt: skip

    # Recorded replies have no bound: one more reply of 1024 tokens in each of two calls.
    assert both - one == pytest.approx(2 * 1024e-5)


def test_a_judge_without_a_known_price_is_unknown_and_never_nothing() -> None:
    plan = planned(
        some_cases(1, input="hello"),
        {},
        expect=(JudgeRule(judge="clear", at_least=4),),
        judge={"model": LIVE | {"id": "j"}},
    )

    assert plan.cost_usd is None
    assert plan.cost.known_usd == CostRange(0.0, 0.0)


@pytest.mark.parametrize(
    ("cap", "share"),
    [
        pytest.param(0.0162, 0.5, id="half of the high end"),
        pytest.param(0.0324, None, id="exactly the high end"),
        pytest.param(1.0, None, id="far above it"),
        pytest.param(0.0, 0.0, id="nothing may be spent"),
    ],
)
def test_the_plan_says_how_far_the_cap_goes_at_the_high_end(
    cap: float, share: float | None
) -> None:
    plan = planned(
        some_cases(6, input="x" * 60),
        {"candidate": Quote(TEN, 50)},
        candidate_model=LIVE | {"id": "m"},
        limits={"max_cost_usd": cap},
    )

    assert plan.cost.share_before_cap == (share if share is None else pytest.approx(share))


def test_a_plan_is_json_as_it_stands() -> None:
    plan = planned(
        some_cases(1, input="x"),
        {"candidate": Quote(None, None)},
        cap_problems=("candidate_model.price: unknown",),
        candidate_model=LIVE | {"id": "m"},
        limits={"max_cost_usd": 1.0},
    )

    told = json.loads(json.dumps(asdict(plan), allow_nan=False))

    assert told["cost_usd"] is None
    assert told["cost"]["lines"][0]["cost_usd"] is None
    assert told["cost"]["cap_problems"] == ["candidate_model.price: unknown"]
