"""The one reduction: portable SQL from `decisions` to whole-number counts.

One text for each of four tables, which is quicker than one text with GROUPING SETS: each reads only what it counts.
The texts run unchanged on DuckDB, PostgreSQL (14+) and Spark SQL (4.0): FLOOR, LN, MOD and CASE, no engine's own
syntax. What differs is the relation `decisions` alone, by the casts of its dialect. The counted lines are then coded on
this machine. Whole numbers only: microseconds, milliseconds, micro-dollars; so sums do not depend on the order of rows.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from hitl.decisions.check import check_log, empty
from hitl.decisions.counts import MISSING, Counts, Table
from hitl.decisions.grid import confidence_sql, probability_sql, time_sql
from hitl.decisions.query import QueryError
from hitl.decisions.relation import REDUCED
from hitl.decisions.schema import BY_NAME
from hitl.decisions.shown import shown
from hitl.decisions.source import Log
from hitl.decisions.sql.duck import Duck
from hitl.decisions.typed import is_wrong_text
from hitl.errors import DocumentError, Mistake

_DAY_US = 86_400_000_000
MOST_LINES = 4_000_000
"""Lines of the reduction beyond which a key is no key, such as an action type that differs in every row."""
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
_TABLES: Mapping[str, Sequence[str]] = {
    "cells": _CELLS, "review": _REVIEW, "wait": _WAIT, "reviewers": _REVIEWERS,
}  # fmt: skip
_KEYS = tuple(dict.fromkeys(key for keys in _TABLES.values() for key in keys))
_AMOUNTS = (
    "review_ms",
    "review_bin",
    "is_fast",
    "wait_ms",
    "cost_micro",
    "latency_ms",
    "satisfaction_milli",
    "confidence_micro",
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
    CAST(FLOOR(satisfaction * 1000 + 0.5) AS BIGINT) AS satisfaction_milli,
    CAST(FLOOR(confidence * 1000000 + 0.5) AS BIGINT) AS confidence_micro
  FROM decisions"""  # noqa: S608  # constants of this module only
_BINNED = f"""
  SELECT facts.*, {time_sql("review_ms")} AS review_bin, {time_sql("wait_ms")} AS wait_bin,
    CASE WHEN review_ms < {FAST_MS} THEN 1 WHEN review_ms >= {FAST_MS} THEN 0 END AS is_fast,
    CASE WHEN confidence_bin < 90 THEN CAST(FLOOR(confidence_bin / 10.0) AS INTEGER)
      WHEN confidence_bin >= 90 THEN 9 END AS confidence_band
  FROM ({_FACTS}) AS facts"""  # noqa: S608  # constants


def reduction_sql(table: str) -> str:
    """Return one table of the reduction, `cells`, `review`, `wait` or `reviewers`, as portable SQL over `decisions`."""
    keys = ", ".join(_TABLES[table])
    sums = "".join(
        f", COUNT({name}) AS n_{name}, CAST(COALESCE(SUM({name}), 0) AS BIGINT) AS sum_{name}"
        for name in _AMOUNTS
        if table in _SUMMED
    )
    where = "WHERE reviewer_id IS NOT NULL " if table == "reviewers" else ""
    return f"SELECT {keys}, COUNT(*) AS n{sums} FROM ({_BINNED}) AS binned {where}GROUP BY {keys}"  # noqa: S608  # constants of this module only


def reduce_log(log: Log, most: int = MOST_LINES) -> Counts:
    """Reduce a log to counts.

    Args:
        log: an opened log.
        most: counted lines of a table beyond which the log is refused.

    Raises:
        DocumentError: a value of a counted column is at fault (all of them are told), no row, or a log that
            changed while it was counted.
    """
    for table in _TABLES:
        log.keep(_kept(table), reduction_sql(table), most + 1)
        _check_size(log, table, most)
    words = {key: _words_of(log.home, key) for key in _KEYS if key not in _NUMBERS}
    try:
        counts = Counts(**{table: _table(log.home, table, words) for table in _TABLES})
    except QueryError as error:  # a word that the first table does not have
        raise _changed(log) from error
    if not counts.n:
        raise empty(log)
    if _is_faulty(counts, words):
        check_log(log, (*REDUCED, *words)).check()
    if not counts.is_consistent:
        raise _changed(log)
    return counts


