"""The typer application: every command, in the order of a release."""

from typing import Annotated

import typer

from hitl import __version__
from hitl.cli.commands import (
    baseline,
    brief,
    compare,
    doctor,
    explain,
    gate,
    golden,
    handover,
    init,
    log,
    plan,
    policy,
    recalibrate,
    report,
    review,
    run,
)


def _leave(code: int | None, **_: object) -> None:
    """A command is a function that returns its exit code."""
    raise typer.Exit(code or 0)


app = typer.Typer(
    name="hitl",
    no_args_is_help=True,
    result_callback=_leave,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"hitl {__version__}")
        raise typer.Exit


@app.callback()
def hitl(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Gate model upgrades: evidence with authority, and a verdict: ship, hold or revert.

    Exit codes: 0 ship or done, 2 wrong usage or invalid file, 10 hold, 11 revert, 12 could not
    judge, 1 a fault of hitl, 130 interrupted.

    Example: hitl init my-gate --example
    """


app.command()(init.init)
app.command()(plan.plan)
app.command()(run.run)
app.command()(gate.gate)
app.command()(report.report)
app.command()(explain.explain)
app.command()(brief.brief)
app.command()(compare.compare)
app.command()(baseline.baseline)
app.add_typer(golden.app, name="golden")
app.add_typer(log.app, name="log")
app.add_typer(policy.app, name="policy")
app.command()(recalibrate.recalibrate)
app.add_typer(review.app, name="review")
app.add_typer(handover.app, name="handover")
app.command()(doctor.doctor)
