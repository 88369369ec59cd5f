"""Each reviewer's odds beside the others', held against how much people differ anyway."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hitl.review.reviewers.tables import Work, fourfold
from hitl.stats.peers import FEWEST_PEERS, Apart, apart_from_peers
from hitl.stats.strata_odds import LogOdds, common_log_odds

FEWEST = 30
"""Decisions in each part of a comparison below which nothing is said of a reviewer."""
_FEW = f"fewer than {FEWEST} decisions in a part"


@dataclass(frozen=True, slots=True)
class Beside:
    """One reviewer beside the others."""

    mine: tuple[int, int]
    peers: tuple[int, int]
    mine_before: tuple[int, int] | None
    peers_before: tuple[int, int] | None
    apart: Apart | None
    """None where it cannot be said; `reason` says why."""
    reason: str = ""

    @property
    def ratio(self) -> tuple[float, float, float] | None:
        """Odds ratio with its limits; None where there is none."""
        found = self.apart.interval if self.apart else None
        if found is None:
            return None
        return _exp(found.estimate), _exp(found.low), _exp(found.high)


def levels(work: Work, confidence: float) -> tuple[Beside, ...]:
    """Compare how often each reviewer does something, within action types and pools."""
    odds = {
        at: common_log_odds(work.beside_others(at))
        for at in range(len(work.reviewers))
        if work.of(at)[1] >= FEWEST and work.of_others(at)[1] >= FEWEST
    }
    apart, why = _held(odds, confidence)
    return tuple(
        Beside(
            work.of(at),
            work.of_others(at),
            None,
            None,
            apart.get(at),
            "" if at in apart else why.get(at, _FEW),
        )
        for at in range(len(work.reviewers))
    )


def moves(before: Work, after: Work, confidence: float) -> tuple[Beside, ...]:
    """Compare how far each reviewer's rate moved between two times, within action types and pools."""
    odds = {
        at: common_log_odds(
            fourfold(
                (after.k[:, at], after.n[:, at]),
                (before.k[:, at], before.n[:, at]),
            )
        )
        for at in range(len(after.reviewers))
        if min(after.of(at)[1], before.of(at)[1]) >= FEWEST
    }
    apart, why = _held(odds, confidence)
    return tuple(
        Beside(
            after.of(at),
            after.of_others(at),
            before.of(at),
            before.of_others(at),
            apart.get(at),
            "" if at in apart else why.get(at, _FEW),
        )
        for at in range(len(after.reviewers))
    )


def _held(
    odds: Mapping[int, LogOdds], confidence: float
) -> tuple[dict[int, Apart], dict[int, str]]:
    """Return who can be compared with how far they are apart, and why others cannot."""
    why = {at: found.reason for at, found in odds.items() if found.estimate is None}
    usable: Sequence[tuple[int, float, float]] = [
        (at, found.estimate, found.variance)
        for at, found in odds.items()
        if found.estimate is not None and found.variance is not None
    ]
    if len(usable) <= FEWEST_PEERS:
        few = f"{len(usable)} reviewers have decisions enough; expected more than {FEWEST_PEERS}, for with fewer nobody knows how much people differ"
        return {}, why | {at: few for at, _, _ in usable}
    found = apart_from_peers(
        [estimate for _, estimate, _ in usable],
        [variance for _, _, variance in usable],
        confidence,
    )
    return {at: apart for (at, _, _), apart in zip(usable, found, strict=True)}, why


def _exp(value: float) -> float:
    return math.exp(max(-50.0, min(50.0, value)))
