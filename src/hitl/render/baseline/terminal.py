"""A baseline in a terminal of 80 columns: the log, the six targets, the whole log, then model by model."""

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hitl.decisions.measures.baseline import Baseline
from hitl.decisions.measures.parts import Group, LogPart, Measured, TargetPart
from hitl.decisions.measures.words import Met, Metric
from hitl.render import numbers
from hitl.render.baseline import numbers as written
from hitl.render.baseline.lead import days as days_said
from hitl.render.baseline.words import (
    METRICS,
    NOT_SAID,
    group_name,
    key_word,
    met_shape,
    target_words,
)
from hitl.render.text import brief

WIDTH = 80
MOST_MODELS = 6
_NAME = 40
_REASON = 300
_BRIEF = (
    Metric.OVERRIDE_RATE,
    Metric.REVIEWER_AGREEMENT,
    Metric.ESCALATION_RATE,
    Metric.AUTO_RESOLVE_RATE,
    Metric.ERROR_ESCAPE_RATE,
    Metric.REVIEW_SECONDS_GEOMETRIC_MEAN,
    Metric.WAIT_SECONDS_P95,
    Metric.ECE,
    Metric.BAD_IF_APPROVED,
    Metric.COST_PER_CORRECTED,
)
"""What is shown of each model; the rest is in the page."""
_COLOURS = {Met.MET: "green", Met.MISSED: "red", Met.UNDECIDED: "yellow", Met.UNMEASURED: "magenta"}


def print_baseline(baseline: Baseline, console: Console) -> None:
    """Print each number with its n and interval, and for each that is refused the reason."""
    for line in _log_lines(baseline.log):
        console.print(Text(line), soft_wrap=True)
    console.print()
    _print_targets(baseline.targets, console)
    _print_group(baseline.groups[0], list(Metric), console)
    models = [group for group in baseline.groups if list(group.by) == ["resolved_model"]]
    for group in models[:MOST_MODELS]:
        _print_group(group, _BRIEF, console)
    if len(models) > MOST_MODELS:
        console.print(Text(f"and {len(models) - MOST_MODELS:,} more models in the page"))
    console.print(
        Text(f"Intervals hold at {numbers.level(baseline.confidence)}. Groups: {len(baseline.groups) - 1:,} in the page" + _left_out(baseline)),
        soft_wrap=True,
    )  # fmt: skip


def _log_lines(log: LogPart) -> Iterator[str]:
    days = f", {days_said(log.first_day, log.last_day)} (UTC)" if log.first_day else ""
    yield f"{numbers.counted(log.n, 'decision')}{days}"
    besides = [
        (log.n_seeded, "planted, for the detection rate alone"),
        (log.n_aside, "set aside by `only`"),
        (log.n_outside, "outside the days asked for"),
    ]
    told = ", ".join(f"{n:,} {what}" for n, what in besides if n)
    if told:
        yield f"besides: {told}"
    short = [
        f"{key_word(one.key)} {numbers.percent(one.n / one.population)} of {one.population:,}"
        for one in log.attribution
        if not one.is_enough and one.population
    ]
    if short:
        yield f"too rarely known: {', '.join(short)}"
    aliases = [brief(one.resolved_model or "", _NAME) for one in log.models if one.is_alias]
    if aliases:
        yield f"aliases, which are no versions: {', '.join(aliases[:5])}"
    for note in log.notes:
        yield f"note: {brief(note, _REASON)}"


def _print_targets(targets: Sequence[TargetPart], console: Console) -> None:
    table = _table("Target", "Value", "Interval", "n")
    for one in targets:
        state = (f"{met_shape(one.met)} {one.met.value}", f"bold {_COLOURS[one.met]}")
        name = Text.assemble(target_words(one.name).title, "\n", state, (f" · {written.wanted(one)}", "dim"))  # fmt: skip
        table.add_row(
            name,
            Text(written.in_target(one.name, one.value) if one.value is not None else NOT_SAID),
            Text(written.target_range(one)),
            Text(f"{one.n:,}"),
        )  # fmt: skip
    console.print(table)
    _print_reasons(
        [(target_words(one.name).title, one.reason) for one in targets if one.value is None],
        console,
    )
    # A number that nothing stands against, or something does: either way its reason belongs to it.
    _print_reasons(
        [
            (target_words(one.name).title, one.reason)
            for one in targets
            if one.value is not None and one.reason
        ],
        console,
        "what limits them:",
    )


def _print_group(group: Group, metrics: Sequence[Metric], console: Console) -> None:
    table = _table(_title(group), "Value", "Interval", "n")
    measures = [one for one in group.measures if one.metric in metrics]
    for one in measures:
        if written.is_said(one):
            table.add_row(
                Text(METRICS[one.metric].title),
                Text(written.figure(one)),
                Text(_interval(one, group)),
                Text(f"{one.n:,}"),
            )
    if table.row_count:
        console.print(table)
    else:
        console.print(Text(_title(group), "bold"))
    _print_reasons(list(_refusals(measures)), console)


def _title(group: Group) -> str:
    return f"{brief(group_name(group.by, _NAME), _NAME)} ({group.n:,})"


def _interval(one: Measured, group: Group) -> str:
    """The calibration error has a band in the place of an interval: what chance alone would give."""
    band = group.calibration
    if (
        one.metric is Metric.ECE
        and band
        and band.null_low is not None
        and band.null_high is not None
    ):
        return f"chance: {written.score(band.null_low)} to {written.score(band.null_high)}"
    return written.interval(one)


def _refusals(measures: Sequence[Measured]) -> Iterator[tuple[str, str]]:
    """Yield what is not said, metrics with the same reason together."""
    by_reason: dict[str, list[str]] = {}
    for one in measures:
        if not written.is_said(one):
            by_reason.setdefault(written.why_not(one), []).append(METRICS[one.metric].title)
    for reason, names in by_reason.items():
        shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        yield shown, reason


def _print_reasons(
    refused: Sequence[tuple[str, str]], console: Console, title: str = "not said:"
) -> None:
    if not refused:
        return
    console.print(Text(f" {title}", "bold"))
    for names, reason in refused:
        text = Text.assemble((f"{brief(names, 200)}: ", "bold"), brief(reason, _REASON))
        console.print(Padding(text, (0, 0, 0, 3)), width=min(WIDTH, console.width))
    console.print()


def _table(first: str, *others: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, width=WIDTH)
    table.add_column(Text(first), overflow="fold", ratio=1)
    for title in others:
        table.add_column(title, justify="right", no_wrap=True)
    return table


def _left_out(baseline: Baseline) -> str:
    n = baseline.n_groups_left_out
    return f"; {n:,} smaller ones are left out" if n else ""
