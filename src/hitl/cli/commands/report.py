"""`hitl report`: any view of a stored record."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hitl.cli.options import AsJson, Record


class Format(StrEnum):
    """Views of a record."""

    HTML = "html"
    MD = "md"
    JUNIT = "junit"
    GITHUB = "github"
    SARIF = "sarif"


def report(
    record: Record,
    view: Annotated[Format, typer.Option("--format", help="Which view.")] = Format.MD,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write to this file rather than to stdout.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Draw a stored record again; a record that was changed after its verdict is refused.

    Example: hitl report reports/triage-2026-05-18 --format md
    """
    from hitl.cli.output import print_json, print_text, tell
    from hitl.document.write import write_atomic
    from hitl.record.store import load_record
    from hitl.render.view import View, render

    text = render(load_record(record), View(view.value))
    if out is not None:
        write_atomic(out, text.encode())
        tell(f"wrote {out}")
    if as_json:
        print_json(
            {"format": view.value, "out": str(out) if out else None, "text": None if out else text}
        )
    elif out is None:
        print_text(text)
    return 0
