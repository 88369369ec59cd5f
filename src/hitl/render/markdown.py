"""The record as GitHub flavoured Markdown, for a pull request and the job summary."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hitl.record.parts import Failure, SubsetResult
from hitl.record.release import ReleaseRecord
from hitl.render import numbers
from hitl.render.arms import ending_lines, kinds
from hitl.render.cases import gravest_first, verdict_title
from hitl.render.forecast.markdown import forecast_text, move_rows
from hitl.render.forecast.words import is_shown_first
from hitl.render.judges import cascade_line, correction_line, judge_found, shows_cascade
from hitl.render.markdown_text import block, code, prose
from hitl.render.people import people_lines
from hitl.render.text import cut
from hitl.render.words import authority_word, next_steps, said, state_shape, verdict_shape

MOST_CHARACTERS = 60_000
"""A comment may have 65,536; the rest is left to whoever posts it."""
_MOST_REPLIES = 20
_REPLY_LENGTH = 600
_NOTE_LENGTH = 160
_LINE = 900


@dataclass(frozen=True, slots=True)
class _Section:
    """A heading, rows that may be left out from the end, and what closes it."""

    head: str
    rows: Sequence[str]
    tail: str = ""
    noun: str = "row"
    most: int = MOST_CHARACTERS
    """Characters that it may take, so that what follows has room."""


@dataclass(slots=True)
class _Sheet:
    """Text that grows until it is full, and says what did not fit."""

    room: int
    parts: list[str] = field(default_factory=list)
    n_dropped: int = 0

    def add(self, section: _Section) -> None:
        """Add as much of a section as there is room for."""
        if not section.rows:
            return
        room = min(self.room, section.most) - len(section.head) - len(section.tail) - _NOTE_LENGTH
        kept: list[str] = []
        for row in section.rows:
            room -= len(row) + 1
            if room < 0:
                break
            kept.append(row)
        left_out = len(section.rows) - len(kept)
        note = (
            f"*Cut here; record.json has {numbers.counted(left_out, section.noun)} more.*"
            if left_out
            else ""
        )
        part = "\n\n".join(
            filter(None, [section.head + "\n".join(kept) + section.tail if kept else "", note])
        )
        if len(part) + 2 > self.room:
            self.n_dropped += 1
            return
        self.parts.append(part)
        self.room -= len(part) + 2


def render_markdown(record: ReleaseRecord) -> str:
    """Return the Markdown view, below 60,000 characters; what was cut is said where it was cut."""
    seal = _seal(record)
    sheet = _Sheet(MOST_CHARACTERS - len(seal) - _NOTE_LENGTH)
    for section in _sections(record):
        sheet.add(section)
    if sheet.n_dropped:
        sheet.parts.append(
            f"*Cut here; record.json has {numbers.counted(sheet.n_dropped, 'section')} more.*"
        )
    return "\n\n".join([*sheet.parts, seal]) + "\n"


def _sections(record: ReleaseRecord) -> tuple[_Section, ...]:
    failures = gravest_first(record.failures)
    forecast = _Section(
        "### What reviewers would face\n\n", forecast_text(record), noun="line", most=12_000
    )
    is_first = is_shown_first(record.forecast)
    return (
        _Section("", [_verdict(record)]),
        *([forecast] if is_first else []),
        _Section("### Why\n\n", [_reason(record, at) for at in range(len(record.reasons))], noun="reason"),
        _Section("### Next\n\n", [f"1. {prose(step)}" for step in next_steps(record)], noun="step"),
        _Section("### Conditions\n\n", [f"- {prose(said(part))} ({code(part.subset)})" for part in record.conditions]),
        _Section("### Waivers\n\n", [f"- {code(part.subset)}, {prose(part.owner)}, until {prose(part.expires_at)}: **{prose(part.status)}**. {prose(part.reason)} {prose(part.message)}" for part in record.waivers]),
        _Section(_table("Subsets", "Subset", "State", "n", "Previous", "Candidate", "Difference", "Lost", "Gained"), [_subset(part) for part in record.subsets], noun="subset"),
        *([] if is_first else [forecast]),
        _Section("### Recalibration\n\n", move_rows(record), noun="action type", most=6_000),
        _Section("### What people found\n\n", [f"- {prose(line, _LINE)}" for line in people_lines(record)], noun="line", most=8_000),
        _Section(_table("Cost, speed and length", "Measure", "Previous", "Candidate", "Ratio", "n"), _measures(record)),
        _Section("### How replies ended\n\n", [f"- {prose(line, _LINE)}" for line in ending_lines(record)], noun="line"),
        _Section("### Judges\n\n", _judges(record), noun="line", most=10_000),
        _Section("### Slices that regressed\n\n", _slices(record), noun="slice"),
        _Section(_table("Failed cases", "Case", "Subset", "Expected", "Previous", "Candidate", "Verdict"), [_case(failure) for failure in failures], noun="failed case", most=30_000),
        _Section("", [f"Taken out of the texts that are shown: {prose(kinds(record.redactions))}."] if record.redactions else []),
        _Section(_table("Failure modes", "Pattern", "Subset", "Candidate", "Previous", "New"), [f"| {prose(mode.name)} | {code(mode.subset)} | {mode.n_candidate:,} | {mode.n_previous:,} | {'yes' if mode.is_new else 'no'} |" for mode in record.failure_modes], noun="failure mode"),
        _Section("### Expected shifts\n\n", [f"- {_met(part.met)}: {prose(part.message)}" for part in record.expected_deltas]),
        _Section("### Shifts that nobody declared\n\n", [f"- {prose(part.message)}" for part in record.undeclared_shifts]),
        _Section("### What this suite could not have seen\n\n", [*map(_blind, record.subsets), *(f"- {prose(note.message)}" for note in record.findings)]),
        _Section("<details><summary>Replies of the gravest cases</summary>\n\n", [_replies(failure) for failure in failures[:_MOST_REPLIES]], "\n\n</details>", "reply text"),
    )  # fmt: skip


def _verdict(record: ReleaseRecord) -> str:
    arms = (("previous", record.previous_model), ("candidate", record.candidate_model))
    models = [
        f"{name} {code(arm.declared)} → {', '.join(code(one) for one in arm.resolved[:5]) or 'the replies name nobody'}"
        for name, arm in arms
    ]
    who = ", ".join(prose(value, 120) for value in record.owner.values())
    return (
        f"## {verdict_shape(record.verdict)} {record.verdict.value.upper()}: {code(record.release_id)}\n\n**{prose(record.headline, 600)}**\n\n"
        f"{models[0]} · {models[1]}\n\n{who} · {record.created_at:%Y-%m-%d %H:%M %Z} · workflow {code(record.workflow_id)} · stage {record.stage.value.replace('_', ' ')}"
    )


def _reason(record: ReleaseRecord, at: int) -> str:
    reason = record.reasons[at]
    where = f" {code(reason.subset)}" if reason.subset else ""
    authority = f"**{authority_word(reason.authority)}**" if reason.authority else "**release**"
    return f"- {authority}{where}: {prose(said(reason))}"


def _subset(part: SubsetResult) -> str:
    arms = [
        f"{numbers.percent(arm.rate)} ({numbers.passed(arm)})"
        for arm in (part.previous, part.candidate)
    ]
    difference = (
        f"{numbers.points(part.difference.estimate)} ({numbers.points_range(part.difference)})"
        if part.difference
        else numbers.UNKNOWN
    )
    return (
        f"| {code(part.id)} {authority_word(part.authority)} | {state_shape(part.state)} {part.state.value} | {part.n_cases:,} "
        f"| {arms[0]} | {arms[1]} | {difference} | {part.regressed:,} | {part.improved:,} |"
    )


def _measures(record: ReleaseRecord) -> list[str]:
    rows = []
    for name, part in record.measures.items():
        arms = [
            numbers.quantity(name, numbers.compared(arm, part.statistic))
            for arm in (part.previous, part.candidate)
        ]
        ratio = (
            f"{numbers.ratio(part.ratio.estimate)} ({numbers.ratio_range(part.ratio)})"
            if part.ratio
            else numbers.UNKNOWN
        )
        rows.append(
            f"| {prose(numbers.measure_name(name))} | {arms[0]} | {arms[1]} | {ratio}, {prose(part.statistic)} | {part.n_cases:,} |"
        )
    return rows


def _judges(record: ReleaseRecord) -> list[str]:
    lines = [judge_found(judge) for judge in record.judges]
    lines += [
        f"corrected by people: {correction_line(part)}" for part in record.corrected_differences
    ]
    lines += [f"cascade: {cascade_line(record.cascade)}"] if shows_cascade(record) else []
    return [f"- {prose(line, _LINE)}" for line in lines]


def _slices(record: ReleaseRecord) -> list[str]:
    return [
        f"- {code(part.id)} of {code(subset.id)}: {numbers.points(part.difference.estimate if part.difference else None)} "
        f"({numbers.points_range(part.difference)}), n = {part.n_cases:,}, {numbers.p_value(part.p_worse)}"
        for subset in record.subsets
        for part in subset.slices
        if part.regressed
    ]


def _case(failure: Failure) -> str:
    expected = "<br>".join(code(rule, 80) for rule in failure.expected[:3]) or numbers.UNKNOWN
    arms = [
        f"{prose(arm.mark)} {code(arm.text, 90)}" for arm in (failure.previous, failure.candidate)
    ]
    return f"| {code(failure.case_id, 90)} | {code(failure.subset)} | {expected} | {arms[0]} | {arms[1]} | {prose(verdict_title(failure.verdict))} |"


def _replies(failure: Failure) -> str:
    parts = [f"{code(failure.case_id, 90)} in {code(failure.subset)}"]
    for name, reply in (("Previous", failure.previous), ("Candidate", failure.candidate)):
        short = cut(reply.text, _REPLY_LENGTH)
        left_out = short.left_out + reply.cut
        parts.append(
            f"{name}, {prose(reply.mark)}{f', {left_out:,} characters cut' if left_out else ''}:\n\n{block(short.text)}"
        )
    return "\n\n".join(parts) + "\n"


def _blind(part: SubsetResult) -> str:
    seen = (
        numbers.points(-part.detectable_drop)
        if part.detectable_drop is not None
        else numbers.UNKNOWN
    )
    needed = (
        f"; about {part.cases_needed:,} cases would prove its margin" if part.cases_needed else ""
    )
    return f"- {code(part.id)} (n = {part.n_cases:,}): smallest drop seen four times in five {seen}{needed}"


def _met(met: bool | None) -> str:  # noqa: FBT001  # the field itself, three-valued
    return "could not be measured" if met is None else "met" if met else "**not met**"


def _seal(record: ReleaseRecord) -> str:
    return f"<sub>record {code(record.digest or 'not sealed')} · confidence {numbers.level(record.confidence)} · seed {record.seed}</sub>"


def _table(title: str, *columns: str) -> str:
    return f"### {title}\n\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}\n"
