"""What people see of calls that are being made: rate, cost so far, time left; nothing unless stderr is a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class CallProgress:
    """Takes in what happens in a run."""

    plan: Callable[[int, int], None]
    """Calls to be made, and calls that were answered before."""
    replied: Callable[[float], None]
    """One more reply; USD spent so far."""


@contextmanager
def watching(words: str) -> Iterator[CallProgress]:
    """Show the progress of calls while they are made."""
    if not sys.stderr.isatty():
        yield CallProgress(lambda _owed, _reused: None, lambda _spent: None)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}  {task.fields[cost]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(words, total=None, rate="", cost="")

        def plan(owed: int, reused: int) -> None:
            progress.update(task, total=owed, description=f"{words} ({reused} answered before)" if reused else words)  # fmt: skip

        def replied(spent: float) -> None:
            speed = progress.tasks[0].speed
            progress.update(task, advance=1, rate=f"{speed:.1f}/s" if speed else "", cost=f"{spent:.4f} USD")  # fmt: skip

        yield CallProgress(plan, replied)
