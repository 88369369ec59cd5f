"""The page on loopback: in a thread with a clock of the test's own, or as the real program."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import uvicorn

from hitl.web.app import create_app
from hitl.web.rates import Rate
from hitl.web.serving import listening
from hitl.web.settings import Settings
from hitl.web.site import Site
from tests.web.rooms import Room, at_desk

ROOT = Path(__file__).parents[2]


@contextmanager
def in_thread(
    room: Room, clock: Callable[[], datetime] | None = None, attempts: int = 10
) -> Iterator[int]:
    """Serve in a thread of this process and yield the port.

    Args:
        room: the review.
        clock: stands still if none is given.
        attempts: tokens that may be tried in a minute.
    """
    settings = Settings()
    with at_desk(room, clock) as desk, listening(settings) as sock:
        config = uvicorn.Config(
            create_app(Site(desk, settings, Rate(attempts, 60))),
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([sock],))
        thread.start()
        yield sock.getsockname()[1]
        server.should_exit = True
        thread.join(20)


class Program:
    """`hitl review serve` in a process of its own, on the port that it is given or chooses."""

    def __init__(self, folder: Path, *options: str, port: int = 0, env: Mapping[str, str] | None = None) -> None:  # fmt: skip
        self._command = [
            *(sys.executable, "-m", "tests.web", "review", "serve", str(folder)),
            *("--json", "--port", str(port), *options),
        ]
        self._env = os.environ | dict(env or {})

    def __enter__(self) -> "Program":
        self.process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=self._env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self.process.stdout is not None
        self.said = json.loads(self.process.stdout.readline() or "{}")
        if "port" not in self.said:
            raise RuntimeError(self.process.communicate(timeout=20)[1])
        self.port: int = self.said["port"]
        self.url: str = self.said["url"]
        return self

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal, and return the exit code and what was said on stderr."""
        self.process.send_signal(how)
        _, told = self.process.communicate(timeout=20)
        return self.process.returncode, told

    def __exit__(self, *error: object) -> None:
        if self.process.returncode is None:
            self.process.kill()
            self.process.communicate(timeout=20)
