"""Regenerates what the documentation shows: schemas, file formats, tables from the code, and real output.

    python docs/generate.py            writes every file that changed
    python docs/generate.py --check    writes nothing and fails if a file would change

Pages are written by hand; between two markers this script puts what is true today:

    <!-- output: hitl plan manifests/starter/release.yaml -->   ...   <!-- end -->
    <!-- table: verdict -->   ...   <!-- end -->

The commands of one page run one after the other in one fresh folder that holds the shipped golden sets
and manifests. `<!-- setup: ... -->` runs a command without showing it.
"""

import difflib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
os.environ |= {"COLUMNS": "100", "SOURCE_DATE_EPOCH": "1784505600", "NO_COLOR": "1"}
os.environ["HITL_REVIEW_SECRET"] = "printed in the documentation, and so no secret"
for _forced in ("FORCE_COLOR", "CLICOLOR_FORCE", "PY_COLORS", "GITHUB_ACTIONS", "TTY_COMPATIBLE"):
    os.environ.pop(_forced, None)

from hitl.cli.app import app  # noqa: E402  # the widths above must stand before
from hitl.cli.door import main  # noqa: E402
from hitl.cli.schemas import schemas  # noqa: E402
from hitl.errors import ExitCode  # noqa: E402
from hitl.gate.authority import GateResult  # noqa: E402
from hitl.gate.verdict import call  # noqa: E402
from hitl.gate.verdict_words import State  # noqa: E402
from hitl.manifest.forecast import ForecastMeasure  # noqa: E402
from hitl.manifest.gate_class import Authority  # noqa: E402
from hitl.manifest.release import Stage  # noqa: E402
from hitl.policy import posture  # noqa: E402
from hitl.render.forecast.words import MEASURES  # noqa: E402
from hitl.score import outcome  # noqa: E402
from hitl.score.expect import step_words  # noqa: E402

MARK = re.compile(
    r"^<!-- (?P<kind>output|table|setup): (?P<what>.+?) -->\n(?P<old>(?:(?!<!--).*\n)*?<!-- end -->\n)?",
    re.MULTILINE,
)
_VERSIONS = re.compile(r"^(ok {4}[\w-]+): \d[\w.]*", re.MULTILINE)
_CODES = {
    ExitCode.OK: "ship, or done",
    ExitCode.FAULT: "a fault of hitl itself; the message says where its report lies",
    ExitCode.USAGE: "wrong usage, or an invalid file",
    ExitCode.HOLD: "hold",
    ExitCode.REVERT: "revert",
    ExitCode.NO_JUDGEMENT: "could not judge: no case, an arm without a usable reply, an endpoint that is down, a cap that is reached, parts that are missing; what can be resumed is said",
    ExitCode.INTERRUPTED: "interrupted",
}


class Session:
    """Runs the commands of one page, in order, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, line: str) -> str:
        """Return a command line with what it prints, as a terminal shows it."""
        shown = [f"$ {line}"]
        for command in line.split(" && "):
            words, _, most = command.partition(" | head -n ")
            out, err, code = self._one(shlex.split(words))
            if most:
                out, code = "".join(out.splitlines(keepends=True)[: int(most)]), 0
            shown += [text.rstrip("\n") for text in (out, err) if text.strip()]
            if code:
                shown += ["$ echo $?", str(int(code))]
        text = _VERSIONS.sub(r"\1: ...", "\n".join(shown))
        return "\n".join(part.rstrip() for part in text.splitlines())

    def _one(self, words: list[str]) -> tuple[str, str, int]:
        if words[0] == "cd":
            self.folder = self.folder / words[1]
            return "", "", 0
        if words[0] != "hitl":
            done = subprocess.run(
                shlex.join(words), shell=True, cwd=self.folder, capture_output=True, text=True, check=True
            )  # fmt: skip
            return done.stdout, done.stderr, 0
        out, err = io.StringIO(), io.StringIO()
        here = Path.cwd()
        os.chdir(self.folder)
        try:
            with redirect_stdout(out), redirect_stderr(err):
                code = main(words[1:])
        finally:
            os.chdir(here)
        return out.getvalue(), err.getvalue(), code


def filled(page: str) -> str:
    """Return a page with every marked block made anew."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for top in ("golden_sets", "manifests"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / top, folder / top, ignore=ignored)
        session = Session(folder)

        def block(match: re.Match[str]) -> str:
            head = match[0].splitlines()[0]
            if match["kind"] == "setup":
                session.run(match["what"])
                return match[0]
            if match["kind"] == "table":
                return f"{head}\n{TABLES[match['what']]()}\n<!-- end -->\n"
            text = session.run(match["what"])
            fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text) or [""]))
            return f"{head}\n{fence}console\n{text}\n{fence}\n<!-- end -->\n"

        return MARK.sub(block, page)


def table(head: list[str], rows: Iterator[list[str]] | list[list[str]]) -> str:
    """Return a Markdown table."""
    cells = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in cells)


def verdict_table() -> str:
    """What one gate result calls for, by authority, state and stage."""
    rows = []
    for authority in Authority:
        for state in State:
            for note, lifted, absent in _circumstances(authority, state):
                gate = GateResult(
                    subset="s", authority=authority, state=state, reason="", summary="", rules=(), on_failure=(),
                    is_required=absent, is_absent=absent, is_lifted=lifted,
                )  # fmt: skip
                verdicts = [call(gate, stage).value for stage in Stage]
                rows.append([f"`{authority}`", f"`{state}`", note, *verdicts])
    return table(["authority", "state", "when", *(f"`{stage}`" for stage in Stage)], rows)


