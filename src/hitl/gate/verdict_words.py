"""The closed sets in which the gate speaks."""

from enum import StrEnum


class Verdict(StrEnum):
    """What to do with the candidate."""

    SHIP = "ship"
    HOLD = "hold"
    REVERT = "revert"


class State(StrEnum):
    """What the evidence says about one rule or subset."""

    PASS = "pass"
    FAIL = "fail"
    UNDECIDED = "undecided"
    """Enough data, and it straddles the limit."""
    UNMEASURED = "unmeasured"
    """Not enough data, or none."""
