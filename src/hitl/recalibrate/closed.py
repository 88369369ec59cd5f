"""Action types of which nothing can run alone, whatever the confidence, and why."""

from hitl.policy.lanes import PERSON_FIRST
from hitl.policy.schema import Policy
from hitl.policy.summary import TypeSummary, summarise
from hitl.recalibrate.reading import opened_policy


def closed_types(policy: Policy) -> dict[str, str]:
    """Return the types of a policy that have no autonomy to give, each with the reason."""
    found = {one.action_type: _reason(one) for one in summarise(opened_policy(policy).lane_rules)}
    return {name: reason for name, reason in found.items() if reason}


def _reason(summary: TypeSummary) -> str:
    lane = summary.zones[0].lane
    if lane not in PERSON_FIRST:
        return ""
    if summary.thresholds is None:
        return "the policy gives it no thresholds, so a person decides first"
    if not summary.reversible:
        return "it cannot be undone, so a person approves it first whatever the confidence"
    return f"risk {summary.risk} goes to the lane {lane} whatever the confidence"
