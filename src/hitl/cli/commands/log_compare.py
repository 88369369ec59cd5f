"""`hitl log compare`: two model versions or two periods of a decision log, adjusted for mix."""

from pathlib import Path
from typing import Annotated

import typer

from hitl.cli.log_options import Logs, Mapping
from hitl.cli.options import AsJson


def compare(
    logs: Logs,
    previous: Annotated[
        str | None, typer.Option("--previous", help="Model of the first side, as it resolved.")
    ] = None,
    candidate: Annotated[
        str | None, typer.Option("--candidate", help="Model of the second side.")
    ] = None,
    before: Annotated[
        str | None,
        typer.Option("--before", metavar="FROM..TO", help="Days of the first side, UTC."),
    ] = None,
    after: Annotated[
        str | None, typer.Option("--after", metavar="FROM..TO", help="Days of the second side.")
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            "--split", metavar="DATE", help="First day of the second side; all days count."
        ),
    ] = None,
    mapping: Mapping = None,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", help="Policy that says how the log is read; --mapping wins."),
    ] = None,
    confidence: Annotated[
        float, typer.Option("--confidence", min=0.8, max=0.9999, help="Of every interval.")
    ] = 0.95,
    floor: Annotated[
        float,
        typer.Option(
            "--floor", min=0.0, max=1.0, help="Share that must be known to give a number."
        ),
    ] = 0.8,
    maturity_days: Annotated[
        int,
        typer.Option("--maturity-days", min=0, max=3650, help="Age from which outcomes count."),
    ] = 14,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for comparison.json and index.html.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Compare two models or two periods: what changed, and which part of it is another mix of work.

    Without sides, the two models of the log. A description and no verdict: exit 0, or 12 if
    nothing can be compared.

    Example: hitl log compare manifests/incident-triage/decisions.parquet
    """
    from hitl.cli.log_compare import compared, sides_asked, write_comparison
    from hitl.cli.log_options import mapping_of
    from hitl.cli.output import people, print_json, tell
    from hitl.decisions.change.rules import ComparisonRules
    from hitl.render.log_compare import print_comparison

    wanted = sides_asked((previous, candidate), (before, after), split)
    read_as = mapping_of(mapping, policy)
    found = compared(logs, read_as, wanted, ComparisonRules(confidence, floor, maturity_days))
    if out is not None:
        write_comparison(found, out)
        tell(f"wrote {out / 'comparison.json'} and {out / 'index.html'}")
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        print_comparison(found, people())
    return 12 if found.is_empty else 0
