"""The facts of a decision that its lane depends on."""

from typing import NamedTuple

from hitl.policy.audit import Maturity
from hitl.policy.lanes import RISKS, Zone
from hitl.policy.people import Failure
from hitl.policy.signal import Signal

NONSENSE = "?"
"""Stands for every word that is none of a closed set."""

RISK_WORDS = frozenset(map(str, RISKS))
FAILURE_WORDS = frozenset(map(str, Failure))


class Facts(NamedTuple):
    """All that a lane depends on; two decisions with the same facts take the same lane."""

    action_type: str | None
    """None where the policy does not know it."""
    zone: Zone | None
    """None where confidence or thresholds are missing."""
    has_confidence: bool
    has_id: bool
    stated_risk: str | None
    failure: str | None
    maturity: Maturity
    dynamic: tuple[Signal, ...]
    indicators: tuple[Signal, ...]
    is_calibrated: bool = True
    """Whether a confidence that is known could go through the calibrator, where the policy has one."""


def stated(word: object, words: frozenset[str]) -> str | None:
    """Return a word of a closed set; None where nothing is said, `?` where it is none of them."""
    if word is None or word == "":
        return None
    return str(word) if isinstance(word, str) and word in words else NONSENSE
