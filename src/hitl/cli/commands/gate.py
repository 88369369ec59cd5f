"""`hitl gate`: run, score, decide, record, render; the exit code is the verdict."""

from pathlib import Path
from typing import Annotated

import typer

from hitl.cli.options import AllowPython, AsJson, Fresh, ReuseOld


def gate(
    release: Annotated[
        Path | None,
        typer.Argument(
            metavar="RELEASE.yaml",
            help="The release manifest; by default the only one under manifests/.",
        ),
    ] = None,
    out: Annotated[
        Path,
        typer.Option("--out", help="Folder for records; each release gets its own folder in it."),
    ] = Path("reports"),
    as_json: AsJson = False,
    fail_on: Annotated[
        str,
        typer.Option(
            "--fail-on", help="Verdicts that make the command fail: hold, revert or hold,revert."
        ),
    ] = "hold,revert",
    exit_zero: Annotated[
        bool,
        typer.Option("--exit-zero", help="Return 0 whatever the verdict; the record keeps it."),
    ] = False,
    aa: Annotated[
        bool,
        typer.Option(
            "--aa", help="Run the current arm against itself: how often would this gate cry wolf?"
        ),
    ] = False,
    runs: Annotated[
        int, typer.Option("--runs", min=20, max=10_000, help="With --aa: how many times.")
    ] = 200,
    fresh: Fresh = False,
    reuse_old: ReuseOld = False,
    allow_python: AllowPython = False,
) -> int:
    """Run both arms on the golden set, decide, and write the release record.

    Example: hitl gate manifests/incident-triage/release.yaml
    """
    from hitl.cli.output import while_read
    from hitl.cli.verdict import exit_code, only_release, parse_fail_on, show_verdict

    path = release or only_release()
    failing = parse_fail_on(fail_on)
    if aa:
        from hitl.cli.self_test import show_self_test

        return show_self_test(path, runs, out, as_json=as_json)
    from hitl.cli.live import RunOptions
    from hitl.cli.session import gate_release

    options = RunOptions(out=out, fresh=fresh, reuse_old=reuse_old, allow_python=allow_python)
    record, folder = gate_release(path, options)
    with while_read():
        show_verdict(record, folder, as_json=as_json)
    return 0 if exit_zero else exit_code(record, failing)
