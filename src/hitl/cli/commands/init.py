"""`hitl init`: a working workspace."""

from pathlib import Path
from typing import Annotated

import typer

from hitl.cli.options import AsJson


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where; the current folder by default.")
    ] = Path(),
    example: Annotated[
        bool,
        typer.Option(
            "--example", help="Write the incident-triage example instead of a small start."
        ),
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Write a workspace in which `hitl gate` runs at once: golden set, release and policy manifests.

    Nothing that is there is overwritten.

    Example: hitl init my-gate --example
    """
    from hitl.cli.output import print_json, tell
    from hitl.cli.workspace import write_workspace

    written, release = write_workspace(folder, is_example=example)
    if as_json:
        print_json(
            {"folder": str(folder), "files": [str(path) for path in written], "release": release}
        )
    for path in written:
        tell(f"wrote {path}")
    place = "" if folder == Path() else f"cd {folder} && "
    tell(f"now run: {place}hitl gate {release}")
    return 0
