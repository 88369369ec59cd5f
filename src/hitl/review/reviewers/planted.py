"""Planted errors that a reviewer let through, beside those of the others."""

from dataclasses import dataclass

from hitl.decisions.counts import Table
from hitl.decisions.words import HumanAction
from hitl.stats.fisher import at_least

_ACTED = tuple(action.value for action in HumanAction if action is not HumanAction.TIMEOUT)


@dataclass(frozen=True, slots=True)
class Found:
    """Planted errors of one reviewer."""

    mine: tuple[int, int]
    """Missed, and acted on."""
    peers: tuple[int, int]
    p_value: float | None
    """One-sided: misses more than the others do."""
    reason: str = ""


def planted_signs(reviewers: Table, names: tuple[str, ...]) -> tuple[Found, ...]:
    """Return for each reviewer how many planted errors they approved."""
    planted = reviewers.where(seeded=1, human_action=_ACTED)
    missed = planted.where(human_action=HumanAction.APPROVE.value)
    n = {name: planted.where(reviewer_id=name).n for name in names}
    k = {name: missed.where(reviewer_id=name).n for name in names}
    all_k, all_n = missed.n, planted.n
    return tuple(_found((k[name], n[name]), (all_k - k[name], all_n - n[name])) for name in names)


def _found(mine: tuple[int, int], peers: tuple[int, int]) -> Found:
    if not mine[1]:
        return Found(mine, peers, None, "no planted error reached them")
    if not peers[1]:
        return Found(mine, peers, None, "no planted error reached anybody else")
    return Found(mine, peers, at_least(*mine, *peers))
