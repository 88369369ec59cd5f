"""One side of `benchmarks/decisions.py`, in a process of its own: prints seconds, peak memory and lines as JSON."""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

LIBRARIES = {
    "one": ("duckdb",),
    "four": ("duckdb",),
    "scan": ("duckdb",),
    "pandas": ("pandas", "pyarrow"),
    "polars": ("polars",),
}
AT = datetime(2026, 11, 1, tzinfo=UTC)
SHARED = (
    '"at"::DATE AS day, resolved_model, action_type, reviewer_pool, lane, human_action, '
    "COALESCE(seeded_error, FALSE) AS seeded"
)
KEYS = "day, resolved_model, action_type, reviewer_pool, lane, human_action, seeded"
REVIEW_MS = "CAST(ROUND(review_seconds * 1000) AS BIGINT)"
WAIT_MS = "CAST(ROUND(wait_seconds * 1000) AS BIGINT)"
TIME = "CAST(FLOOR(LN({} + 1) * 20) AS INTEGER)"
AMOUNTS = {
    "review_ms": REVIEW_MS, "review_bin": TIME.format(REVIEW_MS), "is_fast": "(review_seconds < 2)::INTEGER",
    "wait_ms": WAIT_MS, "cost": "CAST(ROUND(cost_usd * 1000000) AS BIGINT)",
    "latency": "CAST(ROUND(latency_ms) AS BIGINT)", "satisfaction": "CAST(ROUND(satisfaction * 1000) AS BIGINT)",
    "confidence_micro": "CAST(ROUND(confidence * 1000000) AS BIGINT)",
}  # fmt: skip
CELLS = (
    "outcome, correct, right_action_type, risk, severity, CAST(FLOOR(confidence * 100 + 0.00001) AS INTEGER) AS c_bin, "
    "CAST(ROUND(review_probability * 1000) AS INTEGER) AS p_bin"
)
CELL_KEYS = "outcome, correct, right_action_type, risk, severity, c_bin, p_bin"
BAND = "LEAST(CAST(FLOOR((confidence * 100 + 0.00001) / 10) AS INTEGER), 9) AS band"
COLUMNS = (
    "resolved_model", "action_type", "reviewer_pool", "lane", "human_action", "seeded_error", "outcome", "correct",
    "right_action_type", "risk", "severity", "confidence", "review_probability", "review_seconds", "wait_seconds",
    "cost_usd", "latency_ms", "satisfaction", "reviewer_id",
)  # fmt: skip


def sums(amounts: dict[str, str]) -> str:
    pieces = [f"COUNT({sql}) AS n_{name}, SUM({sql}) AS sum_{name}" for name, sql in amounts.items()]  # fmt: skip
    return ", ".join(["COUNT(*) AS n", *pieces])


def four(source: str) -> list[str]:
    """A query for each table."""
    return [
        f"SELECT {SHARED}, {CELLS}, {sums(AMOUNTS)} FROM {source} GROUP BY ALL",
        f"SELECT {SHARED}, {TIME.format(REVIEW_MS)} AS r_bin, COUNT(*) AS n FROM {source} GROUP BY ALL",
        f"SELECT {SHARED}, {TIME.format(WAIT_MS)} AS w_bin, COUNT(*) AS n FROM {source} GROUP BY ALL",
        f"""SELECT reviewer_id, {SHARED}, outcome, correct, {BAND}, {sums(AMOUNTS)} FROM {source}
        WHERE reviewer_id IS NOT NULL GROUP BY ALL""",
    ]


def one(source: str) -> list[str]:
    """One query with grouping sets."""
    amounts = ", ".join(
        f"{sql} AS a_{name}" for name, sql in AMOUNTS.items() if name != "review_bin"
    )
    named = {name: "r_bin" if name == "review_bin" else f"a_{name}" for name in AMOUNTS}
    inner = f"""SELECT {SHARED}, {CELLS}, {TIME.format(REVIEW_MS)} AS r_bin, {TIME.format(WAIT_MS)} AS w_bin,
        reviewer_id, {BAND}, {amounts} FROM {source}"""
    return [f"""WITH t AS ({inner}) SELECT {KEYS}, {CELL_KEYS}, r_bin, w_bin, reviewer_id, band, {sums(named)} FROM t
        GROUP BY GROUPING SETS (({KEYS}, {CELL_KEYS}), ({KEYS}, r_bin), ({KEYS}, w_bin), (reviewer_id, {KEYS}, outcome, correct, band))"""]  # fmt: skip


def scan(source: str) -> list[str]:
    """Nothing but the columns that are counted."""
    return [f'SELECT COUNT("at"), {", ".join(f"MIN({name})" for name in COLUMNS)} FROM {source}']


