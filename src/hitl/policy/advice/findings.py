"""Advice: which pattern each action type calls for, and what is done wrong."""

from collections.abc import Iterator

from hitl.decisions.redaction.redact import Redactor
from hitl.decisions.scores import VERSIONS, Stretch, longest_stretch
from hitl.decisions.source import Log
from hitl.policy.advice.confidence import confidence_findings
from hitl.policy.advice.parts import Advice, AdviceFinding, Code, Evidence, Finding, TargetNeed
from hitl.policy.advice.patterns import type_patterns
from hitl.policy.advice.people import people_findings
from hitl.policy.capacity.parts import LineState, PoolCapacity
from hitl.policy.capacity.queues import capacity_document
from hitl.policy.replay.misses import CONFIDENCE
from hitl.policy.replay.over_log import Replayed
from hitl.policy.schema import Policy

MANY_OVERRIDES = 20
"""So many corrections are feedback that somebody could have used."""
_LONGEST_NAME = 200
_DAY_US = 86_400e6
_NEEDS = {
    "escalation_rate": ("lane",),
    "auto_resolve_rate": ("lane", "human_action"),
    "error_escape_rate": ("lane", "correct", "review_probability"),
    "review_latency_p95_minutes": ("review_seconds",),
    "reviewer_agreement": ("human_action",),
    "feedback_used_within_days": ("at", "human_action"),
}
"""Columns that each target of a policy is checked by."""
_ORDER = (Finding.FOUND, Finding.UNMEASURED, Finding.CLEAR)


def advice_document(found: Replayed) -> Advice:
    """Return the advice for the first policy of a replay."""
    policy, log = found.asked[0].policy, found.staged.log
    redactor = Redactor(policy.redact)

    def clean(name: str) -> str:
        return redactor.redact(name).text[:_LONGEST_NAME]

    findings = [
        *confidence_findings(log, policy),
        *_queues(found),
        *people_findings(log, clean),
        _feedback(log, policy),
    ]
    codes = list(Code)
    findings.sort(key=lambda one: (_ORDER.index(one.finding), codes.index(one.code)))
    rules = policy.lane_rules
    return Advice(
        format="hitl/policy-advice/v1",
        policy_id=rules.name,
        policy_version=rules.version,
        sources=tuple(name for part in log.parts for name in part.names),
        n=found.staged.n,
        confidence=CONFIDENCE,
        patterns=type_patterns(found),
        findings=tuple(findings),
        targets=tuple(
            TargetNeed(target=target, lacked=tuple(sorted(set(needs) - set(log.present))))
            for target, needs in _NEEDS.items()
        ),
    )


def _queues(found: Replayed) -> Iterator[AdviceFinding]:
    pools = [pool for pool in capacity_document(found).pools if pool.n_decisions]
    if not pools:
        yield AdviceFinding(
            code=Code.QUEUE_GROWS,
            finding=Finding.CLEAR,
            reason="the policy sends nobody a decision",
        )
    yield from map(_queue, pools)


def _queue(pool: PoolCapacity) -> AdviceFinding:
    evidence: tuple[Evidence, ...] = ()
    if pool.varying is not None and pool.worst is not None:
        evidence = (
            Evidence(
                name=f"work that comes over work that can be done ({pool.busiest} UTC)",
                value=pool.varying.utilisation,
                high=pool.worst.utilisation,
                n=pool.busiest_n,
                threshold=1.0,
            ),
        )
    if pool.state is LineState.GROWS:
        finding, reason = Finding.FOUND, "in its busiest hour more comes than it can do"
    elif pool.reason:
        finding, reason = Finding.UNMEASURED, pool.reason
    elif pool.worst is None or pool.worst.grows:
        finding, reason = Finding.UNMEASURED, "at the upper limits more comes than it can do"
    else:
        finding, reason = Finding.CLEAR, "it can do what comes, at the upper limits too"
    remedy = "`hitl policy capacity` says how many more reviewers, or which share would have to leave the queue"
    return AdviceFinding(
        code=Code.QUEUE_GROWS,
        finding=finding,
        about=pool.pool,
        reason=reason,
        evidence=evidence,
        remedy="" if finding is Finding.CLEAR else remedy,
    )


def _feedback(log: Log, policy: Policy) -> AdviceFinding:
    limit = policy.targets.feedback_used_within_days.at_most
    if limit is None:
        return _unknown("the policy has no target under targets.feedback_used_within_days.at_most")
    if "human_action" not in log.present:
        return _unknown("the log has no column human_action, so nobody knows what people said")
    stretch = longest_stretch(log)
    if stretch is None:
        return _unknown(f"the log has none of {', '.join(VERSIONS)}, or no times")
    evidence = (
        Evidence(name="longest time without a change in days", value=stretch.days, threshold=limit),
        Evidence(name="corrections in that time", value=float(stretch.n_overrides), n=stretch.n_overrides, threshold=MANY_OVERRIDES),
    )  # fmt: skip
    if stretch.days > limit:
        return _unchanged(stretch, evidence)
    covered = log.rows("SELECT MAX(at_us) - MIN(at_us) FROM decisions")[0][0] / _DAY_US
    if covered <= limit:
        return _unknown(f"the log covers {covered:.0f} days, not more than the {limit:g} of the target", evidence)  # fmt: skip
    return AdviceFinding(code=Code.FEEDBACK_UNUSED, finding=Finding.CLEAR, evidence=evidence,
                         reason="something was changed within the target, time after time")  # fmt: skip


def _unchanged(stretch: Stretch, evidence: tuple[Evidence, ...]) -> AdviceFinding:
    if stretch.n_overrides < MANY_OVERRIDES:
        return _unknown("too few corrections to learn from", evidence)
    return AdviceFinding(
        code=Code.FEEDBACK_UNUSED,
        finding=Finding.FOUND,
        reason=f"people corrected {stretch.n_overrides:,} decisions, and no version changed for {stretch.days:.0f} days",
        evidence=evidence,
        remedy="turn corrections into golden cases, and change prompt, rules or thresholds",
    )


def _unknown(reason: str, evidence: tuple[Evidence, ...] = ()) -> AdviceFinding:
    return AdviceFinding(
        code=Code.FEEDBACK_UNUSED, finding=Finding.UNMEASURED, reason=reason, evidence=evidence
    )
