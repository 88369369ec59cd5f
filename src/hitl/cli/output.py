"""What commands say: JSON alone on stdout when asked, everything for people beside it."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")


def print_json(value: object) -> None:
    """Print one JSON document on stdout."""
    with while_read():
        sys.stdout.write(json.dumps(value, indent=2, allow_nan=False) + "\n")


def print_text(text: str) -> None:
    """Print text on stdout."""
    with while_read():
        sys.stdout.write(text if text.endswith("\n") else text + "\n")


def tell(text: str) -> None:
    """Say something to people, on stderr."""
    sys.stderr.write(text + "\n")


def people() -> "Console":
    """Return the console for people, on stdout; a reader that stops reading changes no exit code.

    Nothing that it prints is read as markup or as the name of an emoji.
    """
    from rich.console import Console

    class _Console(Console):
        def on_broken_pipe(self) -> None:
            self.quiet = True
            drop_stdout()

    return _Console(highlight=False, markup=False, emoji=False)


def drop_stdout() -> None:
    """Send the rest of stdout nowhere: whoever read it has left, and Python would complain at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def while_read() -> Iterator[None]:
    """Write to stdout for as long as somebody reads it; a reader that left changes no exit code."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        drop_stdout()


def counted(items: Iterable[T], words: str) -> Iterator[T]:
    """Yield items on, with a running count on stderr while it is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import (
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield from progress.track(items, description=words)
