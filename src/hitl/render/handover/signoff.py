"""A sign-off checklist: what the evidence settles, and what a person has to decide before signing."""

from collections.abc import Iterable
from itertools import chain

from hitl.gate.verdict_words import State
from hitl.record.release import ReleaseRecord
from hitl.render.handover.parts import Point, RecordRef, SignOff
from hitl.render.markdown_text import code, prose
from hitl.render.text import brief
from hitl.render.words import next_steps, said

_LINE = 900


def sign_off_of(record: ReleaseRecord, ref: RecordRef) -> SignOff:
    """Return the checklist of a release; only what passed is settled."""
    return SignOff(
        title=f"Sign-off: {ref.release_id}, verdict {ref.verdict}",
        owner=record.owner.get("name", ""),
        contact=record.owner.get("contact", ""),
        gates=tuple(_gates(record)),
        open_points=tuple(_open_points(record)),
        next_steps=next_steps(record),
        statement=(
            f"I have looked at every line above that the evidence does not settle. I know that the verdict is "
            f"{ref.verdict}, and that a signature does not change it. Record {ref.digest}."
        ),
        record=ref,
    )


def sign_off_markdown(found: SignOff, files: Iterable[tuple[str, str, str]]) -> str:
    """Return the checklist as a Markdown task list.

    Args:
        found: the checklist.
        files: role, path and SHA-256 of each input.
    """
    rows = [f"| {prose(role)} | {code(path, 200)} | {code(sha256 or '-', 64)} |" for role, path, sha256 in files]  # fmt: skip
    parts = [
        f"# {prose(found.title)}",
        f"Owner: {prose(found.owner)} ({prose(found.contact)}). Ticked lines are settled by the evidence; every other line is for a person.",
        _tasks("Gates", found.gates, "no gate was applied"),
        _tasks("To look at", found.open_points, "nothing was found beside the gates"),
        "\n".join(["## What the verdict asks for\n", *(f"- [ ] {prose(step, _LINE)}" for step in found.next_steps)]),
        "\n".join(["## Evidence\n", "| role | file | SHA-256 |", "|---|---|---|", *rows]),
        f"## Statement\n\n{prose(found.statement, _LINE)}\n\nName: ____________________  Role: ____________________  Date: ____________________",
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _tasks(title: str, points: tuple[Point, ...], nothing: str) -> str:
    lines = [
        f"- [{'x' if point.is_settled else ' '}] {prose(point.text, _LINE)}" for point in points
    ]
    return "\n".join([f"## {title}\n", *(lines or [f"{nothing}."])])


def _gates(record: ReleaseRecord) -> Iterable[Point]:
    for subset in record.subsets:
        for gate in subset.gates:
            text = f"{subset.id}, {gate.authority.value}: {gate.state.value}: {gate.reason}"
            yield _point(text, gate.authority.value, is_settled=gate.state is State.PASS)
    for one in record.forecast_gates:
        text = f"forecast, {one.authority.value}: {one.state.value}: {one.reason}"
        yield _point(text, one.authority.value, is_settled=one.state is State.PASS)


def _open_points(record: ReleaseRecord) -> Iterable[Point]:
    problems = (f"{one.code}: {one.message}" for one in record.reasons if one.subset is None)
    conditions = (f"condition in force: {one.message}" for one in record.conditions)
    waivers = (
        f"waiver of {one.owner} for {one.subset} until {one.expires_at}, {one.status}: {one.message}"
        for one in record.waivers
    )
    unmet = (
        f"declared shift not met: {one.message}"
        for one in record.expected_deltas
        if one.met is not True
    )
    shifts = (f"shift that nobody declared: {one.message}" for one in record.undeclared_shifts)
    notes = (
        f"{one.code}{f' ({one.subset})' if one.subset else ''}: {said(one)}"
        for one in record.findings
    )
    return map(_point, chain(problems, conditions, waivers, unmet, shifts, notes))


def _point(text: str, authority: str = "", *, is_settled: bool = False) -> Point:
    return Point(text=brief(text, _LINE), is_settled=is_settled, authority=authority)
