"""What tokens cost, and that unknown is never nothing."""

import json
from datetime import UTC, datetime

import pytest

from hitl.document.schema import Json
from hitl.manifest.release import ModelSpec
from hitl.run.model import Request
from hitl.run.money.price import Price, Tier, cap_problems, output_bound, price_of, worst_case
from hitl.run.money.tokens import TOOLS_TEXT
from tests.builders import a_manifest

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
OPENAI = "https://api.openai.com/v1"


def a_model(**fields: object) -> ModelSpec:
    spec = {"id": "gpt-4o", "provider": "openai", "base_url": OPENAI} | fields
    return ModelSpec.model_validate(spec, strict=False)


def listed(**fields: object) -> Price:
    price = price_of(a_model(**fields), AT)
    assert price is not None
    return price


def test_a_known_model_of_a_known_host_has_the_listed_price() -> None:
    price = listed()

    assert (price.usd_per_1m_input, price.usd_per_1m_output) == (2.5, 10.0)
    assert price.source.startswith("genai-prices 0.2.")
    assert price.source.endswith(": openai/gpt-4o on 2026-11-21")
    assert price.cost(1000, 100) == pytest.approx(0.0025 + 0.001)


def test_the_manifests_price_comes_first() -> None:
    price = listed(price={"usd_per_1m_input": 1.0, "usd_per_1m_output": 2.0})

    assert (price.source, price.cost(1_000_000, 500_000)) == ("manifest", 2.0)


def test_a_price_of_nothing_that_somebody_wrote_is_nothing() -> None:
    price = listed(
        base_url="http://localhost:8000/v1",
        price={"usd_per_1m_input": 0.0, "usd_per_1m_output": 0.0},
    )

    assert price.cost(1000, 1000) == 0.0


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"base_url": "http://localhost:8000/v1"}, id="own server with a known model name"),
        pytest.param({"base_url": "https://gateway.example.com/v1"}, id="unknown host"),
        pytest.param({"base_url": "https://api.openai.com.example.net/v1"}, id="host that begins like a known one"),
        pytest.param({"id": "gpt-of-the-future"}, id="unknown model of a known host"),
        pytest.param({"id": "text-embedding-3-small"}, id="a model that has no output price"),
        pytest.param({"id": "deepseek/deepseek-r1:free", "base_url": "https://openrouter.ai/api/v1"},
                     id="an entry of the list without prices"),
        pytest.param({"provider": "anthropic", "id": "claude-sonnet-4-5-20250929",
                      "base_url": "http://localhost:1"}, id="anthropic behind a proxy"),
        pytest.param({"provider": "anthropic", "base_url": None}, id="another provider's model"),
        pytest.param({"provider": "command", "command": ["run"]}, id="a program"),
        pytest.param({"provider": "python", "function": "a:b"}, id="a function"),
        pytest.param({"provider": "scripted", "script": "s.yaml"}, id="a script has its own cost"),
        pytest.param({"provider": "recorded", "replies": "r.jsonl"}, id="recorded replies have theirs"),
    ],
)  # fmt: skip
def test_what_nobody_knows_is_unknown(fields: dict[str, object]) -> None:
    assert price_of(a_model(**fields), AT) is None


@pytest.mark.parametrize(
    "url", [OPENAI, "https://api.openai.com", "https://API.OpenAI.com:443/v1/"]
)
def test_a_known_host_is_known_however_it_is_written(url: str) -> None:
    assert listed(base_url=url).usd_per_1m_input == 2.5


def test_anthropic_needs_no_url_and_long_inputs_cost_more() -> None:
    price = listed(provider="anthropic", id="claude-sonnet-4-5-20250929", base_url=None)

    assert price.tiers == (Tier(200_000, 6.0, 22.5),)
    assert price.cost(200_000, 1000) == pytest.approx(0.6 + 0.015)
    assert price.cost(200_001, 1000) == pytest.approx(1.200006 + 0.0225)


