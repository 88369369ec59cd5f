"""The forecast and the recalibration as rows of Markdown."""

from collections.abc import Iterator

from hitl.record.release import ReleaseRecord
from hitl.render.forecast.lines import elsewhere, move_line, pool_line, said, summary
from hitl.render.forecast.table import heads, measure_rows, pool_rows, refusals
from hitl.render.forecast.words import basis
from hitl.render.markdown_text import code, prose

_LINE = 900


def forecast_text(record: ReleaseRecord) -> list[str]:
    """Return the lines of the forecast; none where the release has none."""
    return list(_lines(record))


def move_rows(record: ReleaseRecord) -> list[str]:
    """Return what a recalibration does to each action type."""
    found = record.recalibration
    if found is None:
        return []
    rows = [f"- {prose(move_line(move), _LINE)}" for move in found.moves]
    return (
        [f"- **not used in the forecast**: {prose(found.unused, _LINE)}", *rows]
        if found.unused
        else rows
    )


def _lines(record: ReleaseRecord) -> Iterator[str]:
    forecast = record.forecast
    if forecast is None:
        return
    first, *rest = summary(record)
    yield f"**{prose(first, _LINE)}**\n"
    yield from (f"- {prose(line, _LINE)}" for line in rest)
    if forecast.unmeasured:
        return
    titles = [f"{prose(title)} {code(version, 40)}" for title, version in heads(forecast)]
    yield f"\n| | {' | '.join(titles)} |\n|{'---|' * (len(titles) + 1)}"
    for row in measure_rows(forecast):
        yield f"| {prose(row.name)} | {' | '.join(prose(said(cell)) for cell in row.cells)} |"
    yield ""
    for pool, rows in pool_rows(forecast):
        yield from (f"- {code(pool)}, {prose(row.name)}: {prose(pool_line(row), _LINE)}" for row in rows)  # fmt: skip
    yield from (f"- {prose(title)}: not known: {prose(reason, _LINE)}" for title, reason in refusals(forecast))  # fmt: skip
    others = (*elsewhere(forecast), basis(forecast), *forecast.notes)
    yield from (f"- {prose(line, _LINE)}" for line in others)
