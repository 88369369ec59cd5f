"""Replies of an earlier session that no longer speak for the model: too old, or given by another one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hitl.run.journal.file import Journal


@dataclass(frozen=True, slots=True)
class Aged:
    """What was found among the replies of earlier sessions."""

    old: tuple[str, ...]
    """Keys of replies that are older than the window."""
    strange: tuple[str, ...]
    """Keys of replies that another identity gave than the one that answers now."""


def find_aged(
    journal: Journal, at: datetime, max_age_hours: float, answering: dict[str, str]
) -> Aged:
    """Return the journaled replies that are not to be reused unless asked.

    Args:
        journal: replies of earlier sessions.
        at: now.
        max_age_hours: the window.
        answering: who answers now, by lane; a lane that was not probed has no entry.
    """
    oldest = at - timedelta(hours=max_age_hours)
    old, strange = [], []
    for key, place in journal.places.items():
        if place.at is not None and datetime.fromisoformat(place.at) < oldest:
            old.append(key)
        elif place.resolved_model is not None and answering.get(place.lane, place.resolved_model) != place.resolved_model:  # fmt: skip
            strange.append(key)
    return Aged(tuple(old), tuple(strange))
