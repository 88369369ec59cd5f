"""Answers of an earlier session: too old, given by somebody else, or failed."""

import pytest

from tests.live.arms import NEW, YES, Live, asked_of
from tests.loopback.server import Loopback

THEN = 1_790_000_000
HOUR = 3600


def at(monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    """Set the clock so many hours after the first session."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(THEN + hours * HOUR))


@pytest.mark.parametrize(("hours", "n_asked"), [(0, 0), (168, 0), (169, 160)])
def test_answers_older_than_the_window_are_asked_for_again(
    live: Live, monkeypatch: pytest.MonkeyPatch, hours: int, n_asked: int, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    at(monkeypatch, 0)
    with Loopback(rules=[YES]) as server:
        assert live.serve(server).run() == 0
        at(monkeypatch, hours)
        capsys.readouterr()

        assert live.gate() == 0
        assert len(asked_of(server)) == 160 + n_asked
    told = "160 replies are older than 168 h, or from the future, and are asked for again; --reuse-old keeps them"
    assert (told in capsys.readouterr().err) == bool(n_asked)
    assert "old_replies" not in live.findings()


def test_old_answers_are_kept_on_demand_and_the_record_says_so(
    live: Live, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at(monkeypatch, 0)
    with Loopback(rules=[YES]) as server:
        assert live.serve(server).run() == 0
        at(monkeypatch, 1000)

        assert live.gate("--reuse-old") == 0
        assert len(asked_of(server)) == 160
    assert (
        "160 replies are older than 168 h, or from the future, and are kept, as asked"
        in capsys.readouterr().err
    )
    assert "old_replies" in live.findings()


def test_answers_of_another_identity_are_asked_for_again_when_a_run_goes_on(
    live: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    question = {"model": NEW, "contains": "question"}
    rules = [
        {"when": question | {"after": 30, "first": 50}, "do": "403"},
        {"when": {"model": NEW, "after": 51}, "do": "model", "model": "acme/other"},
        YES,
    ]
    with Loopback(rules=rules) as server:
        assert live.serve(server).limits(concurrency=1).run() == 12
        assert sum(lane == "candidate" for lane, _ in live.answered()) == 30
        capsys.readouterr()

        assert live.run() == 0
        told = "30 replies were given by another identity than the one that answers now and are asked for again"
        assert told in capsys.readouterr().err
        assert sum(call["model"] == NEW for call in asked_of(server)) == 30 + 20 + 80

        assert live.gate() == 10
    assert live.record["candidate_model"]["grade"] == "mismatch"
    assert live.record["candidate_model"]["resolved"] == ["acme/other"]


def test_answers_of_two_identities_that_are_kept_on_demand_hold_as_moved(live: Live) -> None:
    question = {"model": NEW, "contains": "question"}
    rules = [
        {"when": question | {"after": 30, "first": 50}, "do": "403"},
        {"when": {"model": NEW, "after": 51}, "do": "model", "model": "acme/other"},
        YES,
    ]
    with Loopback(rules=rules) as server:
        assert live.serve(server).limits(concurrency=1).run() == 12
        assert live.gate("--reuse-old") == 10
    assert live.record["candidate_model"]["grade"] == "moved"


def test_failed_calls_stay_failed_until_somebody_asks_for_another_try(
    live: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = [{"when": {"contains": "question 3", "first": 22}, "do": "400"}, YES]
    with Loopback(rules=rules) as server:
        assert live.serve(server).run() == 0
        n_failed = 160 - len(live.answered())
        assert n_failed == 22
        assert live.run() == 0
        assert live.gate() == 10
        assert "missing_replies" in live.findings() or "block_unmeasured" in live.codes()
        assert len(asked_of(server)) == 160
        capsys.readouterr()

        assert live.run("--retry-errors") == 0
        assert "22 made now, 138 answered before, 0 failed for good" in capsys.readouterr().err
        assert live.gate() == 0
        assert len(asked_of(server)) == 182
    assert {row["lane"] for row in live.replies() if "error" in row["reply"]} == {"previous", "candidate"}  # fmt: skip


def test_a_finished_run_is_gated_without_its_key(
    live: Live, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ACME_KEY", "sk-acme-0123456789abcdef")
    with Loopback(rules=[YES], key="sk-acme-0123456789abcdef") as server:
        assert live.serve(server, both={"api_key_env": "ACME_KEY"}).run() == 0
        monkeypatch.delenv("ACME_KEY")
        n_calls = server.calls()["total"]

        assert live.gate() == 0
        assert server.calls()["total"] == n_calls
        assert live.run("--fresh") == 2
    assert "ACME_KEY is not set" in capsys.readouterr().err
    assert len(live.replies()) == 160


def test_answers_from_the_future_are_asked_for_again(
    live: Live, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Loopback(rules=[YES]) as server:
        at(monkeypatch, 1000)
        assert live.serve(server).run() == 0
        at(monkeypatch, 0)
        assert live.gate() == 0
        assert len(asked_of(server)) == 320
    assert "from the future" in capsys.readouterr().err
