"""A comparison of decision logs in a terminal."""

from collections.abc import Mapping

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hitl.decisions.change.comparison import LogComparison
from hitl.decisions.change.parts import Change, MetricChange
from hitl.decisions.measures.words import Metric, Stand
from hitl.render import log_compare_words as words
from hitl.render import numbers
from hitl.render.baseline.words import METRICS
from hitl.render.items import Room, print_items
from hitl.render.text import one_line

MOST_ACTIONS = 12
_LINE = 500
_REST = "in comparison.json"
_ROOM = Room(40, _LINE, _REST)


def print_comparison(comparison: LogComparison, console: Console) -> None:
    """Print both sides, every metric, what moved and which part of it is mix, and what is not said."""
    for name, side in (("before", comparison.before), ("after", comparison.after)):
        _print_line(f"{name}: {words.side_words(side)}", console)
    common = numbers.counted(comparison.n_reviewers_common, "reviewer")
    _print_line(f"on both sides: {common}", console)
    said = [one for one in comparison.metrics if one.crude.stand is Stand.MEASURED]
    if said:
        _print_table(comparison, said, console)
    print_items("What changed", words.changed_lines(comparison), _ROOM, console)
    print_items(
        "Within action types",
        words.action_lines(comparison),
        Room(MOST_ACTIONS, _LINE, _REST),
        console,
    )
    print_items("The work", [words.shift_line(one) for one in comparison.shifts], _ROOM, console)
    print_items("Outcomes", [words.maturity_line(comparison)], _ROOM, console)
    print_items("Not said", _not_said(comparison), _ROOM, console)
    print_items("Limits", [*comparison.notes, *_limits(said)], _ROOM, console)


def _print_table(comparison: LogComparison, said: list[MetricChange], console: Console) -> None:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, collapse_padding=True)
    table.add_column("Metric", overflow="fold", max_width=19)
    titles = (
        "Before",
        "After",
        f"Change, {numbers.level(comparison.confidence)}",
        "Same mix",
        "Mix",
    )
    for name in titles:
        table.add_column(name, justify="right", no_wrap=True)
    for metric in said:
        table.add_row(*_row(metric))
    console.print(table, highlight=False)


def _row(metric: MetricChange) -> tuple[Text, ...]:
    sides = [
        Text.assemble(words.level(metric, side), (f"\nn {side.n if side else 0:,}", "dim"))
        for side in (metric.before, metric.after)
    ]
    within = metric.split.within
    crude, same = (
        Text.assemble(
            words.moved(metric, one.value if one else None),
            (f"\n{_range(metric, one)}" if one else "", "dim"),
        )
        for one in (metric.crude, within)
    )
    if words.is_beyond_chance(metric, metric.crude):
        crude.stylize("bold")
    return (
        Text(words.title(metric)),
        *sides,
        crude,
        same,
        Text(words.moved(metric, metric.split.mix)),
    )


def _range(metric: MetricChange, change: Change) -> str:
    """The unit stands above it, with the change itself."""
    return words.moved_range(metric, change).removesuffix(" pt").removeprefix("× ")


def _not_said(comparison: LogComparison) -> list[str]:
    whole = {one.metric: one.crude.reason for one in comparison.metrics if _is_refused(one.crude)}
    parts = {
        one.metric: one.split.reason
        for one in comparison.metrics
        if one.split.stand is Stand.REFUSED and one.metric not in whole
    }
    lines = [f"{of}: {reason}." for reason, of in _by_reason(whole)]
    return lines + [f"Which part is mix, of {of}: {reason}." for reason, of in _by_reason(parts)]


def _is_refused(change: Change) -> bool:
    return change.stand is Stand.REFUSED


def _limits(said: list[MetricChange]) -> list[str]:
    limits = {one.metric: one.reason for one in said if one.reason}
    return [f"{of}: {reason}." for reason, of in _by_reason(limits)]


def _by_reason(reasons: Mapping[Metric, str]) -> list[tuple[str, str]]:
    """Each reason once, with the names of what it is about."""
    found: dict[str, list[str]] = {}
    for metric, reason in reasons.items():
        found.setdefault(reason, []).append(METRICS[metric].title)
    return [(reason, ", ".join(of)) for reason, of in found.items()]


def _print_line(text: str, console: Console) -> None:
    console.print(Text(one_line(text)), highlight=False)
