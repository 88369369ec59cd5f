"""Rows that are one decision under two ids, as far as anybody can see."""

from hitl.decisions.source import Log

_SAME = (
    "at_us", "resolved_model", "action_type", "confidence", "lane", "reviewer_id", "human_action",
    "review_seconds", "latency_ms", "cost_usd",
)  # fmt: skip
_SECOND_US = 1_000_000


def twin_rows(log: Log) -> int:
    """Return how many rows equal another one in all that is measured, of rows with a time below the second.

    Whole seconds and days are shared by decisions that have nothing to do with each other, so they do not count.
    """
    exact = f"MOD(at_us, {_SECOND_US}) <> 0"
    at_once = f"SELECT at_us FROM decisions WHERE {exact} GROUP BY at_us HAVING COUNT(*) > 1"  # noqa: S608  # constants
    each = f"SELECT COUNT(*) AS n FROM decisions WHERE at_us IN ({at_once}) GROUP BY {', '.join(_SAME)}"  # noqa: S608  # constants
    return int(log.rows(f"SELECT COALESCE(SUM(n - 1), 0) FROM ({each}) AS twins")[0][0])  # noqa: S608  # constants