def _changed(log: Log) -> DocumentError:
    problem = "changed while it was counted; count a copy that nobody writes to"
    return DocumentError([Mistake(log.place, 0, "", problem)])


def duplicate_ids(log: Log) -> list[tuple[str, int]]:
    """Return decision ids that stand in several rows, most frequent first, at most 20, with their rows."""
    hashed = log.reading.dialect.hashed("decision_id")
    sql = f"SELECT COUNT(decision_id), COUNT(DISTINCT {hashed}) FROM decisions"  # noqa: S608  # constants
    n, n_distinct = log.rows(sql)[0]
    if n == n_distinct:
        return []
    sql = (
        "SELECT decision_id, COUNT(*) FROM decisions WHERE decision_id IS NOT NULL "
        "GROUP BY 1 HAVING COUNT(*) > 1 ORDER BY 2 DESC, 1 LIMIT 20"
    )
    return [(str(name), int(rows)) for name, rows in log.rows(sql)]


def count_log(log: Log, most: int = MOST_LINES) -> Counts:
    """Reduce a log whose rows are all usable and counted once.

    Args:
        log: an opened log.
        most: counted lines of a table beyond which the log is refused.

    Raises:
        DocumentError: every fault of a counted column, and decision ids that stand in several rows.
    """
    mistakes: list[Mistake] = []
    counts = None
    try:
        counts = reduce_log(log, most)
    except DocumentError as error:
        mistakes += error.mistakes
    repeated = duplicate_ids(log)
    if repeated:
        told = ", ".join(f"{shown(name)!r} ({rows} rows)" for name, rows in repeated[:5])
        problem = f"the same decision stands in several rows: {told}; keep one row a decision"
        mistakes.append(Mistake(log.place, 0, "decision_id", problem))
    if mistakes or counts is None:
        raise DocumentError(mistakes)
    return counts


def _kept(table: str) -> str:
    return f"reduced_{table}"


def _check_size(log: Log, table: str, most: int) -> None:
    n_lines = log.home.rows(f"SELECT COUNT(*) FROM {_kept(table)}")[0][0]  # noqa: S608  # constants
    if n_lines <= most:
        return
    keys = [key for key in _TABLES[table] if key not in _NUMBERS]
    counts = ", ".join(f"COUNT(DISTINCT {key})" for key in keys)
    found = log.home.rows(f"SELECT {counts} FROM {_kept(table)}")[0]  # noqa: S608  # constants
    worst = sorted(zip(found, keys, strict=True), reverse=True)[:3]
    told = ", ".join(f"{key} {n:,}" for n, key in worst)
    problem = f"counts by more than {most:,} combinations; too many different values: {told}"
    raise DocumentError([Mistake(log.place, 0, worst[0][1], problem)])


def _words_of(home: Duck, key: str) -> tuple[str, ...]:
    table = _kept("cells" if key in _CELLS else "reviewers")
    sql = f"SELECT DISTINCT {key} FROM {table} WHERE {key} IS NOT NULL ORDER BY 1"  # noqa: S608  # constants
    words = tuple(row[0] for row in home.rows(sql))
    home.rows(f"DROP TYPE IF EXISTS words_of_{key}")
    if words:
        home.rows(f"CREATE TYPE words_of_{key} AS ENUM ({sql})")
    return words


def _table(home: Duck, table: str, words: Mapping[str, tuple[str, ...]]) -> Table:
    keys = _TABLES[table]
    picked = ", ".join(_code_sql(key, words.get(key)) for key in keys)
    sums = ["n"]
    if table in _SUMMED:
        sums += [f"{kind}_{name}" for name in _AMOUNTS for kind in ("n", "sum")]
    found = home.columns(f"SELECT {picked}, {', '.join(sums)} FROM {_kept(table)}")  # noqa: S608  # constants
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
        column = BY_NAME[key]
        if column.words and not set(found) <= set(column.words):
            return True
        if not column.words and any(is_wrong_text(column, word) for word in found):
            return True
    return False
