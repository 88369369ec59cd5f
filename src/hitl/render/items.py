"""Lists on a terminal: a title, one item a line, and how many more there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hitl.render.text import brief


@dataclass(frozen=True, slots=True)
class Room:
    """How much of a list is shown, and where the rest of it stands."""

    most: int
    """Items."""
    longest: int
    """Characters of one."""
    rest: str
    """Such as `in the record`."""


def print_items(title: str, lines: Sequence[str], room: Room, console: Console) -> None:
    """Print a list; nothing at all where it is empty."""
    if not lines:
        return
    console.print(Text(title, style="bold"))
    for line in islice(lines, room.most):
        item = Table.grid(padding=(0, 1))
        item.add_column(width=1)
        item.add_column(overflow="fold")
        item.add_row(Text("·"), Text(brief(line, room.longest)))
        console.print(Padding(item, (0, 0, 0, 1)), highlight=False)
    if len(lines) > room.most:
        more = f"   and {len(lines) - room.most:,} more {room.rest}"
        console.print(Text(more, style="dim"))
    console.print()
