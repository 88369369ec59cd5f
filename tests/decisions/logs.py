"""Decision logs whose truth is known, of any size: SQL makes the rows, a seed fixes every draw.

A draw is a hash of the row's number, the name of the draw and the seed, so that any part of a log is the same
whatever its size.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

OLD, NEW = "acme/model-2026-05-01", "acme/model-2026-05-18"


@dataclass(frozen=True, slots=True)
class Truth:
    """What a log is made of; rates are of reviewed decisions, unless said otherwise."""

    rows: int = 10_000
    days: int = 28
    first_day: str = "2026-05-01"
    upgrade_day: int = 14
    """The new model answers from this day on."""
    override: float = 0.04
    """Chance that a person rejects or modifies, before the upgrade."""
    override_after: float = 0.04
    """The same from the upgrade on: 0.12 is a spike."""
    creep: float = 0.0
    """Added to the chance over the whole time, evenly day by day."""
    weekend: float = 1.0
    """Factor on the chance on Saturdays and Sundays."""
    reviewers: int = 20
    reviewer_spread: float = 0.0
    """Each person's factor on the chance lies evenly from 1 - this to 1 + this."""
    audit: float = 0.05
    """Share of autonomous decisions that a person sees all the same: their review probability."""
    auto_from: float = 0.6
    """Confidence from which a decision is made alone."""
    error: float = 0.05
    """Chance that the model is wrong at full confidence; rises to twice that at none."""
    label_delay: int = 5
    """Days until outcomes are known: the last days have none."""
    timeouts: float = 0.01
    seed: int = 1


SPIKE = replace(Truth(), override_after=0.12)
CREEP = replace(Truth(), creep=0.06)
WEEKEND = replace(Truth(), weekend=3.0)
REVIEWERS = replace(Truth(), reviewer_spread=0.8)


def rows_sql(truth: Truth) -> str:
    """Return the rows of a log as DuckDB SQL."""

    def draw(name: str) -> str:
        return f"(HASH(i, '{name}', {truth.seed}) % 1000000007) / 1000000007.0"

    span = truth.days * 86_400
    return f"""
WITH drawn AS (
  SELECT i, TIMESTAMPTZ '{truth.first_day} 00:00:00+00' + TO_MICROSECONDS(CAST({draw("time")} * {span} * 1000000 AS BIGINT)) AS at_time,
    ROUND(SQRT({draw("confidence")}), 4) AS confidence, CAST({draw("type")} * 4 AS INTEGER) % 4 AS kind,
    CAST(FLOOR({draw("person")} * {truth.reviewers}) AS INTEGER) AS person, {draw("audit")} AS u_audit, {draw("human")} AS u_human,
    {draw("late")} AS u_late, {draw("error")} AS u_error, {draw("bad")} AS u_bad,
    -LN(1 - {draw("review")}) AS e_review, -LN(1 - {draw("wait")}) AS e_wait
  FROM RANGE({truth.rows}) AS t(i)
), placed AS (
  SELECT *, CAST(DATE_DIFF('day', TIMESTAMPTZ '{truth.first_day} 00:00:00+00', at_time) AS INTEGER) AS day,
    confidence >= {truth.auto_from} AS is_auto
  FROM drawn
), seen AS (
  SELECT *, NOT is_auto OR u_audit < {truth.audit} AS is_seen,
    LEAST(1, (CASE WHEN day < {truth.upgrade_day} THEN {truth.override} ELSE {truth.override_after} END
      + {truth.creep} * day / {truth.days})
      * CASE WHEN DAYOFWEEK(at_time) IN (0, 6) THEN {truth.weekend} ELSE 1 END
      * (1 + {truth.reviewer_spread} * (2 * (person + 0.5) / {truth.reviewers} - 1))) AS chance
  FROM placed
)
SELECT 'd-' || CAST(i AS VARCHAR) AS decision_id, at_time AS "at", 'triage' AS workflow_id, '1.10' AS workflow_version,
  ['restart', 'refund', 'reply', 'close'][kind + 1] AS action_type, 'acme/latest' AS declared_model,
  CASE WHEN day < {truth.upgrade_day} THEN '{OLD}' ELSE '{NEW}' END AS resolved_model, confidence,
  ['high', 'high', 'low', 'medium'][kind + 1] AS risk,
  CASE WHEN NOT is_auto THEN 'queue' WHEN is_seen THEN 'audit' ELSE 'auto' END AS lane,
  ['sre', 'money', 'support', 'support'][kind + 1] AS reviewer_pool,
  CASE WHEN is_seen AND u_late >= {truth.timeouts} THEN 'r' || CAST(person AS VARCHAR) END AS reviewer_id,
  CASE WHEN NOT is_seen THEN NULL WHEN u_late < {truth.timeouts} THEN 'timeout'
    WHEN u_human < chance / 2 THEN 'reject' WHEN u_human < chance THEN 'modify' ELSE 'approve' END AS human_action,
  CASE WHEN is_seen AND u_late >= {truth.timeouts} THEN ROUND(5 + 40 * e_review, 3) END AS review_seconds,
  CASE WHEN is_seen THEN ROUND(120 * e_wait, 3) END AS wait_seconds,
  CASE WHEN is_seen THEN u_error >= {truth.error} * (2 - confidence) END AS correct,
  CASE WHEN day >= {truth.days - truth.label_delay} THEN NULL
    WHEN u_bad < CASE WHEN u_error < {truth.error} * (2 - confidence) THEN 0.5 ELSE 0.02 END THEN 'bad' ELSE 'good' END AS outcome,
  ['high', 'critical', 'low', 'medium'][kind + 1] AS severity, ROUND(0.002 + 0.001 * confidence, 6)::DOUBLE AS cost_usd,
  ROUND(400 + 200 * e_review, 1) AS latency_ms, CASE WHEN is_auto THEN {truth.audit} ELSE 1 END::DOUBLE AS review_probability,
  'triage-v4' AS prompt_template_id, TRUE AS schema_valid, u_bad < 0.01 AS repair_event
FROM seen
"""  # noqa: S608  # numbers of a test


def write_log(path: Path, truth: Truth, where: str = "TRUE") -> Path:
    """Write a log, or the rows of it that a condition picks, in the form that the name of the file says."""
    kind = {".parquet": "FORMAT parquet", ".csv": "FORMAT csv, HEADER", ".jsonl": "FORMAT json"}
    packed = ", COMPRESSION gzip" if path.suffix == ".gz" else ""
    suffix = Path(path.stem).suffix if packed else path.suffix
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET memory_limit = '2GB'")
        sql = f"SELECT * FROM ({rows_sql(truth)}) WHERE {where}"  # noqa: S608  # a test's own
        if suffix != ".parquet":
            written = """STRFTIME("at", '%Y-%m-%dT%H:%M:%S.%f') || 'Z' AS "at\""""
            sql = sql.replace("SELECT *", f"SELECT * REPLACE ({written})", 1)
        connection.execute(f"COPY ({sql}) TO '{path}' ({kind[suffix]}{packed})")
    return path
