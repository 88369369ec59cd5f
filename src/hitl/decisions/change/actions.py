"""Within each action type: did it change, though all of them were looked at?"""

from collections.abc import Callable
from dataclasses import dataclass

from hitl.decisions.change.crude import change_between
from hitl.decisions.change.parts import ActionChange, Change
from hitl.decisions.change.rules import MOST_ACTION_TYPES, ComparisonRules
from hitl.decisions.change.sample import Pair, Sample, by_action_type
from hitl.decisions.change.words import Scale
from hitl.decisions.change.yardstick import Yardstick
from hitl.decisions.measures.words import Stand
from hitl.decisions.redaction.redact import Redactor

_REDACTOR = Redactor()
"""An action type that holds an address is a fault of the log; a page is no place to show it."""


@dataclass(frozen=True, slots=True)
class _Type:
    name: str | None
    pairs: tuple[Pair, Pair]

    @property
    def sizes(self) -> tuple[int, int]:
        first, second = (int(n.sum()) for _, n in self.pairs)
        return first, second


def action_changes(
    yardstick: Yardstick, before: Sample, after: Sample, rules: ComparisonRules
) -> tuple[tuple[ActionChange, ...], int]:
    """Return the change within each action type of both sides, most decisions first, and how many are left out.

    Whether a change stands is Holm's procedure over the action types of this metric: a change falls out of the
    running if its interval, at the confidence that is left for those still in it, does not reach over no change.
    """
    types = _types(before, after, yardstick)
    kept = types[:MOST_ACTION_TYPES]
    changes = [change_between(yardstick, one.pairs, rules.confidence) for one in kept]
    tested = [index for index, one in enumerate(changes) if one.stand is Stand.MEASURED]

    def is_beyond(index: int, confidence: float) -> bool:
        return _leaves_nothing(change_between(yardstick, kept[index].pairs, confidence), yardstick)

    standing = stands_after_all(tested, 1.0 - rules.confidence, is_beyond)
    found = [
        _part(yardstick, one, change, stands=index in standing if index in tested else None)
        for index, (one, change) in enumerate(zip(kept, changes, strict=True))
    ]
    return tuple(found), len(types) - len(kept)


def stands_after_all(
    tested: list[int], alpha: float, is_beyond: Callable[[int, float], bool]
) -> set[int]:
    """Return which findings stand by Holm's procedure, where each can be asked at any confidence.

    Those that stand at `1 - alpha / m` with m open ones stand; the rest is asked again with fewer.

    >>> p = [0.01, 0.04, 0.03, 0.005]
    >>> sorted(stands_after_all([0, 1, 2, 3], 0.05, lambda i, confidence: p[i] <= 1 - confidence))
    [0, 3]
    """
    left, standing = set(tested), set[int]()
    while left:
        fallen = {index for index in left if is_beyond(index, 1.0 - alpha / len(left))}
        if not fallen:
            break
        standing |= fallen
        left -= fallen
    return standing


def _types(before: Sample, after: Sample, yardstick: Yardstick) -> list[_Type]:
    found = by_action_type(before, after, yardstick.cluster)
    if found is None:
        return []
    (sums0, n0), (sums1, n1) = found
    names = (None, *before.rows.words.get("action_type", ()))
    types = [
        _Type(name, ((sums0[row], n0[row]), (sums1[row], n1[row])))
        for row, name in enumerate(names)
        if n0[row].sum() and n1[row].sum()
    ]
    return sorted(types, key=lambda one: (-sum(one.sizes), one.name or ""))


def _leaves_nothing(change: Change, yardstick: Yardstick) -> bool:
    """Whether the interval does not hold `no change`."""
    none = 1.0 if yardstick.scale is Scale.RATIO else 0.0
    return change.low is not None and change.high is not None and not change.low <= none <= change.high  # fmt: skip


def _part(yardstick: Yardstick, one: _Type, change: Change, *, stands: bool | None) -> ActionChange:
    means = [int(sums.sum()) / int(n.sum()) for sums, n in one.pairs]
    before, after = (float(f"{yardstick.level(mean):.12g}") for mean in means)
    n_before, n_after = one.sizes
    return ActionChange(
        action_type=None if one.name is None else _REDACTOR.redact(one.name).text,
        before=before,
        after=after,
        n_before=n_before,
        n_after=n_after,
        change=change,
        stands=stands,
    )
