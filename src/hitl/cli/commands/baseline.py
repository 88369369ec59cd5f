"""`hitl baseline`."""

from pathlib import Path
from typing import Annotated

import typer

from hitl.cli.log_options import ByEngine, Logs, Mapping, MemoryMb
from hitl.cli.options import AsJson
from hitl.decisions.query import EngineName


def baseline(
    logs: Logs,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", help="Policy with the targets, and the mapping under `log`."),
    ] = None,
    mapping: Mapping = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            help="Groups: resolved_model, action_type, reviewer_pool, lane, risk, severity, "
            "separated by commas. The first four if not given.",
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", help="Folder for baseline.json and index.html.")
    ] = Path("reports/baseline"),
    confidence: Annotated[
        float, typer.Option("--confidence", help="Of every interval, two-sided.")
    ] = 0.95,
    floor: Annotated[
        float,
        typer.Option("--floor", help="Share of decisions that must have what a number needs."),
    ] = 0.8,
    hourly_cost: Annotated[
        float | None,
        typer.Option(
            "--hourly-cost", help="US dollars of an hour of review; not counted if not given."
        ),
    ] = None,
    maturity_days: Annotated[
        int,
        typer.Option("--maturity-days", min=0, help="Days that outcomes take to be known."),
    ] = 14,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First day that counts (UTC).")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Last day that counts (UTC).")
    ] = None,
    memory_mb: MemoryMb = 1000,
    engine: ByEngine = EngineName.DUCKDB,
    as_json: AsJson = False,
) -> int:
    """Measure what people and the model did: each number with its n and interval, or why there is none.

    Writes baseline.json and index.html. Where the log cannot support a number it is refused, with
    the reason. Exits 12 if no number could be said at all, 2 if the log has a fault.

    Example: hitl baseline manifests/incident-triage/decisions.parquet --policy manifests/incident-triage/policy.yaml
    """
    from hitl.cli.baseline import Asked, Days, Limits, run_baseline

    limits = Limits(confidence, floor, hourly_cost, maturity_days)
    asked = Asked(policy, mapping, by, Days.read(first, last), limits, memory_mb, engine)
    return run_baseline(logs, asked, out, as_json=as_json)