def test_the_worst_case_is_reckoned_at_the_dearest_tier() -> None:
    price = Price(1.0, 10.0, "manifest", tiers=(Tier(200_000, 2.0, 5.0),))

    assert price.most(1_000_000, 1_000_000) == 12.0


def test_each_day_has_its_own_price() -> None:
    # o3 fell from 10 and 40 USD to 2 and 8 on 2025-06-10.
    model = a_model(id="o3")
    before = price_of(model, datetime(2025, 6, 1, tzinfo=UTC))
    after = price_of(model, datetime(2025, 7, 1, tzinfo=UTC))

    assert before is not None
    assert after is not None
    assert (before.usd_per_1m_input, after.usd_per_1m_input) == (10.0, 2.0)
    assert "2025-06-01" in before.source


def test_a_price_that_changes_with_the_hour_is_taken_at_its_dearest() -> None:
    # Off-peak (from 16:30 UTC) it is 0.135 and 0.55; a run may last into the day.
    night = datetime(2026, 11, 21, 20, tzinfo=UTC)
    price = price_of(a_model(id="deepseek-chat", base_url="https://api.deepseek.com"), night)

    assert price is not None
    assert (price.usd_per_1m_input, price.usd_per_1m_output) == (0.27, 1.1)
    assert "the dearest of 24 hours" in price.source


def test_a_charge_for_each_request_is_part_of_the_cost() -> None:
    price = listed(id="sonar", base_url="https://api.perplexity.ai")

    assert price.usd_per_request == pytest.approx(0.012)
    assert price.cost(0, 0) == pytest.approx(0.012)


def test_a_faster_tier_of_service_has_its_own_price() -> None:
    usual, fast = listed(id="gpt-5.4"), listed(id="gpt-5.4", params={"service_tier": "priority"})

    assert fast.usd_per_1m_output > usual.usd_per_1m_output


def test_costs_are_rounded_to_a_billionth_and_worst_cases_are_rounded_up() -> None:
    price = Price(1 / 3, 0.0, "manifest")

    assert price.cost(1, 0) == 3.33e-7
    assert price.most(1, 0) == 3.34e-7


def test_the_worst_case_of_a_call_counts_bytes_messages_and_the_bound() -> None:
    request = Request("a", ({"role": "user", "content": "é" * 10},))
    size = len(
        json.dumps([request.messages, []], ensure_ascii=False, separators=(",", ":")).encode()
    )

    # 45 letters of JSON and 20 bytes of text; 8 for the message; 100 at ten times the price.
    assert worst_case(Price(1.0, 10.0, "manifest"), request, 100) == pytest.approx(
        (size + 8 + 1000) / 1e6
    )
    assert size == 20 + len('[[{"role":"user","content":""}],[]]')


def test_replayed_tools_make_a_call_as_dear_as_all_its_turns() -> None:
    once = Request("a", ({"role": "user", "content": "hi"},), ({"type": "function"},))
    replayed = Request("a", once.messages, once.tools, {"logs": "ok"})
    price = Price(1.0, 0.0, "manifest")
    first = once.n_bytes + 8 + TOOLS_TEXT

    assert worst_case(price, once, 100, max_turns=3) == pytest.approx(first / 1e6)
    # {"logs": "ok"} has 14 bytes, and may be called four times in a turn; with the answer that is five messages:
    # 100 + 4 x 14 + 5 x 8 more each turn.
    assert worst_case(price, replayed, 100, max_turns=3) == pytest.approx(
        (3 * first + 3 * 196) / 1e6
    )


def test_a_schema_in_the_parameters_is_input_of_every_turn() -> None:
    # {"response_format": {"a": "éé"}} has 32 letters, two of them of 2 bytes.
    params: dict[str, Json] = {"response_format": {"a": "éé"}}
    bare = Request("a", ({"role": "user", "content": "hi"},))
    replayed = Request("a", bare.messages, ({"type": "function"},), {"logs": "ok"})
    price = Price(1e6, 0.0, "manifest")

    assert worst_case(price, bare, 9, 3, params) - worst_case(price, bare, 9, 3) == 34
    assert worst_case(price, replayed, 9, 3, params) - worst_case(price, replayed, 9, 3) == 3 * 34


