import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from hitl.errors import UsageError
from hitl.run.calls import CallRules, StoppedError, make_calls
from hitl.run.journal.file import Journal
from hitl.run.journal.line import Header
from hitl.run.lane import Call, Lane, call_key
from hitl.run.model import CallError, Fault
from hitl.run.money.budget import Budget
from hitl.run.money.price import Price
from hitl.run.pace import Pace
from hitl.run.pair import Shard, owed_calls, parse_shard, refuse_changed_cases
from hitl.run.reply import Reply
from tests.run.echo import EchoModel, a_request, fault

AT = datetime(2026, 11, 1, tzinfo=UTC)
HEADER = Header(release_id="r", settings={}, golden_set="g")
PRICE = Price(1.0, 1.0, "manifest")


class World:
    """Two arms, a journal, and a run over some cases."""

    def __init__(
        self, path: Path, n_cases: int = 20, repeats: int = 1, cap: float | None = None
    ) -> None:
        self.path = path
        self.requests = {f"c{n:03}": a_request(f"c{n:03}", f"q{n}") for n in range(n_cases)}
        self.repeats = repeats
        self.cap = cap
        self.previous = EchoModel("old-2026-05-01")
        self.candidate = EchoModel("new-2026-05-18")
        self.concurrency = 8
        self.max_attempts = 4
        self.stop_after = 10**9
        self.told: list[tuple[str, Reply]] = []
        self.keep: Callable[[str, Reply], Reply] = lambda _lane, reply: reply
        self.keeps_slowly = False
        self.is_there: Callable[[Lane], Awaitable[bool]] | None = None

    def lanes(self) -> dict[str, Lane]:
        return {
            name: Lane(name, model, model.name, Pace(self.concurrency), PRICE, 2)
            for name, model in (("previous", self.previous), ("candidate", self.candidate))
        }

    def calls(self) -> list[Call]:
        return owed_calls(
            self.requests, list(self.lanes().values()), self.repeats, np.random.default_rng(1)
        )

    def run(self, calls: Sequence[Call] | None = None) -> dict[str, Reply]:
        """Make the calls that are owed; return every journaled reply by arm, case and repeat."""
        return asyncio.run(self._run(calls))

    async def _run(self, calls: Sequence[Call] | None) -> dict[str, Reply]:
        stop = asyncio.Event()

        def told(lane: str, reply: Reply) -> None:
            self.told.append((lane, reply))
            if len(self.told) >= self.stop_after:
                stop.set()

        rules = CallRules(
            self.concurrency,
            self.max_attempts,
            lambda: AT,
            self.keep,
            told,
            self.is_there,
            self.keeps_slowly,
        )
        with Journal(self.path, HEADER) as journal:
            owed = [call for call in calls or self.calls() if call.key not in journal.places]
            self.budget = Budget(self.cap, journal.spent)
            await make_calls(owed, self.lanes(), journal, self.budget, rules, stop)
            return {
                f"{p.lane} {p.case_id} {p.repeat}": journal.reply(key)
                for key, p in journal.places.items()
            }


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "journal.jsonl")


def test_every_case_is_asked_of_both_arms_as_often_as_it_says(tmp_path: Path) -> None:
    world = World(tmp_path / "j", n_cases=7, repeats=3)

    found = world.run()

    assert len(found) == 7 * 3 * 2
    assert set(world.previous.asked.values()) == set(world.candidate.asked.values()) == {1}
    assert found["candidate c003 2"].text == "q3"
    assert found["candidate c003 2"].resolved_model == "new-2026-05-18"
    assert found["candidate c003 2"].cost_usd == 12e-6


def test_the_arms_of_one_case_stand_side_by_side_in_random_order(world: World) -> None:
    calls = world.calls()

    pairs = list(zip(calls[::2], calls[1::2], strict=True))
    assert all(a.request is b.request and a.lane != b.lane for a, b in pairs)
    assert {a.lane for a, _ in pairs} == {"previous", "candidate"}
    assert [a.request.case_id for a, _ in pairs] != sorted(world.requests)


def test_the_same_seed_gives_the_same_order(world: World) -> None:
    assert world.calls() == world.calls()


def test_keys_tell_arm_endpoint_request_and_repeat_apart() -> None:
    request, other = a_request("c"), a_request("c", "other words")
    keys = {
        call_key("previous", "e", request, 0),
        call_key("candidate", "e", request, 0),
        call_key("previous", "e2", request, 0),
        call_key("previous", "e", other, 0),
        call_key("previous", "e", a_request("d"), 0),
        call_key("previous", "e", request, 1),
    }

    assert len(keys) == 6
    assert call_key("previous", "e", a_request("c"), 0) in keys


