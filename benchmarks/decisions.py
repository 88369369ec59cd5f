"""How long the reduction of a decision log takes, against hand-written SQL for the same counts, all in one run.

Prints for each size of a Parquet log: seconds of `reduce_log` with all its checks, of hand-written DuckDB SQL for the
same four tables (one query with grouping sets, and four queries), of a bare scan of the same columns; the check for
repeated decision ids, which is a pass of its own; and of pandas and polars, which make the first of the four tables
only. One process each, in turn, so that a busy machine is busy for all; the median of the runs, and the most memory.

With `--engines`, the same log is also reduced by Spark and by a PostgreSQL server that is started for it, and the
counts are compared, to the last integer.

    python benchmarks/decisions.py [--rows 1000000 10000000] [--memory-mb 600] [--engines]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIDES = ("reduce", "one", "four", "scan", "ids", "polars", "pandas")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--memory-mb", type=int, default=600, help="the engine's limit, every side")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--sides", nargs="+", default=SIDES, choices=SIDES)
    parser.add_argument("--engines", action="store_true", help="Spark and PostgreSQL too")
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from tests.decisions.logs import Truth, write_log

    truth = replace(Truth(days=90, upgrade_day=60), seeded=0.01, satisfaction=0.8, right_types=True)
    for rows in given.rows:
        with tempfile.TemporaryDirectory() as folder:
            path = write_log(Path(folder) / "log.parquet", replace(truth, rows=rows))
            size = path.stat().st_size / 1e6
            print(f"\n{rows:,} rows, {size:.0f} MB of Parquet, {os.cpu_count()} cores", flush=True)
            print_log(path, given.memory_mb, given.runs, given.sides)
            if given.engines:
                print_engines(path, given.memory_mb)


def print_log(path: Path, memory_mb: int, runs: int, sides: list[str]) -> None:
    found: dict[str, list[tuple[float, float, int] | None]] = {}
    for _ in range(runs):
        for what in sides:
            found.setdefault(what, []).append(measured(what, str(path), memory_mb))
    seconds: dict[str, float] = {}
    for what, tried in found.items():
        done = [run for run in tried if run]
        if not done:
            print(f"{what:>8} not installed, or not enough memory")
            continue
        seconds[what] = statistics.median(run[0] for run in done)
        peak = max(run[1] for run in done)
        print(f"{what:>8} {seconds[what]:8.2f} s {peak:8.0f} MB peak {done[0][2]:>10,} lines")
    for other in ("one", "four", "scan", "polars", "pandas"):
        if other in seconds and "reduce" in seconds:
            print(f"  reduce / {other}: {seconds['reduce'] / seconds[other]:.2f}")


def measured(what: str, log: str, memory_mb: int) -> tuple[float, float, int] | None:
    """Run one side; None if it cannot run here."""
    script = Path(__file__).with_name("decisions_work.py")
    done = subprocess.run(
        [sys.executable, script, what, log, str(memory_mb)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"{what}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    seconds, peak, lines = json.loads(done.stdout.splitlines()[-1])
    return seconds, peak, lines


def print_engines(path: Path, memory_mb: int) -> None:
    """Reduce the same log elsewhere, and compare every line."""
    import duckdb

    from hitl.decisions.query import EngineName
    from tests.decisions.test_parity import counted, typed_columns
    from tests.services.postgres import PASSWORD, postgres

    def timed(name: str, log: str, engine: EngineName) -> object:
        began = time.perf_counter()
        found = counted(log, engine)
        print(
            f"{name:>10} {time.perf_counter() - began:8.2f} s with the check of ids and every line compared"
        )
        return found

    expected = timed("DuckDB", str(path), EngineName.DUCKDB)
    print("  Spark the same:", timed("Spark", str(path), EngineName.SPARK) == expected)
    with postgres() as server:
        os.environ["PGPASSWORD"] = PASSWORD
        rows = path.with_suffix(".csv")
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(f"COPY (SELECT * FROM '{path}') TO '{rows}' (HEADER)")
        server.load("log", [f'"{name}" {kind}' for name, kind in typed_columns(path).items()], rows)
        server.run("ANALYZE log")
        found = timed("PostgreSQL", f"{server.url()}::log", EngineName.DUCKDB)
        print("  PostgreSQL the same:", found == expected)


if __name__ == "__main__":
    main()
