import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.workspace import Workspace

HITL = [sys.executable, "-c", "from hitl.cli.door import run; run()"]
FAULTY = """
import os
from hitl.cli.app import app
from hitl.cli.door import run

@app.command()
def boom() -> int:
    secret = os.environ["A_KEY"]
    raise RuntimeError("boom")

run()
"""


def test_a_fault_is_reported_without_the_values_of_variables(tmp_path: Path) -> None:
    environment = os.environ | {"A_KEY": "sk-do-not-tell", "TMPDIR": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-c", FAULTY, "boom"], env=environment, capture_output=True, text=True
    )

    (report,) = tmp_path.glob("hitl-fault-*.txt")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        f"hitl: a fault of hitl itself, not of your files; please report it with {report}\n"
    )
    assert "RuntimeError: boom" in report.read_text()
    assert "sk-do-not-tell" not in report.read_text()


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_reader_that_leaves_changes_no_verdict(release: Workspace, options: list[str]) -> None:
    release.fail(range(40))
    path = release.write()

    done = into_closed_pipe(["gate", str(path), "--out", str(release.out), *options])

    assert done.returncode == 10
    assert b"Traceback" not in done.stderr
    assert release.record["verdict"] == "hold"


@pytest.mark.parametrize(
    "command", ["--help", "explain", "report", "plan", "plan --json", "report --json"]
)
def test_a_reader_that_leaves_is_no_fault(release: Workspace, command: str) -> None:
    release.gate()
    name, *options = command.split()
    place = {"plan": release.root / "release.yaml"}.get(name, release.record_path)

    done = into_closed_pipe([name] if name == "--help" else [name, str(place), *options])

    assert (done.returncode, done.stderr) == (0, b"")


def test_an_interrupt_is_130(release: Workspace) -> None:
    path = release.write()
    program = (
        "import sys\nfrom hitl.cli.door import main\nprint('ready', flush=True)\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", program, "gate", str(path), "--aa", "--runs", "10000"]

    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=release.root
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        time.sleep(0.5)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)

    assert running.returncode == 130
    assert said.decode().strip() == "hitl: interrupted; run the same command again"
    assert release.wrote_nothing()


@pytest.mark.parametrize("no_color", [True, False])
def test_no_color_is_honoured_on_a_terminal(release: Workspace, no_color: bool) -> None:
    path = release.write()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment |= {"TERM": "xterm-256color"} | ({"NO_COLOR": "1"} if no_color else {})

    said = on_terminal(["gate", str(path), "--out", str(release.out)], environment)

    colours = re.findall(r"\x1b\[[0-9;]*(?:3[0-7]|9[0-7]|38;5;\d+)m", said)
    assert "SHIP" in said
    assert bool(colours) is not no_color


def test_nothing_is_styled_in_a_pipe(release: Workspace) -> None:
    path = release.write()

    done = subprocess.run(
        [*HITL, "gate", str(path), "--out", str(release.out)], capture_output=True
    )

    assert b"SHIP" in done.stdout
    assert b"\x1b" not in done.stdout + done.stderr


def into_closed_pipe(arguments: list[str]) -> subprocess.CompletedProcess[bytes]:
    read, write = os.pipe()
    os.close(read)
    try:
        return subprocess.run([*HITL, *arguments], stdout=write, stderr=subprocess.PIPE)
    finally:
        os.close(write)


def on_terminal(arguments: list[str], environment: dict[str, str]) -> str:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*HITL, *arguments], stdout=theirs, stderr=theirs, stdin=theirs, env=environment
    ):
        os.close(theirs)
        said = b""
        try:
            while piece := os.read(ours, 65536):
                said += piece
        except OSError:
            pass  # the other end is closed: Linux says so with an error
    os.close(ours)
    return said.decode()
