"""Coming and going: an access token is exchanged for a session, and a session ends."""

import secrets

from hitl.web.desk.desk import Desk
from hitl.web.desk.locking import known_reviewer
from hitl.web.store import sessions
from hitl.web.store.notes import give_back

LASTS = 12 * 3600
"""Seconds for which a session is good."""
_NAME_BYTES = 32


def new_name() -> str:
    """Return a name for a session that nobody can guess; it says nothing of whose it is."""
    return secrets.token_urlsafe(_NAME_BYTES)


def enter(desk: Desk, token: str, old: str) -> str | None:
    """Begin a session under a new name, in place of an old one; None where nobody has this token."""
    reviewer = known_reviewer(desk, token)
    if reviewer is None:
        return None
    name = new_name()
    with desk.store.writing() as connection:
        sessions.end_old(connection, desk.now())
        sessions.end(connection, old)
        sessions.begin(connection, name, reviewer, desk.now() + LASTS)
    return name


def leave(desk: Desk, name: str, reviewer: str) -> None:
    """End a session and give back what was kept for its reviewer."""
    with desk.store.writing() as connection:
        sessions.end(connection, name)
        give_back(connection, reviewer)


def visitor(desk: Desk, name: str) -> str | None:
    """Return whose session it is; None where there is none, or none any more."""
    with desk.store.reading() as connection:
        found = sessions.reviewer_of(connection, name, desk.now())
    return found if found in desk.refs else None
