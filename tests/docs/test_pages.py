"""The pages say what the program does."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from hitl.cli.app import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")] + sorted(
    (ROOT / "docs").rglob("*.md")
)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^(`{3,})[^\n]*\n.*?^\1\n", re.MULTILINE | re.DOTALL)


def _commands(command: object = None, name: str = "") -> "Iterator[tuple[str, object]]":
    found = command if command is not None else typer.main.get_command(app)
    inner = getattr(found, "commands", None)
    if inner is None:
        yield name, found
        return
    for word, child in inner.items():
        yield from _commands(child, f"{name} {word}".strip())


COMMANDS = dict(_commands())
HOW_TO = ROOT / "docs" / "how-to"


def _page_of(command: str) -> str:
    own, shared = (
        HOW_TO / f"{name}.md" for name in (command.replace(" ", "-"), command.split(maxsplit=1)[0])
    )
    return (own if own.exists() else shared).read_text()


def test_everything_generated_is_what_the_program_prints_today() -> None:
    program = [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"]

    done = subprocess.run(program, capture_output=True, text=True, timeout=120, check=False)

    hint = "run python docs/generate.py and read what changed\n"
    assert done.returncode == 0, hint + done.stdout[:5000] + done.stderr[-2000:]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme_and_has_a_page(command: str) -> None:
    assert f"`hitl {command}`" in (ROOT / "README.md").read_text()
    assert f"$ hitl {command}" in _page_of(command)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_has_help_and_is_on_the_page(command: str) -> None:
    page = _page_of(command)

    for parameter in COMMANDS[command].params:  # type: ignore[attr-defined]
        assert parameter.help, f"{command}: {parameter.name} has no help"
        for option in parameter.opts if parameter.param_type_name == "option" else ():
            assert option in page, f"{command}: {option} is not on its page"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example_that_calls_it(command: str) -> None:
    told = COMMANDS[command].help  # type: ignore[attr-defined]

    assert f"Example: hitl {command}" in " ".join(told.split())


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    text = _FENCED.sub("", page.read_text())

    for target in _LINK.findall(text):
        if target.startswith(("https://", "mailto:")):
            continue
        file, _, anchor = target.partition("#")
        found = (page.parent / file).resolve() if file else page
        assert found.exists(), f"{target} leads nowhere"
        assert found.is_relative_to(ROOT), f"{target} leads out of the project"
        if anchor:
            assert anchor in _anchors(found), f"{target}: no such heading"


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", page.read_text()), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings)
    return set(kept)


def test_the_two_commands_of_the_readme_are_one_line_each_and_name_files_that_exist() -> None:
    section = (ROOT / "README.md").read_text().split("## Try it")[1].split("\n## ")[0]
    first, second = re.findall(r"```sh\n(.*?)\n```", section, re.DOTALL)

    for line in (first, second):
        assert "\n" not in line
        assert line.startswith(
            "python3 -m venv .venv && .venv/bin/pip install -q -c constraints.txt "
        )
    release = first.rsplit(" ", 1)[1]
    assert first.endswith(f"hitl gate {release}")
    assert all((ROOT / name).is_file() for name in ("constraints.txt", release, ".ci/check"))
    assert second.endswith("&& .ci/check")
    assert second in (ROOT / ".ci" / "run").read_text().splitlines()
    assert second in (ROOT / "CONTRIBUTING.md").read_text().splitlines()


def test_the_scripts_of_continuous_integration_can_be_run_and_read() -> None:
    for name in ("run", "check"):
        script = ROOT / ".ci" / name
        assert os.access(script, os.X_OK)
        subprocess.run(["bash", "-n", str(script)], check=True)
    last = (ROOT / ".ci" / "check").read_text().splitlines()[-1]
    assert last.startswith("exec ")
    assert "pytest" in last
