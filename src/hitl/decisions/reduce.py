"""The one reduction: one portable SQL text from `decisions` to whole-number counts.

The text runs unchanged on DuckDB and is written for PostgreSQL (14+) and Spark SQL (3.4+): GROUPING SETS, FLOOR,
LN, MOD and CASE, no engine's own syntax. What another engine needs is the relation `decisions` alone, whose casts differ.
Whole numbers only: microseconds, milliseconds, micro-dollars; so sums do not depend on the order of rows.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from hitl.decisions import quote
from hitl.decisions.check import check_log, empty
from hitl.decisions.counts import MISSING, Counts, Table
from hitl.decisions.grid import confidence_sql, probability_sql, time_sql
from hitl.decisions.relation import REDUCED
from hitl.decisions.schema import BY_NAME
from hitl.decisions.source import Log
from hitl.errors import DocumentError, Mistake

_DAY_US = 86_400_000_000
MOST_LINES = 4_000_000
"""Lines of the reduction beyond which a key is no key, such as an action type that differs in every row."""
_LONGEST_KEY = 1000
FAST_MS = 2000
"""A review in less time than it takes to read a line."""

_SHARED = (
    "day_us",
    "resolved_model",
    "action_type",
    "reviewer_pool",
    "lane",
    "human_action",
    "seeded",
)
_CELLS = (
    *_SHARED,
    "outcome",
    "correct",
    "right_action_type",
    "risk",
    "severity",
    "confidence_bin",
    "probability_bin",
    "refused",
)
_REVIEW = (*_SHARED, "review_bin")
_WAIT = (*_SHARED, "wait_bin")
_REVIEWERS = ("reviewer_id", *_SHARED, "outcome", "correct", "confidence_band")
_SETS: Mapping[str, Sequence[str]] = {
    "cells": _CELLS, "review": _REVIEW, "wait": _WAIT, "reviewers": _REVIEWERS,
}  # fmt: skip
_KEYS = tuple(dict.fromkeys(key for keys in _SETS.values() for key in keys))
_AMOUNTS = (
    "review_ms",
    "review_bin",
    "is_fast",
    "wait_ms",
    "cost_micro",
    "latency_ms",
    "satisfaction_milli",
)
_SUMMED = ("cells", "reviewers")
"""Tables that carry sums of time, cost and latency beside the rows."""
_NUMBERS = {
    "day_us",
    "seeded",
    "correct",
    "confidence_bin",
    "confidence_band",
    "probability_bin",
    "refused",
    "review_bin",
    "wait_bin",
}
_FACTS = f"""
  SELECT at_us - MOD(at_us, {_DAY_US}) AS day_us, resolved_model, action_type, reviewer_pool, lane, human_action,
    outcome, CASE WHEN correct THEN 1 WHEN NOT correct THEN 0 END AS correct, right_action_type, risk,
    severity, refused, reviewer_id, CASE WHEN seeded_error THEN 1 ELSE 0 END AS seeded,
    {confidence_sql("confidence")} AS confidence_bin, {probability_sql("review_probability")} AS probability_bin,
    CAST(FLOOR(review_seconds * 1000 + 0.5) AS BIGINT) AS review_ms,
    CAST(FLOOR(wait_seconds * 1000 + 0.5) AS BIGINT) AS wait_ms,
    CAST(FLOOR(cost_usd * 1000000 + 0.5) AS BIGINT) AS cost_micro,
    CAST(FLOOR(latency_ms + 0.5) AS BIGINT) AS latency_ms,
    CAST(FLOOR(satisfaction * 1000 + 0.5) AS BIGINT) AS satisfaction_milli
  FROM decisions"""  # noqa: S608  # constants of this module only
_BINNED = f"""
  SELECT facts.*, {time_sql("review_ms")} AS review_bin, {time_sql("wait_ms")} AS wait_bin,
    CASE WHEN review_ms < {FAST_MS} THEN 1 WHEN review_ms >= {FAST_MS} THEN 0 END AS is_fast,
    CASE WHEN confidence_bin < 90 THEN CAST(FLOOR(confidence_bin / 10.0) AS INTEGER)
      WHEN confidence_bin >= 90 THEN 9 END AS confidence_band
  FROM ({_FACTS}) AS facts"""  # noqa: S608  # constants


def reduction_sql() -> str:
    """Return the reduction as portable SQL over `decisions`: four groupings in one scan, told apart by `part`."""
    sums = ", ".join(
        f"COUNT({name}) AS n_{name}, CAST(COALESCE(SUM({name}), 0) AS BIGINT) AS sum_{name}"
        for name in _AMOUNTS
    )
    sets = ", ".join(f"({', '.join(keys)})" for keys in _SETS.values())
    return f"""
SELECT CASE WHEN GROUPING(confidence_bin) = 0 THEN 'cells' WHEN GROUPING(review_bin) = 0 THEN 'review'
    WHEN GROUPING(wait_bin) = 0 THEN 'wait' ELSE 'reviewers' END AS part,
  {", ".join(_KEYS)}, COUNT(*) AS n, {sums}
