"""`hitl compare`: two recorded runs, case by case, without a manifest."""

from pathlib import Path
from typing import Annotated

import typer

from hitl.cli.options import AsJson


def compare(
    previous: Annotated[
        Path, typer.Argument(metavar="PREVIOUS.jsonl", help="Replies of the current model.")
    ],
    candidate: Annotated[
        Path, typer.Argument(metavar="CANDIDATE.jsonl", help="Replies of the candidate.")
    ],
    golden: Annotated[
        Path | None, typer.Option("--golden", help="Judge by the expectations of this golden set.")
    ] = None,
    label: Annotated[
        str | None,
        typer.Option("--label", help="Judge by this grade in the replies: a pass is `true`."),
    ] = None,
    confidence: Annotated[
        float, typer.Option("--confidence", min=0.8, max=0.9999, help="Of every interval.")
    ] = 0.95,
    as_json: AsJson = False,
) -> int:
    """Compare two recorded runs pair by pair: what regressed, what improved, and how sure that is.

    Without a golden set or a label, the one true-or-false grade that the replies carry is used.

    Example: hitl compare reports/triage-2026-05-18/evidence/previous.jsonl.gz
    reports/triage-2026-05-18/evidence/candidate.jsonl.gz
    --golden golden_sets/incident-triage/set.yaml
    """
    from hitl.cli.compare import compare_runs, print_comparison
    from hitl.cli.output import print_json

    result = compare_runs(previous, candidate, golden, label, confidence)
    if as_json:
        print_json(result.model_dump(mode="json"))
    else:
        print_comparison(result)
    return 0
