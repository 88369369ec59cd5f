"""Calls made and kept: bounded attempts, a pace for each arm, a cap on money, a journal line for every answer."""

import asyncio
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import inf

from hitl.errors import EvidenceError
from hitl.run.conduct import fault_of
from hitl.run.journal.file import Journal
from hitl.run.lane import Call, Lane
from hitl.run.model import MAYBE_PAID, CallError, Completion, Fault
from hitl.run.money.budget import Budget, BudgetSpent
from hitl.run.reply import Finish, Reply

DOWN_AFTER = 20
"""Calls that fail one after the other, with all their attempts, before an arm counts as down."""

LONGEST_WAIT_S = 120.0
"""A server that asks to be left alone for longer counts as down."""

RATE_LIMIT_PATIENCE = 25
"""Times that one call may be turned away for its rate; it has not been tried then, so this is no attempt."""

_OF_THE_REQUEST = {Fault.REJECTED, Fault.TOO_LARGE, Fault.CRASHED, Fault.TOO_MANY_TURNS}
"""Faults that say nothing about the server."""

_OF_THE_DOOR = {Fault.UNAUTHORIZED, Fault.NOT_FOUND}
"""Faults that no other request would be spared."""

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0


@dataclass(frozen=True, slots=True)
class CallRules:
    """What holds for every call of a run."""

    concurrency: int
    max_attempts: int
    clock: Callable[[], datetime]
    keep: Callable[[str, Reply], Reply]
    """Makes of a lane's reply what may be stored."""
    on_reply: Callable[[str, Reply], None]
    """Told of each reply once it is stored."""
    is_there: Callable[[Lane], Awaitable[bool]] | None = None
    """Finds out whether an arm can still be asked."""
    keeps_slowly: bool = False
    """Whether `keep` may wait for code of the user, which must not hold up the calls under way."""
    clean: Callable[[str], str] = str
    """Makes of a server's words what may be shown."""


class StoppedError(EvidenceError):
    """The run stopped before its end; what is answered is kept."""


async def make_calls(
    calls: Iterable[Call],
    lanes: Mapping[str, Lane],
    journal: Journal,
    budget: Budget,
    rules: CallRules,
    stop: asyncio.Event,
) -> None:
    """Make calls in their order, several at once, until all are answered or `stop` is set.

    Raises:
        StoppedError: an arm is down, or the cap is reached; run again to go on.
        EvidenceError: the journal cannot be written.
    """
    work = _Work(iter(calls), lanes, journal, budget, rules, stop)
    workers = [asyncio.create_task(work.run()) for _ in range(rules.concurrency)]
    watch = asyncio.create_task(work.watch())
    try:
        await asyncio.gather(*workers)
    finally:
        for task in (*workers, watch):
            task.cancel()
        await asyncio.gather(*workers, watch, return_exceptions=True)
    if work.failure is not None:
        raise work.failure
    if not stop.is_set():
        await work.finish()


_Answered = tuple[Call, Reply, float]
"""A call, its reply, and what was charged."""


@dataclass
class _Health:
    """Failures of an arm: they are written down only once it answers a call that began after them."""

    failures: list[_Answered] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    """When each of them was over, by the loop's clock."""

    def note(self, failure: _Answered) -> None:
        self.failures.append(failure)
        self.ended.append(asyncio.get_running_loop().time())

    def before(self, moment: float) -> list[_Answered]:
        """Take out the failures that were over before a moment."""
        n = bisect_left(self.ended, moment)
        found, self.failures = self.failures[:n], self.failures[n:]
        del self.ended[:n]
        return found


class _HaltedError(Exception):
    """The run is over, and this call was not under way."""


