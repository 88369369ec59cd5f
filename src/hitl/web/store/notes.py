"""Small things that are remembered for a reviewer: what was put off, asked for, and kept free for them."""

from collections import defaultdict
from collections.abc import Mapping
from sqlite3 import Connection


def put_off(connection: Connection, reviewer: str, item: str) -> None:
    """Move an item behind everything that is left and was put off before."""
    connection.execute(
        "INSERT OR REPLACE INTO put_off SELECT ?, ?, coalesce(max(turn), 0) + 1 FROM put_off WHERE reviewer = ?",
        (reviewer, item, reviewer),
    )


def take_up(connection: Connection, reviewer: str, item: str) -> None:
    """An item that was put off is done."""
    connection.execute("DELETE FROM put_off WHERE reviewer = ? AND item = ?", (reviewer, item))


def put_offs(connection: Connection, reviewer: str) -> tuple[str, ...]:
    """Return the items that a reviewer put off, the longest waiting first."""
    rows = connection.execute(
        "SELECT item FROM put_off WHERE reviewer = ? ORDER BY turn", (reviewer,)
    )
    return tuple(row[0] for row in rows)


def ask_confidence(connection: Connection, reviewer: str, item: str) -> None:
    """Remember that a reviewer wanted to see the stated confidence."""
    connection.execute("INSERT OR IGNORE INTO asked VALUES (?, ?)", (reviewer, item))


def asked_confidence(connection: Connection, reviewer: str, item: str) -> bool:
    """Return whether a reviewer has seen the stated confidence."""
    row = connection.execute(
        "SELECT 1 FROM asked WHERE reviewer = ? AND item = ?", (reviewer, item)
    )
    return row.fetchone() is not None


def reserve(connection: Connection, reviewer: str, item: str, until: float) -> None:
    """Keep a place among an item's raters for a reviewer."""
    connection.execute(
        "INSERT OR REPLACE INTO reservations VALUES (?, ?, ?)", (item, reviewer, until)
    )


def give_back(connection: Connection, reviewer: str, item: str | None = None) -> None:
    """Give back one place, or all of a reviewer's."""
    connection.execute(
        "DELETE FROM reservations WHERE reviewer = ? AND (? IS NULL OR item = ?)",
        (reviewer, item, item),
    )


def reserved(connection: Connection, at: float) -> Mapping[str, set[str]]:
    """Return for whom places are kept, by item, without those whose time has run out."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    rows = connection.execute("SELECT item, reviewer FROM reservations WHERE until > ?", (at,))
    for item, reviewer in rows:
        found[item].add(reviewer)
    return found


def add_lock(connection: Connection, reviewer: str, ballot: str) -> None:
    """Make a reviewer's votes final."""
    connection.execute("INSERT INTO locks VALUES (?, ?)", (reviewer, ballot))


def locks(connection: Connection) -> dict[str, str]:
    """Return the ballots of reviewers whose votes are final, as JSON."""
    return dict(connection.execute("SELECT reviewer, ballot FROM locks").fetchall())