def test_no_more_calls_at_once_than_the_manifest_allows_over_both_arms(world: World) -> None:
    world.previous.delay_s = world.candidate.delay_s = 0.005

    world.run()

    assert 0 < world.previous.most_at_once + world.candidate.most_at_once <= 2 * world.concurrency
    assert max(world.previous.most_at_once, world.candidate.most_at_once) <= world.concurrency


def test_a_run_that_is_repeated_asks_nothing_again(world: World) -> None:
    first = world.run()

    assert world.run() == first
    assert set(world.candidate.asked.values()) == {1}


@pytest.mark.parametrize(
    "kind", [Fault.SERVER, Fault.TIMEOUT, Fault.UNREACHABLE, Fault.MALFORMED, Fault.RATE_LIMITED]
)
def test_a_passing_fault_is_tried_again_and_the_reply_says_so(world: World, kind: Fault) -> None:
    world.candidate.fails = lambda case, _r, attempt: (
        fault(kind, "x", 0.0) if case == "c003" and attempt < 3 else None
    )

    reply = world.run()["candidate c003 0"]

    assert reply.text == "q3"
    assert reply.attempts == (None if kind is Fault.RATE_LIMITED else 3)


def test_both_arms_get_the_same_bounded_number_of_attempts(world: World) -> None:
    world.previous.fails = world.candidate.fails = lambda case, _r, _a: (
        fault(Fault.SERVER, "down", 0.0) if case == "c003" else None
    )

    found = world.run()

    for arm, model in (("previous", world.previous), ("candidate", world.candidate)):
        assert model.asked["c003", 0] == 4
        assert found[f"{arm} c003 0"].error == "server_error: down"
        assert found[f"{arm} c003 0"].attempts == 4


def test_a_rejected_request_is_not_tried_again(world: World) -> None:
    world.candidate.fails = lambda case, _r, _a: (
        fault(Fault.REJECTED, "too long") if case == "c003" else None
    )

    found = world.run()

    assert world.candidate.asked["c003", 0] == 1
    assert found["candidate c003 0"].error == "rejected: too long"


def test_a_wrong_answer_is_never_asked_for_again(world: World) -> None:
    world.run()

    assert set(world.candidate.asked.values()) == {1}


def test_an_arm_that_is_down_stops_the_run_and_its_failures_are_not_written(tmp_path: Path) -> None:
    world = World(tmp_path / "j", n_cases=100)
    world.max_attempts = 1
    world.candidate.fails = lambda _c, _r, _a: fault(Fault.UNREACHABLE, "refused")

    with pytest.raises(
        StoppedError, match=r"the candidate arm .* is down: 20 calls in a row failed"
    ):
        world.run()

    world.candidate.fails = lambda _c, _r, _a: None
    found = world.run()
    assert len(found) == 200
    assert not any(reply.is_error for reply in found.values())
    assert set(world.previous.asked.values()) == {1}


def test_a_small_arm_that_only_fails_counts_as_down(tmp_path: Path) -> None:
    world = World(tmp_path / "j", n_cases=3)
    world.candidate.fails = lambda _c, _r, _a: fault(Fault.NOT_FOUND, "no such model")

    with pytest.raises(StoppedError, match="no such model"):
        world.run()


def test_a_server_that_wants_a_long_rest_stops_the_run(world: World) -> None:
    world.candidate.fails = lambda case, _r, _a: (
        fault(Fault.RATE_LIMITED, "slow down", 3600.0) if case == "c003" else None
    )

    with pytest.raises(StoppedError, match="3600 s"):
        world.run()


def test_the_cap_holds_and_what_was_answered_is_kept(tmp_path: Path) -> None:
    world = World(tmp_path / "j", n_cases=50, cap=0.0008)

    with pytest.raises(StoppedError, match=r"the cap of 0\.0008 USD is reached"):
        world.run()

    assert world.budget.spent <= 0.0008
    asked = sum(world.previous.asked.values()) + sum(world.candidate.asked.values())
    assert asked == len(world.told) > 10

    world.cap = 1.0
    assert len(world.run()) == 100
    assert set(world.previous.asked.values()) | set(world.candidate.asked.values()) == {1}


