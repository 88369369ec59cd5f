import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from hitl import __version__
from hitl.cli.door import main

COMMANDS = [
    "",
    "init",
    "plan",
    "gate",
    "report",
    "explain",
    "brief",
    "compare",
    "golden",
    "golden lint",
    "golden judge-check",
    "policy",
    "policy check",
    "policy replay",
    "policy capacity",
    "policy advise",
    "recalibrate",
    "review",
    "review pack",
    "review merge",
    "review agree",
    "review reviewers",
    "handover",
    "handover ticket",
    "handover escalation",
    "handover signoff",
    "log",
    "log lint",
    "log import",
    "log export",
    "log compare",
    "baseline",
    "run",
    "doctor",
]
HEAVY = ("scipy", "numpy", "pandas", "sklearn", "pydantic", "duckdb", "jinja2", "yaml")


def example_of(command: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert main([*command.split(), "--help"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    found = re.search(r"Example: hitl (.*?)\n\n", said.out, re.DOTALL)
    assert found, said.out
    return shlex.split(found[1])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example_of_itself(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    example = example_of(command, capsys)

    assert " ".join(example).startswith(command)


def test_every_example_runs_in_the_example_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    examples = {command: example_of(command, capsys) for command in COMMANDS if command}
    monkeypatch.chdir(tmp_path)
    assert main(examples.pop("init")) == 0
    monkeypatch.chdir(tmp_path / "my-gate")
    assert main(examples.pop("gate")) == 10

    assert {command: main(example) for command, example in examples.items()} == dict.fromkeys(
        examples, 0
    )


@pytest.mark.parametrize(
    "command",
    [
        command
        for command in COMMANDS
        if command not in {"golden", "policy", "log", "review", "handover"}
    ],
)
def test_every_command_speaks_json_but_the_groups(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main([*command.split(), "--help"])

    assert ("--json" in capsys.readouterr().out) is bool(command)


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_loads_nothing_heavy(option: str) -> None:
    program = (
        "import sys\nfrom hitl.cli.door import main\n"
        f"code = main({option.split()!r})\n"
        f"sys.exit(code or ' '.join(set({HEAVY!r}) & sys.modules.keys()))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (1, "\n")  # an empty list of heavy modules


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"hitl {__version__}\n"


@pytest.mark.parametrize(
    "arguments", [["nope"], ["gate", "--nope"], ["report"], ["gate", "a", "b"], ["golden"], []]
)
def test_wrong_usage_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2

    said = capsys.readouterr()
    assert "Usage: hitl" in said.err + said.out
    assert "Traceback" not in said.err
