"""A report on reviewers in a terminal."""

from rich import box
from rich.console import Console
from rich.table import Table

from hitl.render.items import Room, print_items
from hitl.render.review import reviewers_words as words
from hitl.render.text import brief
from hitl.review.reviewers.parts import ReviewersReport, SignName

_ROOM = Room(40, 700, "in reviewers.json")
_MOST = 60


def print_reviewers(report: ReviewersReport, console: Console) -> None:
    """Print every reviewer, what stands out, and what cannot be said."""
    console.print(words.head_line(report))
    names = [name for name in SignName if any(sign.name is name for one in report.reviewers for sign in one.signs)]  # fmt: skip
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, collapse_padding=True)
    table.add_column("Reviewer", overflow="fold", max_width=24)
    table.add_column("n", justify="right")
    for name in names:
        table.add_column(words.SHORT[name], justify="right", no_wrap=True)
    for one in report.reviewers[:_MOST]:
        table.add_row(brief(one.reviewer, 60), f"{one.n:,}", *(words.cell(one, name) for name in names))  # fmt: skip
    console.print(table)
    console.print(
        "Change, Time: overrides before → after the change, early → late. Fast: approvals in under 2 s."
    )
    console.print("▲ beyond chance and beyond how people differ, · not beyond it, ? cannot be said")
    console.print()
    if not words.alarm_lines(report):
        console.print(words.NOBODY)
    print_items("Stands out", words.alarm_lines(report), _ROOM, console)
    print_items("Cannot be said", words.unknown_lines(report), _ROOM, console)
    print_items("Limits", report.notes, _ROOM, console)
