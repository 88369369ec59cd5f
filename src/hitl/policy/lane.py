"""What the policy says of one decision, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hitl.policy.action import ActionType
from hitl.policy.audit import AuditPolicy
from hitl.policy.calibrator import Calibrator
from hitl.policy.indicator import DynamicRisk, RiskIndicator
from hitl.policy.lanes import PERSON_FIRST, Lane, Risk, Zone
from hitl.policy.matrix import RiskMatrix
from hitl.policy.people import DEFAULT_TIERS, TIERS, Fallbacks, Pool, Tier, TierName

TRIAGE = 1
"""Least tier of a decision that waits in the queue."""
EXPERT = 2
"""Least tier of an escalated decision."""


class Reason(StrEnum):
    """Why a decision takes its lane; a colon and a name may follow."""

    MATRIX = "risk_matrix"
    """What the matrix says, always first: `risk_matrix:high:low_confidence`."""
    GATE = "pre_action_gate"
    """The action cannot be undone, so a person decides first."""
    DYNAMIC = "dynamic_risk"
    """A rule over the content raised the risk; its place in the list follows."""
    STATED = "stated_risk"
    """The risk that somebody stated is higher than that of the action type."""
    INDICATOR = "indicator"
    """A risk indicator holds; its name follows."""
    RULE_FAILED = "rule_failed"
    """A rule could not be evaluated and counts as one that holds; its name follows."""
    MODEL_FAILED = "model_failed"
    """The model failed; how follows."""
    NO_CONFIDENCE = "no_confidence"
    """The confidence is missing, not finite, or not between 0 and 1."""
    NOT_CALIBRATED = "not_calibrated"
    """The calibrator of the policy is for another model, or not for this action type."""
    NO_THRESHOLDS = "no_thresholds"
    """The action type has no thresholds."""
    NO_DECISION_ID = "no_decision_id"
    """Nobody could find the decision again, or draw it for an audit."""
    UNKNOWN_ACTION_TYPE = "unknown_action_type"
    """The policy does not know the action type; its risk counts as critical."""
    UNKNOWN_RISK = "unknown_risk"
    """The stated risk is no risk of the policy; it counts as critical."""


@dataclass(frozen=True, slots=True)
class LaneDecision:
    """Where a decision goes; the same decision under the same policy always goes there."""

    lane: Lane
    reasons: tuple[str, ...]
    """Codes of `Reason`, the matrix first."""
    risk: Risk
    """Risk after everything that raised it."""
    zone: Zone
    """Zone of the confidence, after the calibrator if there is one; low where it is not known."""
    tier: int
    """0 to 3: who has to look."""
    pool: str | None
    """Reviewers who look, if anybody does; None where the policy names none."""
    sla_minutes: float | None
    """Longest wait until a person looks; None where the policy names none, or nobody waits."""
    audit_rate: float
    """Share of such decisions that people look at after they ran; 0 where a person decides first."""
    is_audited: bool
    """Whether this one was drawn for that."""
    indicators: tuple[str, ...]
    """Risk indicators that hold, by name."""

    @property
    def review_probability(self) -> float:
        """Probability with which a person sees the decision; labels are weighted by it."""
        return 1.0 if self.lane in PERSON_FIRST else self.audit_rate


@dataclass(frozen=True, slots=True)
class LaneRules:
    """The parts of a policy that choose a lane."""

    name: str
    version: str
    action_types: Mapping[str, ActionType]
    matrix: RiskMatrix
    audit: AuditPolicy
    dynamic_risk: tuple[DynamicRisk, ...]
    indicators: tuple[RiskIndicator, ...]
    pools: Mapping[str, Pool]
    tiers: Mapping[TierName, Tier]
    fallbacks: Fallbacks
    calibrator: Calibrator | None = None

    def tier(self, level: int) -> Tier:
        """Return a tier with the defaults of what the policy does not say."""
        name = TIERS[level]
        default, own = DEFAULT_TIERS[name], self.tiers.get(name)
        if own is None:
            return default
        given = own.model_dump(exclude_none=True)
        return default.model_copy(update=given)

    def sampling(self) -> float:
        """Return the share of decisions in the lane `auto` that people look at."""
        return self.tier(0).sampling or 0.0

    def audit_rate(self, action: ActionType, lane: Lane, zone: Zone, by_age: float) -> float:
        """Return the share that people look at after it ran, before any indicator; 0 where a person decides first.

        Between the thresholds the lane `audit` means answered and reviewed, so everything is looked at.
        """
        if lane in PERSON_FIRST:
            return 0.0
        if lane is Lane.AUDIT and zone is not Zone.HIGH:
            return 1.0
        if action.audit_rate is not None:
            return action.audit_rate
        return by_age if lane is Lane.AUDIT else self.sampling()

    def reviewers(self, action: ActionType, lane: Lane) -> str | None:
        """Return the pool that looks at decisions of a type in a lane."""
        if lane is not Lane.ESCALATE:
            return action.pool
        if action.escalate_to is not None or self.level(action.pool) >= EXPERT:
            return action.escalate_to or action.pool
        experts = [name for name in self.pools if self.level(name) >= EXPERT]
        return min(experts, key=self.level, default=action.pool)

    def level(self, pool: str | None) -> int:
        """Return the tier of a pool; 1 where the policy does not say, 0 without a pool."""
        known = self.pools.get(pool) if pool is not None else None
        if known is None:
            return 0
        return TRIAGE if known.tier is None else known.tier

    def tier_of(self, lane: Lane, pool: str | None) -> int:
        """Return who has to look: 0 where it runs, at least 1 in the queue, at least 2 where it is escalated."""
        if lane not in PERSON_FIRST:
            return 0
        return max(self.level(pool), EXPERT if lane is Lane.ESCALATE else TRIAGE)

    def sla(self, tier: int, pool: str | None) -> float | None:
        """Return the longest wait in minutes: the pool's where a person decides first, else the tier's."""
        known = self.pools.get(pool) if pool is not None and tier > 0 else None
        if known is not None and known.sla_minutes is not None:
            return known.sla_minutes
        return self.tier(tier).sla_minutes
