"""What a comparison is measured by, and what is known of its log beside the counts."""

from dataclasses import dataclass

from hitl.decisions.measures.rules import VersionChange

MOST_ACTION_TYPES = 50
"""Action types of a metric; those with fewer decisions are left out and counted."""
LEAST_COMMON = 0.8
"""Share of decisions whose kind of work both sides must have, before a change is taken apart."""
MOST_APART = 0.05
"""Difference of the shares of known outcomes (or labels) from which the sides are not alike."""


@dataclass(frozen=True, slots=True)
class ComparisonRules:
    """How a comparison is measured."""

    confidence: float = 0.95
    """Two-sided confidence of every interval."""
    coverage_floor: float = 0.8
    """Share of decisions that must have what a number needs; below it the number is refused."""
    maturity_days: int = 14
    """Outcomes and labels count of decisions at least so many days older than the log's last day."""


@dataclass(frozen=True, slots=True)
class ComparedLog:
    """What is known of a log beside its counts."""

    sources: tuple[str, ...]
    """Files and tables, as they were named."""
    hitl_version: str
    created_at: str
    """Now, ISO 8601."""
    versions: tuple[VersionChange, ...] = ()
    """Versions of workflow and prompt that the log names."""
    n_nameless: int = 0
    """Rows without an id, which may be one decision twice."""
    n_twins: int = 0
    """Rows that equal another one in all but the id."""
    n_aside: int = 0
    """Rows that the mapping's `only` sets aside; they are no decisions of the log."""
