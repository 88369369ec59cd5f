"""`hitl brief`: what reviewers should know before the candidate's replies reach them."""

from pathlib import Path
from typing import Annotated

import typer

from hitl.cli.brief import BriefFormat
from hitl.cli.options import AsJson, Record


def brief(
    record: Record,
    view: Annotated[BriefFormat, typer.Option("--format", help="Which view.")] = BriefFormat.MD,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for brief.md and brief.html, rather than stdout."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Brief the reviewers: what changed, the new style, new ways to fail, what to look for.

    Not for people who will rate this release blind.

    Example: hitl brief reports/triage-2026-05-18
    """
    from hitl.cli.brief import brief_text, brief_values, write_brief
    from hitl.cli.output import print_json, print_text, tell
    from hitl.record.store import load_record

    found = load_record(record)
    if out is not None:
        write_brief(found, out)
        tell(f"wrote {out / 'brief.md'} and {out / 'brief.html'}")
    if as_json:
        print_json(brief_values(found))
    elif out is None:
        print_text(brief_text(found, view))
    return 0
