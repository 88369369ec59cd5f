"""A pool's day as plain numbers: what arrives, and how long it waits, hour by hour, previous beside candidate."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite

from hitl.manifest.forecast import Setting
from hitl.recalibrate.forecast.parts import Forecast, HourForecast, PoolForecast
from hitl.render.forecast.words import pool_word

WIDTH, HEIGHT = 320, 196
_LEFT, _RIGHT = 40.0, 312.0
_TOP_PANEL = (20.0, 76.0)
_LOW_PANEL = (106.0, 170.0)
_HOURS = (0, 6, 12, 18, 24)
_MOST = 4.0
"""The scale of waits ends at so many times the SLA, so that what matters can be seen."""
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on an axis with its label."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One of the two graphs that share the hours."""

    title: str
    top: float
    bottom: float
    marks: tuple[Mark, ...]
    previous: str
    """Path of the previous model; empty where nothing is known."""
    candidate: str
    beyond: tuple[Mark, ...]
    """Hours in which the candidate's line leaves the panel or has no end."""
    limit: float | None = None
    """Where the SLA stands."""


@dataclass(frozen=True, slots=True)
class Day:
    """The picture of one pool."""

    pool: str
    description: str
    panels: tuple[Panel, ...]
    hours: tuple[Mark, ...]


def days(forecast: Forecast) -> tuple[Day, ...]:
    """Return the picture of every pool of which hours are known, under the policy as it is."""
    now = next((one for one in forecast.outlooks if one.setting is Setting.AS_IT_IS), None)
    old = forecast.observed or forecast.previous
    before = {pool.pool: pool for pool in old.pools} if old else {}
    found = []
    for pool in now.pools if now else ():
        earlier = before.get(pool.pool)
        if pool.by_hour:
            found.append(_day(pool, earlier.by_hour if earlier else ()))
    return tuple(found)


def _day(pool: PoolForecast, earlier: Sequence[HourForecast]) -> Day:
    later = pool.by_hour
    waits = [hour.p95_wait_minutes for hour in (*earlier, *later)]
    top = _round_up(max([hour.arrivals for hour in (*earlier, *later)] or [1.0]))
    arrivals = _panel(
        "decisions an hour",
        _TOP_PANEL,
        top,
        (
            [(one.hour, one.arrivals) for one in earlier],
            [(one.hour, one.arrivals) for one in later],
        ),
        None,
    )
    wait = _panel(
        "95 % wait at most, minutes",
        _LOW_PANEL,
        _highest(waits, pool.sla_minutes),
        (
            [(one.hour, one.p95_wait_minutes) for one in earlier],
            [(one.hour, one.p95_wait_minutes) for one in later],
        ),
        pool.sla_minutes,
    )
    hours = tuple(Mark(_x(hour), f"{hour:02d}") for hour in _HOURS)
    return Day(pool_word(pool), _in_words(pool, earlier), (arrivals, wait), hours)


Points = Sequence[tuple[int, float | None]]


def _panel(
    title: str,
    place: tuple[float, float],
    highest: float,
    sides: tuple[Points, Points],
    limit: float | None,
) -> Panel:
    top, bottom = place

    def y(value: float | None) -> float:
        share = 1.0 if value is None else min(max(value / highest, 0.0), 1.0)
        return round(bottom - share * (bottom - top), 1)

    def path(points: Points) -> str:
        pieces, last = [], -2
        for hour, value in sorted(points):
            verb = "L" if hour == last + 1 else "M"
            pieces.append(f"{verb}{_x(hour)} {y(value)}H{_x(hour + 1)}")
            last = hour
        return "".join(pieces)

    previous, candidate = sides
    beyond = [
        Mark(_x(hour + 0.5), "no end" if value is None else f"{value:,.0f}")
        for hour, value in candidate
        if value is None or value > highest
    ]
    marks = tuple(Mark(y(value), f"{value:g}") for value in (0, highest / 2, highest))
    at = y(limit) if limit is not None and limit <= highest else None
    return Panel(title, top, bottom, marks, path(previous), path(candidate), tuple(beyond), at)


def _x(hour: float) -> float:
    return round(_LEFT + hour / 24 * (_RIGHT - _LEFT), 1)


def _highest(waits: Iterable[float | None], sla: float | None) -> float:
    known = [one for one in waits if one is not None and isfinite(one)]
    most = max(known, default=0.0)
    if sla:
        most = max(min(most, _MOST * sla), 1.25 * sla)
    return _round_up(most)


def _round_up(value: float) -> float:
    """Return the next number with a plain half.

    >>> _round_up(31.0), _round_up(0.0), _round_up(7.2)
    (50.0, 1.0, 10.0)
    """
    if value <= 0 or not isfinite(value):
        return 1.0
    size = 10.0 ** len(str(int(value))[1:]) if value >= 1 else 0.1
    return next((size * step for step in _STEPS if size * step >= value), size * 10)


def _in_words(pool: PoolForecast, earlier: Sequence[HourForecast]) -> str:
    def worst(hours: Sequence[HourForecast]) -> str:
        if any(one.p95_wait_minutes is None for one in hours):
            hour = next(one.hour for one in hours if one.p95_wait_minutes is None)
            return f"the queue grows without end at {hour:02d}:00"
        top = max(hours, key=lambda one: one.p95_wait_minutes or 0.0, default=None)
        if top is None:
            return "nothing is known by hour"
        return f"at most {top.p95_wait_minutes or 0.0:.3g} min, at {top.hour:02d}:00"

    sla = f" SLA {pool.sla_minutes:g} min." if pool.sla_minutes is not None else ""
    return f"95 % wait by hour of the day, UTC. Previous: {worst(earlier)}. Candidate: {worst(pool.by_hour)}.{sla}"
