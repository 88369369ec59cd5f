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


class FailOn(StrEnum):
    """Verdicts that can fail a CI job."""

    HOLD = "hold"
    REVERT = "revert"
