"""The columns of a decision log: what each holds, what it is for, and what cannot be said without it."""

from dataclasses import dataclass
from enum import StrEnum

from hitl.decisions.words import HumanAction, Lane, Level, Outcome, PolicyOutcome

LONGEST_SECONDS = 366 * 86_400
"""A review or a wait beyond a year is a fault of the clock."""
LARGEST_COST = 1_000_000
"""US dollars of one decision."""


class Kind(StrEnum):
    """What the values of a column are."""

    TEXT = "text"
    WORD = "word"
    """One of a closed set."""
    INSTANT = "instant"
    """ISO 8601 with a zone, or a zoned timestamp; kept as microseconds since 1970 in UTC."""
    SHARE = "share"
    """From 0 to 1."""
    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"
    DOLLARS = "dollars"
    FLAG = "flag"
    """True or false."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the log."""

    name: str
    kind: Kind
    purpose: str
    forbids: str
    """What cannot be said where it is missing; empty if nothing is lost but detail."""
    words: tuple[str, ...] = ()
    """Of a `word` column."""
    standard: str = ""
    """Name in the OpenTelemetry GenAI conventions, or ours where they have none."""
    is_traced: bool = False
    """Part of the trace contract, asked of every row."""

    @property
    def limit(self) -> float | None:
        """Largest value of a number; numbers begin at 0."""
        return _LIMITS.get(self.kind)


_LIMITS: dict[Kind, float] = {
    Kind.SHARE: 1,
    Kind.SECONDS: LONGEST_SECONDS,
    Kind.MILLISECONDS: LONGEST_SECONDS * 1000,
    Kind.DOLLARS: LARGEST_COST,
}


def _text(name: str, purpose: str, forbids: str, standard: str) -> Column:
    return Column(name, Kind.TEXT, purpose, forbids, standard=standard, is_traced=True)


def _word(name: str, words: type[StrEnum], purpose: str, forbids: str, standard: str) -> Column:
    return Column(name, Kind.WORD, purpose, forbids, tuple(words), standard)


COLUMNS: tuple[Column, ...] = (
    _text("decision_id", "names the decision", "repeated rows cannot be found", "hitl.decision.id"),
    Column("at", Kind.INSTANT, "when the model decided", "no trend, no comparison of periods, no drift", standard="span start", is_traced=True),
    _text("workflow_id", "the workflow", "workflows cannot be told apart", "gen_ai.workflow.name"),
    _text("workflow_version", "its version", "a change of the workflow looks like a change of the model", "hitl.workflow.version"),
    _text("action_type", "what kind of step was decided", "no rate by action type, no threshold by action type, no adjustment for mix", "hitl.action.suggested"),
    _text("declared_model", "the model that was asked for", "aliases that moved cannot be seen", "gen_ai.request.model"),
    _text("resolved_model", "the model that answered", "no rate belongs to a model version, and versions cannot be compared", "gen_ai.response.model"),
    Column("confidence", Kind.SHARE, "what the model or a scorer said of its own answer", "no calibration, no threshold, no adjustment for confidence", standard="hitl.action.score"),
    _word("risk", Level, "how much was at stake", "no rate by risk", "hitl.action.risk"),
    _word("lane", Lane, "where the policy sent it", "decisions made alone cannot be told from reviewed ones: no escape rate, no auto-resolve rate", "hitl.policy.lane"),
    Column("reviewer_pool", Kind.TEXT, "who was to look", "no escalation rate by pool, no capacity", standard="hitl.human.pool"),
    Column("reviewer_id", Kind.TEXT, "who looked", "intervals cannot respect that one person's decisions are alike; no agreement between people", standard="hitl.human.reviewer"),
    _word("human_action", HumanAction, "what the person did", "no override rate, no review rate", "hitl.human.action"),
    Column("decided_at", Kind.INSTANT, "when the person decided", "the clock of the reviews cannot be checked", standard="hitl.human.decided_at"),
    Column("review_seconds", Kind.SECONDS, "time that the person worked on it", "no reviewer time, no capacity, no look at very fast approvals", standard="hitl.human.review_seconds"),
    Column("wait_seconds", Kind.SECONDS, "time until a person took it", "no time to human, no look at service levels", standard="hitl.human.wait_seconds"),
    Column("correct", Kind.FLAG, "whether the model was right, by a label", "no error rate, no calibration against truth, no precision and recall", standard="hitl.label.correct"),
    _word("outcome", Outcome, "how it turned out", "no association of the human decision with the outcome", "hitl.outcome"),
    Column("right_action_type", Kind.TEXT, "the action type that would have been right, by a label", "no recall by action type", standard="hitl.label.action_type"),
    _word("severity", Level, "how bad an error is", "false positives cannot be weighed by severity", "hitl.severity"),
    Column("cost_usd", Kind.DOLLARS, "cost of the model's work", "no cost per corrected output", standard="hitl.cost.amount", is_traced=True),
    Column("latency_ms", Kind.MILLISECONDS, "time that the model took", "no look at latency", standard="span duration", is_traced=True),
    Column("review_probability", Kind.SHARE, "how likely a person was to see it, set before anyone knew the answer", "verification bias cannot be corrected: labels of reviewed rows do not speak for the rest", standard="hitl.review.probability"),
    Column("satisfaction", Kind.SHARE, "how content the reviewer was with the proposal, 0 to 1", "no reviewer satisfaction", standard="hitl.human.satisfaction"),
    Column("seeded_error", Kind.FLAG, "whether the row was planted with a known error, to see whether reviewers notice; it counts for no other rate", "no detection rate: errors that reviewers miss cannot be estimated", standard="hitl.human.seeded_error"),
    _text("prompt_template_id", "the prompt", "a change of the prompt looks like a change of the model", "gen_ai.prompt.name"),
    _text("prompt_version", "its version", "versions of the prompt cannot be told apart", "gen_ai.prompt.version"),
    _text("prompt_hash", "SHA-256 of what was sent as template", "an edited prompt under an old version is not seen", "hitl.prompt.sha256"),
    _text("retrieval_policy", "how sources were chosen", "a change of retrieval looks like a change of the model", "hitl.retrieval.policy"),
    _text("retrieval_sources", "ids of the sources that were read", "a wrong answer cannot be traced to its sources", "gen_ai.retrieval.documents"),
    Column("schema_valid", Kind.FLAG, "whether the reply met its schema", "breaks of structure are not seen", standard="hitl.schema.valid", is_traced=True),
    Column("repair_event", Kind.FLAG, "whether the reply was repaired or coerced", "repairs hide breaks of structure", standard="hitl.schema.repair.count", is_traced=True),
    Column("policy_outcome", Kind.WORD, "what the policy said", "escalations by rule cannot be told from doubt of the model", tuple(PolicyOutcome), "hitl.policy.outcome", is_traced=True),
    _text("validator_outcome", "what validators said", "no look at what validators stopped", "gen_ai.evaluation.score.label"),
    _text("action_posture", "class of the next step, such as read_only", "a model that begins to act is not seen", "hitl.action.posture"),
    _text("rollout_status", "shadow, canary, primary", "canary and primary traffic are mixed", "hitl.rollout.stage"),
    _text("fallback", "what took over, if anything did", "answers of a fallback count for the model", "hitl.fallback.action"),
)  # fmt: skip
"""Every column, in the order of the documentation."""

BY_NAME = {column.name: column for column in COLUMNS}
