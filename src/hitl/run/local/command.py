"""The command provider: one process a call, the question as JSON on stdin, the reply as JSON on stdout."""

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from signal import Signals
from time import perf_counter

from hitl.manifest.release import ModelSpec
from hitl.run.local.child import (
    MOST_OUTPUT,
    Child,
    last_line,
    printable,
    small_environment,
    start_child,
)
from hitl.run.local.exchange import question, read_answer
from hitl.run.local.key import check_key, hidden
from hitl.run.local.source import argv_digests
from hitl.run.model import CallError, Completion, Fault, Probe, Request

MOST_ERRORS = 64 << 10
"""Bytes that one call may write to stderr."""

_STDOUT, _STDERR = 1, 2
_LIMITS = {_STDOUT: MOST_OUTPUT, _STDERR: MOST_ERRORS}
_NAMES = {_STDOUT: "stdout", _STDERR: "stderr"}


class CommandModel:
    """A model that is a program of the user's."""

    def __init__(
        self, spec: ModelSpec, folder: Path, timeout_s: float, environment: Mapping[str, str]
    ) -> None:
        """Note the program; `folder` is the manifest's, `environment` the one that hitl runs in."""
        self._spec = spec
        self._folder = folder.absolute()
        self._timeout_s = timeout_s
        self._environment = small_environment(environment, spec.api_key_env)
        self._argv = _placed(spec.command or (), self._folder)
        self.endpoint = "command " + json.dumps(
            [spec.id, spec.command, spec.params, argv_digests(spec.command or (), self._folder, self._environment)],
            sort_keys=True,
        )  # fmt: skip
        """The words of the command, the parameters, and a digest of every file among the words."""

    async def ask(self, request: Request, repeat: int) -> Completion:
        """Run the program once.

        Raises:
            CallError: it cannot be started, fails, hangs, floods, or prints no usable reply; it is
                over by then, with all that it started in its process group.
        """
        asked = json.dumps(question(self._spec, request, repeat)).encode()
        started = perf_counter()
        output = _Output()
        child = await self._start(output)
        try:
            child.send(asked, is_all=True)
            await self._finish(child, output)
            latency_ms = (perf_counter() - started) * 1000
        finally:
            await child.end()
        self._check(child, output)
        return read_answer(b"".join(output.pieces[_STDOUT]), latency_ms)

    async def probe(self) -> Probe:
        """Look whether the program and its key are there; nothing is run.

        Raises:
            CallError: one of them is missing.
        """
        check_key(self._spec, self._environment)
        if self._argv[0] not in argv_digests(self._argv, self._folder, self._environment):
            raise self._missing("no such file, or not on PATH")
        note = f"`{self._spec.id}` is a command: who answers shows in its replies only"
        return Probe(None, None, (), (), (note,))

    async def close(self) -> None:
        """Do nothing: no process outlives its call."""

    async def _start(self, output: "_Output") -> Child:
        try:
            return await start_child(self._argv, self._folder, self._environment, output.receive)
        except (OSError, ValueError) as error:
            raise self._missing(getattr(error, "strerror", None) or str(error)) from error

    async def _finish(self, child: Child, output: "_Output") -> None:
        output.stop_with(child.kill)
        try:
            async with asyncio.timeout(self._timeout_s):
                await asyncio.shield(child.exited)
        except TimeoutError as error:
            raise CallError(
                Fault.TIMEOUT, f"`{self._name}` gave no answer within {self._timeout_s:g} s"
            ) from error

    def _check(self, child: Child, output: "_Output") -> None:
        if output.flooded is not None:
            raise CallError(
                Fault.TOO_LARGE,
                f"`{self._name}` wrote more than {_LIMITS[output.flooded]} bytes to {_NAMES[output.flooded]}",
            )
        if child.exit_code:
            said = last_line(b"".join(output.pieces[_STDERR])) or "nothing on stderr"
            said = hidden(said, self._spec, self._environment)
            raise CallError(Fault.CRASHED, f"`{self._name}` {_ended(child.exit_code)}: {said}")

    def _missing(self, reason: str) -> CallError:
        advice = f"correct `command`; a name with a slash is relative to {self._folder}"
        return CallError(Fault.NOT_FOUND, f"`{self._name}` cannot be started: {reason}; {advice}")

    @property
    def _name(self) -> str:
        return printable((self._spec.command or ("",))[0])


class _Output:
    """What a program wrote, up to the limits; past one of them it is stopped."""

    def __init__(self) -> None:
        self.pieces: dict[int, list[bytes]] = {_STDOUT: [], _STDERR: []}
        self.flooded: int | None = None
        self._stop: Callable[[], None] | None = None
        self._sizes = {_STDOUT: 0, _STDERR: 0}

    def receive(self, fd: int, data: bytes) -> None:
        self._sizes[fd] += len(data)
        if self._sizes[fd] <= _LIMITS[fd]:
            self.pieces[fd].append(data)
        elif self.flooded is None:
            self.flooded = fd
            if self._stop is not None:
                self._stop()

    def stop_with(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        if self.flooded is not None:
            stop()


def _placed(argv: tuple[str, ...], folder: Path) -> tuple[str, ...]:
    program = str(folder / argv[0]) if "/" in argv[0] else argv[0]
    return (program, *argv[1:])


def _ended(exit_code: int) -> str:
    if exit_code > 0:
        return f"ended with exit code {exit_code}"
    try:
        return f"was ended by {Signals(-exit_code).name}"
    except ValueError:
        return f"was ended by signal {-exit_code}"