@pytest.mark.parametrize("name", ["tools", "functions"])
def test_tools_in_the_parameters_count_with_what_a_provider_says_about_them(name: str) -> None:
    request = Request("a", ({"role": "user", "content": "hi"},))
    price = Price(1e6, 0.0, "manifest")
    params: dict[str, Json] = {name: [{}]}

    more = worst_case(price, request, 9, 1, params) - worst_case(price, request, 9, 1)

    assert more == TOOLS_TEXT + len(json.dumps(params))


@pytest.mark.parametrize(
    ("fields", "bound"),
    [
        ({}, None),
        ({"params": {"max_tokens": 300}}, 300),
        ({"params": {"max_completion_tokens": 200}}, 200),
        ({"params": {"max_completion_tokens": 200, "max_tokens": 300}}, 300),
        ({"params": {"max_tokens": 300, "n": 4}}, 1200),
        ({"params": {"max_tokens": 300, "n": "many"}}, None),
        ({"params": {"max_tokens": None}}, None),
        ({"params": {"max_tokens": 0}}, None),
        ({"params": {"max_tokens": True}}, None),
        ({"params": {"max_tokens": "300"}}, None),
        ({"params": {"max_tokens": 300, "max_completion_tokens": "x"}}, None),
        ({"provider": "anthropic"}, 4096),
        ({"provider": "anthropic", "params": {"max_tokens": 10}}, 10),
        ({"provider": "anthropic", "params": {"max_tokens": "x"}}, None),
        ({"provider": "anthropic", "params": {"max_completion_tokens": 10}}, 4096),
    ],
)
def test_the_parameters_bound_the_answers_or_nothing_does(
    fields: dict[str, object], bound: int | None
) -> None:
    assert output_bound(a_model(**fields)) == bound


def problems(**fields: object) -> list[str]:
    limits = {"limits": {"max_cost_usd": 5.0}}
    manifest = a_manifest([{"subset": "main", "authority": "block"}], **(limits | fields))
    return [field for field, _ in cap_problems(manifest, AT)]


LOCAL = {"id": "m", "provider": "openai", "base_url": "http://localhost:8000/v1"}
KNOWN = {"id": "gpt-4o", "provider": "openai", "base_url": OPENAI}
BOUNDED = {"params": {"max_tokens": 100}}
FREE = {"price": {"usd_per_1m_input": 0.0, "usd_per_1m_output": 0.0}}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, [], id="recorded arms"),
        pytest.param({"candidate_model": KNOWN | BOUNDED}, [], id="known and bounded"),
        pytest.param({"candidate_model": KNOWN}, ["candidate_model.params"], id="unbounded"),
        pytest.param({"candidate_model": LOCAL | BOUNDED}, ["candidate_model.price"], id="unknown"),
        pytest.param({"previous_model": LOCAL}, ["previous_model.price", "previous_model.params"],
                     id="neither"),
        pytest.param({"candidate_model": LOCAL | FREE}, [], id="what is free needs no bound"),
        pytest.param({"judge": {"model": LOCAL | BOUNDED}}, ["judge.model.price"], id="the judge"),
        pytest.param({"candidate_model": LOCAL, "limits": {}}, [], id="no cap"),
    ],
)  # fmt: skip
def test_a_cap_needs_a_price_and_a_bound_for_every_live_model(
    fields: dict[str, object], expected: list[str]
) -> None:
    assert problems(**fields) == expected


def test_the_problem_says_what_to_add() -> None:
    manifest = a_manifest(
        [{"subset": "main", "authority": "block"}],
        limits={"max_cost_usd": 5.0},
        candidate_model=LOCAL,
    )

    price, bound = (problem for _, problem in cap_problems(manifest, AT))

    assert "'m'" in price
    assert "price: {usd_per_1m_input: ..., usd_per_1m_output: ...}" in price
    assert "max_tokens" in bound