def run_sql(log: str, memory: int, queries: Callable[[str], list[str]]) -> int:
    import duckdb

    lines = 0
    config = {"memory_limit": f"{memory}MB", "temp_directory": f"{log}.tmp"}
    with duckdb.connect(config=config) as connection:
        for number, sql in enumerate(queries(f"read_parquet('{log}')")):
            connection.execute(f"CREATE TABLE result{number} AS {sql}")
            found = connection.execute(f"SELECT COUNT(*) FROM result{number}").fetchone()
            lines += found[0] if found else 0
    return lines


def run_hitl(log: str, memory: int, what: str) -> int:
    from hitl.decisions.query import EngineName
    from hitl.decisions.reduce import duplicate_ids, reduce_log
    from hitl.decisions.source import open_log
    from hitl.decisions.sql.duck import Limits

    engine = EngineName.SPARK if what == "spark" else EngineName.DUCKDB
    with open_log([log], AT, limits=Limits(memory), engine=engine) as opened:
        if what == "ids":
            return len(duplicate_ids(opened))
        counts = reduce_log(opened)
        return sum(
            len(t.sums["n"]) for t in (counts.cells, counts.review, counts.wait, counts.reviewers)
        )


def run_polars(log: str) -> int:
    """The cells table alone, with its sums, streamed."""
    import polars as pl

    def near(name: str, factor: int) -> "pl.Expr":
        return (pl.col(name) * factor).round().cast(pl.Int64)

    review = near("review_seconds", 1000)
    amounts = [
        review.alias("review_ms"), ((review + 1).log() * 20).floor().cast(pl.Int32).alias("review_bin"),
        (pl.col("review_seconds") < 2).cast(pl.Int32).alias("is_fast"), near("wait_seconds", 1000).alias("wait_ms"),
        near("cost_usd", 1_000_000).alias("cost"), near("latency_ms", 1).alias("latency"),
        near("satisfaction", 1000).alias("satisfaction"), near("confidence", 1_000_000).alias("confidence_micro"),
    ]  # fmt: skip
    names = list(AMOUNTS)
    keys = [
        pl.col("at").dt.date().alias("day"), *map(pl.col, COLUMNS[:5]), pl.col("seeded_error").fill_null(value=False),
        *map(pl.col, COLUMNS[6:11]), (pl.col("confidence") * 100 + 0.00001).floor().cast(pl.Int32),
        near("review_probability", 1000),
    ]  # fmt: skip
    grouped = (
        pl.scan_parquet(log).with_columns(amounts).group_by(keys)
        .agg(pl.len().alias("n_rows"), *(pl.col(n).count().alias(f"n_{n}") for n in names), *(pl.col(n).sum().alias(f"sum_{n}") for n in names))
    )  # fmt: skip
    return grouped.collect(engine="streaming").height


def run_pandas(log: str) -> int:
    """The cells table alone, with its sums; the whole log in memory, texts as categories."""
    import numpy as np
    import pandas as pd

    frame = pd.read_parquet(log, columns=["at", *COLUMNS])
    frame["day"] = frame["at"].dt.floor("D")
    frame["seeded"] = frame["seeded_error"].fillna(value=False).astype(bool)
    frame["c_bin"] = np.floor(frame["confidence"] * 100 + 0.00001)
    frame["p_bin"] = (frame["review_probability"] * 1000).round()
    frame["review_ms"] = (frame["review_seconds"] * 1000).round()
    frame["review_bin"] = np.floor(np.log(frame["review_ms"] + 1) * 20)
    frame["is_fast"] = (frame["review_seconds"] < 2).where(frame["review_seconds"].notna())
    frame["wait_ms"] = (frame["wait_seconds"] * 1000).round()
    frame["cost"] = (frame["cost_usd"] * 1_000_000).round()
    frame["latency"] = frame["latency_ms"].round()
    frame["satisfaction"] = (frame["satisfaction"] * 1000).round()
    frame["confidence_micro"] = (frame["confidence"] * 1_000_000).round()
    words = [*COLUMNS[:5], *COLUMNS[6:11]]
    frame[words] = frame[words].astype("category")
    keys = ["day", "seeded", *words, "c_bin", "p_bin"]
    return len(
        frame.groupby(keys, dropna=False, observed=True)[list(AMOUNTS)].agg(["count", "sum"])
    )


def main() -> None:
    what, log, memory = sys.argv[1], sys.argv[2], int(sys.argv[3])
    for library in LIBRARIES.get(
        what, ("hitl.decisions.reduce",)
    ):  # to load them is no part of the work
        import_module(library)
    began = time.perf_counter()
    match what:
        case "one" | "four" | "scan":
            lines = run_sql(log, memory, {"one": one, "four": four, "scan": scan}[what])
        case "pandas" | "polars":
            lines = (run_pandas if what == "pandas" else run_polars)(log)
        case _:
            lines = run_hitl(log, memory, what)
    seconds = time.perf_counter() - began
    status = Path("/proc/self/status").read_text().splitlines()
    peak = next(line for line in status if line.startswith("VmHWM")).split()[1]
    print(json.dumps([seconds, int(peak) / 1024, lines]))


if __name__ == "__main__":
    main()
