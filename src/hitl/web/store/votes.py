"""Votes as they were saved, one row each, and what stands after undoing."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from sqlite3 import Connection

from hitl.review.votes import Vote

_LATEST = """
SELECT item, revision, body, undoes FROM votes AS one WHERE reviewer = ?
AND revision = (SELECT max(revision) FROM votes WHERE reviewer = one.reviewer AND item = one.item)
"""
_SAVED = """
SELECT seq, item, body FROM votes WHERE reviewer = ? AND undoes IS NULL
AND seq NOT IN (SELECT undoes FROM votes WHERE reviewer = ? AND undoes IS NOT NULL)
ORDER BY seq DESC
"""
_VOTERS = """
SELECT item, reviewer FROM votes AS one WHERE body IS NOT NULL
AND revision = (SELECT max(revision) FROM votes WHERE reviewer = one.reviewer AND item = one.item)
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What one reviewer has said of one item so far."""

    revision: int = 0
    """Goes up with every save and every undo; 0 before the first."""
    vote: Vote | None = None
    """None: nothing was said, or it was taken back."""
    taken_back: Vote | None = None
    """What the last undo took back, for as long as nothing else was said."""


def standings(connection: Connection, reviewer: str) -> dict[str, Standing]:
    """Return what a reviewer has said, by item; an item that was never touched is not in it."""
    found = {}
    for item, revision, body, undoes in connection.execute(_LATEST, (reviewer,)).fetchall():
        taken = None if undoes is None else _body(connection, undoes)
        found[item] = Standing(revision, _vote(body), taken)
    return found


def voters(connection: Connection) -> Mapping[str, set[str]]:
    """Return who has voted on each item."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for item, reviewer in connection.execute(_VOTERS):
        found[item].add(reviewer)
    return found


def add_vote(connection: Connection, reviewer: str, vote: Vote, revision: int, at: float) -> None:
    """Add a save; the same revision twice is refused by the table itself."""
    connection.execute(
        "INSERT INTO votes (reviewer, item, revision, body, at) VALUES (?, ?, ?, ?, ?)",
        (reviewer, vote.item_id, revision, vote.model_dump_json(), at),
    )


def times_saved(connection: Connection, reviewer: str, item: str) -> int:
    """Return how many saves of an item stand, one behind the other."""
    return sum(row[1] == item for row in connection.execute(_SAVED, (reviewer, reviewer)))


def has_saved(connection: Connection, reviewer: str) -> bool:
    """Return whether there is a save to take back."""
    return connection.execute(_SAVED, (reviewer, reviewer)).fetchone() is not None


def take_back(connection: Connection, reviewer: str, at: float) -> str | None:
    """Take back the last save that still stands, so that the one before it stands again.

    Returns:
        The item, or None where there is nothing to take back.
    """
    saved = connection.execute(_SAVED, (reviewer, reviewer)).fetchall()
    if not saved:
        return None
    last, item, _ = saved[0]
    before = next((body for _, other, body in saved[1:] if other == item), None)
    connection.execute(
        "INSERT INTO votes (reviewer, item, revision, body, undoes, at)"
        " SELECT reviewer, item, max(revision) + 1, ?, ?, ? FROM votes WHERE reviewer = ? AND item = ?",
        (before, last, at, reviewer, item),
    )
    return str(item)


def _body(connection: Connection, seq: int) -> Vote | None:
    row = connection.execute("SELECT body FROM votes WHERE seq = ?", (seq,)).fetchone()
    return None if row is None else _vote(row[0])


def _vote(body: str | None) -> Vote | None:
    return None if body is None else Vote.model_validate_json(body)
