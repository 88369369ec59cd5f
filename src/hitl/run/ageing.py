"""Replies of an earlier session that no longer speak for the model: too old, or given by another one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hitl.run.journal.file import Journal

_CLOCKS_DIFFER = timedelta(minutes=10)
"""How far the clocks of two machines that share a run may lie apart."""


@dataclass(frozen=True, slots=True)
class Aged:
    """What was found among the replies of earlier sessions."""

    old: tuple[str, ...]
    """Keys of replies that are older than the window, or of a time that has not come: their age is not known."""
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
    oldest, newest = at - timedelta(hours=max_age_hours), at + _CLOCKS_DIFFER
    old, strange = [], []
    for key, place in journal.places.items():
        if place.at and not oldest <= datetime.fromisoformat(place.at) <= newest:
            old.append(key)
        elif place.resolved_model is not None and answering.get(place.lane, place.resolved_model) != place.resolved_model:  # fmt: skip
            strange.append(key)
    return Aged(tuple(old), tuple(strange))
