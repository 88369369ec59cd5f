"""The brief as Markdown; every text in it stays text."""

from collections.abc import Iterable

from hitl.record.release import ReleaseRecord
from hitl.render.brief.content import NOTHING_TO_WATCH, Brief, brief_of
from hitl.render.brief.examples import Example, Failures
from hitl.render.brief.style import StyleRow
from hitl.render.markdown_text import block, code, prose
from hitl.render.text import Cut
from hitl.render.words import verdict_shape

_LINE = 900


def render_brief_markdown(record: ReleaseRecord) -> str:
    """Return the brief as Markdown."""
    found = brief_of(record)
    parts = [
        f"# Reviewer brief: {prose(found.release_id)}",
        f"**{prose(found.blind)}**",
        f"## {verdict_shape(record.verdict)} {record.verdict.value.upper()}\n\n{prose(found.meaning)} {prose(found.headline, _LINE)}",
        *_forecast(found),
        _list("What changed", found.changes),
        _watch(found),
        _style(found),
        _failures(found.failures),
        _list("What people found in a review", found.people) if found.people else "",
        _list("What got worse", found.worse or (found.no_slice,)),
        _list("Thresholds", found.thresholds) if found.thresholds else "",
        _list("What is not known", found.unknown),
        f"<sub>Drawn from record {code(found.digest, 64)}.</sub>",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _forecast(found: Brief) -> Iterable[str]:
    return (_list("Forecast", found.forecast),) if found.forecast else ()


def _list(title: str, lines: Iterable[str]) -> str:
    return "\n".join([f"## {title}\n", *(f"- {prose(line, _LINE)}" for line in lines)])


def _watch(found: Brief) -> str:
    if not found.watch:
        return f"## What to look for\n\n{NOTHING_TO_WATCH}"
    lines = [
        f"- [ ] **{prose(item.look, _LINE)}**<br>Why: {prose(item.why, _LINE)}"
        for item in found.watch
    ]
    return "\n".join(["## What to look for\n", *lines])


def _style(found: Brief) -> str:
    parts = ["## The new style in numbers"]
    shifts = found.shifts or (found.no_shift,)
    parts.append("\n".join(f"- {prose(line, _LINE)}" for line in shifts if line))
    parts.append(prose(found.style_note, _LINE))
    if found.style:
        parts.append(_table(found.style))
    return "\n\n".join(filter(None, parts))


def _table(rows: Iterable[StyleRow]) -> str:
    head = "| Feature | Previous | Candidate | Difference | n |\n|---|--:|--:|--:|--:|"
    return "\n".join([head, *map(_row, rows)])


def _row(row: StyleRow) -> str:
    title = f"**{prose(row.title)}**" if row.is_shift else prose(row.title)
    return (
        f"| {title} | {row.previous} | {row.candidate} | {row.difference} ({row.range}) | {row.n} |"
    )


def _failures(found: Failures) -> str:
    parts = ["## New ways to fail", prose(found.summary)]
    for mode in found.modes:
        parts.append(f"### {prose(mode.name)}")
        parts.append(prose(mode.found, _LINE))
        parts += map(_example, mode.examples)
    return "\n\n".join([*parts, *map(_example, found.lost)])


def _example(example: Example) -> str:
    rules = ", ".join(code(rule, 160) for rule in example.expected) or "—"
    texts = (
        ("Input", "", example.input),
        ("Previous", example.previous_mark, example.previous),
        ("Candidate", example.candidate_mark, example.candidate),
    )
    return "\n\n".join([
        f"{code(example.case_id)} in {code(example.subset)}: {prose(example.verdict)}. Not met: {rules}",
        *(_text(*text) for text in texts),
    ])  # fmt: skip


def _text(name: str, mark: str, text: Cut) -> str:
    said = f", {prose(mark)}" if mark else ""
    left_out = f", {text.left_out:,} characters cut" if text.left_out else ""
    return (
        f"{name}{said}{left_out}:\n\n{block(text.text)}" if text.text else f"{name}{said}: no text"
    )
