"""Who is there: sessions under a hash of their name, so that the file opens none."""

from hashlib import sha256
from sqlite3 import Connection


def begin(connection: Connection, name: str, reviewer: str, until: float) -> None:
    """Remember a session."""
    connection.execute(
        "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?)", (_hashed(name), reviewer, until)
    )


def end(connection: Connection, name: str) -> None:
    """Forget a session."""
    connection.execute("DELETE FROM sessions WHERE name = ?", (_hashed(name),))


def end_old(connection: Connection, at: float) -> None:
    """Forget sessions whose time has run out."""
    connection.execute("DELETE FROM sessions WHERE until <= ?", (at,))


def reviewer_of(connection: Connection, name: str, at: float) -> str | None:
    """Return whose session it is; None where there is none, or none any more."""
    row = connection.execute(
        "SELECT reviewer FROM sessions WHERE name = ? AND until > ?", (_hashed(name), at)
    ).fetchone()
    return None if row is None else str(row[0])


def _hashed(name: str) -> str:
    return sha256(name.encode()).hexdigest()
