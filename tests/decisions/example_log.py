"""Write the decision log that the incident-triage example ships. Synthetic throughout.

    python -m tests.decisions.example_log

Four weeks and 2,000 decisions: two of the model in use and two of its successor, which people correct more often. Lanes,
pools and shares of audits are those of the example's policy, and for its first 14 days the new model is audited more.
"""

from pathlib import Path

import duckdb

from tests.decisions.logs import NEW, OLD, ActionType, Confidence, Step, Truth, rows_sql

LOG = Path(__file__).parents[2] / "manifests" / "incident-triage" / "decisions.parquet"
_DECIDED = (Step(0.8, "queue"), Step(0, "escalate"))
TYPES = (
    ActionType(
        "annotate_incident", "low", "triage", "low", 0.8,
        (Step(0.7, "auto", 0.05, 0.25), Step(0.5, "audit", 1), Step(0, "queue")),
    ),
    ActionType("route_to_team", "medium", "triage", "medium", 1.0, (Step(0.85, "auto", 0.1, 0.25), Step(0, "queue"))),
    ActionType(
        "hold_deployments", "high", "triage", "high", 1.3,
        (Step(0.9, "audit", 0.15, 0.25), Step(0.75, "queue"), Step(0, "escalate")),
    ),
    ActionType("notify_customers", "high", "experts", "high", 1.3, _DECIDED),
    ActionType("remediation", "critical", "incident-command", "critical", 1.6, (Step(0, "escalate"),)),
)  # fmt: skip
TRUTH = Truth(
    rows=2_000, first_day="2026-05-04", upgrade_day=14, types=TYPES,
    mix=(0.50, 0.33, 0.09, 0.05, 0.03), mix_after=(0.44, 0.35, 0.11, 0.06, 0.04),
    override=0.03, override_after=0.11, error=0.01, error_after=0.025, confidence=Confidence.STEEP, confidence_power=0.16,
    detection=0.8, acts_on_errors=True, seeded=0.035, satisfaction=0.82, right_types=True, passes_on=0.01,
    reviewers=4, reviewer_spread=0.5, label_delay=3, hours=(*(1.0,) * 7, 2.0, *(4.0,) * 10, 3.0, 3.0, *(2.0,) * 4),
    changes=True, keeps_lane=True, seed=5,
)  # fmt: skip
_ROUTED = "action_type = 'hold_deployments' AND lane = 'escalate'"
_PERSON = "CAST(SUBSTR(reviewer_id, 2) AS INTEGER)"
_WAITED = "CAST(1000 * (wait_seconds + review_seconds) AS BIGINT)"
SQL = f"""
SELECT * REPLACE (
    'incident-triage-v4' AS workflow_id,
    CASE workflow_version WHEN '1.10' THEN '4.1' ELSE '4.2' END AS workflow_version,
    'scripted/triage-latest' AS declared_model,
    CASE resolved_model WHEN '{OLD}' THEN 'scripted/triage-2026-05-01' WHEN '{NEW}' THEN 'scripted/triage-2026-05-18' END AS resolved_model,
    'triage' AS prompt_template_id,
    CASE WHEN {_ROUTED} THEN 'experts' ELSE reviewer_pool END AS reviewer_pool,
    CASE WHEN reviewer_pool = 'incident-command' THEN REGEXP_REPLACE(reviewer_id, '.+', 'reviewer-07')
      WHEN reviewer_pool = 'experts' OR ({_ROUTED}) THEN 'reviewer-0' || CAST(5 + {_PERSON} % 2 AS VARCHAR)
      ELSE 'reviewer-0' || CAST(1 + {_PERSON} AS VARCHAR) END AS reviewer_id),
  "at" + TO_MILLISECONDS({_WAITED}) AS decided_at,
  CASE WHEN lane IN ('queue', 'escalate') THEN 'escalate' ELSE 'allow' END AS policy_outcome,
  CASE WHEN action_type IN ('annotate_incident', 'route_to_team') THEN 'read_only' ELSE 'acts' END AS action_posture,
  'primary' AS rollout_status
FROM ({rows_sql(TRUTH)}) ORDER BY "at"
"""  # noqa: S608  # words of this file


def main(path: Path = LOG) -> None:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET threads = 1")
        connection.execute(f"COPY ({SQL}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")


if __name__ == "__main__":
    main()
