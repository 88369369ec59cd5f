"""The forecast in lines of text, for the terminal, Markdown and the walk through a record."""

from collections.abc import Iterator

from hitl.manifest.forecast import Setting
from hitl.recalibrate.forecast.parts import Break, Forecast
from hitl.record.forecast_parts import ThresholdMove
from hitl.record.release import ReleaseRecord
from hitl.render import numbers
from hitl.render.forecast.table import Cell, Row, heads, measure_rows, pool_rows, refusals
from hitl.render.forecast.words import MEASURES, basis, break_word
from hitl.render.words import state_shape

_SHORT = (
    "override_rate",
    "error_escape_rate",
    "auto_resolve_rate",
    "reviews_per_week",
    "reviewer_hours_per_week",
)


def summary(record: ReleaseRecord) -> tuple[str, ...]:
    """Return the forecast in a few lines: what breaks, else that nothing does, or why nothing can be said."""
    forecast = record.forecast
    if forecast is None:
        return ()
    if forecast.unmeasured:
        return (f"not known: {forecast.unmeasured}", *_rules(record))
    lines = [f"{break_word(one)}: {one.message}" for one in now(forecast)]
    return (*(lines or [forecast.headline]), *_rules(record))


def now(forecast: Forecast) -> tuple[Break, ...]:
    """Return what would break under the policy in force."""
    return tuple(one for one in forecast.breaks if one.setting is Setting.AS_IT_IS)


def elsewhere(forecast: Forecast) -> Iterator[str]:
    """Yield what would break under other policies than the one in force."""
    for one in forecast.breaks:
        if one.setting is not Setting.AS_IT_IS:
            yield f"{break_word(one)}: {one.message}"


def whole(record: ReleaseRecord) -> Iterator[str]:
    """Yield everything that a record says of reviewers, a line a number."""
    forecast = record.forecast
    if forecast is None:
        return
    yield from summary(record)
    if not forecast.unmeasured:
        yield basis(forecast)
        titles = [title for title, _ in heads(forecast)]
        for row in measure_rows(forecast):
            yield f"{row.name}: {_beside(titles, row)}"
        for pool, rows in pool_rows(forecast):
            for row in rows:
                yield f"{pool}, {row.name.lower()}: {pool_line(row)}"
        for title, reason in refusals(forecast):
            yield f"{title}: not known: {reason}"
    yield from elsewhere(forecast)
    yield from forecast.notes


def short_rows(record: ReleaseRecord) -> tuple[Row, ...]:
    """Return the few measures that a terminal has room for."""
    if record.forecast is None or record.forecast.unmeasured:
        return ()
    wanted = [name in _SHORT for name in MEASURES]
    rows = measure_rows(record.forecast)
    return tuple(row for row, is_wanted in zip(rows, wanted, strict=False) if is_wanted)


def said(cell: Cell) -> str:
    """Return a number with its range and what it breaks."""
    mark = f"{state_shape(cell.state)} " if cell.state is not None else ""
    under = f" ({cell.under})" if cell.under else ""
    beside = f", {cell.beside}" if cell.beside else ""
    return f"{mark}{cell.figure}{under}{beside}"


def pool_line(row: Row) -> str:
    """Return one pool under one policy in a line."""
    week, hours, work, queue, wait = (said(cell) for cell in row.cells)
    where = f" ({row.under})" if row.under else ""
    return f"{week} a week, {hours} of work; busiest hour{where}: {work} at work, queue {queue}, p95 wait {wait}"


def move_line(move: ThresholdMove) -> str:
    """Return what a recalibration does to one action type."""
    proof = move.proof
    shown = f"{threshold(move.before)} → {threshold(move.after)}"
    if proof is None:
        return f"{move.action_type}: {shown}, {move.direction}. {move.reason}"
    proved = (
        f"{proof.k:,} wrong of {numbers.counted(proof.n, 'label')}, at most {numbers.percent(proof.upper)} wrong at "
        f"{numbers.percent(1 - proof.delta)}, until {proof.valid_until[:10]}"
    )
    return f"{move.action_type}: {shown}, {move.direction}. {proved}"


def threshold(value: float | str | None) -> str:
    """Return a threshold.

    >>> threshold(0.85), threshold("never"), threshold(None)
    ('0.85', 'never', '—')
    """
    if value is None:
        return numbers.UNKNOWN
    return value if isinstance(value, str) else f"{value:.4g}"


def _rules(record: ReleaseRecord) -> Iterator[str]:
    for gate in record.forecast_gates:
        for rule in gate.rules:
            yield f"{state_shape(rule.state)} {rule.rule} ({gate.authority.value.replace('_', ' ')}): {rule.message}"


def _beside(titles: list[str], row: Row) -> str:
    return "; ".join(
        f"{title.lower()} {said(cell)}" for title, cell in zip(titles, row.cells, strict=True)
    )
