"""What the forecast is called in front of people, and how its numbers are written."""

from math import isfinite
from typing import assert_never

from hitl.gate.verdict_words import State
from hitl.manifest.forecast import Setting
from hitl.recalibrate.forecast.parts import GROWS, Break, Forecast, Outlook, PoolForecast, Range
from hitl.recalibrate.forecast.past import is_no_worse, was_broken
from hitl.render import numbers

PREVIOUS = "Previous"
NOBODY = "nobody named"
MEASURES = {
    "override_rate": ("Override rate", "of what people decide"),
    "escalation_rate": ("Escalation rate", "a person decides first"),
    "auto_resolve_rate": ("Auto-resolve rate", "runs alone, and nobody changes it"),
    "error_escape_rate": ("Error escape rate", "wrong ones of what runs before a person sees it"),
    "reviews_per_week": ("Reviews a week", "before or after it runs"),
    "reviewer_hours_per_week": ("Review hours a week", ""),
    "cost_usd_per_week": ("Cost a week", ""),
}
"""Numbers of an outlook in the order in which they are shown: title, and of what it is."""
POOL_MEASURES = {
    "per_week": "A week",
    "hours_per_week": "Hours a week",
    "utilisation": "Busiest hour",
    "queue": "Queue",
    "p95_wait_minutes": "p95 wait",
}
"""Numbers of a pool, likewise."""
_UNITS = {"hours_per_week": " h"}
_SMALL = 0.01
"""Mean number of waiting decisions below which nobody waits."""


def short_word(setting: Setting | None) -> str:
    """Return the same where there is little room.

    >>> short_word(Setting.HELD)
    'Held'
    """
    return {Setting.AS_IT_IS: "As it is", Setting.HELD: "Held"}.get(setting) or setting_word(setting) if setting else PREVIOUS  # fmt: skip


def setting_word(setting: Setting | None) -> str:
    """Return what people call a column.

    >>> setting_word(Setting.AS_IT_IS), setting_word(None)
    ('Policy as it is', 'Previous')
    """
    match setting:
        case None:
            return PREVIOUS
        case Setting.AS_IT_IS:
            return "Policy as it is"
        case Setting.RECALIBRATED:
            return "Recalibrated"
        case Setting.HELD:
            return "Held at capacity"
        case _:
            assert_never(setting)


def figure(measure: str, value: float | None) -> str:
    """Return a number of the forecast in its unit.

    >>> figure("p95_wait_minutes", 31.2), figure("hours_per_week", 12.0), figure("per_week", None)
    ('31.2 min', '12 h', '—')
    """
    if measure == "queue" and value is not None and 0 < value < _SMALL:
        return f"< {_SMALL:g}"
    found = numbers.forecast_number(measure, value)
    return found if found == numbers.UNKNOWN else found + _UNITS.get(measure, "")


def estimate(measure: str, found: Range) -> str:
    """Return the number itself; a dash where it is not known, and `no end` where a queue grows for ever."""
    if found.estimate is None and found.reason.startswith(GROWS):
        return "no end"
    return figure(measure, found.estimate)


def limits(measure: str, found: Range) -> str:
    """Return the range of a number, or why there is none.

    >>> limits("override_rate", Range(estimate=0.06, low=0.05, high=0.08))
    '5.0 to 8.0 %'
    >>> limits("queue", Range(estimate=None, low=None, high=None, reason="no member is named"))
    'no member is named'
    """
    if found.low is None:
        return found.reason
    if found.high is None or not isfinite(found.high):
        return f"at least {figure(measure, found.low)}"
    if measure.endswith("_rate"):
        return numbers.percent_range(found.low, found.high)
    low, high = figure(measure, found.low), figure(measure, found.high)
    unit = high[len(high.rstrip(" %abcdefghijklmnopqrstuvwxyzUSD")) :]
    return f"{low.removesuffix(unit)} to {high}"


def pool_word(pool: PoolForecast) -> str:
    """Return the name of a pool."""
    return pool.pool if pool.pool is not None else NOBODY


def columns(forecast: Forecast) -> tuple[Outlook, ...]:
    """Return what stands beside each other: the previous model, then the candidate under each policy."""
    before = forecast.observed or forecast.previous
    return (*((before,) if before else ()), *forecast.outlooks)


def is_shown_first(forecast: Forecast | None) -> bool:
    """Whether the forecast is the first thing after the verdict: it would break something as things are, anew or more."""
    return forecast is not None and any(
        one.setting is Setting.AS_IT_IS and not is_no_worse(one) for one in forecast.breaks
    )


def break_word(found: Break) -> str:
    """Return how certain a break is, and whether it is one already, in a few words."""
    may = "would" if found.is_certain else "may"
    if is_no_worse(found):
        return f"{may} stay broken"
    return f"{may} break further" if was_broken(found) else f"{may} break"


def break_state(found: Break | None) -> State | None:
    """Return how certain a break is; None where there is none."""
    if found is None:
        return None
    return State.FAIL if found.is_certain else State.UNDECIDED


def basis(forecast: Forecast) -> str:
    """Return in one line on how much a forecast stands."""
    weeks = f" in {forecast.weeks:.3g} weeks" if forecast.weeks is not None else ""
    return (
        f"{numbers.counted(forecast.n_cases, 'case')} ({forecast.n_clusters:,} independent) that speak for "
        f"{numbers.percent(round(forecast.covered_share, 9))} of {numbers.counted(forecast.n_traffic, 'decision')}{weeks}; "
        f"ranges at {numbers.level(forecast.confidence)}"
    )
