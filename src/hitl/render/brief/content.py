"""The brief as values: what both of its views draw."""

from dataclasses import dataclass

from hitl.record.release import ReleaseRecord
from hitl.render.brief.changes import change_lines, verdict_words
from hitl.render.brief.examples import Failures, failures_of
from hitl.render.brief.people import review_lines
from hitl.render.brief.quiet import no_shift, no_slice
from hitl.render.brief.reviewers import forecast_lines, threshold_lines
from hitl.render.brief.sight import unknown_lines
from hitl.render.brief.style import StyleRow, style_note, style_rows, style_shifts
from hitl.render.brief.watch import Watch, watch_list, worse_lines
from hitl.render.text import brief

BLIND = (
    "For the people who review in production. Do not read this before a blind review of this release: "
    "it says how the candidate differs, and a rater who knows that is no longer blind."
)
NOTHING_TO_WATCH = (
    "Nothing was found that asks for more care than before. That is not proof of none: "
    "read what is not known."
)


@dataclass(frozen=True, slots=True)
class Brief:
    """What reviewers should know before the candidate's replies reach them."""

    release_id: str
    verdict: str
    meaning: str
    """The verdict in words."""
    headline: str
    """Why, in one line."""
    blind: str
    """Who must not read it."""
    changes: tuple[str, ...]
    shifts: tuple[str, ...]
    """Shifts of the style beyond chance."""
    no_shift: str
    """What is said where there is none; empty where none could be tested."""
    style: tuple[StyleRow, ...]
    style_note: str
    failures: Failures
    worse: tuple[str, ...]
    """Subsets and slices that got worse beyond chance."""
    no_slice: str
    """What is said where there is none."""
    watch: tuple[Watch, ...]
    thresholds: tuple[str, ...]
    forecast: tuple[str, ...]
    people: tuple[str, ...]
    """What people found wrong in a review; empty where none was held."""
    unknown: tuple[str, ...]
    digest: str
    """Of the record that it was drawn from."""


def brief_of(record: ReleaseRecord) -> Brief:
    """Return the brief of a record; the same record gives the same brief."""
    return Brief(
        release_id=brief(record.release_id, 120),
        verdict=record.verdict.value,
        meaning=verdict_words(record),
        headline=brief(record.headline, 600),
        blind=BLIND,
        changes=change_lines(record),
        shifts=tuple(shift.sentence for shift in style_shifts(record)),
        no_shift=no_shift(record),
        style=style_rows(record),
        style_note=style_note(record),
        failures=failures_of(record),
        worse=worse_lines(record),
        no_slice=no_slice(record),
        watch=watch_list(record),
        thresholds=threshold_lines(record),
        forecast=forecast_lines(record),
        people=review_lines(record),
        unknown=unknown_lines(record),
        digest=record.digest,
    )
