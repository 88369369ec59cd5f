"""The record as GitHub workflow commands: annotations on the run."""

from dataclasses import dataclass
from enum import StrEnum

from hitl.gate.verdict_words import Verdict
from hitl.manifest.gate_class import Authority
from hitl.record.release import ReleaseRecord
from hitl.render.cases import gravest_first, verdict_title
from hitl.render.text import brief
from hitl.render.words import can_stop, said

MOST_OF_A_LEVEL = 10
"""GitHub drops what comes after ten annotations of a level in one step."""
_MESSAGE = 600


class Level(StrEnum):
    """How loud an annotation is."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Annotation:
    """One workflow command."""

    level: Level
    title: str
    message: str


def render_github(record: ReleaseRecord) -> str:
    """Return at most ten commands of each level; the last of a level says how many more there are."""
    annotations = _annotations(record)
    lines: list[str] = []
    for level in Level:
        rows = [one for one in annotations if one.level is level]
        if len(rows) > MOST_OF_A_LEVEL:
            kept = rows[: MOST_OF_A_LEVEL - 1]
            rows = [
                *kept,
                Annotation(
                    level, "hitl", f"{len(rows) - len(kept):,} more are in the release record"
                ),
            ]
        lines += [
            f"::{row.level.value} title={_property(row.title)}::{_data(row.message)}"
            for row in rows
        ]
    return "\n".join(lines) + "\n"


def _annotations(record: ReleaseRecord) -> list[Annotation]:
    ships = record.verdict is Verdict.SHIP
    first = Level.NOTICE if ships else Level.ERROR
    rows = [Annotation(first, f"hitl {record.verdict.value}: {record.release_id}", record.headline)]
    for reason in record.reasons:
        title = f"{reason.authority.value if reason.authority else 'release'}: {reason.subset or reason.code}"
        rows.append(Annotation(_level(reason.authority, ships=ships), title, said(reason)))
    if record.forecast is not None:
        rows += [
            Annotation(Level.WARNING, f"forecast: {part.measure}", part.message)
            for part in record.forecast.breaks
        ]
    rows += [
        Annotation(Level.WARNING, f"condition: {part.subset}", part.message)
        for part in record.conditions
    ]
    rows += [
        Annotation(Level.WARNING, f"undeclared shift: {part.measure}", part.message)
        for part in record.undeclared_shifts
    ]
    for failure in gravest_first(record.failures):
        message = f"{verdict_title(failure.verdict)}: {'; '.join(failure.candidate.findings or failure.expected)}"
        rows.append(Annotation(Level.NOTICE, f"{failure.subset}: {failure.case_id}", message))
    return rows


def _level(authority: Authority | None, *, ships: bool) -> Level:
    if not can_stop(authority):
        return Level.WARNING
    return Level.WARNING if ships else Level.ERROR


def _data(text: str) -> str:
    return brief(text, _MESSAGE).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(brief(text, 160)).replace(":", "%3A").replace(",", "%2C")
