"""What labels say of confidence, and what changed while people overrode."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from hitl.decisions import quote
from hitl.decisions.grid import probability_sql
from hitl.decisions.source import Log
from hitl.stats.counts import Counts, Numbers

_REAL = "(seeded_error IS NULL OR NOT seeded_error)"
VERSIONS = ("workflow_version", "prompt_version", "prompt_hash")
"""Columns that show that somebody changed something; a new model is no answer to feedback."""


@dataclass(frozen=True)
class ScoreCells:
    """Labelled decisions of one action type by confidence, to four digits."""

    score: Numbers
    n: Counts
    k: Counts
    """Right ones."""


@dataclass(frozen=True, slots=True)
class ScoreUse:
    """How the confidence of one action type spreads."""

    n: int
    """Decisions with a confidence."""
    top: float
    """Most frequent confidence, to two digits."""
    n_top: int


@dataclass(frozen=True, slots=True)
class LabelsByAction:
    """How many reviewed decisions have a label, by whether people let them stand."""

    n_approved: int
    n_approved_labelled: int
    n_overridden: int
    """Modified or rejected."""
    n_overridden_labelled: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which nothing was changed."""

    days: float
    first_us: int
    last_us: int
    n_overrides: int


def score_cells(log: Log) -> dict[str | None, ScoreCells]:
    """Return labelled decisions by action type and confidence."""
    sql = f"""SELECT action_type, CAST(FLOOR(confidence * 10000 + 0.5) AS INTEGER), COUNT(*), COUNT(CASE WHEN correct THEN 1 END)
        FROM decisions WHERE confidence IS NOT NULL AND correct IS NOT NULL AND {_REAL}
        GROUP BY action_type, 2 ORDER BY 1, 2"""  # noqa: S608  # constants
    rows: dict[str | None, list[tuple[int, int, int]]] = {}
    for kind, score, n, k in log.rows(sql):
        rows.setdefault(kind, []).append((int(score), int(n), int(k)))
    return {
        kind: ScoreCells(
            np.array([score / 10_000 for score, _, _ in cells]),
            np.array([n for _, n, _ in cells], dtype=np.int64),
            np.array([k for _, _, k in cells], dtype=np.int64),
        )
        for kind, cells in rows.items()
    }


def score_uses(log: Log) -> dict[str | None, ScoreUse]:
    """Return the most frequent confidence of each action type."""
    sql = f"""SELECT action_type, CAST(FLOOR(confidence * 100 + 0.5) AS INTEGER), COUNT(*)
        FROM decisions WHERE confidence IS NOT NULL AND {_REAL} GROUP BY action_type, 2"""  # noqa: S608  # constants
    counts: dict[str | None, Counter[int]] = {}
    for kind, score, n in log.rows(sql):
        counts.setdefault(kind, Counter())[int(score)] += int(n)
    found = {}
    for kind, scores in counts.items():
        top = min(scores, key=lambda score: (-scores[score], score))
        found[kind] = ScoreUse(scores.total(), top / 100, scores[top])
    return found


def labels_above(
    log: Log, action_type: str, confidence: float
) -> Counter[tuple[str | None, int, bool | None]]:
    """Return decisions of a type from a confidence up by thousandths of the review probability and label."""
    sql = f"""SELECT COALESCE({probability_sql("review_probability")}, -1), correct, COUNT(*)
        FROM decisions WHERE action_type = {quote.text(action_type)} AND confidence >= {confidence!r} AND {_REAL}
        GROUP BY 1, 2"""  # noqa: S608  # quoted
    found: Counter[tuple[str | None, int, bool | None]] = Counter()
    for chance, label, n in log.rows(sql):
        found[action_type, int(chance), label] += int(n)
    return found


def labels_by_action(log: Log) -> LabelsByAction:
    """Return how many approvals and overrides have a label; planted rows do not count."""
    pieces = [
        f"COUNT(CASE WHEN human_action IN ({actions}) {labelled} THEN 1 END)"
        for actions in ("'approve'", "'modify', 'reject'")
        for labelled in ("", "AND correct IS NOT NULL")
    ]
    (found,) = log.rows(f"SELECT {', '.join(pieces)} FROM decisions WHERE {_REAL}")  # noqa: S608  # constants
    return LabelsByAction(*map(int, found))


def longest_stretch(log: Log) -> Stretch | None:
    """Return the longest time without a change of any version that the log has; None without any or without times.

    A change is the first time at which a value is seen after another.
    """
    columns = [name for name in VERSIONS if name in log.present]
    if not columns:
        return None
    starts = " UNION ALL ".join(
        f"SELECT MIN(at_us) AS at_us FROM decisions WHERE {name} IS NOT NULL AND at_us IS NOT NULL GROUP BY {name}"  # noqa: S608  # constants
        for name in columns
    )
    sql = f"SELECT DISTINCT at_us FROM ({starts}) AS starts ORDER BY 1"  # noqa: S608  # constants
    changes = [row[0] for row in log.rows(sql)]
    last = log.rows("SELECT MAX(at_us) FROM decisions")[0][0]
    if not changes or last is None:
        return None
    ends = [*changes[1:], last]
    first, end = max(zip(changes, ends, strict=True), key=lambda pair: pair[1] - pair[0])
    sql = f"""SELECT COUNT(*) FROM decisions WHERE human_action IN ('modify', 'reject') AND {_REAL}
        AND at_us >= {first} AND at_us <= {end}"""  # noqa: S608  # numbers
    return Stretch((end - first) / 86_400e6, first, end, int(log.rows(sql)[0][0]))
