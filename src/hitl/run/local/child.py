"""A process of the user's: in a group of its own, with a small environment, gone without remains when it is over."""

import asyncio
import os
import signal
from asyncio import SubprocessTransport
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import cast

PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR")
"""Variables that a user's program sees, with those that begin with LC_ and the one that holds its key."""

MOST_OUTPUT = 16 << 20
"""Bytes that one answer may have."""

LAST_WORDS_S = 1.0
"""How long a pipe may stay open after its process is gone: someone outside the group may hold it."""

LONGEST_LINE = 300
"""Characters of a program's last line that a message shows."""


def small_environment(environment: Mapping[str, str], *keys: str | None) -> dict[str, str]:
    """Return what a user's program sees of an environment: enough to run, the named keys, nothing else.

    Examples:
        >>> small_environment({"PATH": "/bin", "LC_ALL": "C", "TOKEN": "t", "KEY": "k"}, "KEY")
        {'PATH': '/bin', 'LC_ALL': 'C', 'KEY': 'k'}
    """
    wanted = {*PASSED_ON, *keys}
    return {
        name: value
        for name, value in environment.items()
        if name in wanted or name.startswith("LC_")
    }


def last_line(output: bytes) -> str:
    r"""Return the last line that says something, with what cannot be printed written as an escape.

    Examples:
        >>> last_line(b"trace\n\x1b[31mno memory\n\n")
        '\\u001b[31mno memory'
    """
    lines = output[-8 * LONGEST_LINE :].decode(errors="replace").split("\n")
    line = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return printable(line)


def printable(text: str) -> str:
    """Return text on one line, cut, with what cannot be printed written as an escape."""
    cut = text if len(text) <= LONGEST_LINE else text[: LONGEST_LINE - 3] + "..."
    return "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in cut)


class Child(asyncio.SubprocessProtocol):
    """A running process; what it writes goes to `receive`, as (file descriptor, bytes)."""

    def __init__(self, receive: Callable[[int, bytes], None]) -> None:
        loop = asyncio.get_running_loop()
        self._receive = receive
        self.exited: asyncio.Future[None] = loop.create_future()
        """Done when the process is over; its pipes may still hold output."""
        self._emptied: asyncio.Future[None] = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the process."""
        self._transport = cast(SubprocessTransport, transport)
        self._pid = self._transport.get_pid()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Pass on what the process writes."""
        self._receive(fd, data)

    def process_exited(self) -> None:
        """Note that the process is over."""
        if not self.exited.done():
            self.exited.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that every pipe has been read to its end."""
        if not self._emptied.done():
            self._emptied.set_result(None)

    @property
    def exit_code(self) -> int | None:
        """What the process returned; negative: the signal that killed it; None while it runs."""
        return self._transport.get_returncode()

    def send(self, content: bytes, *, is_all: bool = False) -> None:
        """Write to the process; it need not read."""
        pipe = cast(asyncio.WriteTransport, self._transport.get_pipe_transport(0))
        if not pipe.is_closing():
            pipe.write(content)
            if is_all:
                pipe.write_eof()

    def kill(self) -> None:
        """End the process and everything it started in its group, at once."""
        if self._emptied.done():
            return  # long over: another group may have its number by now
        with suppress(ProcessLookupError, PermissionError):  # macOS denies a group of the dead
            os.killpg(self._pid, signal.SIGKILL)

    async def end(self) -> None:
        """Kill what is left of the group, read what the pipes still hold, and let go of them."""
        self.kill()
        try:
            async with asyncio.timeout(LAST_WORDS_S):
                await asyncio.shield(self._emptied)
        except TimeoutError:
            pass
        finally:
            self._transport.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                await asyncio.shield(self._emptied)


async def start_child(
    argv: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    receive: Callable[[int, bytes], None],
) -> Child:
    """Start a program without a shell.

    Raises:
        OSError: it cannot be started.
    """
    starting = asyncio.ensure_future(
        asyncio.get_running_loop().subprocess_exec(
            lambda: Child(receive), *argv, cwd=folder, env=dict(environment), start_new_session=True
        )
    )
    try:
        _, child = await asyncio.shield(starting)
    except asyncio.CancelledError:
        # asyncio loses a program whose start is interrupted: it would run on, unseen
        await asyncio.wait({starting})
        if not starting.cancelled() and starting.exception() is None:
            await starting.result()[1].end()
        raise
    return child
