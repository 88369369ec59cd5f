"""Days of a log as numbers since 1970, as texts, and as periods."""

from dataclasses import dataclass
from datetime import date, timedelta

from hitl.decisions.counts import MISSING, Table

_FIRST = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included, as numbers since 1970."""

    first: int
    last: int

    def overlaps(self, other: "Period") -> bool:
        """Whether a day lies in both."""
        return self.first <= other.last and other.first <= self.last


def day_number(day: date) -> int:
    """Return the days since 1970.

    >>> day_number(date(1970, 1, 3))
    2
    """
    return (day - _FIRST).days


def day_text(number: int | None) -> str | None:
    """Return a day as ISO 8601.

    >>> day_text(20_000), day_text(None)
    ('2024-10-04', None)
    """
    return None if number is None else (_FIRST + timedelta(days=number)).isoformat()


def first_and_last(table: Table) -> tuple[int, int] | None:
    """Return the first and the last day with a row; None where no row says when."""
    days = table.keys["day"]
    dated = days[(days != MISSING) & (table.sums["n"] > 0)]
    return (int(dated.min()), int(dated.max())) if dated.size else None
