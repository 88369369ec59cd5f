"""Servers that fail, stall, lie about themselves or break the rules: the verdict or the exit code says so, and nothing ships by it."""

import json
from collections import Counter

import pytest

from tests.cli.workspace import Row
from tests.live.arms import NEW, OLD, YES, Live, asked_of, wait_until, written
from tests.loopback.process import LoopbackProcess
from tests.loopback.server import Loopback

ON = {"contains": "question"}
"""Not the probes."""


def gated(live: Live, rules: list[Row], *, both: Row | None = None, **settings: object) -> Row:
    """Gate against a server with these rules; return what it was asked, with the exit code."""
    with Loopback(rules=[YES, *rules], **settings) as server:
        live.serve(server, both=both)
        code = live.gate()
        return {"code": code, "asked": asked_of(server), "calls": server.calls()}


def attempts(live: Live) -> Counter[int]:
    return Counter(row["reply"].get("attempts", 1) for row in live.replies())


PASSING = {
    "rates with a time to wait": {"do": "429", "retry_after": 0.01},
    "rates with milliseconds to wait": {"do": "429", "retry_after_ms": 5},
    "failures": {"do": "500", "retry_after": 0.01},
    "overload": {"do": "529", "retry_after": 0.01},
}


@pytest.mark.parametrize("name", PASSING)
def test_what_passes_is_tried_again_and_ships(live: Live, name: str) -> None:
    found = gated(live, [{"when": ON | {"first": 1, "per": "message"}, **PASSING[name]}])

    assert found["code"] == 0
    assert len(found["asked"]) == 320
    assert set(Counter(call["message"] for call in found["asked"]).values()) == {2}
    assert sum(attempts(live).values()) == 160


@pytest.mark.parametrize("do", ["429", "reset", "cut", "html", "no_choices"])
def test_what_passes_without_a_word_about_waiting_is_tried_again_too(live: Live, do: str) -> None:
    live.size(60).gate_class["margin"] = 0.06
    found = gated(live, [{"when": ON | {"every": 30}, "do": do}])

    assert found["code"] == 0, live.record["reasons"]
    assert len(found["asked"]) > 120
    assert len(live.answered()) == 120
    assert "retried_calls" in live.findings() or do in ("429", "503")


@pytest.mark.parametrize("do", ["500", "400", "reset", "cut", "hang", "drip", "html"])
def test_cases_that_never_get_an_answer_are_missing_and_hold(live: Live, do: str) -> None:
    rule = {"when": ON | {"contains": "question 1", "model": NEW}, "do": do, "pause_s": 0.3}
    live.cases["core"][1]["input"] = live.cases["core"][2]["input"] = "question 1"
    for number in range(10, 20):
        live.cases["core"][number]["input"] = f"query {number}"
    found = gated(live.limits(max_attempts=1, timeout_s=0.6), [rule])

    assert found["code"] == 10
    assert live.record["verdict"] == "hold"
    subset = live.record["subsets"][0]
    assert subset["state"] == "unmeasured"
    assert set(subset["missing_cases"]) == {"c001", "c002"}
    errors = [row["reply"]["error"] for row in live.replies() if "error" in row["reply"]]
    assert len(errors) == 2


def test_one_arm_that_its_server_starves_is_named(live: Live) -> None:
    live.limits(max_missing=0.2)
    found = gated(live, [{"when": ON | {"model": NEW, "every": 16}, "do": "400"}])

    assert found["code"] == 10
    assert "starved_arm" in live.findings()


@pytest.mark.parametrize("do", ["gzip", "parts"])
def test_answers_that_are_only_packed_otherwise_ship(live: Live, do: str) -> None:
    assert gated(live, [{"do": do, "parts": ["y", "es"]}])["code"] == 0


