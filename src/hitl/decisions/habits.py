"""What each reviewer does with decisions: actions, quick approvals, unbroken runs, planted errors."""

from dataclasses import dataclass

from hitl.decisions.pace import ACTED
from hitl.decisions.reduce import FAST_MS
from hitl.decisions.source import Log

_REAL = "(seeded_error IS NULL OR NOT seeded_error)"
_NAMED = f"{ACTED} AND {_REAL} AND reviewer_id IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Habit:
    """What one person did in one pool, for one action type."""

    pool: str | None
    reviewer: str
    action_type: str | None
    n: int
    """Decisions on which the person acted."""
    n_approved: int
    n_escalated: int
    n_timed: int
    """Approvals whose time is known."""
    n_fast: int
    """Approvals in less time than it takes to read a line."""


@dataclass(frozen=True, slots=True)
class Run:
    """The longest unbroken run of approvals of one person in one pool."""

    pool: str | None
    reviewer: str
    longest: int


@dataclass(frozen=True, slots=True)
class Planted:
    """Planted errors on which people of one pool acted."""

    pool: str | None
    n: int
    n_caught: int
    """Not approved."""


def reviewer_habits(log: Log) -> tuple[Habit, ...]:
    """Return what each person did, by pool and action type; planted rows do not count."""
    sql = f"""SELECT reviewer_pool, reviewer_id, action_type, COUNT(*),
        COUNT(CASE WHEN human_action = 'approve' THEN 1 END), COUNT(CASE WHEN human_action = 'escalate' THEN 1 END),
        COUNT(CASE WHEN human_action = 'approve' AND review_seconds IS NOT NULL THEN 1 END),
        COUNT(CASE WHEN human_action = 'approve' AND review_seconds * 1000 < {FAST_MS} THEN 1 END)
        FROM decisions WHERE {_NAMED} GROUP BY reviewer_pool, reviewer_id, action_type"""  # noqa: S608  # constants
    found = (Habit(*row[:3], *map(int, row[3:])) for row in log.rows(sql))
    return tuple(sorted(found, key=lambda one: (one.pool or "", one.reviewer, one.action_type or "")))  # fmt: skip


def longest_runs(log: Log) -> tuple[Run, ...]:
    """Return the longest run of approvals of each person, in the order in which decisions were made.

    Approvals of one run lie at places whose distance to their number among the person's approvals is the same.
    """
    sql = f"""WITH acted AS (
          SELECT reviewer_pool, reviewer_id, CASE WHEN human_action = 'approve' THEN 1 ELSE 0 END AS approved,
            ROW_NUMBER() OVER (PARTITION BY reviewer_pool, reviewer_id
              ORDER BY COALESCE(decided_at_us, at_us), decision_id) AS place
          FROM decisions WHERE {_NAMED} AND COALESCE(decided_at_us, at_us) IS NOT NULL),
        islands AS (
          SELECT reviewer_pool, reviewer_id, place - ROW_NUMBER() OVER (PARTITION BY reviewer_pool, reviewer_id
            ORDER BY place) AS island
          FROM acted WHERE approved = 1),
        runs AS (
          SELECT reviewer_pool, reviewer_id, COUNT(*) AS n FROM islands GROUP BY reviewer_pool, reviewer_id, island)
        SELECT reviewer_pool, reviewer_id, MAX(n) FROM runs GROUP BY reviewer_pool, reviewer_id"""  # noqa: S608  # constants
    found = (Run(pool, person, int(n)) for pool, person, n in log.rows(sql))
    return tuple(sorted(found, key=lambda one: (one.pool or "", one.reviewer)))


def planted_errors(log: Log) -> tuple[Planted, ...]:
    """Return how many planted errors people of each pool caught."""
    sql = f"""SELECT reviewer_pool, COUNT(*), COUNT(CASE WHEN human_action <> 'approve' THEN 1 END)
        FROM decisions WHERE seeded_error AND {ACTED} GROUP BY reviewer_pool"""  # noqa: S608  # constants
    found = (Planted(pool, int(n), int(caught)) for pool, n, caught in log.rows(sql))
    return tuple(sorted(found, key=lambda one: one.pool or ""))
