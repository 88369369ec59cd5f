"""Advice on a policy, on a terminal."""

from collections.abc import Iterator

from rich.console import Console

from hitl.policy.advice.parts import Advice, AdviceFinding, Evidence, Finding
from hitl.render import numbers
from hitl.render.policy_table import a_table, add_row, head, named, say
from hitl.render.text import brief

_HEADS = {
    Finding.FOUND: "Found",
    Finding.UNMEASURED: "Cannot be said",
    Finding.CLEAR: "Looked for and not found",
}
_LINE = 300


def print_advice(found: Advice, console: Console) -> None:
    """Print the pattern of each action type, then every finding."""
    say(console, f"{numbers.counted(found.n, 'decision')} under policy {brief(found.policy_id, 60)},"
        f" version {brief(found.policy_version, 40)}")  # fmt: skip
    table = a_table(["Action type", "Pattern", "because"], [])
    for line in found.patterns:
        pattern = "cannot be said" if line.pattern is None else line.pattern.value.replace("_", " ")
        add_row(table, [named(line.action_type, ""), pattern, line.reason])
    console.print(table)
    for kind, title in _HEADS.items():
        of = [one for one in found.findings if one.finding is kind]
        if of:
            head(console, f"{title}: {len(of)}")
        for one in of:
            say(console, *_lines(one))
    lacking = [one for one in found.targets if one.lacked]
    console.print()
    say(console, "targets: `hitl baseline` checks them")
    say(console, *(f"  {one.target} cannot be checked: the log lacks {', '.join(one.lacked)}" for one in lacking))  # fmt: skip


def _lines(one: AdviceFinding) -> Iterator[str]:
    about = f" {brief(one.about, 60)}:" if one.about is not None else ""
    yield brief(f"{one.finding}: {one.code}:{about} {one.reason}", _LINE)
    if one.finding is not Finding.CLEAR:
        for evidence in one.evidence:
            yield f"    {_evidence(evidence)}"
    if one.remedy:
        yield f"    → {one.remedy}"


def _evidence(one: Evidence) -> str:
    limits = [f"{name} {_number(value)}" for name, value in (("from", one.low), ("to", one.high)) if value is not None]  # fmt: skip
    shown = " ".join([_number(one.value), *limits])
    n = "" if one.n is None else f", n {one.n:,}"
    threshold = "" if one.threshold is None else f", limit {_number(one.threshold)}"
    return f"{one.name}: {shown}{n}{threshold}"


def _number(value: float | None) -> str:
    return numbers.UNKNOWN if value is None else f"{value:.3g}"
