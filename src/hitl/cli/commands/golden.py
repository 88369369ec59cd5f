"""`hitl golden`: look after golden sets."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from hitl.cli.commands import judge_check
from hitl.cli.options import AsJson

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def golden() -> None:
    """Look after golden sets.

    Example: hitl golden lint golden_sets/incident-triage/set.yaml
    """


@app.command()
def lint(
    golden_set: Annotated[Path, typer.Argument(metavar="SET.yaml", help="The golden set.")],
    release: Annotated[
        Path | None,
        typer.Option("--release", help="Take margins and confidence from this release."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Find cases that check nothing, repeated inputs, and subsets too small for their margin.

    Mistakes of form (unknown words, repeated ids, broken lines) are told with file and line and
    exit 2, as does any error; warnings alone exit 0.

    Example: hitl golden lint golden_sets/incident-triage/set.yaml
    """
    from hitl.cli.lint import print_findings, run_lint
    from hitl.cli.output import print_json

    findings = run_lint(golden_set, release)
    if as_json:
        print_json({"findings": [asdict(finding) for finding in findings]})
    else:
        print_findings(findings)
    return 2 if any(finding.level == "error" for finding in findings) else 0


app.command("judge-check")(judge_check.judge_check)