FROM ({_BINNED}) AS binned
GROUP BY GROUPING SETS ({sets})
"""  # noqa: S608  # constants of this module only


def reduce_log(log: Log) -> Counts:
    """Reduce a log to counts in one scan.

    Raises:
        DocumentError: a value of a counted column is at fault (all of them are told), or no row.
    """
    log.rows(f"CREATE OR REPLACE TABLE reduced AS {reduction_sql()}")
    _check_size(log)
    words = {key: _words_of(log, key) for key in _KEYS if key not in _NUMBERS}
    counts = Counts(**{part: _table(log, part, keys, words) for part, keys in _SETS.items()})
    if not counts.n:
        raise empty(log)
    if _is_faulty(counts, words):
        check_log(log, (*REDUCED, *words)).check()
    return counts


def duplicate_ids(log: Log) -> list[tuple[str, int]]:
    """Return decision ids that stand in several rows, most frequent first, at most 20, with their rows."""
    n, n_distinct = log.rows(
        "SELECT COUNT(decision_id), COUNT(DISTINCT HASH(decision_id)) FROM decisions"
    )[0]
    if n == n_distinct:
        return []
    sql = (
        "SELECT decision_id, COUNT(*) FROM decisions WHERE decision_id IS NOT NULL "
        "GROUP BY 1 HAVING COUNT(*) > 1 ORDER BY 2 DESC, 1 LIMIT 20"
    )
    return [(str(name), int(rows)) for name, rows in log.rows(sql)]


def count_log(log: Log) -> Counts:
    """Reduce a log whose rows are all usable and counted once.

    Raises:
        DocumentError: every fault of a counted column, and decision ids that stand in several rows.
    """
    mistakes: list[Mistake] = []
    counts = None
    try:
        counts = reduce_log(log)
    except DocumentError as error:
        mistakes += error.mistakes
    repeated = duplicate_ids(log)
    if repeated:
        shown = ", ".join(f"{name[:60]!r} ({rows} rows)" for name, rows in repeated[:5])
        problem = f"the same decision stands in several rows: {shown}; keep one row a decision"
        mistakes.append(Mistake(log.place, 0, "decision_id", problem))
    if mistakes or counts is None:
        raise DocumentError(mistakes)
    return counts


def _check_size(log: Log) -> None:
    n_lines = log.rows("SELECT COUNT(*) FROM reduced")[0][0]
    if n_lines <= MOST_LINES:
        return
    keys = [key for key in _KEYS if key not in _NUMBERS]
    counts = ", ".join(f"COUNT(DISTINCT {key})" for key in keys)
    found = log.rows(f"SELECT {counts} FROM reduced")[0]  # noqa: S608  # constants
    worst = sorted(zip(found, keys, strict=True), reverse=True)[:3]
    shown = ", ".join(f"{key} {n:,}" for n, key in worst)
    problem = f"counts by {n_lines:,} combinations, more than {MOST_LINES:,}; too many different values: {shown}"
    raise DocumentError([Mistake(log.place, 0, worst[0][1], problem)])


def _words_of(log: Log, key: str) -> tuple[str, ...]:
    sql = f"SELECT DISTINCT {key} FROM reduced WHERE {key} IS NOT NULL ORDER BY 1"  # noqa: S608  # constants
    words = tuple(row[0] for row in log.rows(sql))
    log.rows(f"DROP TYPE IF EXISTS words_of_{key}")
    if words:
        log.rows(f"CREATE TYPE words_of_{key} AS ENUM ({quote.texts(words)})")
    return words


def _table(log: Log, part: str, keys: Sequence[str], words: Mapping[str, tuple[str, ...]]) -> Table:
    where = " AND reviewer_id IS NOT NULL" if part == "reviewers" else ""
    picked = ", ".join(_code_sql(key, words.get(key)) for key in keys)
    sums = ["n", *(f"{kind}_{name}" for name in _AMOUNTS for kind in ("n", "sum"))]
    if part not in _SUMMED:
        sums = ["n"]
    sql = f"SELECT {picked}, {', '.join(sums)} FROM reduced WHERE part = '{part}'{where}"  # noqa: S608  # constants
    found = log.columns(sql)
    columns = {_key_name(key): np.asarray(found[_key_name(key)], np.int32) for key in keys}
    return Table(
        columns,
        {key: words[key] for key in keys if key in words},
        {name: np.asarray(found[name], dtype=np.int64) for name in sums},
    )


def _code_sql(key: str, words: tuple[str, ...] | None) -> str:
    """Words become their places in the sorted list, so that no text is carried out line by line."""
    code = key
    if key == "day_us":
        code = f"{key} // {_DAY_US}"
    elif words is not None:
        code = f"ENUM_CODE(CAST({key} AS words_of_{key}))" if words else "NULL"
    return f"COALESCE(CAST({code} AS INTEGER), {MISSING}) AS {_key_name(key)}"


def _key_name(key: str) -> str:
    return "day" if key == "day_us" else key


def _is_faulty(counts: Counts, words: Mapping[str, tuple[str, ...]]) -> bool:
    if counts.cells.where(refused=1).n:
        return True
    for key, found in words.items():
        known = BY_NAME[key].words
        if known and not set(found) <= set(known):
            return True
        if any(len(word.encode()) > _LONGEST_KEY for word in found):
            return True
    return False
