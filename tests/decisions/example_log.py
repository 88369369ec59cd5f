"""Write the decision log that the incident-triage example ships. Synthetic throughout.

    python -m tests.decisions.example_log

Four weeks of the model before the release: 2,000 decisions, one in twenty of the autonomous ones audited.
"""

from pathlib import Path

import duckdb

from tests.decisions.logs import OLD, Truth, rows_sql

LOG = Path(__file__).parents[2] / "manifests" / "incident-triage" / "decisions.parquet"
TRUTH = Truth(rows=2_000, upgrade_day=28, seed=5)
NAMES = {
    "restart": "notify_customers",
    "refund": "hold_deployments",
    "reply": "annotate_incident",
    "close": "route_to_team",
    "sre": "experts",
    "money": "incident-command",
    "support": "triage",
    OLD: "scripted/triage-2026-05-01",
    "acme/latest": "scripted/triage-2026-05-01",
}


def renamed(column: str) -> str:
    cases = " ".join(f"WHEN '{old}' THEN '{new}'" for old, new in NAMES.items())
    return f"CASE {column} {cases} ELSE {column} END AS {column}"


def main() -> None:
    columns = ", ".join(
        renamed(name)
        for name in ("action_type", "reviewer_pool", "resolved_model", "declared_model")
    )
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows = f"SELECT * REPLACE ({columns}, 'incident-triage-v4' AS workflow_id) FROM ({rows_sql(TRUTH)}) ORDER BY \"at\""  # noqa: S608  # words of this file
        connection.execute(f"COPY ({rows}) TO '{LOG}' (FORMAT parquet, COMPRESSION zstd)")


if __name__ == "__main__":
    main()
