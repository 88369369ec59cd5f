"""The forecast as rows: every view shows the same numbers in the same order."""

from collections.abc import Iterator
from dataclasses import dataclass

from hitl.decisions.words import Lane
from hitl.gate.verdict_words import State
from hitl.manifest.forecast import Setting
from hitl.recalibrate.forecast.parts import Break, Forecast, Outlook, PoolForecast, Range
from hitl.render import numbers
from hitl.render.forecast.words import (
    MEASURES,
    POOL_MEASURES,
    break_state,
    columns,
    estimate,
    limits,
    pool_word,
    setting_word,
)

_LANES = {
    Lane.AUTO: "Lane: runs alone",
    Lane.AUDIT: "Lane: runs, then audited",
    Lane.QUEUE: "Lane: waits in the queue",
    Lane.ESCALATE: "Lane: escalated",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One number with its range."""

    figure: str
    under: str
    """The range, or why there is none."""
    state: State | None = None
    """fail where a limit is surely broken, undecided where it may be; None elsewhere."""
    beside: str = ""
    """What the previous model's golden replies say of it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One measure across policies, or one pool under one policy."""

    name: str
    cells: tuple[Cell, ...]
    under: str = ""
    """What else is to be said of the name."""


def heads(forecast: Forecast) -> tuple[tuple[str, str], ...]:
    """Return title and policy version of each column."""
    return tuple((setting_word(one.setting), one.policy_version) for one in columns(forecast))


def measure_rows(forecast: Forecast) -> tuple[Row, ...]:
    """Return every measure of the decisions as a whole; lanes last."""
    breaks = _breaks(forecast)
    rows = [
        Row(title, tuple(_measure(forecast, one, name, breaks) for one in columns(forecast)), under)
        for name, (title, under) in MEASURES.items()
    ]
    rows += [
        Row(title, tuple(_lane(one, lane) for one in columns(forecast)))
        for lane, title in _LANES.items()
    ]
    return tuple(rows)


def pool_rows(forecast: Forecast) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    """Return the pools, each with its rows: the previous model, then the candidate under each policy."""
    names = dict.fromkeys(pool.pool for one in columns(forecast) for pool in one.pools)
    breaks = _breaks(forecast)
    found = []
    for name in names:
        pairs = [
            (one, pool) for one in columns(forecast) for pool in one.pools if pool.pool == name
        ]
        rows = tuple(
            Row(
                setting_word(one.setting),
                tuple(_pool_cells(one.setting, pool, breaks)),
                _when(pool),
            )
            for one, pool in pairs
        )
        found.append((pool_word(pairs[0][1]), rows))
    return tuple(found)


def threshold_rows(forecast: Forecast) -> tuple[Row, ...]:
    """Return the autonomy threshold of every action type under each policy; the previous model has the policy's own."""
    names = dict.fromkeys(name for one in forecast.outlooks for name in one.thresholds)
    return tuple(
        Row(name, tuple(Cell(_threshold(one, name), "") for one in forecast.outlooks))
        for name in names
    )


def refusals(forecast: Forecast) -> Iterator[tuple[str, str]]:
    """Yield the policies of which nothing can be said, each with its reason."""
    for one in columns(forecast):
        if one.reason:
            yield setting_word(one.setting), one.reason


def _threshold(outlook: Outlook, name: str) -> str:
    found = outlook.thresholds.get(name)
    return (
        numbers.UNKNOWN if found is None else f"{found:.4g}" if isinstance(found, float) else found
    )


Breaks = dict[tuple[Setting | None, str, str | None], Break]


def _breaks(forecast: Forecast) -> Breaks:
    return {(one.setting, one.measure, one.pool): one for one in forecast.breaks}


def _measure(forecast: Forecast, outlook: Outlook, name: str, breaks: Breaks) -> Cell:
    found: Range = getattr(outlook, name)
    if outlook.setting is None:
        return _previous(forecast, found, name)
    state = break_state(breaks.get((outlook.setting, name, None)))
    return Cell(estimate(name, found), "" if outlook.reason else limits(name, found), state)


def _previous(forecast: Forecast, found: Range, name: str) -> Cell:
    """Return a number of the previous model: as the log has it, and beside it by its golden replies."""
    replied: Range | None = getattr(forecast.previous, name) if forecast.previous else None
    if replied is None or replied.estimate is None:
        return Cell(estimate(name, found), limits(name, found))
    if found.estimate is None:
        return Cell(estimate(name, replied), limits(name, replied), beside="by its golden replies")
    beside = f"by its golden replies {estimate(name, replied)}" if forecast.observed else ""
    return Cell(estimate(name, found), limits(name, found), beside=beside)


def _lane(outlook: Outlook, lane: Lane) -> Cell:
    found = outlook.lanes.get(lane.value)
    if found is None:
        return Cell(numbers.UNKNOWN, "")
    return Cell(estimate("lane_rate", found), "" if outlook.reason else limits("lane_rate", found))


def _pool_cells(setting: Setting | None, pool: PoolForecast, breaks: Breaks) -> Iterator[Cell]:
    for name in POOL_MEASURES:
        found: Range = getattr(pool, name)
        state = break_state(breaks.get((setting, name, pool.pool)))
        if name == "p95_wait_minutes" and state is None and pool.breaks_sla:
            state = State.FAIL
        yield Cell(estimate(name, found), limits(name, found), state)


def _when(pool: PoolForecast) -> str:
    sla = f"SLA {pool.sla_minutes:g} min" if pool.sla_minutes is not None else ""
    return ", ".join(filter(None, [pool.busiest or "", sla]))
