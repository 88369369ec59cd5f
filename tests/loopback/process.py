"""The server in a process of its own, for benchmarks and for tests that kill the caller."""

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.loopback.server import Served

ROOT = Path(__file__).parents[2]


class LoopbackProcess(Served):
    """`python -m tests.loopback`; the settings are those of `Settings`, and travel as JSON; `at` is a port."""

    def __init__(self, *, at: int = 0, **settings: object) -> None:
        self._at = str(at)
        self._settings = json.dumps(settings)

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.loopback", "--port", self._at, "--settings", "-"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(self._settings)
        self._process.stdin.close()
        line = self._process.stdout.readline()
        if not line:
            self.__exit__(None, None, None)
            raise RuntimeError("the loopback server did not start; its message is above")
        self.port = int(line)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(30)
        if self._process.stdout is not None:
            self._process.stdout.close()