@dataclass
class _Work:
    pending: Iterator[Call]
    lanes: Mapping[str, Lane]
    journal: Journal
    budget: Budget
    rules: CallRules
    stop: asyncio.Event
    health: dict[str, _Health] = field(default_factory=dict)
    failure: StoppedError | None = None
    """Why no further call is made."""
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """No further call is made; calls under way are paid for, so they are waited for."""
    answered: set[str] = field(default_factory=set)
    """Lanes that have answered a call, in this session or an earlier one."""
    keeping: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.answered |= {p.lane for p in self.journal.places.values() if not p.is_error}

    @property
    def is_over(self) -> bool:
        return self.stop.is_set() or self.over.is_set()

    async def watch(self) -> None:
        await self.stop.wait()
        self.over.set()

    async def run(self) -> None:
        for call in self.pending:
            if self.is_over:
                return
            lane = self.lanes[call.lane]
            try:
                await self._settle(lane, call, await self._ask(lane, call))
            except _HaltedError:
                return
            except BudgetSpent as error:
                self._fail(StoppedError(cap_reached(error)))
            except StoppedError as error:
                self._fail(error)

    def _fail(self, error: StoppedError) -> None:
        self.failure = self.failure or error
        self.over.set()

    async def _ask(self, lane: Lane, call: Call) -> tuple[Reply, float, float]:
        """Return the reply to a call, or what made every attempt fail, what was charged, and when the last attempt began."""
        charged, attempt, refusals = 0.0, 0, 0
        while True:
            began = asyncio.get_running_loop().time()
            outcome, cost = await self._attempt(lane, call)
            charged += cost
            if isinstance(outcome, Completion):
                return self._reply(lane, call, outcome, attempt + 1), charged, began
            is_refusal = outcome.fault is Fault.RATE_LIMITED
            refusals, attempt = refusals + is_refusal, attempt + (not is_refusal)
            wait = _pause(outcome, max(attempt, refusals), call)
            lane.pace.failed(outcome.fault, wait if is_refusal or outcome.retry_after_s else None)
            over = attempt >= self.rules.max_attempts or refusals >= RATE_LIMIT_PATIENCE
            if over or not outcome.is_transient:
                return self._failure(lane, call, outcome, max(1, attempt)), charged, began
            if wait > LONGEST_WAIT_S:
                raise StoppedError(
                    f"the {lane.name} arm asks to be left alone for {wait:.0f} s; run the same command again after that"
                )
            await self._while_on(asyncio.sleep(wait))

    async def _attempt(self, lane: Lane, call: Call) -> tuple[Completion | CallError, float]:
        worst = lane.worst(call.request) if self.budget.cap is not None else 0.0
        if self.budget.cap is not None:
            await self.budget.reserve(worst)
            self._raise_ceiling(worst)
        charged = 0.0
        try:
            await self._enter(lane, call)
            charged = worst
            completion = await self._answer(lane, call)
            charged = lane.charge(completion, worst)
        except CallError as error:
            may_be_paid = error.fault in MAYBE_PAID or call.request.tool_results  # earlier turns
            charged = worst if may_be_paid else 0.0
            return error, charged
        else:
            return completion, charged
        finally:
            self.budget.settle(worst, charged)

    async def _enter(self, lane: Lane, call: Call) -> None:
        if self.is_over:
            raise _HaltedError
        if not lane.pace.enters_at_once():
            await self._while_on(lane.pace.enter(lane.tokens(call.request)))

    async def _while_on(self, waiting: Coroutine[object, object, None]) -> None:
        """Wait for something for as long as the run goes on.

        Raises:
            _HaltedError: it is over.
        """
        waiter = asyncio.create_task(waiting)
        over = asyncio.create_task(self.over.wait())
        try:
            await asyncio.wait((waiter, over), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiter.cancel()
            over.cancel()
        if self.is_over:
            raise _HaltedError
        await waiter

    async def _answer(self, lane: Lane, call: Call) -> Completion:
        try:
            completion = await lane.model.ask(call.request, call.repeat)
        finally:
            lane.pace.leave()
        lane.pace.answered(completion.latency_ms or 0.0)
        return completion

    def _raise_ceiling(self, worst: float) -> None:
        """Write down what may be spent before it can be, so that a crash cannot lose sight of money."""
        cap, ceiling = self.budget.cap, self.budget.ceiling
        if cap is not None and ceiling > self.journal.ceiling:
            self.journal.keep_ceiling(min(cap, ceiling + 8 * worst))

    def _reply(self, lane: Lane, call: Call, found: Completion, attempts: int) -> Reply:
        return Reply(
            case_id=call.request.case_id,
            repeat=call.repeat,
            text=found.text if found.text is not None or found.tool_calls else "",
            tool_calls=found.tool_calls,
            declared_model=lane.declared,
            resolved_model=found.resolved_model,
            finish=found.finish,
            latency_ms=None if found.latency_ms is None else round(found.latency_ms, 3),
            input_tokens=found.input_tokens,
            output_tokens=found.output_tokens,
            cost_usd=lane.cost(found),
            confidence=found.confidence,
            action_type=found.action_type,
            labels=found.labels,
            at=self.rules.clock() if lane.is_stamped else None,
            attempts=attempts if attempts > 1 else None,
        )

    def _failure(self, lane: Lane, call: Call, error: CallError, attempts: int) -> Reply:
        return Reply(
            case_id=call.request.case_id,
            repeat=call.repeat,
            declared_model=lane.declared,
            finish=Finish.ERROR,
            error=f"{error.fault.value}: {error}",
            at=self.rules.clock() if lane.is_stamped else None,
            attempts=attempts if attempts > 1 else None,
        )

    async def _settle(self, lane: Lane, call: Call, answer: tuple[Reply, float, float]) -> None:
        reply, charged, began = answer
        health = self.health.setdefault(lane.name, _Health())
        if not reply.is_error:
            self.answered.add(lane.name)
            await self._write_all(lane, [*health.before(began), (call, reply, charged)])
        elif lane.name in self.answered and fault_of(reply) in _OF_THE_REQUEST:
            await self._write_all(lane, [(call, reply, charged)])
        else:
            health.note((call, reply, charged))
            if len(health.failures) >= DOWN_AFTER:
                await self._look_after(lane, health.before(inf))

    async def _look_after(self, lane: Lane, failures: list[_Answered]) -> None:
        """Write failures down if the arm answers others, and can be asked now.

        Raises:
            StoppedError: it is down; its failures are forgotten, so that their calls are made again.
        """
        if lane.name not in self.answered or await self._is_gone(lane, failures):
            last = self.rules.clean(failures[-1][1].error or "")
            raise StoppedError(_down(lane, last, len(failures)))
        await self._write_all(lane, failures)

    async def _write_all(self, lane: Lane, answers: list[_Answered]) -> None:
        for call, reply, charged in answers:
            if self.rules.keeps_slowly:
                async with self.keeping:
                    stored = await asyncio.to_thread(self.rules.keep, lane.name, reply)
            else:
                stored = self.rules.keep(lane.name, reply)
            self.journal.keep(call.key, lane.name, stored, charged)
            self.rules.on_reply(lane.name, stored)

    async def finish(self) -> None:
        """Write down the last failures of each arm that still answers.

        Raises:
            StoppedError: an arm only failed, or is down by now.
        """
        for name, health in self.health.items():
            if failures := health.before(inf):
                await self._look_after(self.lanes[name], failures)

    async def _is_gone(self, lane: Lane, failures: list[_Answered]) -> bool:
        """Whether failures may be the server's rather than those of what was asked, and it answers no more."""
        faults = {fault_of(reply) for _, reply, _ in failures}
        if faults & _OF_THE_DOOR or faults <= _OF_THE_REQUEST:
            return bool(faults & _OF_THE_DOOR)
        return self.rules.is_there is not None and not await self.rules.is_there(lane)


def _pause(error: CallError, failures: int, call: Call) -> float:
    """Return how long to wait before the next attempt: what the server says, or twice as long each time, spread by the key."""
    if error.retry_after_s is not None:
        return error.retry_after_s
    spread = 0.75 + int(call.key[:8], 16) / 2**33
    return float(min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** (failures - 1)) * spread)


def cap_reached(error: BudgetSpent) -> str:
    """Say that the money is spent, and how to go on."""
    return (
        f"the cap of {error.cap:g} USD is reached: {error.spent:.4f} USD are spent and the next call could exceed it; "
        "every answer is kept: raise limits.max_cost_usd and run the same command again to go on"
    )


def _down(lane: Lane, last: str, n: int) -> str:
    return (
        f"the {lane.name} arm ({lane.declared}) is down: {n} calls in a row failed, the last with: {last}. "
        "Every answer so far is kept; run the same command again once it answers"
    )
