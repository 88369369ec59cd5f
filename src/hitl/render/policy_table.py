"""Tables and words that every view of a policy's work shares; every name of a log is made harmless."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hitl.render import numbers
from hitl.render.text import brief

NAME = 18
"""Characters of a name in a table."""
NOBODY = "nobody named"
NO_TYPE = "no action type"


def a_table(names: Sequence[str], numbers: Sequence[str]) -> Table:
    """Return a table of some columns of words, then some of numbers."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    for place, title in enumerate(names):
        table.add_column(title, overflow="fold", no_wrap=place == 0)
    for title in numbers:
        table.add_column(title, justify="right", overflow="fold")
    return table


def add_row(table: Table, cells: Iterable[str]) -> None:
    """Add a row of plain text."""
    table.add_row(*(Text(cell) for cell in cells))


def say(console: Console, *lines: str) -> None:
    """Print lines that a terminal may break."""
    for line in lines:
        console.print(Text(line), soft_wrap=True)


def head(console: Console, text: str) -> None:
    """Print a heading over what follows."""
    console.print()
    console.print(Text(text, "bold"), soft_wrap=True)


def quiet_hours(count: int) -> str:
    """Return that part of the time of a log counts as not covered."""
    return (
        f"warning: {numbers.counted(count, 'hour')} lie in stretches of more than a week without any"
        " decision, and count as not covered"
    )


def named(name: str | None, nothing: str) -> str:
    """Return a name of a log or policy for a table; words in its place where there is none."""
    return nothing if name is None else brief(name, NAME)
