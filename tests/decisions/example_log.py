"""Write the decision log that the incident-triage example ships. Synthetic throughout.

    python -m tests.decisions.example_log

Four weeks and 2,000 decisions: two of the model in use and two of its successor, which people correct more often and whose
answers are now and then very long. Lanes, pools, and which decisions are audited, are what the example's policy says of each
row with all that its rules ask for; for its first 14 days the new model is audited more.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from hitl.policy import Policy
from hitl.policy.audit import AuditDraw
from tests.decisions.logs import OLD, ActionType, Confidence, Sql, Step, Truth, rows_sql

LOG = Path(__file__).parents[2] / "manifests" / "incident-triage" / "decisions.parquet"
_ALL = (Step(0, "escalate"),)
_DECIDED = (Step(0.8, "queue"), Step(0, "escalate"))
_CAREFUL = (Step(0.75, "queue"), Step(0, "escalate"))
_ANNOTATE = ActionType(
    "annotate_incident", "low", "triage", "low", 0.8,
    (Step(0.7, "auto", 0.05, 0.25), Step(0.5, "audit", 1), Step(0, "queue")),
)  # fmt: skip
_ROUTE = ActionType(
    "route_to_team",
    "medium",
    "triage",
    "medium",
    1.0,
    (Step(0.85, "auto", 0.1, 0.25), Step(0, "queue")),
)
_HOLD = ActionType(
    "hold_deployments", "high", "triage", "high", 1.3, (Step(0.9, "audit", 0.15, 0.25), *_CAREFUL)
)
_NOTIFY = ActionType("notify_customers", "high", "experts", "high", 1.3, _DECIDED)
_REMEDIATION = ActionType("remediation", "critical", "incident-command", "critical", 1.6, _ALL)


@dataclass(frozen=True, slots=True)
class Situation:
    """Decisions of one type that the policy's rules look at alike."""

    type: ActionType
    before: float
    """Share of all decisions before the upgrade."""
    after: float
    is_wide: bool | None = False
    """Whether more than 1,000 customers are affected; None where either happens, because no lane depends on it."""
    is_thin: bool | None = False
    """Whether it is on thin evidence about a critical service; None where either happens."""
    is_long: bool = False
    """Whether the output is longer than usual."""


def _lanes(of: ActionType, *steps: Step) -> ActionType:
    return replace(of, steps=steps)


SITUATIONS = (
    Situation(_ANNOTATE, 0.500, 0.445),
    Situation(_lanes(_ANNOTATE, Step(0.7, "audit", 0.05, 0.25), Step(0.5, "queue"), Step(0, "escalate")), 0.015, 0.020, is_wide=True),
    Situation(_lanes(_ANNOTATE, Step(0, "queue")), 0.0, 0.015, is_long=True),
    Situation(_ROUTE, 0.310, 0.290),
    Situation(_lanes(_ROUTE, Step(0.85, "audit", 0.1, 0.25), Step(0.6, "queue"), Step(0, "escalate")), 0.015, 0.020, is_wide=True),
    Situation(_lanes(_ROUTE, Step(0, "queue")), 0.0, 0.010, is_long=True),
    Situation(_HOLD, 0.080, 0.095, is_wide=None),
    Situation(_lanes(_HOLD, *_ALL), 0.005, 0.010, is_wide=None, is_thin=True),
    Situation(_NOTIFY, 0.040, 0.050, is_wide=None),
    Situation(_lanes(_NOTIFY, *_ALL), 0.005, 0.005, is_wide=None, is_thin=True),
    Situation(_REMEDIATION, 0.03, 0.04, is_wide=None, is_thin=None),
)  # fmt: skip
TRUTH = Truth(
    rows=2_000, first_day="2026-05-04", upgrade_day=14, types=tuple(one.type for one in SITUATIONS),
    mix=tuple(one.before for one in SITUATIONS), mix_after=tuple(one.after for one in SITUATIONS),
    override=0.03, override_after=0.11, error=0.01, error_after=0.025, confidence=Confidence.STEEP, confidence_power=0.16,
    detection=0.8, acts_on_errors=True, seeded=0.035, satisfaction=0.82, passes_on=0.01,
    reviewers=4, reviewer_spread=0.5, label_delay=3, hours=(*(1.0,) * 7, 2.0, *(4.0,) * 10, 3.0, 3.0, *(2.0,) * 4),
    changes=True, keeps_lane=True, seed=5,
)  # fmt: skip
_PERSON = "CAST(SUBSTR(reviewer_id, 2) AS INTEGER)"
_WAITED = "CAST(1000 * (wait_seconds + review_seconds) AS BIGINT)"
_PASSED_ON = "lane = 'escalate' AND reviewer_pool = 'triage'"
_NAMES = (
    "['annotate_incident', 'route_to_team', 'hold_deployments', 'notify_customers', 'remediation']"
)


