"""User functions for code that waits: one call, one value, from an event loop in a thread of its own."""

import asyncio
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from hitl.document.schema import Json
from hitl.run.local.child import small_environment
from hitl.run.local.function import FunctionHost

CALL_S = 10.0
"""Longest that one call may take."""


class FunctionCaller:
    """Calls user functions while its `with` block lasts; nothing is started before the first call."""

    def __init__(
        self, folder: Path, environment: Mapping[str, str], timeout_s: float = CALL_S
    ) -> None:
        """Note where functions are looked for first; of the environment they see a small part."""
        self._host = FunctionHost(folder, small_environment(environment))
        self._timeout_s = timeout_s
        self._thread: threading.Thread | None = None
        self._is_running = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def call(self, function: str, *arguments: Json) -> Json:
        """Call `module:function` with JSON values.

        Raises:
            CallError: it cannot be loaded, raises, hangs, crashes, or returns what is no JSON.
        """
        if self._thread is None:
            self._thread = threading.Thread(target=asyncio.run, args=(self._live(),), daemon=True)
            self._thread.start()
            self._is_running.wait()
        calling = self._host.call(function, arguments, self._timeout_s)
        return asyncio.run_coroutine_threadsafe(calling, self._loop).result().value

    def close(self) -> None:
        """End the process and the thread."""
        if self._thread is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    async def _live(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._is_running.set()
        try:
            await self._stop.wait()
        finally:
            await self._host.close()
            # asyncio can wait for ever for a process whose start is cut off when the loop ends
            calls = asyncio.all_tasks() - {asyncio.current_task()}
            await asyncio.gather(*calls, return_exceptions=True)
