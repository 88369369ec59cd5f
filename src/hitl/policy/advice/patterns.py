"""Which pattern each action type calls for."""

from collections.abc import Iterator

from hitl.policy.action import ActionType
from hitl.policy.advice.parts import Evidence, Pattern, TypePattern
from hitl.policy.replay.misses import CONFIDENCE
from hitl.policy.replay.over_log import Replayed
from hitl.policy.route import UNKNOWN
from hitl.stats.events import event_rate

MANY_A_DAY = 1000
"""Decisions a day above which nobody can look at all of them."""
COSTLY_USD = 100
"""Cost of one error above which several looks pay."""


def type_patterns(found: Replayed) -> tuple[TypePattern, ...]:
    """Return the pattern of every action type of the policy and of the log, in the policy's order."""
    types = found.asked[0].policy.action_types
    counts = dict.fromkeys(types, 0)
    for (kind, _), n in found.tallies[0].lanes.items():
        if kind is not None:
            counts[kind] = counts.get(kind, 0) + n
    days = found.span.hours / 24 if found.span else None
    return tuple(_pattern(name, types.get(name), n, days) for name, n in counts.items())


def _pattern(name: str, action: ActionType | None, n: int, days: float | None) -> TypePattern:
    known = action or UNKNOWN
    a_day = event_rate(n, days, CONFIDENCE) if days else None
    evidence = (
        Evidence(name="can be undone", value=float(known.reversible), threshold=1.0),
        Evidence(
            name="decisions a day",
            value=a_day.estimate if a_day else None,
            low=a_day.low if a_day else None,
            high=a_day.high if a_day else None,
            n=n,
            threshold=MANY_A_DAY,
        ),
        Evidence(name="cost of an error in USD", value=known.error_cost_usd, threshold=COSTLY_USD),
    )
    pattern, reason = next(_chosen(action, a_day.estimate if a_day else None))
    return TypePattern(action_type=name, pattern=pattern, reason=reason, evidence=evidence)


def _chosen(action: ActionType | None, a_day: float | None) -> Iterator[tuple[Pattern | None, str]]:
    """Yield every pattern that holds, the first one first."""
    if action is None:
        yield (
            Pattern.PRE_ACTION_GATE,
            "the policy does not know it, so it counts as critical and for good",
        )
        return
    if not action.reversible:
        yield Pattern.PRE_ACTION_GATE, "it cannot be undone"
    if a_day is None:
        yield None, "no decision of the log has a time, so nobody knows how many come in a day"
    elif a_day > MANY_A_DAY:
        yield Pattern.CONFIDENCE_ROUTING, f"more than {MANY_A_DAY:,} decisions a day"
    if action.error_cost_usd is None:
        yield None, "the policy does not say what an error costs; add error_cost_usd"
    elif action.error_cost_usd > COSTLY_USD:
        yield Pattern.CASCADING_VALIDATION, f"an error costs more than {COSTLY_USD} USD"
    yield Pattern.AUDIT, "it can be undone, is not frequent, and an error is cheap"
