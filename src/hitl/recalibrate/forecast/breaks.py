"""What a forecast would break: targets of the policy, and how long its pools may let decisions wait."""

from collections.abc import Iterator, Sequence

from hitl.decisions.targets import Target, Targets
from hitl.recalibrate.forecast.bounds import unsaid
from hitl.recalibrate.forecast.parts import GROWS, Break, Outlook, PoolForecast, Range, Setting
from hitl.recalibrate.forecast.past import is_no_worse, was_broken

WAIT = "p95_wait_minutes"
_WORDS = {
    "escalation_rate": "escalation rate",
    "auto_resolve_rate": "auto-resolve rate",
    "error_escape_rate": "error escape rate",
}
_SETTINGS = {
    Setting.AS_IT_IS: "",
    Setting.RECALIBRATED: "recalibrated: ",
    Setting.HELD: "held at capacity: ",
}
_TIMES = 1.2
"""Rise of a queue from which it is told in words."""


def breaks_of(
    outlooks: Sequence[Outlook], before: Sequence[Outlook], targets: Targets
) -> tuple[Break, ...]:
    """Return everything that would be broken at the estimate, the gravest first.

    Grave is first what breaks under the policy as it is; what the previous model broke as much or more comes last of
    that. Then comes what is broken over the whole range, then what it did not break, then waits, then rates.

    Args:
        outlooks: of the candidate.
        before: of the previous model; the first that says a number is set beside it.
        targets: of the policy.
    """
    found = [one for outlook in outlooks if not outlook.reason for one in _breaks(outlook, before, targets)]  # fmt: skip
    return tuple(sorted(found, key=_gravity))


def headline_of(breaks: Sequence[Break], outlooks: Sequence[Outlook]) -> str:
    """Return the gravest break under the policy as it is in one line; else that nothing breaks, as far as is known."""
    now = [one for one in breaks if one.setting is Setting.AS_IT_IS]
    told = [one for one in now if not is_no_worse(one)]
    if told:
        more = f"; {len(told) - 1} more" if len(told) > 1 else ""
        return told[0].message + more
    if now:
        more = f"; {len(now) - 1} more that stay broken" if len(now) > 1 else ""
        return f"nothing that is known breaks anew or more than before; {now[0].message}{more}"
    current = next((one for one in outlooks if one.setting is Setting.AS_IT_IS), None)
    if current is None or current.reason:
        return f"nothing can be said under the policy as it is: {current.reason if current else 'no such outlook'}"
    silent = [_name(pool) for pool in current.pools if pool.breaks_sla is None]
    silent += [words for name, words in _WORDS.items() if getattr(current, name).estimate is None]
    if silent:
        return f"nothing that is known breaks; nothing can be said of {', '.join(silent)}"
    return "no target and no SLA of the policy would break"


def _gravity(one: Break) -> tuple[object, ...]:
    return (
        list(Setting).index(one.setting),
        is_no_worse(one),
        not one.is_certain,
        was_broken(one),
        one.measure != WAIT,
        -_factor(one),
        one.measure,
        one.pool or "",
    )


def _factor(one: Break) -> float:
    if one.value.estimate is None:
        return float("inf")
    return max(one.value.estimate, 1e-9) / max(one.limit, 1e-9)


def _breaks(outlook: Outlook, before: Sequence[Outlook], targets: Targets) -> Iterator[Break]:
    for pool in outlook.pools:
        if pool.breaks_sla and pool.sla_minutes is not None:
            yield _wait(outlook, pool, _same_pool(before, pool))
    for name, words in _WORDS.items():
        value: Range = getattr(outlook, name)
        target: Target = getattr(targets, name)
        if value.estimate is None or outlook.setting is None:
            continue
        if target.at_most is not None and value.estimate > target.at_most:
            yield _rate(outlook.setting, (name, words), target.at_most, value, _said(before, name))
        elif target.at_least is not None and value.estimate < target.at_least:
            yield _rate(outlook.setting, (name, words), target.at_least, value, _said(before, name))


def _rate(
    setting: Setting, name: tuple[str, str], limit: float, value: Range, before: Range
) -> Break:
    measure, words = name
    is_above = value.estimate is not None and value.estimate > limit
    end = value.low if is_above else value.high
    certain = end is not None and (end > limit if is_above else end < limit)
    side = "at most" if is_above else "at least"
    told = f"{_SETTINGS[setting]}{words} {_percent(before.estimate)} → {_percent(value.estimate)} [{_percent(value.low)}, {_percent(value.high)}] (target {side} {_percent(limit)})"
    found = Break(
        setting=setting,
        measure=measure,
        limit=limit,
        value=value,
        before=before,
        is_certain=certain,
        message=told,
    )
    return _with_past(found, "above it" if is_above else "below it")


def _wait(outlook: Outlook, pool: PoolForecast, before: PoolForecast | None) -> Break:
    if outlook.setting is None or pool.sla_minutes is None:
        raise ValueError("a pool of the previous model, or one without an SLA, breaks nothing")
    value = pool.p95_wait_minutes
    old = unsaid("the previous model sends it nothing") if before is None else before.p95_wait_minutes  # fmt: skip
    rise = _rise(pool, before)
    told = f"{_SETTINGS[outlook.setting]}{_name(pool)} queue{rise}; p95 wait {_minutes(old)} → {_minutes(value)} (SLA {pool.sla_minutes:g})"
    found = Break(
        setting=outlook.setting,
        measure=WAIT,
        pool=pool.pool,
        limit=pool.sla_minutes,
        value=value,
        before=old,
        is_certain=value.low is None or value.low > pool.sla_minutes,
        message=told,
    )
    return _with_past(found, "late")


def _with_past(found: Break, how: str) -> Break:
    past = f", already {how} before" if was_broken(found) else ""
    return found.model_copy(update={"message": found.message + past})


def _rise(pool: PoolForecast, before: PoolForecast | None) -> str:
    if pool.queue.estimate is None:
        return " grows without end"
    old = None if before is None else before.queue.estimate
    if not old or pool.queue.estimate < _TIMES * old:
        return ""
    return f" × {pool.queue.estimate / old:.2g}" if pool.queue.estimate < 100 * old else " × 100 and more"  # fmt: skip


def _same_pool(before: Sequence[Outlook], pool: PoolForecast) -> PoolForecast | None:
    return next((one for outlook in before for one in outlook.pools if one.pool == pool.pool), None)


def _said(before: Sequence[Outlook], name: str) -> Range:
    found: list[Range] = [getattr(one, name) for one in before]
    known = [one for one in found if one.estimate is not None]
    return next(iter([*known, *found]), unsaid("nothing is known of the previous model"))


def _name(pool: PoolForecast) -> str:
    return "the nameless pool's" if pool.pool is None else pool.pool


def _percent(share: float | None) -> str:
    return "?" if share is None else f"{share * 100:.3g} %"


def _minutes(found: Range) -> str:
    if found.estimate is None:
        return "without end" if found.reason.startswith(GROWS) else "?"
    return f"{found.estimate:.3g} min" if found.estimate >= 0.1 or not found.estimate else "under 0.1 min"  # fmt: skip
