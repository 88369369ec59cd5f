"""`hitl log`: look after decision logs."""

from pathlib import Path
from typing import Annotated

import typer

from hitl.cli.options import AsJson

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def log() -> None:
    """Look after decision logs.

    Example: hitl log lint manifests/incident-triage/decisions.parquet
    """


@app.command()
def lint(
    logs: Annotated[
        list[str],
        typer.Argument(
            metavar="LOG...",
            help="Parquet, CSV, JSON lines (.gz too), quoted patterns, DATABASE::TABLE.",
        ),
    ],
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", help="mapping.yaml: columns, values, units and zone of the log."),
    ] = None,
    memory_mb: Annotated[
        int, typer.Option("--memory-mb", min=100, help="Memory; beyond it the disk is used.")
    ] = 1000,
    as_json: AsJson = False,
) -> int:
    """Report what each field of a decision log covers, what is wrong, and what that forbids.

    Rows that cannot be used, and ids that stand twice, exit 2; gaps alone exit 0.

    Example: hitl log lint manifests/incident-triage/decisions.parquet
    """
    from hitl.cli.clock import now
    from hitl.cli.output import people, print_json
    from hitl.decisions.duck import Limits
    from hitl.decisions.mapping import MappingFile
    from hitl.decisions.source import open_log
    from hitl.decisions.trace import lint_log
    from hitl.document.load import load_document
    from hitl.render.log import log_lines, report_json

    named = load_document(mapping, MappingFile) if mapping else None
    with open_log(logs, now(), named, Limits(memory_mb)) as opened:
        report = lint_log(opened)
    if as_json:
        print_json(report_json(report))
    else:
        console = people()
        for line in log_lines(report):
            console.print(line, soft_wrap=True)
    return 2 if report.has_errors else 0
