"""Options that several commands share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on stdout, for machines.")
]
Release = Annotated[Path, typer.Argument(metavar="RELEASE.yaml", help="The release manifest.")]
Record = Annotated[
    Path, typer.Argument(metavar="RECORD", help="A record.json, or the folder that holds it.")
]

AllowPython = Annotated[
    bool,
    typer.Option(
        "--allow-python",
        help="Run user code: `python` expectations and providers of the files that are named.",
    ),
]
Fresh = Annotated[
    bool,
    typer.Option(
        "--fresh",
        help="Begin a live run anew; the old journal is kept beside the new one.",
    ),
]
ReuseOld = Annotated[
    bool,
    typer.Option(
        "--reuse-old",
        help="Use replies of earlier runs even if they are too old or from another identity.",
    ),
]


class FailOn(StrEnum):
    """Verdicts that can fail a CI job."""

    HOLD = "hold"
    REVERT = "revert"
