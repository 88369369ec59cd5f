"""How fast one arm is asked: calls at once, calls and tokens a minute, and what its server asks for."""

import asyncio
from collections import deque
from statistics import median

from aiolimiter import AsyncLimiter

from hitl.run.model import Fault

WINDOW = 40
"""Answers over which latency is watched."""

SLOWER = 3.0
"""A window's median latency above this many times the best one means that the server is pressed."""

_MINUTE = 60.0


class Pace:
    """Lets calls of one arm through, fewer at a time when its server says or shows that it is pressed.

    The number at once falls by half on a 429 and by a fifth on a failure of the server or a slow window; it grows by one for each
    round of answers, up to the limit.
    """

    def __init__(
        self,
        most: int,
        requests_per_minute: int | None = None,
        tokens_per_minute: int | None = None,
    ) -> None:
        self.most = most
        self.limit = float(most)
        self.in_flight = 0
        self._resume_at = 0.0
        self._calmed_at = 0.0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._window: list[float] = []
        self._best = float("inf")
        self._requests = AsyncLimiter(requests_per_minute, _MINUTE) if requests_per_minute else None
        self._tokens = AsyncLimiter(tokens_per_minute, _MINUTE) if tokens_per_minute else None
        self._is_plain = self._requests is None and self._tokens is None

    @property
    def counts_tokens(self) -> bool:
        """Whether it must be told how many tokens a call may take."""
        return self._tokens is not None

    def enters_at_once(self) -> bool:
        """Let a call through if nothing holds it; `leave` must follow then."""
        is_paused = self._resume_at and self._resume_at > asyncio.get_running_loop().time()
        if self._is_plain and self.in_flight < self.limit and not is_paused:
            self.in_flight += 1
            return True
        return False

    async def enter(self, tokens: int = 0) -> None:
        """Wait until one more call may be made; `leave` must follow."""
        while self.in_flight >= self.limit or self._resume_at > asyncio.get_running_loop().time():
            await self._wait()
        self.in_flight += 1
        if self._requests is not None:
            await self._requests.acquire()
        if self._tokens is not None:
            await self._tokens.acquire(min(tokens, self._tokens.max_rate))

    async def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        pause = self._resume_at - loop.time()
        if pause > 0:
            await asyncio.sleep(pause)
            return
        turn = loop.create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._wake()
            raise

    def leave(self) -> None:
        """Say that a call is over."""
        self.in_flight -= 1
        if self._waiting:
            self._wake()

    def answered(self, latency_ms: float) -> None:
        """Take an answer into account."""
        self.limit = min(self.most, self.limit + 1 / self.limit)
        self._window.append(latency_ms)
        if len(self._window) < WINDOW:
            return
        now = median(self._window)
        self._window.clear()
        self._best = min(self._best, now)
        if now > SLOWER * self._best and self.limit > self.most / 4:
            self._shrink(0.8)

    def failed(self, fault: Fault, wait_s: float | None) -> None:
        """Take a failure into account: what is wrong, and how long the server asks to be left alone."""
        loop = asyncio.get_running_loop()
        if fault is Fault.RATE_LIMITED:
            self._calm(0.5)
        elif fault in (Fault.SERVER, Fault.TIMEOUT):
            self._calm(0.8)
        if wait_s:
            until = loop.time() + wait_s
            self._resume_at = max(self._resume_at, until)

    def _calm(self, share: float) -> None:
        """Shrink once for a burst of failures: calls that were under way say nothing new."""
        now = asyncio.get_running_loop().time()
        if now >= self._calmed_at:
            self._shrink(share)
            self._calmed_at = now + 0.25

    def _shrink(self, share: float) -> None:
        self.limit = max(1.0, self.limit * share)

    def _wake(self) -> None:
        free = max(1, int(self.limit) - self.in_flight)
        while self._waiting and free:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                free -= 1