@dataclass(frozen=True, slots=True)
class Example:
    """A log of the workflow: what is true of it, and the situations that its types stand for."""

    truth: Truth
    situations: tuple[Situation, ...]
    chance_wrong: str | None = None
    """SQL for the chance of an error by `kind` and `confidence`; what the truth says if not given."""
    is_old: str = f"resolved_model = '{OLD}'"
    """SQL for whether the model in use decided."""
    new_since: str = "2026-05-18"
    """Day from which the new model is at work."""
    rollout: str = "primary"

    def draw(self, name: str) -> str:
        """Return a draw of the row, by the number in its id."""
        return f"(HASH(CAST(SUBSTR(decision_id, 3) AS BIGINT), '{name}', {self.truth.seed}) % 1000000007) / 1000000007.0"

    def pick(self, name: str, *words: str) -> str:
        listed = ", ".join(f"'{word}'" for word in words)
        return f"[{listed}][1 + CAST(FLOOR({self.draw(name)} * {len(words)}) AS INTEGER)]"

    def either(self, field: str, name: str, share: float) -> str:
        """Return what the situation says, or a draw where it leaves it open."""
        said = ", ".join("NULL" if (is_so := getattr(one, field)) is None else str(is_so) for one in self.situations)  # fmt: skip
        return f"COALESCE([{said}][kind + 1], {self.draw(name)} < {share})"

    def drawn(self) -> str:
        # The generator numbers situations as it numbers types, and does not say them: the severity carries the number.
        numbered = replace(
            self.truth,
            types=tuple(replace(one, severity=str(kind)) for kind, one in enumerate(self.truth.types)),
        )  # fmt: skip
        # People see those of the decisions that run that the policy draws, and not others of the same chance.
        pieces = Sql(self.truth)
        sql = rows_sql(numbered).replace(
            pieces.draw("audit"), "policy_draw('d-' || CAST(i AS VARCHAR))"
        )
        if self.chance_wrong is None:
            return sql
        return sql.replace(f"{pieces.error()} AS chance_wrong", f"{self.chance_wrong} AS chance_wrong")  # fmt: skip

    def sql(self) -> str:
        """Return the rows."""
        draw, pick, either = self.draw, self.pick, self.either
        severity = ", ".join(f"'{one.severity}'" for one in self.truth.types)
        situated = f"SELECT *, CAST(severity AS INTEGER) AS kind, {self.is_old} AS is_old FROM ({self.drawn()})"  # noqa: S608
        content = f"""
SELECT *, {either("is_wide", "wide", 0.3)} AS is_wide, {either("is_thin", "thin", 0.15)} AS is_thin,
  {either("is_long", "long", 0)} AS is_long, {draw("evidence")} < 0.12 AS is_scant FROM ({situated})"""  # noqa: S608
        return f"""
SELECT * EXCLUDE (kind, is_old, is_wide, is_thin, is_long, is_scant) REPLACE (
    'incident-triage-v4' AS workflow_id,
    CASE workflow_version WHEN '1.10' THEN '4.1' ELSE '4.2' END AS workflow_version,
    'scripted/triage-latest' AS declared_model,
    CASE WHEN is_old THEN 'scripted/triage-2026-05-01' ELSE 'scripted/triage-2026-05-18' END AS resolved_model,
    'triage' AS prompt_template_id,
    [{severity}][kind + 1] AS severity,
    CASE WHEN correct THEN action_type WHEN NOT correct THEN
      {_NAMES}[(LIST_POSITION({_NAMES}, action_type) - 1 + CASE WHEN {draw("confused")} < 0.7 THEN 1 ELSE 2 END) % 5 + 1]
    END AS right_action_type,
    CASE WHEN {_PASSED_ON} THEN 'experts' ELSE reviewer_pool END AS reviewer_pool,
    CASE WHEN reviewer_pool = 'incident-command' THEN REGEXP_REPLACE(reviewer_id, '.+', 'reviewer-07')
      WHEN reviewer_pool = 'experts' OR ({_PASSED_ON}) THEN ['reviewer-05', 'reviewer-06', 'reviewer-08', 'reviewer-09'][1 + {_PERSON}]
      ELSE 'reviewer-0' || CAST(1 + {_PERSON} AS VARCHAR) END AS reviewer_id),
  "at" + TO_MILLISECONDS({_WAITED}) AS decided_at,
  CASE WHEN lane IN ('queue', 'escalate') THEN 'escalate' ELSE 'allow' END AS policy_outcome,
  CASE WHEN action_type IN ('annotate_incident', 'route_to_team') THEN 'read_only' ELSE 'acts' END AS action_posture,
  '{self.rollout}' AS rollout_status,
  CASE WHEN is_old THEN TIMESTAMPTZ '2026-04-06 00:00:00+00' ELSE TIMESTAMPTZ '{self.new_since} 00:00:00+00' END AS model_active_since,
  'triage-json-4' AS output_format,
  CAST(CASE WHEN is_long THEN 640 + 500 * {draw("tokens")} ELSE 90 + 260 * {draw("tokens")} + 200 * POWER({draw("tail")}, 4) END AS INTEGER) AS output_tokens,
  CAST(CASE WHEN is_wide THEN 1200 + 28000 * POWER({draw("customers")}, 3) ELSE 900 * POWER({draw("customers")}, 3) END AS INTEGER) AS "content.customers_affected",
  CASE WHEN is_thin OR (NOT is_scant AND {draw("critical")} < 0.3) THEN {pick("service", "auth", "billing", "ledger")}
    ELSE {pick("service", "search", "catalog", "mail", "recommendations")} END AS "content.service",
  CASE WHEN is_thin OR is_scant THEN 'thin' ELSE {pick("solid", "logs", "metrics", "traces", "several")} END AS "content.evidence"
FROM ({content}) ORDER BY "at"
"""  # noqa: S608  # words of this file


def write(path: Path, sql: str) -> None:
    """Write rows to a Parquet file, in their order; `policy_draw` in them is the audit draw of the shipped policy."""
    rules = Policy.load(LOG.with_name("policy.yaml")).lane_rules
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET threads = 1")
        connection.create_function(
            "policy_draw", AuditDraw(rules.name, rules.version).draw, ["VARCHAR"], "DOUBLE"
        )
        connection.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")


def main(path: Path = LOG) -> None:
    write(path, Example(TRUTH, SITUATIONS).sql())


if __name__ == "__main__":
    main()
