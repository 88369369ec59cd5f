"""`hitl review merge`: locked ballots become ratings."""

from pathlib import Path
from typing import Annotated

import typer

from hitl.cli.options import AsJson


def merge(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder that `hitl review pack` wrote.")
    ],
    partial: Annotated[
        bool, typer.Option("--partial", help="Count what is there although votes are missing.")
    ] = False,
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without", help="A reviewer who will not lock, by name; may be given again."
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Check every ballot, open the key, and write what people say together.

    Exit 12 while votes are missing, 2 for a ballot that is forged or of another review.

    Example: hitl review merge manifests/incident-triage/review
    """
    from hitl.cli.review_merge import merge_folder, show_ratings

    ratings = merge_folder(folder, is_partial=partial, without=tuple(without or ()))
    show_ratings(ratings, folder, as_json=as_json)
    return 0
