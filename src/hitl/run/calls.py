"""Calls made and kept: bounded attempts, a pace for each arm, a cap on money, a journal line for every answer."""

import asyncio
import hashlib
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import inf

from hitl.errors import EvidenceError
from hitl.run.conduct import fault_of
from hitl.run.journal.file import Journal
from hitl.run.model import MAYBE_PAID, CallError, Completion, Fault, Model, Request
from hitl.run.money.budget import Budget, BudgetSpent
from hitl.run.money.price import Price, worst_case
from hitl.run.pace import Pace
from hitl.run.reply import Finish, Reply

DOWN_AFTER = 20
"""Calls that fail one after the other, with all their attempts, before an arm counts as down."""

LONGEST_WAIT_S = 120.0
"""A server that asks to be left alone for longer counts as down."""

RATE_LIMIT_PATIENCE = 25
"""Times that one call may be turned away for its rate; it has not been tried then, so this is no attempt."""

_OF_THE_REQUEST = {Fault.REJECTED, Fault.TOO_LARGE, Fault.CRASHED, Fault.TOO_MANY_TURNS}
"""Faults that say nothing about the server."""

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0


@dataclass(frozen=True)
class Lane:
    """One arm of a run, or a judge: who is asked, how fast, and at what price."""

    name: str
    model: Model
    declared: str
    """Id of the model in the manifest."""
    pace: Pace
    price: Price | None = None
    output_bound: int | None = None
    """Most tokens of an answer, where the parameters bound it."""
    max_turns: int = 1
    """Most turns of a conversation in which recorded tool results are replayed."""
    is_stamped: bool = True
    """Whether its replies carry the time: scripted ones do not, so that they stay the same."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call that a run owes."""

    lane: str
    request: Request
    repeat: int
    key: str


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


class StoppedError(EvidenceError):
    """The run stopped before its end; what is answered is kept."""


def call_key(lane: str, endpoint: str, request: Request, repeat: int) -> str:
    """Return the name of a call: the same arm, endpoint, settings, request and repeat."""
    return hashlib.sha256(f"{lane}\n{endpoint}\n{request.digest}\n{repeat}".encode()).hexdigest()


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


@dataclass
class _Health:
    """Failures of an arm: they are written down only once it answers a call that began after them."""

    failures: list[tuple[Call, Reply, float]] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    """When each of them was over, by the loop's clock."""

    def note(self, failure: tuple[Call, Reply, float]) -> None:
        self.failures.append(failure)
        self.ended.append(asyncio.get_running_loop().time())

    def before(self, moment: float) -> list[tuple[Call, Reply, float]]:
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
                self._settle(lane, call, await self._ask(lane, call))
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
        worst = self._worst(lane, call.request)
        if self.budget.cap is not None:
            await self.budget.reserve(worst)
            self._raise_ceiling(worst)
        charged = 0.0
        try:
            await self._enter(lane, call)
            charged = worst
            completion = await self._answer(lane, call)
            charged = _charge(lane, completion, worst)
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
            await self._while_on(lane.pace.enter(_tokens(lane, call.request)))

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

    def _worst(self, lane: Lane, request: Request) -> float:
        if self.budget.cap is None or lane.price is None or lane.output_bound is None:
            return 0.0
        return worst_case(lane.price, request, lane.output_bound, lane.max_turns)

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
            cost_usd=_cost(lane, found),
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

    def _settle(self, lane: Lane, call: Call, answer: tuple[Reply, float, float]) -> None:
        reply, charged, began = answer
        health = self.health.setdefault(lane.name, _Health())
        if reply.is_error:
            health.note((call, reply, charged))
            if len(health.failures) >= DOWN_AFTER:
                raise StoppedError(_down(lane, reply, len(health.failures)))
            return
        for failure in health.before(began):
            self._write(lane, *failure)
        self._write(lane, call, reply, charged)

    def _write(self, lane: Lane, call: Call, reply: Reply, charged: float) -> None:
        stored = self.rules.keep(lane.name, reply)
        self.journal.keep(call.key, lane.name, stored, charged)
        self.rules.on_reply(lane.name, stored)

    async def finish(self) -> None:
        """Write down the last failures of each arm that still answers.

        Raises:
            StoppedError: an arm only failed, or is down by now.
        """
        answered = {place.lane for place in self.journal.places.values() if not place.is_error}
        for name, health in self.health.items():
            lane = self.lanes[name]
            if health.failures and (name not in answered or await self._is_gone(lane, health)):
                raise StoppedError(_down(lane, health.failures[-1][1], len(health.failures)))
            for failure in health.before(inf):
                self._write(lane, *failure)

    async def _is_gone(self, lane: Lane, health: _Health) -> bool:
        """Whether the last failures may be the server's rather than those of what was asked, and it answers no more."""
        faults = {fault_of(reply) for _, reply, _ in health.failures}
        if self.rules.is_there is None or faults <= _OF_THE_REQUEST:
            return False
        return not await self.rules.is_there(lane)


def _pause(error: CallError, failures: int, call: Call) -> float:
    """Return how long to wait before the next attempt: what the server says, or twice as long each time, spread by the key."""
    if error.retry_after_s is not None:
        return error.retry_after_s
    spread = 0.75 + int(call.key[:8], 16) / 2**33
    return float(min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** (failures - 1)) * spread)


def _tokens(lane: Lane, request: Request) -> int:
    """Return about how many tokens a call takes, where its pace counts them."""
    return request.n_bytes // 4 + (lane.output_bound or 0) if lane.pace.counts_tokens else 0


def _cost(lane: Lane, found: Completion) -> float | None:
    if found.cost_usd is not None:
        return found.cost_usd
    if lane.price is None or found.input_tokens is None or found.output_tokens is None:
        return None
    return lane.price.cost(found.input_tokens, found.output_tokens)


def _charge(lane: Lane, found: Completion, worst: float) -> float:
    cost = _cost(lane, found)
    return worst if cost is None else cost


def cap_reached(error: BudgetSpent) -> str:
    """Say that the money is spent, and how to go on."""
    return (
        f"the cap of {error.cap:g} USD is reached: {error.spent:.4f} USD are spent and the next call could exceed it; "
        "every answer is kept: raise limits.max_cost_usd and run the same command again to go on"
    )


def _down(lane: Lane, last: Reply, n: int) -> str:
    return (
        f"the {lane.name} arm ({lane.declared}) is down: {n} calls in a row failed, the last with: {last.error}. "
        "Every answer so far is kept; run the same command again once it answers"
    )
