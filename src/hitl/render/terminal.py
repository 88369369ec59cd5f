"""The record in a terminal: the one place below the command line that draws with rich.

Everything goes through `Text`, so that nothing that a model wrote is read as markup, and every state is a word and a
shape before it is a colour.
"""

from collections.abc import Iterator

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from hitl.gate.verdict_words import State, Verdict
from hitl.record.parts import ArmIdentity, ArmRate, ShiftPart, SubsetResult
from hitl.record.release import ReleaseRecord
from hitl.render import numbers
from hitl.render.arms import ending_lines
from hitl.render.forecast.terminal import print_forecast
from hitl.render.forecast.words import is_shown_first
from hitl.render.items import Room, print_items
from hitl.render.judges import cascade_line, correction_line, judge_found, shows_cascade
from hitl.render.people import people_lines
from hitl.render.text import one_line
from hitl.render.words import authority_word, next_steps, said, state_shape, verdict_shape

MOST_REASONS = 8
MOST_MODES = 6
MOST_CASES = 5
MOST_JUDGES = 6
MOST_LINES = 5
"""Of what people found: how far they looked, what they may decide, blindness, agreement, preference."""
_LINE = 320
_JUDGE_LINE = 900
_REST = "in the record"
_VERDICTS = {Verdict.SHIP: "green", Verdict.HOLD: "yellow", Verdict.REVERT: "red"}
_STATES = {
    State.PASS: "green",
    State.FAIL: "red",
    State.UNDECIDED: "yellow",
    State.UNMEASURED: "magenta",
}


def print_record(record: ReleaseRecord, console: Console) -> None:
    """Print the verdict, the subsets, the reasons, the measures, the new failures and what to do next."""
    _print_verdict(record, console)
    is_first = is_shown_first(record.forecast)
    if is_first:
        print_forecast(record, console)
    _print_subsets(record, console)
    if not is_first:
        print_forecast(record, console)
    reasons = [
        f"{authority_word(one.authority) if one.authority else 'release'} · {one.subset or one.code}: {said(one)}"
        for one in record.reasons
    ]
    print_items("Why", reasons, Room(MOST_REASONS, _LINE, _REST), console)
    print_items(
        "Conditions" if record.verdict is Verdict.SHIP else "Conditions, once nothing stops it",
        [f"{one.subset}: {said(one)}" for one in record.conditions],
        Room(MOST_REASONS, _LINE, _REST),
        console,
    )
    print_items(
        "Slices that got worse", list(_slices(record)), Room(MOST_MODES, _LINE, _REST), console
    )
    print_items("Lost cases", list(_lost(record)), Room(MOST_REASONS, _LINE, _REST), console)
    found = list(people_lines(record))
    print_items("What people found", found, Room(MOST_LINES, _JUDGE_LINE, _REST), console)
    _print_measures(record, console)
    print_items(
        "How replies ended", list(ending_lines(record)), Room(MOST_REASONS, _LINE, _REST), console
    )
    _print_judges(record, console)
    modes = [
        f"{one.name} ({one.n_candidate:,} candidate, {one.n_previous:,} previous; {one.subset})"
        for one in record.failure_modes
        if one.is_new
    ]
    print_items("New ways to fail", modes, Room(MOST_MODES, _LINE, _REST), console)
    print_items(
        "Shifts that nobody declared",
        [one.message for one in record.undeclared_shifts if not _is_told(one, record)],
        Room(MOST_MODES, _LINE, _REST),
        console,
    )
    print_items("Next", list(next_steps(record)), Room(MOST_REASONS, _LINE, _REST), console)


def _slices(record: ReleaseRecord) -> Iterator[str]:
    for subset in record.subsets:
        for part in subset.slices:
            if part.regressed and part.difference:
                moved = f"{numbers.points(part.difference.estimate)} ({numbers.points_range(part.difference)})"
                lost = f"{part.n_regressed:,} lost, {part.improved:,} gained, n = {part.n_cases:,}"
                yield f"{subset.id} · {part.id}: {moved}, {lost}"


def _lost(record: ReleaseRecord) -> Iterator[str]:
    for subset in record.subsets:
        if subset.regressed:
            shown = ", ".join(subset.regressed_cases[:MOST_CASES])
            more = (
                f" and {subset.regressed - MOST_CASES:,} more"
                if subset.regressed > MOST_CASES
                else ""
            )
            yield f"{subset.id}: {shown}{more}"


