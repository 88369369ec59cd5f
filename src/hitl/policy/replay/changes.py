"""Which decisions go elsewhere, and whose work that changes."""

from collections import Counter
from collections.abc import Callable

from hitl.policy.lanes import Lane, is_laxer
from hitl.policy.replay.parts import Change, Comparison, PoolShift
from hitl.policy.replay.tally import Kind, Objects, Pool

EXAMPLES = 3
"""Decisions named for each change."""
Move = tuple[Kind, Lane | None, Lane]
Load = Counter[tuple[Pool, int, bool]]


class Moves:
    """Counts decisions by action type, lane before and lane after, with the first ids of each change."""

    def __init__(self) -> None:
        self._counts: Counter[Move] = Counter()
        self._first: dict[Move, list[str]] = {}

    def take(self, kinds: Objects, before: Objects, after: Objects, ids: Objects) -> None:
        """Count a batch."""
        self._counts.update(zip(kinds.tolist(), before.tolist(), after.tolist(), strict=True))
        moved = before != after
        moves = zip(kinds[moved].tolist(), before[moved].tolist(), after[moved].tolist(), strict=True)  # fmt: skip
        for move, name in zip(moves, ids[moved].tolist(), strict=True):
            first = self._first.setdefault(move, [])
            if len(first) < EXAMPLES and name is not None:
                first.append(name)

    def compared(self, before: Load, after: Load, clean: Callable[[str], str]) -> Comparison:
        """Return the comparison with the lanes of a log."""
        return self._comparison("log", before, after, clean)

    def compared_with_policy(
        self, before: Load, after: Load, clean: Callable[[str], str]
    ) -> Comparison:
        """Return the comparison with another policy."""
        return self._comparison("policy", before, after, clean)

    def _comparison(
        self, against: str, before: Load, after: Load, clean: Callable[[str], str]
    ) -> Comparison:
        changes = [
            Change(
                action_type=kind,
                before=None if old is None else Lane(old),
                after=new,
                n=n,
                examples=tuple(map(clean, self._first.get((kind, old, new), ()))),
            )
            for (kind, old, new), n in self._counts.items()
            if old != new
        ]
        changes.sort(key=lambda one: (-one.n, one.action_type or "", str(one.before), one.after))
        known = [(one, one.before) for one in changes if one.before is not None]
        laxer = sum(one.n for one, old in known if is_laxer(one.after, old))
        moved = sum(one.n for one, _ in known)
        unknown = sum(one.n for one in changes if one.before is None)
        return Comparison.model_validate(
            {
                "against": against,
                "n_same": self._counts.total() - moved - unknown,
                "n_laxer": laxer,
                "n_stricter": moved - laxer,
                "n_unknown": unknown,
                "changes": tuple(changes),
                "pools": pool_shifts(before, after),
            }
        )


def pool_shifts(before: Load, after: Load) -> tuple[PoolShift, ...]:
    """Return how much each pool sees before and after, the largest rise first."""
    old, new = _by_pool(before), _by_pool(after)
    shifts = [PoolShift(pool=pool, before=old[pool], after=new[pool]) for pool in {*old, *new}]
    return tuple(sorted(shifts, key=lambda one: (one.before - one.after, one.pool or "")))


def _by_pool(load: Load) -> Counter[Pool]:
    counts: Counter[Pool] = Counter()
    for (pool, _, _), n in load.items():
        counts[pool] += n
    return counts
