"""Action types of which nothing can run alone whatever the confidence, or more than a threshold lets, and why."""

from collections.abc import Iterator

from hitl.policy.lanes import PERSON_FIRST, Lane, Zone
from hitl.policy.schema import Policy
from hitl.policy.summary import TypeSummary, summarise
from hitl.recalibrate.reading import opened_policy


def closed_types(policy: Policy) -> dict[str, str]:
    """Return the types of a policy that have no autonomy to give, each with the reason."""
    found = {one.action_type: _reason(one) for one in summarise(opened_policy(policy).lane_rules)}
    return {name: reason for name, reason in found.items() if reason}


def unbound_types(policy: Policy) -> dict[str, str]:
    """Return the types of a policy that run alone below `auto` too, each with the reason.

    What is proved of the decisions from a threshold up says nothing of what runs alone then, and `never` stops none.
    """
    return {
        name: f"the risk matrix runs it alone below `auto` too (risk_matrix.{action.risk} gives auto at medium_confidence), so no threshold bounds what runs alone; write audit, queue or escalate there, then run this again"
        for name, action in policy.action_types.items()
        if action.thresholds is not None
        and action.reversible
        and policy.risk_matrix.lane(action.risk, Zone.MEDIUM) is Lane.AUTO
    }


def seen_later(policy: Policy) -> Iterator[str]:
    """Yield a note on types that run below `auto` and are all looked at afterwards, of which nothing is promised."""
    names = [
        name
        for name, action in policy.action_types.items()
        if action.thresholds is not None
        and action.reversible
        and policy.risk_matrix.lane(action.risk, Zone.MEDIUM) is Lane.AUDIT
    ]
    if names:
        yield f"between `review` and `auto`, and under `never`, {', '.join(names)} runs before anybody looks, because the risk matrix says audit there; a person looks at each one afterwards, and no threshold promises how rarely those are wrong"


def _reason(summary: TypeSummary) -> str:
    lane = summary.zones[0].lane
    if lane not in PERSON_FIRST:
        return ""
    if summary.thresholds is None:
        return "the policy gives it no thresholds, so a person decides first"
    if not summary.reversible:
        return "it cannot be undone, so a person approves it first whatever the confidence"
    return f"risk {summary.risk} goes to the lane {lane} whatever the confidence"
