"""What the numbers of a baseline are called in front of people, each with one sentence that says what it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from hitl.decisions.measures.words import Met, Metric
from hitl.render.text import brief

NOT_SAID = "not said"
"""In the place of a number that the log cannot support."""
UNNAMED = "not named in the log"
"""Name of the group of decisions without a value for a key."""


@dataclass(frozen=True, slots=True)
class Words:
    """The name of a number, and what it is in one sentence."""

    title: str
    sentence: str


METRICS: Mapping[Metric, Words] = {
    Metric.OVERRIDE_RATE: Words("Override", "Changed or rejected, of decisions on which a person acted."),
    Metric.APPROVE_RATE: Words("Approved unedited", "Let through as proposed, of decisions on which a person acted."),
    Metric.MODIFY_RATE: Words("Changed", "Corrected by the person, of decisions on which a person acted."),
    Metric.REJECT_RATE: Words("Rejected", "Turned down, of decisions on which a person acted."),
    Metric.PASSED_ON_RATE: Words("Passed on", "Escalated by the person who looked, of decisions on which a person acted."),
    Metric.TIMEOUT_RATE: Words("Timed out", "Nobody came in time, of decisions on which a person acted or should have."),
    Metric.REVIEWER_AGREEMENT: Words("Reviewer agreement", "Approved, of decisions that a person approved, changed or rejected."),
    Metric.ESCALATION_RATE: Words("Escalation", "Sent to a person before it ran (lanes queue and escalate), of decisions with a lane."),
    Metric.SYNC_REVIEW_RATE: Words("Reviewed before it ran", "A person was asked first and acted, of decisions with a lane."),
    Metric.AUTO_RESOLVE_RATE: Words("Resolved alone", "Ran alone and was not changed afterwards, of decisions with a lane."),
    Metric.ESCALATIONS_PER_10000: Words("Escalations in 10,000", "Sent to an expert, or passed on by a person, in 10,000 decisions with a lane."),
    Metric.ERROR_ESCAPE_RATE: Words("Error escape", "Wrong, of all decisions that ran alone; labels are weighted by review probability."),
    Metric.LABELLED_ERROR_RATE: Words("Errors among labelled", "Wrong, of the labelled decisions of any lane; it speaks for no others."),
    Metric.DETECTION_RATE: Words("Errors that reviewers catch", "Planted errors that a person did not approve, of those that a person acted on."),
    Metric.DETECTED_ESCAPE_RATE: Words("Corrected error escape", "Error escape divided by the share of errors that reviewers catch."),
    Metric.REVIEW_SECONDS_MEDIAN: Words("Median review time", "Half of the reviews take no longer."),
    Metric.REVIEW_SECONDS_P95: Words("Review time p95", "19 of 20 reviews take no longer."),
    Metric.REVIEW_SECONDS_GEOMETRIC_MEAN: Words("Typical review time", "Geometric mean: a few long reviews weigh less than in a plain mean."),
    Metric.WAIT_SECONDS_MEDIAN: Words("Median time to human", "Half of the decisions wait no longer until a person takes them; where nobody came does not count."),
    Metric.WAIT_SECONDS_P95: Words("Time to human p95", "19 of 20 decisions wait no longer until a person takes them; where nobody came does not count."),
    Metric.SATISFACTION: Words("Reviewer satisfaction", "Mean of what reviewers said, from 0 to 1."),
    Metric.PRECISION: Words("Precision", "Right, of labelled decisions of the action type."),
    Metric.RECALL: Words("Recall", "Proposed as such, of labelled decisions for which the action type would have been right."),
    Metric.REVIEW_PRECISION: Words("Reviews that were needed", "Wrong, of labelled decisions that were sent to a person first."),
    Metric.REVIEW_RECALL: Words("Errors that the routing catches", "Sent to a person first, of wrong decisions."),
    Metric.WEIGHTED_FALSE_POSITIVES: Words("Severity-weighted errors", "Mean weight of wrong proposals over labelled decisions; a right one weighs 0."),
    Metric.COST_PER_CORRECTED: Words("Cost per corrected decision", "Cost of all decisions over the decisions that people corrected."),
    Metric.ECE: Words("Calibration error", "Mean distance between confidence and the share that is right."),
    Metric.SPIEGELHALTER_Z: Words("Spiegelhalter's z", "A test of confidence against labels: above 0 over-confident, beyond ± 2 hardly chance."),
    Metric.CALIBRATION_SLOPE: Words("Calibration slope", "1 if confidence is right; below 1 it is too extreme."),
    Metric.CALIBRATION_INTERCEPT: Words("Calibration intercept", "0, with a slope of 1, if confidence is right."),
    Metric.AUC: Words("What confidence tells", "Chance that a right decision has more confidence than a wrong one; 0.5 tells nothing."),
    Metric.OUTCOME_LOG_ODDS: Words("Outcome and override", "Log odds ratio: above 0, outcomes are bad more often where a person overrode."),
    Metric.BAD_IF_OVERRIDDEN: Words("Bad outcome if overridden", "Bad outcomes, of those that a person changed or rejected and that are old enough to know."),
    Metric.BAD_IF_APPROVED: Words("Bad outcome if approved", "Bad outcomes, of those that a person approved and that are old enough to know."),
}  # fmt: skip
"""Every metric; a test holds it complete."""

TARGETS: Mapping[str, Words] = {
    "escalation_rate": Words("Escalation", "Decisions that are sent to a person before they run."),
    "auto_resolve_rate": Words("Resolved alone", "Decisions that run alone and that nobody changes afterwards."),
    "error_escape_rate": Words("Error escape", "Errors among decisions that ran alone."),
    "review_latency_p95_minutes": Words("Review time p95", "19 of 20 reviews take no longer."),
    "reviewer_agreement": Words("Reviewer agreement", "Reviewed decisions on which the person agrees with the model."),
    "feedback_used_within_days": Words("Feedback used", "Days until what reviewers said has changed something."),
}  # fmt: skip
"""The operating metrics by their names in a policy."""

KEYS: Mapping[str, str] = {
    "resolved_model": "model",
    "action_type": "action type",
    "reviewer_pool": "reviewer pool",
    "reviewer_id": "reviewer",
    "human_action": "human action",
    "review_seconds": "review time",
    "wait_seconds": "time to human",
    "cost_usd": "cost",
    "correct": "label",
}
"""Columns whose plain name reads better than their own."""


def target_words(name: str) -> Words:
    """Return what a target is called; one that this version does not know keeps its name."""
    return TARGETS.get(name) or Words(brief(name.replace("_", " "), 60), "")


def target_unit(name: str) -> str:
    """Return what a target counts in: `min`, `days`, or nothing for a share."""
    return "min" if name.endswith("_minutes") else "days" if name.endswith("_days") else ""


def key_word(key: str) -> str:
    """Return what people call a column of the log.

    >>> key_word("resolved_model"), key_word("review_probability")
    ('model', 'review probability')
    """
    return KEYS.get(key) or brief(key.replace("_", " "), 60)


def group_name(by: Mapping[str, str | None], limit: int = 80) -> str:
    """Return the name of a group on one line.

    >>> group_name({}), group_name({"resolved_model": "m-1", "lane": None})
    ('all decisions', 'm-1 · lane not named in the log')
    """
    names = [
        f"{key_word(key)} {UNNAMED}" if value is None else brief(value, limit) or "“”"
        for key, value in by.items()
    ]
    return " · ".join(names) or "all decisions"


def met_shape(met: Met) -> str:
    """Return a character whose shape alone tells how a metric lies to its target."""
    match met:
        case Met.MET:
            return "●"
        case Met.MISSED:
            return "✕"
        case Met.UNDECIDED:
            return "◆"
        case Met.UNMEASURED:
            return "○"
        case _:
            assert_never(met)
