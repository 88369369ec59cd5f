"""One process that runs user functions, as its parent sees it."""

import asyncio
import json
import sys
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

from hitl.document.schema import Json
from hitl.run.local.child import MOST_OUTPUT, Child, last_line, start_child

Answer = dict[str, Any]
"""An answer as `hitl.run.local.host` writes it."""

_STDOUT = 1
_TAIL = 4096
_ROOM = 4096
"""Bytes of an answer's line around its value."""

LOAD_S = 120.0
"""How long importing a function's module may take; the time limit of a call begins after it."""


class WorkerLostError(Exception):
    """The process ended before it answered; says what it said last."""

    def __init__(self, words: str, *, is_own_doing: bool) -> None:
        self.is_own_doing = is_own_doing
        """Whether no other call can be the reason."""
        super().__init__(words)


class Worker:
    """Asks one process, and matches its answers to the questions."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._loading: dict[str, asyncio.Task[Answer]] = {}
        self._pieces: list[bytes] = []
        self._size = 0
        self._tail = b""
        self._is_stopped = False
        self.over = False
        """Whether it takes no more questions."""

    async def start(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Start the process; functions are looked for in `folder` first."""
        argv = (sys.executable, "-P", "-m", "hitl.run.local.host", str(folder))
        self._child: Child = await start_child(argv, folder, environment, self._receive)
        self._child.exited.add_done_callback(lambda _: self._lose())

    async def load(self, function: str) -> Answer:
        """Import a function once.

        Raises:
            TimeoutError: it takes too long.
            WorkerLostError: the process ended.
        """
        if function not in self._loading:
            self._loading[function] = asyncio.create_task(self._load(function))
        return await asyncio.shield(self._loading[function])

    async def call(self, function: str, arguments: tuple[Json, ...], timeout_s: float) -> Answer:
        """Call a function.

        Raises:
            TimeoutError: it takes longer than its limit.
            WorkerLostError: the process ended.
        """
        async with asyncio.timeout(timeout_s):
            return await self._ask({"function": function, "arguments": arguments})

    async def stop(self) -> None:
        """Stop the process and all that it started, for no doing of the other calls in flight."""
        self._is_stopped = True
        self._kill()
        await self._child.end()
        self._lose()
        await asyncio.gather(*self._loading.values(), return_exceptions=True)

    async def _load(self, function: str) -> Answer:
        async with asyncio.timeout(LOAD_S):
            return await self._ask({"function": function})

    async def _ask(self, asked: dict[str, Any]) -> Answer:
        if self.over:
            raise WorkerLostError(self._last_words(), is_own_doing=False)
        number = next(self._numbers)
        waiting: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        try:
            self._child.send(json.dumps({"id": number, **asked}).encode() + b"\n")
            return await waiting
        finally:
            self._waiting.pop(number, None)

    def _receive(self, fd: int, data: bytes) -> None:
        if fd != _STDOUT:
            self._tail = (self._tail + data)[-_TAIL:]
            return
        first, *rest = data.split(b"\n")
        self._hold(first)
        for piece in rest:
            self._answer(b"".join(self._pieces))
            self._pieces, self._size = [], 0
            self._hold(piece)

    def _hold(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > MOST_OUTPUT + _ROOM:
            self._pieces.clear()
            self._kill()

    def _answer(self, line: bytes) -> None:
        try:
            answer = json.loads(line)
            waiting = self._waiting.get(answer["id"])
        except (ValueError, TypeError, KeyError, RecursionError):
            self._kill()  # user code wrote into the pipe, so that no answer can be trusted
            return
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    def _kill(self) -> None:
        self.over = True
        self._child.kill()

    def _lose(self) -> None:
        self.over = True
        is_own_doing = len(self._waiting) == 1 and not self._is_stopped
        for waiting in self._waiting.values():
            if not waiting.done():
                error = WorkerLostError(self._last_words(), is_own_doing=is_own_doing)
                waiting.set_exception(error)

    def _last_words(self) -> str:
        return last_line(self._tail) or "it said nothing on stderr"
