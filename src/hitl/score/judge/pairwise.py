"""From a judge's comparisons to winners: each pair in both orders, and what the order decides is a tie.

A judge that prefers whatever it reads first (or last) would else decide releases by a coin that the
order of two texts tosses.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hitl.score.judge.parse import PairReading, UnscoredReason, Winner
from hitl.score.judged import PairGrade, PairOutcome
from hitl.stats.binomial import binomial_tail

_PREVIOUS_FIRST = {
    Winner.A: PairOutcome.LOSS,
    Winner.B: PairOutcome.WIN,
    Winner.TIE: PairOutcome.TIE,
}
_CANDIDATE_FIRST = {
    Winner.A: PairOutcome.WIN,
    Winner.B: PairOutcome.LOSS,
    Winner.TIE: PairOutcome.TIE,
}
_PLACE = {Winner.A: 1, Winner.B: -1, Winner.TIE: 0}


@dataclass(frozen=True, slots=True)
class _Comparison:
    outcome: PairOutcome
    is_flipped: bool
    lean: int
    """1: the order moved the answer towards the first reply; -1: towards the second."""
    places: tuple[int, int]


def pair_of(
    previous_first: Sequence[PairReading], candidate_first: Sequence[PairReading]
) -> PairGrade:
    """Return what all comparisons of two replies amount to.

    One comparison is one answer in each order. It has a winner if both name the same reply; any other
    pair of answers is a tie, and a flip if they differ. More than half of the comparisons
    that are scored decide; fewer than half scored leave the pair unscored.

    Raises:
        ValueError: the orders were not asked equally often, or not at all.
    """
    found, unscored = [], []
    for one, other in zip(previous_first, candidate_first, strict=True):
        if one.winner is None or other.winner is None:
            unscored.append((one.problem or other.problem or UnscoredReason.NOT_ASKED).value)
        else:
            found.append(_compared(one.winner, other.winner))
    n_repeats = len(found) + len(unscored)
    if not n_repeats:
        raise ValueError("expected at least one comparison")
    places = [place for comparison in found for place in comparison.places]
    return PairGrade(
        outcome=_majority(found) if 2 * len(found) >= n_repeats else None,
        n_repeats=n_repeats,
        unscored=tuple(unscored),
        n_flips=sum(comparison.is_flipped for comparison in found),
        first_lean=sum(comparison.lean for comparison in found),
        n_first=places.count(1),
        n_decisive=len(places) - places.count(0),
    )


def _compared(previous_first: Winner, candidate_first: Winner) -> _Comparison:
    one, other = _PREVIOUS_FIRST[previous_first], _CANDIDATE_FIRST[candidate_first]
    places = (_PLACE[previous_first], _PLACE[candidate_first])
    lean = (sum(places) > 0) - (sum(places) < 0)
    return _Comparison(one if one is other else PairOutcome.TIE, one is not other, lean, places)


def _majority(found: Sequence[_Comparison]) -> PairOutcome:
    counts = Counter(comparison.outcome for comparison in found)
    outcome, count = counts.most_common(1)[0]
    return outcome if 2 * count > len(found) else PairOutcome.TIE


def order_p_value(n_first: int, n_second: int) -> float | None:
    """Test that order moves a judge towards either place equally often; two-sided, exact.

    Args:
        n_first: pairs whose answers flip towards the reply shown first.
        n_second: pairs whose answers flip towards the reply shown second. Pairs that do not flip
            name each place once and say nothing; repeats of a pair count once.

    Returns:
        The p-value, or None where no pair flipped.

    >>> order_p_value(5, 0), order_p_value(0, 0)
    (0.0625, None)
    """
    n = n_first + n_second
    if not n:
        return None
    most = np.array([float(max(n_first, n_second))])
    return min(1.0, 2.0 * float(binomial_tail(most, np.array([float(n)]), 0.5)[0]))
