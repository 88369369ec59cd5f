"""What an import and an export of a decision log did, for a terminal and for machines."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from hitl.decisions.exchange.gather import NOT_READ
from hitl.decisions.exchange.importing import Imported
from hitl.decisions.exchange.tally import Group
from hitl.decisions.export import Exported
from hitl.render.text import brief

_LINE = 400


def import_lines(imported: Imported, out: str) -> Iterator[str]:
    """Yield what became of every record, line by line."""
    judged = imported.joined + _total(imported.strays) + _total(imported.unread)
    yield (
        f"{imported.records:,} records in: {imported.rows + imported.faulty:,} decisions, {judged:,} judgements, "
        f"{_total(imported.asides):,} set aside, {imported.unreadable:,} unreadable"
    )
    if imported.is_written:
        yield f"{imported.rows:,} rows written to {brief(out, 200)}, 0 refused"
    else:
        yield f"nothing written: {imported.faulty + imported.unreadable:,} records refused"
    yield from _groups("set aside", imported.asides)
    if judged:
        yield ""
        yield f"judgements: {imported.joined:,} belong to a decision"
        yield from _listed([Group("name no decision of these files", one.n, one.first) for one in imported.strays])  # fmt: skip
        yield from _listed(imported.unread)
        if any(one.name.startswith(NOT_READ) for one in imported.unread):
            yield "  name a score under `columns` of the mapping, such as `human_action: score.NAME`, to have it read"
    if imported.is_written:
        yield ""
        yield "columns"
        for name, n in imported.filled:
            yield f"  {name:<20} {n:,} of {imported.rows:,}"
    if imported.refusals:
        yield ""
        for refusal in imported.refusals:
            yield brief(f"error: {refusal}", _LINE)


def import_json(imported: Imported, out: str) -> dict[str, object]:
    """Return an import as one JSON document."""
    return {
        "out": out if imported.is_written else None,
        "records_in": imported.records,
        "rows": imported.rows,
        "rows_refused": imported.faulty,
        "records_unreadable": imported.unreadable,
        "judgements_joined": imported.joined,
        "judgements_without_decision": [asdict(one) for one in imported.strays],
        "judgements_not_read": [asdict(one) for one in imported.unread],
        "set_aside": [asdict(one) for one in imported.asides],
        "refusals": [asdict(one) for one in imported.refusals],
        "columns": dict(imported.filled),
    }


def export_lines(exported: Exported, out: str) -> Iterator[str]:
    """Yield what left and what stayed, line by line."""
    yield f"{exported.rows_out:,} of {exported.rows_in:,} rows written to {brief(out, 200)}"
    left = {
        "too old": exported.too_old,
        "after the time that is asked for": exported.too_new,
        "without a time, so nobody knows how old they are": exported.undated,
    }
    for reason, n in left.items():
        if n:
            yield f"  {n:,} left out: {reason}"
    if exported.unused:
        shown = ", ".join(brief(name, 40) for name in exported.unused[:12])
        yield f"columns left out, because hitl does not know them: {shown}"
    taken = ", ".join(f"{n:,} {kind}" for kind, n in exported.redacted)
    yield f"taken out: {taken or 'nothing was found'}"
    if exported.pseudonyms:
        yield f"reviewers under pseudonyms: {exported.pseudonyms:,}"


def export_json(exported: Exported, out: str) -> dict[str, object]:
    """Return an export as one JSON document."""
    return {**asdict(exported), "out": out, "redacted": dict(exported.redacted)}


def _total(groups: Sequence[Group]) -> int:
    return sum(group.n for group in groups)


def _groups(title: str, groups: Sequence[Group]) -> Iterator[str]:
    if groups:
        yield ""
        yield title
        yield from _listed(groups)


def _listed(groups: Sequence[Group]) -> Iterator[str]:
    for group in groups[:20]:
        yield f"  {group.n:>7,}  " + brief(f"{group.name} (first: {group.first})", _LINE)
    if len(groups) > 20:
        yield f"  and {len(groups) - 20:,} kinds more"
