"""Signs that somebody is working on an item, and the time that they add up to.

The clock is the server's. Work on an item runs from each opening to the save or the putting off that ends it, summed
over openings. A gap between two signs counts up to the review's `idle_seconds`. The script of the page gives a sign
while keys, pointer or scrolling move; without JavaScript there are none, so a gap straight from an opening to its end
counts up to five times that. What follows the last sign of an opening that was left does not count.
"""

from collections.abc import Iterable
from enum import StrEnum
from itertools import pairwise
from sqlite3 import Connection

UNSEEN = 5
"""How many times `idle_seconds` a gap may count where no sign came between an opening and its end."""


class Sign(StrEnum):
    """What showed that somebody is there."""

    OPENED = "opened"
    ALIVE = "alive"
    SAVED = "saved"
    PUT_OFF = "put off"


_ENDS = frozenset({Sign.SAVED, Sign.PUT_OFF})


def add_sign(connection: Connection, reviewer: str, item: str, kind: Sign, at: float) -> None:
    """Note a sign."""
    connection.execute(
        "INSERT INTO signs (reviewer, item, kind, at) VALUES (?, ?, ?, ?)",
        (reviewer, item, kind, at),
    )


def seconds_on(
    connection: Connection, reviewer: str, item: str, idle_seconds: float
) -> float | None:
    """Return the seconds of work on an item so far, or None where it was never opened."""
    rows = connection.execute(
        "SELECT kind, at FROM signs WHERE reviewer = ? AND item = ? ORDER BY seq", (reviewer, item)
    )
    return worked([(Sign(kind), at) for kind, at in rows], idle_seconds)


def worked(signs: Iterable[tuple[Sign, float]], idle_seconds: float) -> float | None:
    """Return the seconds of work that signs of one item stand for, in their order; None without an opening.

    >>> worked([(Sign.OPENED, 0), (Sign.ALIVE, 10), (Sign.ALIVE, 500), (Sign.SAVED, 505)], 60)
    75.0
    >>> worked([(Sign.OPENED, 0), (Sign.SAVED, 1000)], 60)
    300.0
    """
    stretch: list[tuple[Sign, float]] = []
    total: float | None = None
    for kind, at in signs:
        if kind is Sign.OPENED:
            total = (total or 0.0) + _counted(stretch, idle_seconds)
            stretch = [(kind, at)]
        elif stretch:
            stretch.append((kind, at))
            if kind in _ENDS:
                total = (total or 0.0) + _counted(stretch, idle_seconds)
                stretch = []
    return None if total is None else round(total + _counted(stretch, idle_seconds), 3)


def _counted(stretch: list[tuple[Sign, float]], idle_seconds: float) -> float:
    is_unseen = len(stretch) == 2 and stretch[-1][0] in _ENDS
    most = idle_seconds * UNSEEN if is_unseen else idle_seconds
    # A clock that was set back must not take time away.
    return sum(min(max(later - sooner, 0.0), most) for (_, sooner), (_, later) in pairwise(stretch))
