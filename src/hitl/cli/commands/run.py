"""`hitl run`: only the paired run, resumable; what it answers, `hitl gate` uses."""

from pathlib import Path
from typing import Annotated

import typer

from hitl.cli.options import AllowPython, AsJson, Fresh, Release, ReuseOld


def run(
    release: Release,
    out: Annotated[Path, typer.Option("--out", help="Folder for records; the journal stands in <out>/<release_id>/run.")] = Path("reports"),
    shard: Annotated[str | None, typer.Option("--shard", metavar="K/N", help="Ask only one part of the cases, so that several machines can share a run.")] = None,
    merge: Annotated[list[Path] | None, typer.Option("--merge", metavar="JOURNAL", help="Put the journals of all parts together; once for each part.")] = None,
    retry_errors: Annotated[bool, typer.Option("--retry-errors", help="Make the calls that failed again, in both arms alike.")] = False,
    fresh: Fresh = False,
    reuse_old: ReuseOld = False,
    allow_python: AllowPython = False,
    as_json: AsJson = False,
) -> int:  # fmt: skip
    """Ask both arms every case of the golden set, side by side, and keep every answer in a journal.

    Example: hitl run manifests/incident-triage/release.yaml
    """
    from hitl.cli.live import RunOptions
    from hitl.cli.running import run_release
    from hitl.run.pair import parse_shard

    options = RunOptions(
        out=out, fresh=fresh, reuse_old=reuse_old, retry_errors=retry_errors, allow_python=allow_python,
        shard=None if shard is None else parse_shard(shard), is_run=True,
    )  # fmt: skip
    return run_release(release, options, tuple(merge or ()), as_json=as_json)
