"""A recalibration in a terminal of 80 columns: a row a type, why some have no certificate, and the diff.

Tables keep their width in a narrower one, whose lines then break: a number that is cut away is worse than an ugly line.
"""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hitl.recalibrate.parts import Recalibration, Simulation, TypeResult
from hitl.render import numbers
from hitl.render.items import Room, print_items
from hitl.render.recalibration import calibration_words as scores
from hitl.render.recalibration import words
from hitl.render.recalibration.diff import Kind, diff_lines
from hitl.render.text import brief

WIDTH = 80
_REST = "in recalibration.json"
_ROOM = Room(40, 900, _REST)
_NAME = 26
_COLOURS = {"pass": "green", "fail": "red", "undecided": "yellow", "none": "dim"}
_LEGEND = (
    "error: among decisions that run alone, with its upper limit; runs alone: of decisions that"
    " the policy would let run alone at full confidence."
)
_DIFF = {Kind.HEAD: "bold", Kind.PLACE: "cyan", Kind.REMOVED: "red", Kind.ADDED: "green", Kind.SAME: ""}  # fmt: skip


def print_recalibration(document: Recalibration, console: Console, diff: str = "") -> None:
    """Print what becomes of each action type, what is not certified and why, and the change of the policy."""
    for line in _first_lines(document):
        console.print(Text(line), soft_wrap=True)
    if document.types:
        console.print(_types(document.types), highlight=False, crop=False)
        console.print(Text(_LEGEND, "dim"), width=min(WIDTH, console.width))
        console.print()
    print_items("Without a certificate", _reasons(document.types), _ROOM, console)
    print_items("What its confidence means", _calibration(document), _ROOM, console)
    _print_simulations(document, console)
    print_items("To consider", _suggestions(document.types), _ROOM, console)
    _print_diff(diff, console)
    print_items("Notes", document.notes, _ROOM, console)


def _first_lines(document: Recalibration) -> tuple[str, ...]:
    model = "of no named model" if document.model is None else f"of {brief(document.model, 80)}"
    beside = "" if document.previous_model is None else f", beside {brief(document.previous_model, 80)}"  # fmt: skip
    policy = brief(document.policy_id, 60) or "policy without a name"
    version = brief(document.policy_version, 40)
    next_version = "" if document.new_version is None else f" → {brief(document.new_version, 40)}"
    return (
        words.headline(document),
        f"{words.promised(document)}.",
        f"{numbers.counted(document.n, 'decision')} {model}{beside}; {policy}, version {version}{next_version}",
    )


def _types(types: Sequence[TypeResult]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, width=WIDTH)
    table.add_column("Action type", overflow="fold", ratio=1)
    for title in ("auto", "error", "runs alone", "review h\na week"):
        table.add_column(title, justify="right", no_wrap=True)
    for one in types:
        style = _COLOURS[words.tone(one)]
        table.add_row(
            Text.assemble(
                brief(one.action_type, _NAME),
                "\n",
                (f"{words.shape(one)} {words.direction(one)}", style),
            ),
            _stacked(words.moves(one)),
            _error(one),
            _stacked(words.before_after(words.alone(one))),
            _stacked(words.before_after(words.hours(one), as_share=False)),
        )
    return table


def _stacked(change: str) -> Text:
    return Text(change.replace(" → ", "\n→ "))


def _error(one: TypeResult) -> Text:
    """At the certified threshold; without one, at the threshold in force, in a weaker colour."""
    if one.certificate is not None:
        first, _, second = words.error_at_new(one).rpartition(", ")
        counts = words.wrong(one.certificate.n, one.certificate.k)
        return Text.assemble(first or second, (f"\n{second}" if first else "", ""), (f"\n{counts}", "dim"))  # fmt: skip
    now = words.error_now(one)
    if now == numbers.UNKNOWN:
        return Text(now)
    return Text(now.replace(", ", "\n") + "\nas it is", "dim")


def _reasons(types: Sequence[TypeResult]) -> list[str]:
    return [f"{words.name(one)}: {reason}" for one, reason in words.reasons(types)]


def _calibration(document: Recalibration) -> list[str]:
    return [f"{scores.whose(one)}: {scores.finding(one)}" for one in document.calibration]


def _suggestions(types: Sequence[TypeResult]) -> list[str]:
    return [
        f"{words.name(one)}: {brief(suggestion.message, 600)}"
        for one in types
        for suggestion in one.suggestions
    ]


def _print_simulations(document: Recalibration, console: Console) -> None:
    told = ""
    for simulation in document.simulations:
        console.print(Text(f"Simulated: {brief(simulation.action_type, 60)}", "bold"))
        if simulation.curve != told:
            console.print(Text(brief(simulation.curve, 400)), soft_wrap=True)
        told = simulation.curve
        table = _simulated(simulation, document.delta)
        table.width = WIDTH if console.width < WIDTH else None
        console.print(table, highlight=False, crop=False)


def _simulated(simulation: Simulation, delta: float) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column("labels", justify="right", no_wrap=True)
    table.add_column("Rule", overflow="fold", max_width=20)
    for title in ("breaks its promise", "certifies", "runs alone"):
        table.add_column(title, justify="right", no_wrap=True)
    before = None
    for line in simulation.lines:
        style = "red" if scores.is_broken(line, delta) else ""
        autonomy, best = numbers.percent(line.autonomy), numbers.percent(line.best)
        table.add_row(
            Text("" if line.n == before else numbers.count(line.n)),
            Text(brief(line.rule, 40)),
            Text(scores.broken(line), style),
            Text(numbers.percent(line.certified)),
            Text(f"{autonomy.removesuffix(' %')} of {best}"),
        )
        before = line.n
    return table


def _print_diff(diff: str, console: Console) -> None:
    lines = diff_lines(diff)
    if not lines:
        return
    console.print(Text("The change of the policy", "bold"))
    for line in lines:
        console.print(Text(line.text, _DIFF[line.kind]), soft_wrap=True, highlight=False)
    console.print()
