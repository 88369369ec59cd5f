"""The policy: what runs alone, what a person sees, and which steps count as acting."""

from hitl.policy.decision import Decision as Decision
from hitl.policy.lane import LaneDecision as LaneDecision
from hitl.policy.lanes import Lane as Lane
from hitl.policy.lanes import Risk as Risk
from hitl.policy.lanes import Zone as Zone
from hitl.policy.schema import Policy as Policy
