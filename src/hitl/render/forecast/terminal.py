"""The forecast in a terminal."""

from itertools import compress

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hitl.gate.verdict_words import State
from hitl.record.release import ReleaseRecord
from hitl.render.forecast.lines import move_line, short_rows, summary
from hitl.render.forecast.table import Cell
from hitl.render.forecast.words import basis, columns, short_word
from hitl.render.items import Room, print_items
from hitl.render.text import one_line
from hitl.render.words import state_shape

_MOST = 8
_LINE = 320
_COLOURS = {State.FAIL: "red", State.UNDECIDED: "yellow"}


def print_forecast(record: ReleaseRecord, console: Console) -> None:
    """Print what breaks, the few numbers that say why, and what a recalibration would change."""
    forecast = record.forecast
    if forecast is not None:
        room = Room(_MOST, _LINE, "in the record")
        print_items("What reviewers would face", list(summary(record)), room, console)
        rows = short_rows(record)
        if rows:
            _print_table(record, console)
            console.print(Text(f"{one_line(basis(forecast))}\n", style="dim"))
    if record.recalibration is not None:
        found = record.recalibration
        lines = [f"not used: {found.unused}"] if found.unused else []
        lines += [move_line(move) for move in found.moves if move.after is not None]
        print_items("Recalibration", lines, Room(_MOST, _LINE, "in the record"), console)


def _print_table(record: ReleaseRecord, console: Console) -> None:
    if record.forecast is None:
        return
    shown = [not one.reason for one in columns(record.forecast)]
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, expand=True)
    table.add_column("A forecast", min_width=13, overflow="fold", ratio=1)
    for outlook in compress(columns(record.forecast), shown):
        table.add_column(short_word(outlook.setting), justify="right", overflow="fold")
    for row in short_rows(record):
        table.add_row(Text(row.name), *map(_cell, compress(row.cells, shown)))
    console.print(table, highlight=False)


def _cell(cell: Cell) -> Text:
    mark = f"{state_shape(cell.state)} " if cell.state is not None else ""
    found = Text(mark + cell.figure, style=_COLOURS.get(cell.state, "") if cell.state else "")
    if cell.under:
        found.append(f"\n{one_line(cell.under)}", style="dim")
    return found
