"""Which arm people prefer, and what they do with the outputs of each."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from hitl.review.tables import counting
from hitl.review.votes import ArmFigures, Estimate, Preferences, RatedItem, RatedVote
from hitl.review.words import Action, Mode, Outcome
from hitl.run.arm import Arm
from hitl.stats.crossed import Crossed, Votes, crossed_difference, crossed_mean

CONFIDENCE = 0.95
LONGEST_SECONDS = 3600.0
"""A longer look at one output counts as so long, so that one forgotten window is not the mean."""
_WORTH = {Outcome.WIN: 1.0, Outcome.TIE: 0.0, Outcome.LOSS: -1.0}
_RATES: dict[str, frozenset[Action]] = {
    "override": frozenset({Action.MODIFY, Action.REJECT}),
    "modify": frozenset({Action.MODIFY}),
    "reject": frozenset({Action.REJECT}),
    "escalate": frozenset({Action.ESCALATE}),
}

_Worth = Callable[[RatedItem, RatedVote], float | None]


def preferences(items: Sequence[RatedItem]) -> Preferences:
    """Return how often the candidate's output is preferred.

    Items are counted by their consensus, those with outputs that look the same as ties. The net share is over votes: +1
    for the candidate, -1 against, 0 for a tie and for outputs that look the same, each weighted by one over the chance
    that its item was chosen; items (by cluster) and reviewers are crossed. Items with one output have no preference.
    """
    both = [item for item in items if len(item.replies) == 2]
    counts = Counter(item.outcome for item in both)
    return Preferences(
        wins=counts[Outcome.WIN],
        ties=counts[Outcome.TIE],
        losses=counts[Outcome.LOSS],
        undecided=counts[None],
        net=_estimate(crossed_mean(_votes(both, _preference, (-1.0, 1.0)), CONFIDENCE)),
    )


def rates(items: Sequence[RatedItem], mode: Mode) -> dict[str, ArmFigures]:
    """Return what people do with the outputs of each arm, as shares of votes, and by how much the arms differ.

    Outputs that look the same count for both arms. With one output at a time there is the mean time of a look too, a look
    of more than an hour counting as an hour; beside each other, nobody knows which output the time went to.
    """
    found = {
        name: _figures(items, lambda arm, of=of: _does(arm, of), (0.0, 1.0))  # type: ignore[misc]  # binds the loop's value
        for name, of in _RATES.items()
    }
    if mode is Mode.SINGLE:
        found["seconds"] = _figures(items, _seconds, (0.0, math.inf))
    return found


def _figures(
    items: Sequence[RatedItem], worth: Callable[[Arm], _Worth], ends: tuple[float, float]
) -> ArmFigures:
    before, after = (_votes(items, worth(arm), ends) for arm in (Arm.PREVIOUS, Arm.CANDIDATE))
    return ArmFigures(
        previous=_estimate(crossed_mean(before, CONFIDENCE)),
        candidate=_estimate(crossed_mean(after, CONFIDENCE)),
        difference=_estimate(crossed_difference(before, after, CONFIDENCE)),
    )


def _votes(items: Sequence[RatedItem], worth: _Worth, ends: tuple[float, float]) -> Votes:
    """Return the votes that count and have a worth; clusters and reviewers have the same numbers in every call."""
    clusters = {name: n for n, name in enumerate(sorted({item.cluster for item in items}))}
    names = sorted({vote.reviewer for item in items for vote in item.votes})
    raters = {name: n for n, name in enumerate(names)}
    found = list(_worths(items, worth))
    return Votes(
        values=np.array([value for _, _, value in found], dtype=np.float64),
        items=np.array([clusters[item.cluster] for item, _, _ in found], dtype=np.int64),
        raters=np.array([raters[vote.reviewer] for _, vote, _ in found], dtype=np.int64),
        weights=np.array([1.0 / item.probability for item, _, _ in found], dtype=np.float64),
        least=ends[0],
        most=ends[1],
    )


def _worths(
    items: Sequence[RatedItem], worth: _Worth
) -> Iterator[tuple[RatedItem, RatedVote, float]]:
    for item in items:
        for vote in counting(item):
            if (value := worth(item, vote)) is not None:
                yield item, vote, value


def _preference(item: RatedItem, vote: RatedVote) -> float | None:
    if item.is_identical:
        return 0.0
    return None if vote.preference is None else _WORTH[vote.preference]


def _does(arm: Arm, what: frozenset[Action]) -> _Worth:
    def worth(item: RatedItem, vote: RatedVote) -> float | None:
        action = vote.actions.get(arm)
        return None if action is None else float(action in what)

    return worth


def _seconds(arm: Arm) -> _Worth:
    def worth(item: RatedItem, vote: RatedVote) -> float | None:
        if arm not in vote.actions or vote.seconds is None:
            return None
        return min(vote.seconds, LONGEST_SECONDS)

    return worth


def _estimate(found: Crossed) -> Estimate:
    return Estimate(
        estimate=found.estimate,
        low=found.low,
        high=found.high,
        confidence=found.confidence,
        n=found.n,
        n_items=found.n_items,
        n_reviewers=found.n_raters,
        method=found.method,
        reason=found.reason,
    )
