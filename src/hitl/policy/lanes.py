"""Lanes, risks and zones: the closed sets of a policy, each from lax to strict."""

from enum import StrEnum

from hitl.decisions.words import Lane as Lane
from hitl.decisions.words import Level

Risk = Level
"""How much harm a wrong action can do: the words that decision logs use for it."""


class Zone(StrEnum):
    """Where a decision's confidence lies between the thresholds of its action type."""

    HIGH = "high_confidence"
    """At `auto` and above."""
    MEDIUM = "medium_confidence"
    """From `review` up to `auto`."""
    LOW = "low_confidence"
    """Below `review`, or not known."""


RISKS = tuple(Risk)
LANES = tuple(Lane)
ZONES = tuple(Zone)
PERSON_FIRST = frozenset({Lane.QUEUE, Lane.ESCALATE})
"""Lanes in which a person decides before anything happens."""

_RISK_ORDER = {risk: place for place, risk in enumerate(RISKS)}
_LANE_ORDER = {lane: place for place, lane in enumerate(LANES)}


def higher(first: Risk, second: Risk) -> Risk:
    """Return the higher of two risks."""
    return first if _RISK_ORDER[first] >= _RISK_ORDER[second] else second


def stricter(first: Lane, second: Lane) -> Lane:
    """Return the stricter of two lanes."""
    return first if _LANE_ORDER[first] >= _LANE_ORDER[second] else second


def is_laxer(first: Lane, second: Lane) -> bool:
    """Say whether the first lane asks for less of people than the second."""
    return _LANE_ORDER[first] < _LANE_ORDER[second]
