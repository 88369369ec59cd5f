"""The process that user functions run in: `python -P -m hitl.run.local.host FOLDER`.

It reads one JSON question a line on stdin and writes one JSON answer a line on stdout, in any order:

    {"id": 1, "function": "module:name"}                       load it
    {"id": 2, "function": "module:name", "arguments": [...]}   call it
    {"id": 1, "value": null, "ms": 0.0}                        what it returned, and how long it took
    {"id": 2, "problem": "raised", "words": "ValueError: no"}  why there is no value

What user code prints goes to stderr, and its stdin is empty. When stdin ends, the process and all that it started end.
"""

import asyncio
import importlib
import inspect
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import Any, BinaryIO

from hitl.run.local.child import MOST_OUTPUT

MOST_THREADS = 1000
"""Functions that are not `async` and run at once; no manifest may ask for more."""


@dataclass(frozen=True, slots=True)
class Raised:
    """What user code ended with instead of a value."""

    words: str


class Host:
    """Runs user functions and writes their answers."""

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers
        self._threads = ThreadPoolExecutor(MOST_THREADS)
        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, line: bytes) -> None:
        """Begin with one question."""
        task = asyncio.ensure_future(self._answer(json.loads(line)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, asked: dict[str, Any]) -> None:
        result = await self._result(asked)
        self._answers.write(await self._in_thread(written, asked["id"], result))
        self._answers.flush()

    async def _result(self, asked: dict[str, Any]) -> dict[str, object]:
        function = await self._in_thread(attempt, find, asked["function"])
        if isinstance(function, Raised):
            return {"problem": "load", "words": function.words}
        if "arguments" not in asked:
            return {"value": None, "ms": 0.0}
        started = perf_counter()
        value = await self._value(function, asked["arguments"])
        if isinstance(value, Raised):
            return {"problem": "raised", "words": value.words}
        return {"value": value, "ms": (perf_counter() - started) * 1000}

    async def _value(self, function: Callable[..., object], arguments: list[object]) -> object:
        if inspect.iscoroutinefunction(function):
            value = attempt(function, *arguments)  # makes the coroutine, runs nothing
        else:
            value = await self._in_thread(attempt, function, *arguments)
        return await attempt_async(value) if inspect.isawaitable(value) else value

    async def _in_thread(self, function: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)


def find(name: str) -> Callable[..., object]:
    """Import what `module:function` names."""
    module, colon, path = name.partition(":")
    if not colon:
        raise ValueError("expected module:function")
    found: Any = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    if not callable(found):
        raise TypeError(f"{path} is {type(found).__name__}, not a function")
    return found  # type: ignore[no-any-return]  # callable, and that is all that is known


def attempt(function: Callable[..., object], *arguments: object) -> object:
    """Return what user code returns, or what it raises, be it an exit."""
    try:
        return function(*arguments)
    except BaseException as error:  # noqa: BLE001  # nothing is hidden: it becomes the answer
        return Raised(words(error))


async def attempt_async(value: Awaitable[object]) -> object:
    """Return what user code returns in the end, or what it raises."""
    try:
        return await value
    except BaseException as error:  # noqa: BLE001  # nothing is hidden: it becomes the answer
        return Raised(words(error))


def words(error: BaseException) -> str:
    """Return an error as the last line of its traceback has it, on one line."""
    last = traceback.format_exception_only(error)[-1]
    at = f" (line {error.lineno})" if isinstance(error, SyntaxError) else ""
    return " ".join(last.split()) + at


def written(number: int, result: dict[str, object]) -> bytes:
    """Return an answer as one line; one that cannot be written says so."""
    try:
        line = json.dumps({"id": number, **result}, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        line = json.dumps({"id": number, "problem": "not_json", "words": words(error)})
    if len(line) > MOST_OUTPUT:
        line = json.dumps({"id": number, "problem": "too_large", "words": f"{len(line)} bytes"})
    return line.encode() + b"\n"


async def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the questions end."""
    host = Host(answers)
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in questions:
            loop.call_soon_threadsafe(host.take, line)
        if os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)  # whoever asked is gone; so are those that were started
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    await asyncio.Event().wait()


def main() -> None:
    """Keep the pipes for questions and answers, so that user code cannot write into them by accident."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    folder = sys.argv.pop(1)
    sys.path.insert(0, folder)
    asyncio.run(serve(questions, answers))


if __name__ == "__main__":
    main()
