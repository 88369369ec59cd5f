"""The python provider: user functions, called in a process of their own that outlives the call."""

import asyncio
import json
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hitl.document.schema import Json
from hitl.manifest.release import ModelSpec
from hitl.run.local.child import MOST_OUTPUT, printable, small_environment
from hitl.run.local.exchange import question, read_value
from hitl.run.local.key import check_key, hidden
from hitl.run.local.source import module_digest
from hitl.run.local.worker import LOAD_S, Answer, Worker, WorkerLostError
from hitl.run.model import CallError, Completion, Fault, Probe, Request


@dataclass(frozen=True, slots=True)
class Returned:
    """What a function gave."""

    value: Json
    latency_ms: float
    """Measured beside the function, so that neither import nor waiting counts."""


class FunctionHost:
    """Calls user functions, many at once, in one process.

    A call past its limit takes the process down, and so does a function that crashes it. The other calls
    in flight are then asked once more, each in a process of its own: what happens there is its own doing, so
    that no call fails for what another did. A call that was alone is not asked again.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Note where functions are, and all of the environment that they see; nothing is started."""
        self._folder = folder.absolute()
        self._environment = environment
        self._shared: Worker | None = None
        self._workers: set[Worker] = set()
        self._starting = asyncio.Lock()
        self._is_closed = False

    async def start(self) -> None:
        """Start the process, which the first call does otherwise.

        Raises:
            CallError: it cannot be started.
        """
        await self._ready()

    async def load(self, function: str) -> None:
        """Import a function.

        Raises:
            CallError: it cannot be imported.
        """
        worker = await self._ready()
        try:
            await self._load(worker, function)
        except WorkerLostError as error:
            raise _crashed(function, error) from error

    async def call(self, function: str, arguments: tuple[Json, ...], timeout_s: float) -> Returned:
        """Call `module:function` with JSON values; the limit does not count its import.

        Raises:
            CallError: it cannot be imported, raises, hangs, crashes, or returns what is no JSON.
        """
        try:
            return await self._call(await self._ready(), function, arguments, timeout_s)
        except WorkerLostError as error:
            if error.is_own_doing:
                raise _crashed(function, error) from error
        alone = await self._new()
        try:
            return await self._call(alone, function, arguments, timeout_s)
        except WorkerLostError as error:
            raise _crashed(function, error) from error
        finally:
            await self._end(alone)

    async def close(self) -> None:
        """End every process; calls in flight fail, and so do later ones."""
        self._is_closed = True
        await asyncio.gather(*(self._end(worker) for worker in tuple(self._workers)))

    async def _call(
        self, worker: Worker, function: str, arguments: tuple[Json, ...], timeout_s: float
    ) -> Returned:
        await self._load(worker, function)
        try:
            answer = await self._guarded(worker, worker.call(function, arguments, timeout_s))
        except TimeoutError as error:
            raise _slow(function, timeout_s) from error
        return self._value(function, answer)

    async def _load(self, worker: Worker, function: str) -> None:
        try:
            answer = await self._guarded(worker, worker.load(function))
        except TimeoutError as error:
            raise _slow(function, LOAD_S) from error
        self._value(function, answer)

    async def _guarded(self, worker: Worker, asking: Awaitable[Answer]) -> Answer:
        """Wait for an answer; where none comes, nothing of the process may live on."""
        try:
            return await asking
        except (TimeoutError, asyncio.CancelledError, WorkerLostError):
            await self._end(worker)
            raise

    async def _ready(self) -> Worker:
        async with self._starting:
            if self._shared is not None and self._shared.over:
                await self._end(self._shared)
            if self._shared is None:
                self._shared = await self._new()
            return self._shared

    async def _new(self) -> Worker:
        self._check_open()
        worker = Worker()
        try:
            await worker.start(self._folder, self._environment)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            problem = f"no process for functions of {self._folder} can be started: {reason}"
            raise CallError(Fault.CRASHED, problem) from error
        self._workers.add(worker)
        if self._is_closed:
            await self._end(worker)
        self._check_open()
        return worker

    def _check_open(self) -> None:
        if self._is_closed:
            raise CallError(Fault.CRASHED, "user functions are no longer called: the run is over")

    async def _end(self, worker: Worker) -> None:
        if self._shared is worker:
            self._shared = None
        await worker.stop()
        self._workers.discard(worker)

    def _value(self, function: str, answer: Answer) -> Returned:
        said = printable(str(answer.get("words")))
        match answer.get("problem"):
            case None:
                return Returned(answer.get("value"), answer.get("ms", 0.0))
            case "load":
                advice = f"modules are looked for in {self._folder}, then where Python looks"
                problem = f"`{function}` cannot be loaded: {said}; {advice}"
                raise CallError(Fault.NOT_FOUND, problem)
            case "not_json":
                raise CallError(Fault.MALFORMED, f"`{function}` returned what is no JSON: {said}")
            case "too_large":
                limit = f"at most {MOST_OUTPUT} may be returned"
                raise CallError(Fault.TOO_LARGE, f"`{function}` returned {said}; {limit}")
            case _:
                raise CallError(Fault.CRASHED, f"`{function}` raised {said}")


class FunctionModel:
    """A model that is a function of the user's: a request as a dict in, text or a dict out."""

    def __init__(
        self, spec: ModelSpec, folder: Path, timeout_s: float, environment: Mapping[str, str]
    ) -> None:
        """Note the function; `folder` is the manifest's, `environment` the one that hitl runs in."""
        self._spec = spec
        self._function = spec.function or ""
        self._timeout_s = timeout_s
        self._environment = small_environment(environment, spec.api_key_env)
        self._host = FunctionHost(folder, self._environment)
        self.endpoint = "python " + json.dumps(
            [spec.id, spec.function, spec.params, module_digest(self._function, folder)],
            sort_keys=True,
        )
        """The function, the parameters, and a digest of its module's source."""

    async def ask(self, request: Request, repeat: int) -> Completion:
        """Call the function once.

        Raises:
            CallError: it cannot be loaded, raises, hangs, crashes, or returns no usable reply.
        """
        asked = question(self._spec, request, repeat)
        try:
            found = await self._host.call(self._function, (asked,), self._timeout_s)
        except CallError as error:
            said = hidden(str(error), self._spec, self._environment)
            raise CallError(error.fault, said) from error
        return read_value(found.value, found.latency_ms)

    async def probe(self) -> Probe:
        """Import the function and look whether its key is there; it is not called.

        Raises:
            CallError: it cannot be loaded, or the key is missing.
        """
        check_key(self._spec, self._environment)
        await self._host.load(self._function)
        note = f"`{self._spec.id}` is a function: who answers shows in its replies only"
        return Probe(None, None, (), (), (note,))

    async def close(self) -> None:
        """End the process that the function runs in."""
        await self._host.close()


def _crashed(function: str, error: WorkerLostError) -> CallError:
    return CallError(Fault.CRASHED, f"`{function}` ended its process: {error}")


def _slow(function: str, limit_s: float) -> CallError:
    return CallError(Fault.TIMEOUT, f"`{function}` did not return within {limit_s:g} s")
