"""Are both sides known alike? If not, a difference of what is known may be one of what is missing."""

from dataclasses import dataclass

from hitl.decisions.change.rules import MOST_APART, ComparisonRules
from hitl.decisions.measures.measured import percent
from hitl.stats.two_rates import rate_difference

SAYS_NOTHING = "the sides are not known alike, so a difference of what is known says nothing"


@dataclass(frozen=True, slots=True)
class Known:
    """How many decisions have something, of how many."""

    k: int
    n: int

    @property
    def share(self) -> float | None:
        """The share of those that have it; None where there is no decision."""
        return self.k / self.n if self.n else None


def apart(what: str, before: Known, after: Known, rules: ComparisonRules, parts: int = 1) -> str:
    """Return why two sides are not known alike, `what` saying what is known; empty if they are.

    The rest is as for `differ`.
    """
    told = differ(what, before, after, rules, parts)
    return f"{told}: {SAYS_NOTHING}" if told else ""


def differ(what: str, before: Known, after: Known, rules: ComparisonRules, parts: int = 1) -> str:
    """Return how two shares differ by more than five points and by more than chance; empty if they do not.

    Args:
        what: what is shared, in words.
        before: those of the earlier side.
        after: those of the later side.
        rules: whose confidence is the one of the difference.
        parts: how many parts of the sides are looked at, so that one of many does not differ by chance.
    """
    first, second = before.share, after.share
    if first is None or second is None or abs(second - first) <= MOST_APART:
        return ""
    confidence = 1.0 - (1.0 - rules.confidence) / parts
    found = rate_difference((before.k, before.n), (after.k, after.n), confidence)
    if found.low <= 0.0 <= found.high:
        return ""
    return f"{percent(first)} {what} before and {percent(second)} after"
