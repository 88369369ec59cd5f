"""`hitl review reviewers`: who decides otherwise than the others, and since when."""

from pathlib import Path
from typing import Annotated

import typer

from hitl.cli.log_options import Logs, Mapping
from hitl.cli.options import AsJson


def reviewers(
    logs: Logs,
    previous: Annotated[
        str | None, typer.Option("--previous", help="Model before the change, as it resolved.")
    ] = None,
    model: Annotated[str | None, typer.Option("--model", help="Model after it.")] = None,
    alarm_rate: Annotated[
        float,
        typer.Option("--alarm-rate", min=0.0001, max=0.2, help="Chance of any false alarm."),
    ] = 0.05,
    mapping: Mapping = None,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", help="Policy that says how the log is read; --mapping wins."),
    ] = None,
    hash_names: Annotated[
        bool, typer.Option("--hash-names", help="Name reviewers by a hash, to hand the report on.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for reviewers.json and reviewers.md.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Show who decides otherwise since the change, drifts, rubber-stamps or over-escalates.

    For whoever leads the review, not for blame. Exit 0, also with alarms; 12 if nobody can be
    compared.

    Example: hitl review reviewers manifests/incident-triage/decisions.parquet
    """
    from hitl.cli.log_options import mapping_of
    from hitl.cli.review_reviewers import found_reviewers, show_reviewers, write_reviewers
    from hitl.review.reviewers.report import ReviewersAsk

    ask = ReviewersAsk(previous, model, alarm_rate, 0.95)
    found = found_reviewers(logs, mapping_of(mapping, policy), ask, hash_names=hash_names)
    if out is not None:
        write_reviewers(found, out)
    show_reviewers(found, as_json=as_json)
    return 0 if found.n_tests else 12
