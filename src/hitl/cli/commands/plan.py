"""`hitl plan`: what would run, and what each subset can and cannot see."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from hitl.cli.options import AsJson, Release

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

    from hitl.gate.plan import MarginPlan, Plan
    from hitl.gate.plan_cost import CostPlan, Quotes
    from hitl.run.inputs import ReleaseInputs


def plan(release: Release, as_json: AsJson = False) -> int:
    """Say what a release would run, what it may cost, and what its subsets can and cannot see. Spends nothing.

    Example: hitl plan manifests/incident-triage/release.yaml
    """
    from hitl.cli.output import print_json
    from hitl.cli.review_outlook import review_outlook
    from hitl.cli.session import suite_of
    from hitl.gate.plan import plan_release
    from hitl.run.inputs import load_release

    inputs = load_release(release)
    suite = suite_of(inputs)
    found, review = plan_release(inputs, suite, quotes_of(inputs)), review_outlook(inputs, suite)
    if as_json:
        print_json(asdict(found) | {"review": asdict(review)})
    else:
        print_plan(found, review.said)
    return 0


def quotes_of(inputs: "ReleaseInputs") -> "Quotes":
    """Return the price of every live model of a release, and what would be asked.

    Raises:
        DocumentError: every case that a live arm could not be asked.
    """
    from hitl.gate.plan_cost import Quote, Quotes

    manifest = inputs.manifest
    arms = {"previous": manifest.previous_model, "candidate": manifest.candidate_model}
    models = arms | ({"judge": manifest.judge.model} if manifest.judge else {})
    live = {role: model for role, model in models.items() if model.is_live}
    if not live:
        return Quotes()
    from hitl.cli.clock import now
    from hitl.run.money.price import cap_problems, output_bound, price_of
    from hitl.run.request import build_requests

    at = now()
    quotes = {role: Quote(price_of(model, at), output_bound(model)) for role, model in live.items()}
    requests = build_requests(inputs.golden) if live.keys() & arms.keys() else {}
    problems = tuple(
        f"{field}: {problem}" for field, problem in cap_problems(manifest, at, requests.values())
    )
    return Quotes(quotes, requests, problems)


def print_plan(plan: "Plan", review: str = "") -> None:
    """Print a plan for people, with what is known of its review."""
    from hitl.cli.output import people
    from hitl.render.text import show

    console = people()
    judge = f" and {plan.n_judge_calls} of the judge" if plan.n_judge_calls else ""
    console.print(
        f"{show(plan.release_id)}: {plan.n_cases} cases, {plan.n_calls} live calls{judge}, {_cost(plan.cost)}"
    )
    if plan.cost.lines:
        console.print(_cost_table(plan.cost))
    for line in _cost_notes(plan.cost):
        console.print(show(line))
    console.print(_margin_table(plan))
    console.print(_criteria_table(plan))
    looks = ", ".join(f"{look.looks}: {look.level:.1%}" for look in plan.looks)
    console.print(
        f"A 5 % test looked at so many times cries wolf this often: {looks}. Decide once."
    )
    console.print(show(plan.forecast), markup=False)
    if review:
        console.print(f"Review: {show(review)}", markup=False)
    for assumption in plan.assumptions:
        console.print(f"- {assumption}")


def _cost(cost: "CostPlan") -> str:
    known = cost.known_usd
    unknown = [line.role for line in cost.lines if line.cost_usd is None]
    if not unknown:
        return f"cost {_usd(known.low)} to {_usd(known.high)} USD"
    names = f"unknown for {', '.join(unknown)}"
    if len(unknown) == len(cost.lines):
        return f"cost {names}"
    return f"cost at least {_usd(known.low)} USD, and {names}"


def _cost_table(cost: "CostPlan") -> "Table":
    from rich.table import Table
    from rich.text import Text

    from hitl.render.text import show

    table = Table(title="What it may cost, in USD", title_justify="left")
    for name in ("asked", "model", "calls", "1M tokens in / out", "price from", "low", "high"):
        table.add_column(name, overflow="fold", no_wrap=name in ("asked", "low", "high"))
    for line in cost.lines:
        price = "unknown"
        if line.usd_per_1m_input is not None and line.usd_per_1m_output is not None:
            price = f"{line.usd_per_1m_input:g} / {line.usd_per_1m_output:g}"
        found = line.cost_usd
        ends = (_usd(found.low), _usd(found.high)) if found else ("unknown", "unknown")
        cells = (line.role, line.model, str(line.n_calls), price, line.price_source or "-", *ends)
        table.add_row(*(Text(show(cell)) for cell in cells))
    return table


def _cost_notes(cost: "CostPlan") -> "Iterator[str]":
    for line in cost.lines:
        if line.reason:
            yield f"{line.role}: {line.reason}"
    if cost.max_cost_usd is None or not cost.lines:
        return
    cap = f"limits.max_cost_usd is {_usd(cost.max_cost_usd)}"
    yield from (f"{cap}, and the run would not start: {problem}" for problem in cost.cap_problems)
    if cost.share_before_cap is not None:
        share = int(100 * cost.share_before_cap)
        yield f"{cap}: at the high end the run would stop at the cap after about {share} % of the calls"
    elif not cost.cap_problems:
        yield f"{cap}: the high end stays within it"


def _usd(amount: float) -> str:
    """Return an amount with two digits that count: 12.35, 0.0042."""
    return f"{amount:.2f}" if amount == 0 or amount >= 0.1 else f"{amount:.2g}"


def _margin_table(plan: "Plan") -> "Table":
    from rich.table import Table
    from rich.text import Text

    from hitl.render.text import show

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
    return table


def _criteria_table(plan: "Plan") -> "Table":
    from rich.table import Table
    from rich.text import Text

    from hitl.render.text import show

    asked = Table(
        title=f"Does this change need the gate? {'Yes' if plan.needs_gate else 'No'}",
        title_justify="left",
    )
    for name in ("question", "answer", "because"):
        asked.add_column(name, overflow="fold")
    for criterion in plan.criteria:
        cells = criterion.question, "yes" if criterion.answer else "no", criterion.because
        asked.add_row(*(Text(show(cell)) for cell in cells))
    return asked


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