def _circumstances(authority: Authority, state: State) -> Iterator[tuple[str, bool, bool]]:
    """Yield (when, covered by conditions, required and absent) as they can occur."""
    if authority is Authority.SIGNAL and state is not State.PASS:
        yield "required, and nothing there to judge", False, True
        yield "otherwise", False, False
    elif authority is Authority.CONDITIONAL and state is not State.PASS:
        if state is not State.UNMEASURED:
            yield "conditions cover it", True, False
        yield "otherwise", False, False
    else:
        yield "", False, False


def exit_code_table() -> str:
    """Every exit code."""
    return table(["code", "meaning"], [[str(int(code)), _CODES[code]] for code in ExitCode])


def command_table() -> str:
    """Every command with the first sentence of its help and its page."""
    named = [(command.callback, "") for command in app.registered_commands]
    for group in app.registered_groups:
        inner = group.typer_instance.registered_commands if group.typer_instance else []
        named += [(command.callback, f"{group.name} ") for command in inner]
    return table(["command", "does"], [_command_row(*pair) for pair in named])


def _command_row(function: Callable[..., object] | None, group: str) -> list[str]:
    name = group + getattr(function, "__name__", "").rstrip("_").replace("_", "-")
    first = (getattr(function, "__doc__", "") or "").strip().split("\n\n")[0]
    own, shared = (f"docs/how-to/{page}.md" for page in (name.replace(" ", "-"), name.split()[0]))
    page = own if (ROOT / own).exists() else shared
    return [f"[`hitl {name}`]({page})", " ".join(first.split())]


def forecast_table() -> str:
    """Every number of the forecast that a gate class may limit."""
    waits = {"p95_wait_minutes": "95 % wait at most so long, in the pool that waits longest; minutes",
             "utilisation": "work over capacity in the busiest hour, in the pool with most; from 1 on its queue grows"}  # fmt: skip
    says = {name: ", ".join(filter(None, words)) for name, words in MEASURES.items()} | waits
    return table(["metric", "is"], [[f"`forecast.{name}`", says[name]] for name in ForecastMeasure])


def room_table() -> str:
    """The rooms from the top, as the import contract has them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = contracts["contracts"][0]["layers"]
    names = [name.strip() for layer in layers for name in layer.split("|")]
    rows = []
    for name in names:
        first = (import_module(f"hitl.{name}").__doc__ or "").strip().split("\n\n")[0]
        rows.append([f"`{name}`", " ".join(first.split())])
    return table(["room", "what it is"], rows)


def _bullets(named: dict[str, object]) -> str:
    return "\n".join(
        textwrap.fill(f"- {name}: " + ", ".join(f"`{word}`" for word in words), 110, subsequent_indent="  ",
                      break_long_words=False, break_on_hyphens=False)
        for name, words in named.items()
    )  # fmt: skip


def outcome_fields() -> str:
    """JSON fields that state an outcome class."""
    rows = [[f"`{name}: true`", f"`{kind}`"] for name, kind in outcome.FLAGS.items()]
    words = [[f"`{name}`", "the class that it names"] for name in outcome.WORD_FIELDS]
    return table(["field of the JSON object", "outcome class"], words + rows)


def outcome_patterns() -> str:
    """Tool names and phrases that show an outcome class, as the code has them."""
    parts = []
    for title, found in (("Tool names", outcome.TOOLS), ("Opening words", outcome.PHRASES)):
        for kind, pattern in found:
            parts.append(f"{title}, `{kind}`:\n\n```text\n{pattern.pattern}\n```")
    return "\n\n".join(parts)


def posture_lists() -> str:
    """Built-in word and tool lists of the posture rules."""
    lists = {
        "`action_words`": posture.ACTION_WORDS,
        "`negations`": posture.NEGATIONS,
        "`read_only_tools`": posture.READ_ONLY_TOOLS,
    }
    return _bullets(lists)


def posture_context() -> str:
    """English words around an action word."""
    lists = {
        "delaying words (it acts all the same)": sorted(step_words.DELAYING),
        "determiners (a noun follows)": sorted(step_words.DETERMINERS),
        "looking words": sorted(step_words.LOOKING),
        "noun tails": sorted(step_words.NOUN_TAILS),
        "doing words (it acts all the same)": sorted(step_words.DOING),
        "it happened": sorted(step_words.DONE),
    }
    return _bullets(lists)


TABLES: dict[str, Callable[[], str]] = {
    "commands": command_table,
    "exit codes": exit_code_table,
    "forecast measures": forecast_table,
    "outcome fields": outcome_fields,
    "outcome patterns": outcome_patterns,
    "posture context": posture_context,
    "posture lists": posture_lists,
    "rooms": room_table,
    "verdict": verdict_table,
}


def generated() -> dict[Path, str]:
    """Return every file that this script owns, with its content."""
    sys.path.insert(0, str(ROOT / "docs"))
    from formats import formats_page

    found = schemas()
    files = {
        ROOT / "docs" / "schemas" / f"{name}.json": json.dumps(schema, indent=2) + "\n"
        for name, schema in found.items()
    }
    files[ROOT / "docs" / "formats.md"] = formats_page(found)
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        if page.name != "formats.md":
            files[page] = filled(page.read_text(encoding="utf-8"))
    return files


def write(*, check: bool) -> int:
    """Write what changed, or say what would; return 1 if a check found a difference."""
    stale = 0
    for path, text in generated().items():
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        if old == text:
            continue
        stale += 1
        name = path.relative_to(ROOT).as_posix()
        if check:
            lines = old.splitlines(), text.splitlines()
            print("\n".join(difflib.unified_diff(*lines, name, "generated", lineterm="", n=1)))
        else:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {name}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(write(check="--check" in sys.argv[1:]))
