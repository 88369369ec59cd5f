"""Which types gain autonomy, which lose it, and what people should think about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hitl.policy.action import Thresholds
from hitl.policy.schema import Policy
from hitl.recalibrate.parts import Suggestion, Threshold
from hitl.recalibrate.scores import Scores
from hitl.recalibrate.words import Direction

NEVER: Threshold = "never"
_MOST = 3
"""Failure modes and people that one message names."""
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Mode:
    """A way in which the model fails that the one before did not."""

    title: str
    n: int
    """Failures that look like it."""
    slices: tuple[str, ...] = ()
    """Where it happens: subsets, rules, words; an action type among them makes it that type's."""
    example: str = ""
    """Id of a case."""


def direction_of(before: Threshold | None, after: Threshold | None) -> Direction:
    """Return what becomes of the autonomy of a type when its threshold changes."""
    old, new = _limit(before), _limit(after)
    if old > 1.0 and new > 1.0:
        return Direction.NONE
    if new == old:
        return Direction.KEEPS
    return Direction.GAINS if new < old else Direction.LOSES


def suggestions(
    action_type: str, direction: Direction, modes: Sequence[Mode], scores: Scores, of: tuple[Policy, str | None]
) -> tuple[Suggestion, ...]:  # fmt: skip
    """Return what a person might do about a type, besides its threshold.

    Args:
        action_type: the type.
        direction: what becomes of its autonomy.
        modes: new failure modes of the model.
        scores: who has looked at its decisions.
        of: the policy, and the model.
    """
    own = [mode for mode in modes if action_type in mode.slices]
    found = [_indicator(own, f"decisions of the type {action_type}")] if own else []
    if direction is Direction.LOSES:
        found += list(_pools(action_type, scores, *of))
    return tuple(found)


def unplaced_modes(modes: Sequence[Mode], types: Sequence[str]) -> tuple[str, ...]:
    """Return a note on new failure modes that name no action type; empty if each names one."""
    rest = [mode for mode in modes if not set(mode.slices) & set(types)]
    return (_indicator(rest, "decisions like these, whatever their type").message,) if rest else ()


def _indicator(modes: Sequence[Mode], among: str) -> Suggestion:
    ordered = sorted(modes, key=lambda mode: (-mode.n, mode.title))
    told = "; ".join(_told(mode) for mode in ordered[:_MOST])
    more = f"; and {len(ordered) - _MOST} more" if len(ordered) > _MOST else ""
    return Suggestion(
        code="indicator",
        message=f"the model fails in ways that the one before did not: {told}{more}. A confidence threshold does not see a new way to fail; consider a risk indicator that sends {among} to a person for a while",
    )


def _told(mode: Mode) -> str:
    example = f", such as {mode.example[:_SHOWN]}" if mode.example else ""
    return f"{mode.title[:_SHOWN]} ({mode.n:,}{example})"


def _pools(
    action_type: str, scores: Scores, policy: Policy, model: str | None
) -> Iterator[Suggestion]:
    """Yield who has seen the model's decisions, of the pool that will get more of them first."""
    seen: dict[str | None, dict[str, int]] = {}
    for (whose, pool, person), n in scores.raters.items():
        if whose == model:
            seen.setdefault(pool, {})[person] = n
    if not seen:
        yield Suggestion(code="pool", message=f"more of {action_type} will wait for a person, and the log names nobody who has looked at this model's decisions; plan for reviewers who do not know it yet")  # fmt: skip
        return
    named = policy.action_types[action_type].pool if action_type in policy.action_types else None
    others = sorted(seen, key=lambda pool: (-sum(seen[pool].values()), pool or ""))
    order = [named] if named in seen else others
    told = "; ".join(_team(pool, seen[pool], policy) for pool in order[:_MOST])
    yield Suggestion(code="pool", message=f"more of {action_type} will wait for a person: begin with those who have looked at this model's decisions, {told}")  # fmt: skip


def _team(pool: str | None, people: dict[str, int], policy: Policy) -> str:
    first = sorted(people, key=lambda name: (-people[name], name))
    known = policy.pools.get(pool) if pool is not None else None
    of = (
        f" of {len(known.members)}"
        if known is not None and len(known.members) >= len(people)
        else ""
    )
    names = ", ".join(f"{name[:_SHOWN]} ({people[name]:,})" for name in first[:_MOST])
    return f"{pool or 'without a pool'}: {len(people)}{of} people, {names}"


def _limit(threshold: Threshold | None) -> float:
    return Thresholds(auto=NEVER if threshold is None else threshold, review=0.0).auto_limit