def _is_told(shift: ShiftPart, record: ReleaseRecord) -> bool:
    """Whether a shift only repeats what the reasons say of its subset."""
    return shift.subset is not None and shift.subset in {reason.subset for reason in record.reasons}


def _print_verdict(record: ReleaseRecord, console: Console) -> None:
    colour = _VERDICTS[record.verdict]
    body = Text.assemble(
        (one_line(record.headline), "bold"),
        "\n\n",
        Text(f"{_model(record.previous_model)}  ⇒  {_model(record.candidate_model)}"),
        Text(
            f"\n{one_line(record.workflow_id)}, {record.stage.value.replace('_', ' ')}; owner {one_line(', '.join(record.owner.values()))}",
            style="dim",
        ),
    )
    title = Text(
        f" {verdict_shape(record.verdict)} {record.verdict.value.upper()}  {one_line(record.release_id)} ",
        style=f"bold {colour}",
    )
    console.print(
        Panel(body, title=title, title_align="left", border_style=colour, padding=(1, 2)),
        highlight=False,
    )


def _print_subsets(record: ReleaseRecord, console: Console) -> None:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, expand=True)
    table.add_column("Subset", overflow="fold", ratio=1)
    for title in ("n", "Previous", "Candidate", "Difference"):
        table.add_column(title, justify="right", no_wrap=True)
    for subset in record.subsets:
        table.add_row(*_subset_row(subset))
    console.print(table, highlight=False)


def _subset_row(subset: SubsetResult) -> tuple[Text, ...]:
    state = (f"{state_shape(subset.state)} {subset.state.value}", f"bold {_STATES[subset.state]}")
    name = Text.assemble(
        one_line(subset.id), "\n", state, (f" · {authority_word(subset.authority)}", "dim"), "\n"
    )
    difference = Text(numbers.points(subset.difference.estimate if subset.difference else None))
    if subset.difference:
        difference.append(f"\n{numbers.points_range(subset.difference)}", style="dim")
    difference.append(f"\n{subset.regressed:,} lost, {subset.improved:,} gained", style="dim")
    arms = (_arm(subset.previous), _arm(subset.candidate))
    return (name, Text(f"{subset.n_cases:,}"), *arms, difference)


def _arm(arm: ArmRate) -> Text:
    return Text.assemble(numbers.percent(arm.rate), (f"\n{numbers.passed(arm)}", "dim"))


def _print_measures(record: ReleaseRecord, console: Console) -> None:
    if not record.measures:
        return
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, expand=True)
    table.add_column("Measure", overflow="fold", ratio=1)
    for title in ("Previous", "Candidate", "Ratio", "n"):
        table.add_column(title, justify="right", no_wrap=True)
    for name, part in record.measures.items():
        values = [
            numbers.quantity(name, numbers.compared(arm, part.statistic))
            for arm in (part.previous, part.candidate)
        ]
        ratio = numbers.ratio(part.ratio.estimate if part.ratio else None)
        interval = f" ({numbers.ratio_range(part.ratio)})" if part.ratio else ""
        table.add_row(
            Text(one_line(f"{numbers.measure_name(name)}, {part.statistic}")),
            *map(Text, values),
            Text(ratio + interval),
            Text(f"{part.n_cases:,}"),
        )
    console.print(table, highlight=False)


def _print_judges(record: ReleaseRecord, console: Console) -> None:
    judges = [judge_found(judge) for judge in record.judges]
    print_items("Judges", judges, Room(MOST_JUDGES, _JUDGE_LINE, _REST), console)
    corrected = [correction_line(part) for part in record.corrected_differences]
    print_items("Corrected by people", corrected, Room(MOST_JUDGES, _JUDGE_LINE, _REST), console)
    if shows_cascade(record):
        print_items(
            "Who settled what", [cascade_line(record.cascade)], Room(1, _JUDGE_LINE, _REST), console
        )


def _model(arm: ArmIdentity) -> str:
    names = [one_line(name) for name in arm.resolved]
    if names == [one_line(arm.declared)]:
        return names[0]
    return f"{one_line(arm.declared)} → {', '.join(names) or 'the replies name nobody'}"
