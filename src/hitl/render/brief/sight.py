"""What is not known: everything that a quiet brief could be mistaken for."""

from collections.abc import Iterator

from hitl.gate.verdict_words import State
from hitl.record.release import ReleaseRecord
from hitl.render import numbers
from hitl.render.arms import kinds
from hitl.render.brief.reviewers import unforeseen_lines
from hitl.render.brief.style import unmeasured_style
from hitl.render.text import brief
from hitl.render.words import said

_ELSEWHERE = frozenset({
    "slice_regressed", "repair_events", "zero_tolerance_broken", "forecast_breaks", "forecast_unmeasured", "recalibration_unused",
})  # fmt: skip
"""Findings that are no gap in what is known; the brief says them where they belong."""
MOST = 10
"""Lines of one kind."""
_NAME, _REASON = 120, 300


def unknown_lines(record: ReleaseRecord) -> tuple[str, ...]:
    """Return what the record could not see."""
    return (
        f"Nothing was asked but the cases of {numbers.counted(len(record.subsets), 'subset')}; what no case asks, nobody saw.",
        *_subsets(record),
        *unmeasured_style(record),
        "Words of doubt, of certainty, of the first person and of action are English lists: in other languages they say little.",
        *_reviewers(record),
        *_findings(record),
    )


def _subsets(record: ReleaseRecord) -> Iterator[str]:
    for state, word in ((State.UNMEASURED, "not measured"), (State.UNDECIDED, "undecided")):
        found = [part for part in record.subsets if part.state is state]
        for part in found[:MOST]:
            yield f"{brief(part.id, _NAME)} is {word}: {brief(part.reason, _REASON)}"
        if len(found) > MOST:
            yield f"{len(found) - MOST:,} more subsets are {word}."


def _reviewers(record: ReleaseRecord) -> Iterator[str]:
    if record.forecast is None:
        yield "No forecast: how much more or less work comes is not known, because the release was not held against past decisions."
    elif record.forecast.unmeasured:
        yield f"No forecast: {brief(record.forecast.unmeasured, _REASON)}"
    else:
        yield from unforeseen_lines(record.forecast)
    if record.recalibration is None:
        yield "The release names no recalibration: the confidence of the candidate may mean something else than that of the previous model, and the thresholds are those of before."


def _findings(record: ReleaseRecord) -> Iterator[str]:
    found = [note for note in record.findings if note.code not in _ELSEWHERE]
    for note in found[:MOST]:
        where = f"{brief(note.subset, _NAME)}: " if note.subset else ""
        yield where + brief(said(note), _REASON)
    if len(found) > MOST:
        yield f"{len(found) - MOST:,} more notes stand in the record."
    if record.redactions:
        yield f"Taken out of the texts that are shown: {kinds(record.redactions)}."
