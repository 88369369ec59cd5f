"""The scores of a log: which decisions could run alone, at which confidence, and which of them were wrong."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from hitl.decisions.counts import Table
from hitl.recalibrate.course import Courses
from hitl.recalibrate.words import ErrorsBy

GRAIN = 10_000
"""Thresholds are whole ten-thousandths."""


@dataclass(frozen=True, slots=True)
class Days:
    """When decisions were made."""

    first: int
    """Days since 1970, UTC."""
    last: int
    n_quiet: int = 0
    """Days in stretches of more than a week without any decision."""

    @property
    def weeks(self) -> float:
        """Weeks that they cover."""
        return max(1, self.last - self.first + 1 - self.n_quiet) / 7


@dataclass(frozen=True, slots=True)
class Planted:
    """Known errors that were planted among the decisions, and what people did with them."""

    n: int = 0
    """Planted errors that a person acted on."""
    caught: int = 0
    """Those that the person did not approve."""


@dataclass(frozen=True)
class Scores:
    """What a recalibration is made of: whole-number counts, and no rows."""

    table: Table
    """One line a combination that occurs, with these keys: `model` and `action_type` (words; None where the log does
    not say), `eligible` (1 where the policy would let it run alone at full confidence, else 0), `score` (ten-thousandths:
    s means s / 10000 <= confidence < (s + 1) / 10000 in floats, after the policy's calibrator if it has one; None where
    there is none), `probability` (thousandths of the review probability, None where the log does not say), `label`
    (1 right, 0 wrong, None unknown), `person` (1 where a person's action is logged, else 0), `half` (0 or 1, drawn by a
    hash of the decision id). Sums: `n` rows, `n_review_ms` rows with a review time, `sum_review_ms` milliseconds."""
    raters: "Counter[tuple[str | None, str | None, str]]"
    """Reviewed decisions by (model, pool, reviewer)."""
    errors_by: ErrorsBy
    """What counts as an error."""
    sources: tuple[str, ...]
    """Files and tables of the log."""
    first_day: int | None
    """Days since 1970, UTC; None where no decision has a time."""
    last_day: int | None
    n_quiet_days: int = 0
    """Days in stretches of more than a week without any decision."""
    lacking: tuple[str, ...] = ()
    """Rules of the policy that ask for fields of which no row has a value, and so count as holding (or were set aside)."""
    days: "Mapping[str | None, Days]" = field(default_factory=dict)
    """When each model decided; a model without any time is not in it."""
    reviews: "Counter[tuple[str | None, str | None, bool, bool]]" = field(default_factory=Counter)
    """Decisions that a person let stand or overrode by (model, action type, is overridden, has a label `correct`)."""
    planted: Planted = Planted()
    """What people noticed of planted errors."""
    n_copies: int = 0
    """Rows that repeat another decision under another id; they are left out of the counts."""
    courses: Courses = field(default_factory=dict)
    """How labels lie in time."""

    @property
    def weeks(self) -> float | None:
        """Weeks that the log covers; None where no decision has a time."""
        if self.first_day is None or self.last_day is None:
            return None
        return max(1, self.last_day - self.first_day + 1 - self.n_quiet_days) / 7
