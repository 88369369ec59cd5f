"""Decisions that stand in a log several times under different ids: each is evidence once."""

from typing import assert_never

import numpy as np
import numpy.typing as npt

from hitl.decisions.source import Log
from hitl.recalibrate.words import ErrorsBy

_DAY_US = 86_400_000_000
SAME = ("at_us", "resolved_model", "action_type", "confidence")
"""What rows of one decision have in common, whatever their ids, reviewers and labels are."""
IS_DATED = f"at_us % {_DAY_US} <> 0 AND confidence IS NOT NULL"
"""A time to the day alone, or no confidence, is shared by decisions that are not the same."""
_FEW_SCORES = 101
"""Different confidences, as of two digits, up to which the same one at the same time says little."""
_FINER = ("review_seconds", "wait_seconds", "reviewer_id", "human_action")
"""What copies have in common besides, where times are too coarse to tell decisions apart."""


def lay_down_copies(log: Log, errors_by: ErrorsBy) -> int:
    """Lay down which of the staged rows repeat another decision, and return how many do.

    Of the rows of one decision the worst for the model is kept: one that says wrong before one without a label, and
    this before one that says right.

    Args:
        log: an opened log whose rows are staged.
        errors_by: what counts as an error.
    """
    same: tuple[str, ...] = SAME
    known = IS_DATED
    if _is_coarse(log):
        same, known = (*SAME, *_FINER), f"{IS_DATED} AND review_seconds IS NOT NULL"
    log.home.rows(f"""CREATE OR REPLACE TABLE copies AS SELECT place FROM (
        SELECT rowid AS place, ROW_NUMBER() OVER (PARTITION BY {", ".join(same)} ORDER BY {label_sql(errors_by)}, rowid) AS nth
        FROM staged WHERE {known}) WHERE nth > 1""")  # noqa: S608  # constants
    return int(log.home.rows("SELECT COUNT(*) FROM copies")[0][0])


def _is_coarse(log: Log) -> bool:
    """Say whether decisions that share a time mostly differ otherwise, and share their confidence with many others.

    Then a time and a confidence that are shared are the clock's and the model's, and no copy's.
    """
    sql = f"""SELECT COUNT(*), COUNT(CASE WHEN kinds > 1 THEN 1 END) FROM (
        SELECT COUNT(DISTINCT (action_type, confidence)) AS kinds FROM staged WHERE {IS_DATED}
        GROUP BY at_us, resolved_model HAVING COUNT(*) > 1)"""  # noqa: S608  # constants
    ((shared, mixed),) = log.home.rows(sql)
    ((n_scores,),) = log.home.rows("SELECT COUNT(DISTINCT confidence) FROM staged")
    return int(mixed) * 2 > int(shared) and int(n_scores) <= _FEW_SCORES


def originals(log: Log, begin: int, size: int) -> npt.NDArray[np.bool_]:
    """Return which of the staged rows from one place on are no copies."""
    found = np.ones(size, dtype=np.bool_)
    sql = f"SELECT place FROM copies WHERE place >= {begin} AND place < {begin + size}"  # noqa: S608  # numbers
    found[[int(place) - begin for (place,) in log.home.rows(sql)]] = False
    return found


def label_sql(errors_by: ErrorsBy) -> str:
    """Return the label of a staged row in SQL, the worst first: 0 is wrong, 1 unknown and 2 right."""
    match errors_by:
        case ErrorsBy.CORRECT:
            return "CASE WHEN correct IS NULL THEN 1 WHEN correct THEN 2 ELSE 0 END"
        case ErrorsBy.OVERRIDE:
            return "CASE WHEN human_action = 'approve' THEN 2 WHEN human_action IN ('modify', 'reject') THEN 0 ELSE 1 END"
        case _:
            assert_never(errors_by)
