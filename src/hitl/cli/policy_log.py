"""Replaying a log, and what people see while its rows go by."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hitl.decisions.rows import Batch
    from hitl.decisions.source import Log
    from hitl.policy.replay.over_log import Replayed
    from hitl.policy.schema import Policy


@contextmanager
def replayed(
    opened: "AbstractContextManager[Log]", policies: "tuple[Policy, ...]", *, sets_aside: bool
) -> "Iterator[Replayed]":
    """Replay logs under policies, with progress on a terminal.

    Raises:
        DocumentError: a log that cannot be used as it is.
    """
    from hitl.policy.replay.over_log import replay_log

    with opened as log:
        yield replay_log(log, policies, watch_batches, sets_aside=sets_aside)


def watch_batches(batches: "Iterable[Batch]", n_rows: int) -> "Iterator[Batch]":
    """Show how far a replay has come; nothing unless stderr is a terminal."""
    if not sys.stderr.isatty():
        yield from batches
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("replaying", total=n_rows)
        for batch in batches:
            yield batch
            progress.advance(task, len(batch["at_us"]))
