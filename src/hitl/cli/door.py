"""The one door: every command enters here, and every error leaves here as a message and an exit code."""

import io
import json
import platform
import sys
import tempfile
import traceback
from collections.abc import Sequence

from hitl import __version__
from hitl.cli.app import app
from hitl.cli.output import drop_stdout
from hitl.errors import ExitCode, HitlError

_INTERRUPTED = "interrupted; run the same command again"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; never a traceback."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                errors="replace"
            )  # a sign that the terminal lacks changes no verdict
    try:
        app(args=given, prog_name="hitl")
    except SystemExit as leaving:
        return _leave(leaving, as_json="--json" in given)
    except HitlError as error:
        return _tell(str(error), error.exit_code, as_json="--json" in given)
    except KeyboardInterrupt:
        return _tell(_INTERRUPTED, ExitCode.INTERRUPTED, as_json="--json" in given)
    except BrokenPipeError:
        drop_stdout()
        return int(ExitCode.NO_JUDGEMENT)
    except Exception:  # noqa: BLE001  # the door: a fault of hitl is told with the place of its report
        return _tell(_report_fault(), ExitCode.FAULT, as_json="--json" in given)
    return int(ExitCode.OK)


def _leave(leaving: SystemExit, *, as_json: bool) -> int:
    """Return a command's own code; typer turns Ctrl-C into 130, and a reader that left into 1."""
    code = leaving.code if isinstance(leaving.code, int) else ExitCode.FAULT
    if leaving.code is None:
        return int(ExitCode.OK)
    if code == ExitCode.INTERRUPTED:
        return _tell(_INTERRUPTED, ExitCode.INTERRUPTED, as_json=as_json)
    if code == ExitCode.FAULT and isinstance(leaving.__context__, BrokenPipeError):
        drop_stdout()
        return int(ExitCode.OK)
    return int(code)


def _tell(message: str, code: ExitCode, *, as_json: bool) -> int:
    from hitl.render.text import show

    sys.stderr.write(f"hitl: {show(message)}\n")
    if as_json:
        sys.stdout.write(json.dumps({"error": message, "exit_code": int(code)}) + "\n")
    return int(code)


def _report_fault() -> str:
    """Write what happened to a file, without the values of any variable, and say where."""
    text = "".join(traceback.format_exc())
    with tempfile.NamedTemporaryFile(
        "w", prefix="hitl-fault-", suffix=".txt", delete=False, encoding="utf-8"
    ) as report:
        report.write(
            f"hitl {__version__}, Python {platform.python_version()}, {platform.platform()}\n\n{text}"
        )
    return f"a fault of hitl itself, not of your files; please report it with {report.name}"


def run() -> None:
    """Entry point of the installed command."""
    sys.exit(main())
