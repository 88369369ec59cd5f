"""The cap on money: reached, raised, unknown prices, and what a server that keeps silent about tokens costs."""

import pytest

from tests.live.arms import YES, Live, asked_of
from tests.loopback.server import Loopback

DEAR = {
    "price": {"usd_per_1m_input": 1e2, "usd_per_1m_output": 1e5},
    "params": {"max_tokens": 2},
}
USD = 0.101
"""Of one answer: 10 tokens in at 0.0001 USD, 1 out at 0.1 USD."""


@pytest.mark.parametrize("command", ["run", "gate"])
def test_a_cap_that_is_reached_keeps_what_was_answered_and_a_higher_one_goes_on(
    live: Live, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Loopback(rules=[YES]) as server:
        live.serve(server, both=DEAR).limits(max_cost_usd=10, concurrency=4)
        assert getattr(live, command)() == 12
        said = capsys.readouterr()
        kept = live.replies()
        spent = USD * server.calls()["total"]
        assert "the cap of 10 USD is reached" in said.err
        assert "raise limits.max_cost_usd" in said.err
        assert f"{spent:.4f} USD are spent" in said.err
        assert said.out == ""
        assert 8 < spent <= 10
        assert len(kept) == len(asked_of(server))
        assert not live.record_path.exists()

        live.limits(max_cost_usd=20)
        assert getattr(live, command)() == 0
        assert len(live.replies()) == len(asked_of(server)) == 160


def test_running_into_the_cap_again_and_again_never_exceeds_it(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    with Loopback(rules=[YES]) as server:
        live.serve(server, both=DEAR).limits(max_cost_usd=10)
        for _ in range(12):
            assert live.run() == 12
            assert USD * server.calls()["total"] <= 10


def test_answers_that_hide_their_tokens_count_in_full(live: Live) -> None:
    with Loopback(rules=[{"do": "no_usage"}, YES]) as server:
        live.serve(server, both=DEAR).limits(max_cost_usd=6)
        assert live.run() == 12
        assert len(asked_of(server)) < 30


def test_a_probe_that_alone_could_exceed_the_cap_is_not_made(
    live: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    with Loopback(rules=[YES]) as server:
        assert live.serve(server, both=DEAR).limits(max_cost_usd=0.5).run() == 12
        assert "the cap of 0.5 USD is reached" in capsys.readouterr().err
        assert server.calls()["total"] == 0


@pytest.mark.parametrize("missing", ["price", "params"])
def test_a_cap_that_cannot_be_kept_is_refused_before_any_call(
    live: Live, missing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    known = {name: value for name, value in DEAR.items() if name != missing}
    with Loopback(rules=[YES]) as server:
        live.serve(server, both=known).limits(max_cost_usd=10)
        for ask in (live.run, live.gate):
            assert ask() == 2
            said = capsys.readouterr().err
            assert f"previous_model.{missing}" in said
            assert f"candidate_model.{missing}" in said
        assert server.calls()["total"] == 0
    assert live.wrote_nothing()


def test_each_part_of_a_run_keeps_its_share_of_the_cap(live: Live) -> None:
    with Loopback(rules=[YES]) as server:
        live.serve(server, both=DEAR).limits(max_cost_usd=12)
        for number in (1, 2):
            assert live.run("--shard", f"{number}/2") == 12
        assert USD * server.calls()["total"] <= 12


def test_answers_that_a_gateway_lost_count_in_full(
    live: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    with Loopback(rules=[{"when": {"contains": "question"}, "do": "502"}, YES]) as server:
        live.serve(server, both=DEAR).limits(max_cost_usd=4, max_attempts=1)
        assert live.run() == 12
        assert "the cap of 4 USD is reached" in capsys.readouterr().err
        assert len(asked_of(server)) < 20  # an arm would count as down after 20 failures


def test_pictures_and_a_cap_do_not_go_together(
    live: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    with Loopback(rules=[YES]) as server:
        live.cases["core"][3]["input"] = [{"role": "user", "content": [picture]}]
        live.serve(server, both=DEAR).limits(max_cost_usd=10)
        assert live.run() == 2
        assert server.calls()["total"] == 0
    assert "c003" in capsys.readouterr().err


def test_a_model_that_calls_a_tool_sixty_times_a_turn_cannot_outspend_the_cap(live: Live) -> None:
    sixty = [{"name": "logs", "arguments": {}} for _ in range(60)]
    tools = [{"name": "logs", "parameters": {}}]
    context = {"tools": tools, "tool_results": {"logs": "x" * 4000}}
    for case in live.cases["core"]:
        case["context"] = context
    with Loopback(rules=[{"do": "tool_calls", "calls": sixty}]) as server:
        live.serve(server, both={**DEAR, "params": {"max_tokens": 800}}).limits(max_cost_usd=1e6)
        live.run()
        per_case = max(server.calls()["by_message"].values())
    assert per_case <= 2
