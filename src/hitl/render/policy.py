"""What a policy amounts to, on a terminal."""

from collections.abc import Sequence
from itertools import zip_longest

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hitl.policy.action import Thresholds
from hitl.policy.lanes import PERSON_FIRST, Zone
from hitl.policy.summary import TypeSummary, ZoneSummary
from hitl.render import numbers
from hitl.render.text import brief

_NAME = 40


def print_summary(types: Sequence[TypeSummary], asked: Sequence[str], console: Console) -> None:
    """Print the lanes of each action type by confidence, and which fields the rules ask for."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column("Action type", overflow="fold", min_width=20)
    for title in ("Confidence", "Lane", "Who looks"):
        table.add_column(title, overflow="fold")
    for title in ("Tier", "Within", "Looked at after"):
        table.add_column(title, justify="right", no_wrap=True)
    for one in types:
        titles = [Text(brief(one.action_type, _NAME)), Text(f"  {one.risk} risk", "dim")]
        titles.append(Text("" if one.reversible else "  cannot be undone", "dim"))
        for name, zone in zip_longest(titles, one.zones):
            table.add_row(*(_row(name, one, zone) if zone else (name,)))
        table.add_section()
    console.print(table)
    if asked:
        names = ", ".join(brief(name, _NAME) for name in asked)
        text = f"rules ask for these fields, and count as holding where one is missing: {names}"
        console.print(Text(text), soft_wrap=True)


def _row(name: Text, one: TypeSummary, zone: ZoneSummary) -> tuple[Text, ...]:
    return (
        name,
        Text(_confidence(one.thresholds, zone.zone)),
        Text(zone.lane.value),
        Text(brief(zone.pool, _NAME) if zone.pool is not None else "nobody named"),
        Text(str(zone.tier)),
        Text(f"{zone.sla_minutes:g} min" if zone.sla_minutes is not None else numbers.UNKNOWN),
        Text(_afterwards(zone)),
    )


def _confidence(limits: Thresholds | None, zone: Zone) -> str:
    if limits is None:
        return "any: no thresholds"
    if zone is Zone.LOW:
        return f"below {limits.review:g}"
    if limits.auto == "never":
        return f"from {limits.review:g}"
    return f"from {limits.auto:g}" if zone is Zone.HIGH else f"{limits.review:g} to {limits.auto:g}"


def _afterwards(zone: ZoneSummary) -> str:
    """Return the share looked at after it ran: one number, or one for a new, established and stable model."""
    if zone.lane in PERSON_FIRST:
        return "decided first"
    shown = [f"{rate * 100:.4g}" for rate in zone.audit_rates.values()]
    return f"{shown[0] if len(set(shown)) == 1 else ' / '.join(shown)} %"
