"""The real program over logs of a folder, in this process or in one of its own."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from hitl.cli.door import main

Said = pytest.CaptureFixture[str]


@dataclass(frozen=True, slots=True)
class Told:
    code: int
    text: str
    """Everything on stdout and stderr."""


class Program:
    """Runs a command over logs in a folder, and sees to it that it writes nothing there."""

    def __init__(self, folder: Path, capsys: Said) -> None:
        self.folder, self.capsys = folder, capsys

    def lint(self, *logs: str) -> Told:
        return self._run("log", "lint", *logs)

    def baseline(self, *logs: str) -> Told:
        return self._run("baseline", "--out", str(self.folder / "out"), *logs)

    def _run(self, *words: str) -> Told:
        before = sorted(self.folder.rglob("*"))
        code = main([str(word) for word in words])
        said = self.capsys.readouterr()
        text = said.out + said.err
        assert "Traceback" not in text
        assert "a fault of hitl" not in text
        if code == 2:
            assert sorted(self.folder.rglob("*")) == before
        return Told(code, text)

    def refused(self, *logs: str) -> str:
        """Both commands refuse the logs; return what they say."""
        told, other = self.lint(*logs), self.baseline(*logs)
        assert (told.code, other.code) == (2, 2)
        return told.text + other.text


def fresh(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    hitl = Path(sys.executable).with_name("hitl")
    return subprocess.run([hitl, *words], cwd=folder, capture_output=True, check=False, timeout=120)
