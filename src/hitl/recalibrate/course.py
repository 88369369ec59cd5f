"""How labels lie in time: errors that became more frequent within a log, and logs that are mostly one day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from scipy.stats import fisher_exact

from hitl.decisions.measures.measured import percent

_UNLIKELY = 0.005
_ONE_DAY = 0.5
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Course:
    """The labelled decisions of one model and action type over time."""

    early: tuple[int, int]
    """Labelled and wrong ones in the earlier half of them."""
    late: tuple[int, int]
    """The same of the later half."""
    busiest: tuple[int, int]
    """The day with the most of them, in days since 1970, and how many it has."""


Courses = Mapping[tuple[str | None, str | None], Course]
"""By model and action type; those without a labelled decision that has a time are not in it."""


def course_notes(courses: Courses, model: str | None, names: list[str]) -> Iterator[str]:
    """Yield what the course of labels says against taking the decisions to come to be like those of the log."""
    for name in names:
        course = courses.get((model, name))
        if course is None:
            continue
        (n, k), (m, j) = course.early, course.late
        if _is_worse(course):
            yield f"{name}: ERRORS BECAME MORE FREQUENT within the log: {k:,} of {n:,} labelled decisions were wrong in its earlier half and {j:,} of {m:,} in its later; a promise of both halves together is none of what comes now, so recalibrate on the later part"
        day, top = course.busiest
        if top > _ONE_DAY * (n + m):
            yield f"{name}: {percent(top / (n + m))} of the labelled decisions are of one day, {datetime.fromtimestamp(day * _DAY_S, UTC):%Y-%m-%d}; what was peculiar to it they share, so they say less than as many of many days"


def _is_worse(course: Course) -> bool:
    (n, k), (m, j) = course.early, course.late
    if not n or not m or j * n <= k * m:
        return False
    return float(fisher_exact([[j, m - j], [k, n - k]], alternative="greater").pvalue) < _UNLIKELY