def test_answers_of_a_megabyte_are_kept_and_fail(live: Live) -> None:
    live.size(10)
    found = gated(live, [{"when": ON | {"model": NEW}, "do": "big"}])

    assert found["code"] == 10
    assert live.record["subsets"][0]["candidate"]["n_passed"] == 0
    assert live.journal.stat().st_size > 10 << 20


@pytest.mark.parametrize(
    ("do", "finding"),
    [("refusal", "refused_replies"), ("refusal_block", "refused_replies"), ("filtered", "refused_replies"),
     ("empty", "empty_replies"), ("length", "truncated_replies")],
)  # fmt: skip
@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_replies_that_end_otherwise_are_counted_and_told(
    live: Live, do: str, finding: str, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    live.size(20)
    with Loopback(rules=[YES, {"when": ON | {"model": NEW}, "do": do}]) as server:
        live.serve(
            server,
            both={"provider": provider}
            | ({"base_url": server.url} if provider == "anthropic" else {}),
        )
        code = live.gate()

    assert code == 10
    assert finding in live.findings()
    if do != "length":
        assert live.record["subsets"][0]["candidate"]["n_passed"] == 0


def test_tool_calls_are_kept_and_not_made(live: Live) -> None:
    calls = [{"name": "restart", "arguments": {"pod": "a"}}]
    gated(live.size(5), [{"when": ON | {"model": NEW}, "do": "tool_calls", "calls": calls}])

    kept = [row["reply"] for row in live.replies() if row["lane"] == "candidate"]
    assert [reply["tool_calls"] for reply in kept] == [calls] * 5
    assert live.record["subsets"][0]["candidate"]["n_passed"] == 0


def test_answers_that_hide_their_tokens_leave_cost_unknown_and_its_rule_unmeasured(
    live: Live,
) -> None:
    live.manifest["gate_classes"].append(
        {"subset": "core", "authority": "block", "metric": "cost_usd", "statistic": "mean", "max_ratio": 1.1}
    )  # fmt: skip
    price = {"price": {"usd_per_1m_input": 1.0, "usd_per_1m_output": 1.0}}
    found = gated(live, [{"when": {"model": NEW}, "do": "no_usage"}], both=price)

    assert found["code"] == 10
    assert all(
        "cost_usd" not in row["reply"] for row in live.replies() if row["lane"] == "candidate"
    )
    rule = next(rule for rule in live.record["subsets"][0]["rules"] if "cost" in rule["rule"])
    assert rule["state"] == "unmeasured"


# Who answers


def test_a_model_that_changes_half_way_holds_as_moved(live: Live) -> None:
    found = gated(
        live,
        [{"when": {"model": NEW, "after": 40}, "do": "model", "model": "acme/model-2026-06-01"}],
    )

    assert found["code"] == 10
    assert live.record["candidate_model"]["grade"] == "moved"


ALIAS = "acme/latest"


def aliased(live: Live, server: Loopback, expected: str | None = None) -> int:
    live.serve(server, id=ALIAS)
    if expected:
        live.manifest["alias_resolution"] = {"alias": ALIAS, "expected": expected}
    return live.gate()


def test_an_alias_that_only_repeats_its_name_holds(live: Live) -> None:
    with Loopback(rules=[YES]) as server:
        assert aliased(live, server, NEW) == 10
    assert live.record["candidate_model"]["grade"] == "alias_only"


def test_an_alias_that_resolves_to_what_is_expected_ships(live: Live) -> None:
    with Loopback(rules=[YES], resolves={ALIAS: NEW}) as server:
        assert aliased(live, server, NEW) == 0
    assert live.record["candidate_model"]["grade"] == "resolved"


def test_an_alias_whose_server_tells_what_it_serves_may_ship(live: Live) -> None:
    models = [{"id": ALIAS, "root": NEW}]
    with Loopback(rules=[YES], models=models) as server:
        assert aliased(live, server, NEW) == 0
    assert live.record["candidate_model"]["grade"] == "probed"


def test_an_alias_whose_server_tells_of_another_model_holds(live: Live) -> None:
    with Loopback(rules=[YES], models=[{"id": ALIAS, "root": "acme/model-2026-04-01"}]) as server:
        assert aliased(live, server, NEW) == 10
    assert live.record["candidate_model"]["grade"] == "mismatch"


@pytest.mark.parametrize(
    ("later", "grade"), [([{"id": ALIAS, "root": OLD}], "moved"), (None, "alias_only")]
)
def test_an_alias_of_which_a_later_session_tells_something_else_holds(
    live: Live, later: list[Row] | None, grade: str
) -> None:
    answers = {"when": ON | {"model": ALIAS, "after": 30, "first": 50}, "do": "403"}
    with Loopback(rules=[answers, YES], models=[{"id": ALIAS, "root": NEW}]) as server:
        assert aliased(live.limits(concurrency=1), server, NEW) == 12
        object.__setattr__(server._settings, "models", later)
        assert live.gate() == 10
    assert live.record["candidate_model"]["grade"] == grade


def test_a_dated_model_that_names_nobody_is_as_declared(live: Live) -> None:
    assert gated(live, [{"do": "no_model"}])["code"] == 0
    assert live.record["candidate_model"]["grade"] == "declared"


# Settings


TEMPERATURE = {"params": {"temperature": 0}}


def test_a_setting_that_one_arm_does_not_honour_holds(
    live: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    with Loopback(rules=[YES]) as server, Loopback(rules=[YES], drops=["temperature"]) as deaf:
        live.serve(server, both=TEMPERATURE, base_url=deaf.openai_url)
        assert live.gate() == 10
        assert live.codes() == {"unequal_settings"}
        assert "does not honour temperature" in capsys.readouterr().err

        live.manifest["differing_params"] = ["temperature"]
        assert live.gate() == 0
        assert "dropped_params" in live.findings()


def test_a_setting_that_nobody_honours_is_told_and_ships(live: Live) -> None:
    assert gated(live, [], both=TEMPERATURE, drops=["temperature"])["code"] == 0
    assert "dropped_params" in live.findings()


def test_a_setting_that_is_refused_is_an_error_of_the_manifest(
    live: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    found = gated(live, [], both={"params": {"seed": 1}}, refuses=["seed"])

    assert found["code"] == 2
    said = capsys.readouterr().err
    assert "refuses seed; take it out of the manifest" in said
    assert found["asked"] == []


# Servers that are not there


def test_a_server_that_is_down_is_no_verdict_and_can_be_asked_later(
    live: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    with Loopback(rules=[YES]) as server:
        live.serve(server)
        live.write()
    assert live.gate() == 12
    said = capsys.readouterr().err
    assert "cannot be asked: unreachable" in said
    assert "is the server running" in said
    assert live.replies() == []
    assert not live.record_path.exists()


@pytest.mark.parametrize("do", ["503", "reset", "html", "401"])
def test_an_arm_that_dies_half_way_is_no_verdict_and_the_rest_is_asked_later(
    live: Live, do: str, capsys: pytest.CaptureFixture[str]
) -> None:
    n_looks = int(do != "401")  # one answered question again, to see whether the arm is there
    dead = {"when": ON | {"model": NEW, "after": 30, "first": 50 + n_looks}, "do": do}
    with Loopback(rules=[YES, dead]) as server:
        live.serve(server).limits(max_attempts=1, concurrency=1)
        assert live.gate() == 12
        assert "the candidate arm (acme/model-2026-05-18) is down: 20 calls in a row failed" in capsys.readouterr().err  # fmt: skip
        assert all("error" not in row["reply"] for row in live.replies())
        assert not live.record_path.exists()

        assert live.gate() == 0
        assert len(asked_of(server)) == 180 + n_looks
    assert len(live.answered()) == len(live.replies()) == 160


def test_a_late_answer_to_an_early_call_does_not_make_later_failures_final(live: Live) -> None:
    candidate = ON | {"model": NEW}
    rules = [
        YES,
        {"when": candidate | {"first": 1}, "do": "drip", "pause_s": 0.004},
        {"when": candidate | {"after": 1, "first": 21}, "do": "401"},
    ]
    with Loopback(rules=rules) as server:
        assert live.serve(server).limits(concurrency=2).gate() == 12
        assert sum(lane == "candidate" for lane, _ in live.answered()) == 1
        assert all("error" not in row["reply"] for row in live.replies())

        assert live.gate() == 0
    assert len(live.answered()) == len(live.replies()) == 160


@pytest.mark.parametrize("left", [100, 10])
def test_a_server_that_is_switched_off_and_on_again_loses_nothing(
    live: Live, left: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with LoopbackProcess(rules=[YES], latency_ms=10) as server:
        process = live.serve(server).limits(max_attempts=1, concurrency=4).started("--json")
        wait_until(lambda: len(asked_of(server)) >= 160 - left)
        port = server.port
    out, err = process.communicate(timeout=30)
    assert process.returncode == 12, err
    assert "is down" in json.loads(out)["error"]
    assert all("error" not in row["reply"] for row in live.replies())
    kept = len(live.replies())

    with LoopbackProcess(rules=[YES], at=port) as server:
        assert live.gate() == 0
        assert len(asked_of(server)) == 160 - kept


# Keys

KEY = "squeamish-ossifrage-1977"


def holds_key(live: Live, *texts: str) -> bool:
    return any(KEY.encode() in content for _, content in written(live.root)) or any(KEY in t for t in texts)  # fmt: skip


@pytest.mark.parametrize(
    "rules", [[], [{"do": "echo_key", "status": 401, "message": "no such key: {key}"}]]
)
@pytest.mark.parametrize("command", ["run", "gate"])
def test_a_key_that_is_not_accepted_is_named_by_its_variable_and_never_shown(
    live: Live, rules: list[Row], command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    monkeypatch.setenv("ACME_KEY", KEY)
    with Loopback(rules=[*rules, YES], key="another") as server:
        live.serve(server, both={"api_key_env": "ACME_KEY"})
        assert getattr(live, command)("--json") == 12
        assert asked_of(server) == []

    said = capsys.readouterr()
    assert "check the key in ACME_KEY" in said.err
    assert json.loads(said.out)["exit_code"] == 12
    assert not holds_key(live, said.out, said.err)


@pytest.mark.parametrize("status", [400, 500])
def test_a_key_that_a_server_repeats_in_its_errors_is_stored_nowhere(
    live: Live, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ACME_KEY", KEY)
    echo = {"when": ON | {"every": 7, "model": NEW}, "do": "echo_key", "status": status}
    with Loopback(rules=[echo, YES], key=KEY) as server:
        live.serve(server, both={"api_key_env": "ACME_KEY"}).limits(max_attempts=1)
        assert live.gate() == 10

    said = capsys.readouterr()
    assert not holds_key(live, said.out, said.err)


def test_a_key_that_a_server_puts_into_its_answers_is_stored_nowhere(
    live: Live, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ACME_KEY", KEY)
    leak = {"when": {"model": NEW}, "do": "text", "text": f"your key is {KEY}"}
    with Loopback(rules=[leak, YES], key=KEY) as server:
        assert live.serve(server, both={"api_key_env": "ACME_KEY"}).gate() == 10

    said = capsys.readouterr()
    assert not holds_key(live, said.out, said.err)
    assert live.replies()[-1]["reply"]["text"] in ("yes", "your key is [the key]")


def test_a_key_that_is_not_set_is_told_before_any_call(
    live: Live, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ACME_KEY", " ")
    with Loopback(rules=[YES]) as server:
        assert live.serve(server, api_key_env="ACME_KEY").gate() == 2
        assert "the environment variable ACME_KEY is not set" in capsys.readouterr().err
        assert server.calls()["total"] == 0
    assert live.wrote_nothing()
