"""A triage ticket: what happened, what should have, the evidence, and what to do next."""

from hitl.digest import digest
from hitl.record.release import ReleaseRecord
from hitl.render.handover.parts import Matter, Priority, RecordRef, Ticket
from hitl.render.markdown_text import block, code, prose
from hitl.render.text import brief
from hitl.render.words import next_steps

_TITLE = 120
_LINE = 900
_PRIORITY = {
    "critical": Priority.P1,
    "high": Priority.P2,
    "medium": Priority.P3,
    "low": Priority.P4,
}


def ticket_of(record: ReleaseRecord, ref: RecordRef, matter: Matter) -> Ticket:
    """Return the ticket of a matter; the same matter gives the same fingerprint in every release."""
    steps = _steps(record, matter)
    labels = ("hitl", matter.kind, f"severity:{matter.severity}", f"verdict:{ref.verdict}")
    return Ticket(
        title=brief(f"[{matter.workflow_id or record.workflow_id}] {matter.what}", _TITLE),
        body=_body(ref, matter, steps),
        labels=tuple(brief(label, 50) for label in labels),
        priority=_PRIORITY.get(matter.severity, Priority.P2),
        owner=record.owner.get("name", ""),
        contact=record.owner.get("contact", ""),
        fingerprint=digest([record.workflow_id, matter.kind, matter.id]),
        matter=matter,
        record=ref,
        next_steps=steps,
    )


def ticket_markdown(ticket: Ticket) -> str:
    """Return the ticket as Markdown, title first."""
    tail = f"<sub>Fingerprint {code(ticket.fingerprint, 64)}, priority {ticket.priority}, owner {prose(ticket.owner)} ({prose(ticket.contact)})</sub>"
    return f"# {prose(ticket.title, _TITLE)}\n\n{ticket.body}\n{tail}\n"


def matter_lines(matter: Matter) -> list[str]:
    """Return what a matter is as Markdown: facts, what should have held, what was written."""
    facts = [f"| {prose(fact.name)} | {prose(fact.value)} |" for fact in matter.facts]
    parts = ["\n".join(["| what | |", "|---|---|", *facts])]
    if matter.expected:
        parts.append("\n".join(["## Expected\n", *(f"- {prose(rule, _LINE)}" for rule in matter.expected)]))  # fmt: skip
    for quote in matter.quotes:
        cut = f"\n\n{quote.cut:,} characters are left out." if quote.cut else ""
        parts.append(f"### {prose(quote.title, _LINE)}\n\n{block(quote.text)}{cut}")
    return parts


def _body(ref: RecordRef, matter: Matter, steps: tuple[str, ...]) -> str:
    parts = [
        f"**{prose(matter.what, _LINE)}**",
        f"Severity {prose(matter.severity)}. Release {code(ref.release_id)}: {ref.verdict}.",
        *matter_lines(matter),
        "\n".join(["## Next\n", *(f"- [ ] {prose(step, _LINE)}" for step in steps)]),
        f"## Evidence\n\nRecord {code(ref.path, 200)}, sealed as {code(ref.digest, 64)}. `evidence.json` lists every file with its digest.",
    ]
    return "\n\n".join(parts) + "\n"


def _steps(record: ReleaseRecord, matter: Matter) -> tuple[str, ...]:
    if matter.kind == "case":
        others = tuple(f"{part.id}:" for part in record.subsets if part.id != matter.subset)
        steps = (step for step in next_steps(record) if not step.startswith(others))
        return (
            "Decide whether the reply or the expectation is wrong; keep the case either way.",
            *steps,
        )
    return (
        "Say whether the decision was right, and which action type would have been; log it as a label.",
        "If it was wrong, add it to the golden set, so that the next release is held against it.",
    )
