"""A review in a terminal: what was packed for whom, what came out, how far raters agree."""

from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hitl.render import numbers
from hitl.render.items import Room, print_items
from hitl.render.review import ratings_words as said
from hitl.render.text import brief
from hitl.review.agreement_parts import AgreementReport
from hitl.review.parts import Invitations, ReviewPlan
from hitl.review.votes import Ratings
from hitl.review.words import Blindness

ADDRESS = "http://127.0.0.1:8765"
"""Where `hitl review serve` listens if nothing else is said."""
_ROOM = Room(40, 700, "in ratings.json")
_COLOURS = {
    Blindness.BLIND: "green",
    Blindness.UNPROVEN: "yellow",
    Blindness.NOT_BLIND: "bold red",
    Blindness.OPEN: "",
}


def print_packed(
    plan: ReviewPlan, folder: Path | str, console: Console, invitations: Invitations | None = None
) -> None:
    """Print what is in a packed review, whether it is blind, who gets what, and what to do next.

    Args:
        plan: the review.
        folder: where it is.
        console: where to print.
        invitations: with the access tokens; without them nobody's is printed.
    """
    rules, design = plan.rules, plan.rules.sample
    n = design.n_certain + design.n_drawn
    console.print(
        Text(
            f"{brief(plan.title, 120)}: {numbers.counted(n, 'item')} of {design.n_population:,}, {numbers.counted(rules.raters, 'rater')} each",
            "bold",
        )
    )
    console.print(
        Text(
            f"{design.n_certain:,} for sure, {design.n_drawn:,} drawn; {design.n_qualification:,} with a known answer besides; {brief(design.method, 400)}"
        )
    )
    _print_blindness(plan, console)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    names = (
        {one.reviewer: one for one in invitations.invitations} if invitations is not None else {}
    )
    for title in ("Reviewer", "Role"):
        table.add_column(title, overflow="fold")
    table.add_column("Items", justify="right")
    for ref in sorted(plan.packets, key=lambda ref: names[ref.reviewer].name if names else ""):
        one = names.get(ref.reviewer)
        name = (
            f"{brief(one.name, 60)} ({said.short(ref.reviewer)})"
            if one
            else said.short(ref.reviewer)
        )
        table.add_row(*map(Text, (name, ref.role.value, f"{ref.n_items:,}")))
    console.print(table)
    _print_invitations(invitations, console)
    console.print(Text("Next", "bold"))
    for line in _next_steps(folder, has_tokens=bool(names)):
        console.print(Text(f" · {line}"), soft_wrap=True, highlight=False)


def print_ratings(ratings: Ratings, console: Console) -> None:
    """Print what the people of a review say together, and what that may decide."""
    console.print(Text(said.headline(ratings), "bold"))
    console.print(Text(said.standing(ratings), "yellow" if ratings.problems else "green"))
    label = ratings.blindness.label
    console.print(Text(said.blindness(ratings.blindness), _COLOURS[label]))
    if ratings.preferences is not None:
        console.print(Text(said.net(ratings.preferences)))
    console.print()
    print_items("Why they decide nothing", ratings.problems, _ROOM, console)
    _print_rates(ratings, console)
    print_items("Agreement", said.agreement_lines(ratings.agreement), _ROOM, console)
    people = [f"{one.role.value} {said.short(one.reviewer)}: {said.reviewer_words(one)}" for one in ratings.reviewers]  # fmt: skip
    print_items("Reviewers", people, _ROOM, console)
    print_items("Tells", said.tells(ratings.blindness), _ROOM, console)
    kinds = [f"{row.title}: {row.previous:,} previous, {row.candidate:,} candidate" for row in said.category_rows(ratings)]  # fmt: skip
    print_items("What votes call wrong", kinds, _ROOM, console)
    print_items("To adjudicate", said.open_items(ratings), _ROOM, console)
    notes = [line for line in said.limits(ratings) if line not in ratings.problems]
    print_items("Notes", [*notes, said.sample(ratings)], _ROOM, console)


def print_agreement(report: AgreementReport, console: Console) -> None:
    """Print how far raters agree, over all units and by group."""
    raters = numbers.counted(len(report.raters), "rater")
    units = numbers.counted(report.n_units, "unit")
    console.print(
        Text(
            f"{units}, {report.n_twice:,} with two labels or more; {raters}; {report.scale.value} scale",
            "bold",
        )
    )
    console.print(
        Text(f"{report.n_labels:,} labels, {report.n_blank:,} blank (missing, never a category)")
    )
    room = Room(40, 700, "in the JSON")
    print_items("All units", said.agreement_lines(report.coefficients), room, console)
    for group in report.groups:
        name = brief(group.group, 80) or "(no name)"
        lines = said.agreement_lines(group.coefficients) or [group.reason]
        print_items(
            f"{name}: {numbers.counted(group.n_twice, 'unit')} with two labels or more",
            lines,
            room,
            console,
        )
    if report.note:
        console.print(Text(brief(report.note, 400), "dim"))


def _print_invitations(invitations: Invitations | None, console: Console) -> None:
    """Print each link on a line of its own, which no table folds: it must be copied whole."""
    if invitations is None:
        return
    console.print(Text("Invitations", "bold"))
    for one in sorted(invitations.invitations, key=lambda one: one.name):
        line = f" · {brief(one.name, 60)}: {ADDRESS}/#{one.token}"
        console.print(Text(line), soft_wrap=True, highlight=False)
    console.print()


def _print_blindness(plan: ReviewPlan, console: Console) -> None:
    report = plan.rules.blindness
    console.print(Text(said.blindness(report), _COLOURS[report.label]))
    print_items("Tells", said.tells(report), Room(12, 400, "in review.json"), console)


def _print_rates(ratings: Ratings, console: Console) -> None:
    if not ratings.rates:
        return
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column("Share of votes", overflow="fold")
    for title in ("previous", "candidate", "difference"):
        table.add_column(title, justify="right")
    for row in said.rate_rows(ratings):
        table.add_row(
            Text.assemble(
                row.title, (f"\n{row.n}", "dim"), (f"\n{row.reason}" if row.reason else "", "dim")
            ),
            Text.assemble(row.previous, (f"\n{row.previous_range}", "dim")),
            Text.assemble(row.candidate, (f"\n{row.candidate_range}", "dim")),
            Text.assemble(row.difference, (f"\n{row.difference_range}", "dim")),
        )
    console.print(table, highlight=False)


def _next_steps(folder: Path | str, *, has_tokens: bool) -> tuple[str, ...]:
    place = brief(str(folder), 400)
    hand_out = (
        "hand out each invitation by itself: who has a token votes in its owner's name; then delete invitations.json, if there is one"
        if has_tokens
        else "access tokens come from HITL_REVIEW_SECRET; hand out each one by itself"
    )
    return (
        hand_out,
        f"hitl review serve {place}",
        f"hitl review merge {place}   (when all have locked)",
    )
