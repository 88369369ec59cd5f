"""What `hitl gate` says at the end, and the code that it leaves with."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.options import FailOn
from hitl.cli.output import people, tell
from hitl.errors import UsageError

if TYPE_CHECKING:
    from hitl.record.release import ReleaseRecord


def only_release() -> Path:
    """Return the one release manifest under manifests/.

    Raises:
        UsageError: there is none, or a choice.
    """
    found = sorted(Path("manifests").glob("*/release.yaml"))
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(
            "no release manifest under manifests/ here; name one, or run `hitl init` first"
        )
    raise UsageError(
        "several releases here; name one of: " + ", ".join(str(path) for path in found)
    )


def parse_fail_on(words: str) -> frozenset[str]:
    """Return the verdicts that fail the command: exactly those that are named.

    Raises:
        UsageError: a word is not one of them.
    """
    given = {word.strip() for word in words.split(",") if word.strip()}
    if unknown := given - set(FailOn):
        raise UsageError(
            f"--fail-on: unknown verdict {min(unknown)!r}; expected hold, revert or hold,revert"
        )
    if not given:
        raise UsageError(
            "--fail-on is empty; expected hold, revert or hold,revert, or use --exit-zero"
        )
    return frozenset(given)


def exit_code(record: "ReleaseRecord", failing: frozenset[str]) -> int:
    """Return the record's code, or 0 when its verdict is not one that fails the command."""
    return record.exit_code if record.verdict.value in failing else 0


def show_verdict(record: "ReleaseRecord", folder: Path, *, as_json: bool) -> None:
    """Print the verdict: for people, or the whole record for machines."""
    from hitl.record.store import record_bytes
    from hitl.render.terminal import print_record

    if as_json:
        sys.stdout.write(record_bytes(record).decode())
        tell(f"{record.release_id}: {record.verdict}")
    else:
        print_record(record, people())
    tell(f"record: {folder / 'record.json'}\npage:   {folder / 'index.html'}")
