"""`hitl plan`: what would run, and what each subset can and cannot see."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from hitl.cli.options import AsJson, Release

if TYPE_CHECKING:
    from hitl.gate.plan import MarginPlan, Plan


def plan(release: Release, as_json: AsJson = False) -> int:
    """Say what a release would run, what it may cost, and what its subsets can and cannot see. Spends nothing.

    Example: hitl plan manifests/incident-triage/release.yaml
    """
    from hitl.cli.output import print_json
    from hitl.cli.session import suite_of
    from hitl.gate.plan import plan_release
    from hitl.run.inputs import load_release

    inputs = load_release(release)
    found = plan_release(inputs, suite_of(inputs))
    if as_json:
        print_json(asdict(found))
    else:
        print_plan(found)
    return 0


def print_plan(plan: "Plan") -> None:
    """Print a plan for people."""
    from rich.table import Table
    from rich.text import Text

    from hitl.cli.output import people
    from hitl.render.text import show

    console = people()
    cost = (
        "unknown"
        if plan.cost_usd is None
        else f"{plan.cost_usd[0]:.2f} to {plan.cost_usd[1]:.2f} USD"
    )
    console.print(
        f"{show(plan.release_id)}: {plan.n_cases} cases, {plan.n_calls} live calls, cost {cost}"
    )
    table = Table(title="What each subset can show", title_justify="left")
    for name in (
        "subset",
        "authority",
        "rule",
        "cases",
        "provable",
        "clears an equal",
        "sees a drop of",
    ):
        table.add_column(name, overflow="fold", no_wrap=name == "subset")
    for line in plan.margins:
        table.add_row(*(Text(show(cell)) for cell in _cells(line)))
    console.print(table)
    asked = Table(
        title=f"Does this change need the gate? {'Yes' if plan.needs_gate else 'No'}",
        title_justify="left",
    )
    for name in ("question", "answer", "because"):
        asked.add_column(name, overflow="fold")
    for criterion in plan.criteria:
        cells = criterion.question, "yes" if criterion.answer else "no", criterion.because
        asked.add_row(*(Text(show(cell)) for cell in cells))
    console.print(asked)
    looks = ", ".join(f"{look.looks}: {look.level:.1%}" for look in plan.looks)
    console.print(
        f"A 5 % test looked at so many times cries wolf this often: {looks}. Decide once."
    )
    for assumption in plan.assumptions:
        console.print(f"- {assumption}")


def _cells(line: "MarginPlan") -> tuple[str, ...]:
    def percent(value: float | None) -> str:
        return "-" if value is None else f"{value:.1%}"

    provable = "yes" if line.is_provable else f"NO, needs {line.cases_needed}"
    clears, sees = (
        (percent(line.chance_to_clear), percent(line.detectable_drop))
        if line.margin
        else ("-", "-")
    )
    return (
        line.subset,
        line.authority.value,
        line.rule,
        str(line.n_clusters),
        provable,
        clears,
        sees,
    )