def test_a_run_that_is_stopped_waits_for_the_calls_under_way_and_goes_on_later(
    world: World,
) -> None:
    world.previous.delay_s = world.candidate.delay_s = 0.002
    world.stop_after = 5

    found = world.run()
    assert 5 <= len(found) < 5 + world.concurrency + 1
    assert len(found) == sum(world.previous.asked.values()) + sum(world.candidate.asked.values())

    world.stop_after = 10**9
    assert len(world.run()) == 40
    assert set(world.candidate.asked.values()) == {1}


def test_an_empty_answer_is_a_reply_and_not_a_failure(world: World) -> None:
    world.requests = {"c": a_request("c", "")}

    reply = world.run()["candidate c 0"]

    assert reply.text == ""
    assert not reply.is_error


def test_shards_hold_every_case_once_and_do_not_depend_on_order() -> None:
    cases = [f"case-{n}" for n in range(1000)]
    parts = [{case for case in cases if Shard(k, 5).holds(case)} for k in range(1, 6)]

    assert set.union(*parts) == set(cases)
    assert sum(map(len, parts)) == 1000
    assert all(150 < len(part) < 250 for part in parts)


@pytest.mark.parametrize("text", ["0/5", "6/5", "2", "a/b", "-1/3", "1/0", "", "1/2/3", "²/3"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="k/n"):
        parse_shard(text)


def test_changed_and_vanished_cases_are_refused_by_name(world: World) -> None:
    world.run()
    world.requests["c003"] = a_request("c003", "another question")
    del world.requests["c007"]

    with (
        Journal(world.path, HEADER) as journal,
        pytest.raises(UsageError, match=r"2 cases \(c003, c007\)"),
    ):
        refuse_changed_cases(journal, world.calls(), world.lanes())


def test_fewer_repeats_than_were_asked_are_refused(tmp_path: Path) -> None:
    world = World(tmp_path / "j", n_cases=2, repeats=3)
    world.run()
    world.repeats = 2

    with Journal(world.path, HEADER) as journal, pytest.raises(UsageError, match="repeats"):
        refuse_changed_cases(journal, world.calls(), world.lanes())


def test_a_failure_of_hitl_itself_is_not_swallowed(world: World) -> None:
    def broken(_case: str, _repeat: int, _attempt: int) -> CallError | None:
        raise ZeroDivisionError

    world.candidate.fails = broken

    with pytest.raises(ZeroDivisionError):
        world.run()


def test_lasting_rejections_of_some_requests_do_not_make_an_arm_down(tmp_path: Path) -> None:
    world = World(tmp_path / "j", n_cases=200)
    bad = {f"c{n:03}" for n in range(0, 200, 3)}
    world.candidate.fails = lambda case, _r, _a: (
        fault(Fault.REJECTED, "too long") if case in bad else None
    )

    found = world.run()

    assert len(found) == 400
    assert sum(reply.is_error for reply in found.values()) == len(bad)


def test_a_resume_on_which_only_rejected_requests_are_left_comes_to_an_end(tmp_path: Path) -> None:
    world = World(tmp_path / "j", n_cases=60)
    bad = {f"c{n:03}" for n in range(30)}
    calls = world.calls()
    world.run([call for call in calls if call.request.case_id not in bad])
    world.candidate.fails = lambda _c, _r, _a: fault(Fault.REJECTED, "too long")
    world.previous.fails = world.candidate.fails

    found = world.run([call for call in calls if call.request.case_id in bad])

    assert sum(reply.is_error for reply in found.values()) == 60


@pytest.mark.parametrize("is_there", [True, False])
def test_many_failures_of_a_server_in_a_row_ask_whether_it_is_there(
    tmp_path: Path, is_there: bool
) -> None:
    world = World(tmp_path / "j", n_cases=100)
    world.run(world.calls()[:40])
    world.max_attempts = 1
    world.candidate.fails = lambda _c, _r, _a: fault(Fault.SERVER, "broken")

    async def look(_lane: Lane) -> bool:
        return is_there

    world.is_there = look
    if not is_there:
        with pytest.raises(StoppedError, match="is down"):
            world.run()
        return
    found = world.run()
    assert len(found) == 200
    assert sum(reply.is_error for reply in found.values()) == 80


def test_code_of_the_user_that_is_slow_holds_no_call_up(tmp_path: Path) -> None:
    world = World(tmp_path / "j", n_cases=20)
    world.keeps_slowly = True
    started = threading.get_ident()
    threads = set()

    def keep(_lane: str, reply: Reply) -> Reply:
        threads.add(threading.get_ident())
        return reply

    world.keep = keep

    assert len(world.run()) == 40
    assert started not in threads
