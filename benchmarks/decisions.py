"""How long the reduction of a decision log takes, against hand-written SQL for the same counts, all in one run.

Prints for each size of a Parquet log: seconds of `reduce_log` with all its checks, of hand-written DuckDB SQL for
the same four tables (the quicker of one query with grouping sets and four queries), and of a bare scan of the
same columns; and the peak memory of each, one process each. Also the check for repeated decision ids, which is a
pass of its own.

    python benchmarks/decisions.py [--rows 1000000 10000000] [--memory-mb 600]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORK = """
import json, sys, time
what, path, memory = sys.argv[1], sys.argv[2], int(sys.argv[3])
SHARED = '"at"::DATE AS day, resolved_model, action_type, reviewer_pool, lane, human_action, COALESCE(seeded_error, FALSE) AS seeded'
SUMS = '''COUNT(*) AS n, COUNT(review_seconds) AS a, SUM(CAST(ROUND(review_seconds * 1000) AS BIGINT)) AS b,
  COUNT(wait_seconds) AS c, SUM(CAST(ROUND(wait_seconds * 1000) AS BIGINT)) AS d, COUNT(cost_usd) AS e,
  SUM(CAST(ROUND(cost_usd * 1000000) AS BIGINT)) AS f, COUNT(latency_ms) AS g, SUM(CAST(ROUND(latency_ms) AS BIGINT)) AS h'''
TIME = 'CAST(FLOOR(LN(CAST(ROUND({} * 1000) AS BIGINT) + 1) * 20) AS INTEGER)'
CELLS = ('outcome, correct, risk, severity, CAST(FLOOR(confidence * 100 + 0.00001) AS INTEGER) AS c_bin, '
         'CAST(ROUND(review_probability * 1000) AS INTEGER) AS p_bin')
source = f"FROM read_parquet('{path}')"
KEYS = 'day, resolved_model, action_type, reviewer_pool, lane, human_action, seeded'
FOUR = [
    f'SELECT {SHARED}, {CELLS}, {SUMS} {source} GROUP BY ALL',
    f'SELECT {SHARED}, {TIME.format("review_seconds")} AS r_bin, COUNT(*) AS n {source} GROUP BY ALL',
    f'SELECT {SHARED}, {TIME.format("wait_seconds")} AS w_bin, COUNT(*) AS n {source} GROUP BY ALL',
    f'SELECT reviewer_id, "at"::DATE AS day, resolved_model, action_type, reviewer_pool, human_action, outcome, correct, {SUMS} {source} WHERE reviewer_id IS NOT NULL GROUP BY ALL',
]
ONE = [f'''WITH t AS (SELECT {SHARED}, {CELLS}, {TIME.format("review_seconds")} AS r_bin, {TIME.format("wait_seconds")} AS w_bin,
    reviewer_id, review_seconds, wait_seconds, cost_usd, latency_ms {source})
  SELECT {KEYS}, outcome, correct, risk, severity, c_bin, p_bin, r_bin, w_bin, reviewer_id, {SUMS} FROM t
  GROUP BY GROUPING SETS (({KEYS}, outcome, correct, risk, severity, c_bin, p_bin), ({KEYS}, r_bin), ({KEYS}, w_bin),
    (reviewer_id, day, resolved_model, action_type, reviewer_pool, human_action, outcome, correct))''']
SCAN = ['SELECT COUNT("at"), ' + ', '.join(f'MIN({name})' for name in (
    'resolved_model', 'action_type', 'reviewer_pool', 'lane', 'human_action', 'outcome', 'correct', 'risk', 'severity',
    'confidence', 'review_probability', 'review_seconds', 'wait_seconds', 'cost_usd', 'latency_ms', 'reviewer_id'))
    + ' ' + source]
lines = 0
if what in ('reduce', 'ids'):
    from datetime import UTC, datetime
    from hitl.decisions.duck import Limits
    from hitl.decisions.reduce import duplicate_ids, reduce_log
    from hitl.decisions.source import open_log
    began = time.perf_counter()
    with open_log([path], datetime(2026, 11, 1, tzinfo=UTC), limits=Limits(memory)) as log:
        if what == 'ids':
            assert not duplicate_ids(log)
        else:
            counts = reduce_log(log)
            lines = sum(len(t.sums['n']) for t in (counts.cells, counts.review, counts.wait, counts.reviewers))
else:
    import duckdb
    import numpy
    began = time.perf_counter()
    with duckdb.connect(config={'memory_limit': f'{memory}MB', 'temp_directory': path + '.tmp'}) as connection:
        for number, sql in enumerate({'four': FOUR, 'one': ONE, 'scan': SCAN}[what]):
            connection.execute(f'CREATE TABLE result{number} AS {sql}')
            lines += connection.execute(f'SELECT COUNT(*) FROM result{number}').fetchone()[0]
seconds = time.perf_counter() - began
peak = [line for line in open('/proc/self/status') if line.startswith('VmHWM')][0].split()[1]
print(json.dumps([seconds, int(peak) / 1024, lines]))
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--memory-mb", type=int, default=600, help="the engine's limit, every side")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from tests.decisions.logs import Truth, write_log

    for rows in given.rows:
        with tempfile.TemporaryDirectory() as folder:
            path = write_log(
                Path(folder) / "log.parquet", Truth(rows=rows, days=90, upgrade_day=60)
            )
            print(
                f"\n{rows:,} rows, {path.stat().st_size / 1e6:.0f} MB of Parquet, {os.cpu_count()} cores"
            )
            print_log(path, given.memory_mb, given.runs)


def print_log(path: Path, memory_mb: int, runs: int) -> None:
    found: dict[str, list[tuple[float, float, int]]] = {}
    for _ in range(runs):  # in turn, so that a busy machine is busy for all
        for what in ("reduce", "four", "one", "scan", "ids"):
            found.setdefault(what, []).append(measured(what, path, memory_mb))
    seconds = {what: statistics.median(run[0] for run in each) for what, each in found.items()}
    for what, each in found.items():
        peak = max(run[1] for run in each)
        print(f"{what:>8} {seconds[what]:8.2f} s {peak:8.0f} MB peak {each[0][2]:>10,} lines")
    hand = min(seconds["four"], seconds["one"])
    print(
        f"  reduce / hand-written {seconds['reduce'] / hand:.2f}, / scan {seconds['reduce'] / seconds['scan']:.1f}"
    )


def measured(what: str, path: Path, memory_mb: int) -> tuple[float, float, int]:
    done = subprocess.run(
        [sys.executable, "-c", WORK, what, str(path), str(memory_mb)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)
    seconds, peak, lines = json.loads(done.stdout.splitlines()[-1])
    return seconds, peak, lines


if __name__ == "__main__":
    main()
