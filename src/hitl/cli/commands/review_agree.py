"""`hitl review agree`: how far raters agree beyond chance."""

from pathlib import Path
from typing import Annotated

import typer

from hitl.cli.options import AsJson
from hitl.review.words import Scale


def agree(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="ratings.json, or labels as CSV or JSON lines (.gz)."
        ),
    ],
    raters: Annotated[
        str | None,
        typer.Option("--raters", help="One line a unit: the columns of the raters, by commas."),
    ] = None,
    unit: Annotated[
        str, typer.Option("--unit", help="Column that names the unit; a line is one if not given.")
    ] = "",
    rater: Annotated[
        str, typer.Option("--rater", help="One line a label: the column that names the rater.")
    ] = "",
    label: Annotated[str, typer.Option("--label", help="One line a label: the column of it.")] = "",
    scale: Annotated[
        Scale, typer.Option("--scale", help="How far labels are apart.")
    ] = Scale.NOMINAL,
    order: Annotated[
        str, typer.Option("--order", help="Every possible label from low to high, by commas.")
    ] = "",
    by: Annotated[str, typer.Option("--by", help="Column that groups units.")] = "",
    cluster: Annotated[
        str, typer.Option("--cluster", help="Column; units that share it are not independent.")
    ] = "",
    as_json: AsJson = False,
) -> int:
    """Show raw agreement, kappas, alpha and AC1, each with its n and interval.

    Exit 12 where no unit has two labels.

    Example: hitl review agree manifests/incident-triage/review/ratings.json
    """
    from hitl.cli.review_agree import LabelAsk, agreement, show_agreement

    named = tuple(name.strip() for name in (raters or "").split(",") if name.strip())
    words = tuple(word.strip() for word in order.split(",") if word.strip())
    ask = LabelAsk(named, unit, rater, label, scale, words, by, cluster)
    found = agreement(files, ask)
    show_agreement(found, as_json=as_json)
    return 0 if found.n_twice else 12
