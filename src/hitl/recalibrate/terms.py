"""What is to be promised, and what one test has to hold for it."""

from dataclasses import dataclass
from datetime import datetime

from hitl.recalibrate.scores import Planted
from hitl.stats.proportion import lower_limit
from hitl.stats.threshold_plan import spent

_DETECTION_FLOOR = 0.9
"""Share of the errors that reviewers find, from which labels are taken as they are."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be promised."""

    at: datetime
    """Now, with its zone."""
    target: float = 0.02
    """Largest error rate among decisions that run alone."""
    delta: float = 0.05
    """Chance that a promise does not hold: of one recalibration, or of all of them where it is spent."""
    is_family: bool = False
    """Whether all action types are to hold together."""
    round: int = 1
    """Number of this recalibration, from 1."""
    spends: bool = False
    """Whether this and all other recalibrations share one delta, each with its part by its number."""
    random_labels: bool = False
    """Whether somebody states that labels are a random sample."""
    valid_days: int = 90
    """Days for which a certificate stands."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What one test has to hold, fixed before any label is looked at."""

    target: float
    delta: float
    """Chance for this test alone."""
    is_stated: bool = False
    owes_seen: bool = False
    """Whether labels are what people did, so that what a person saw should have one in a stated sample too."""
    detection: float = 1.0
    """Lower limit of the share of errors that reviewers find; found error rates are divided by it."""
    detected: float = 1.0
    """The share of planted errors that they found."""

    @classmethod
    def of(cls, ask: Ask, family: int, planted: Planted) -> "Terms":
        """Return the terms of one type among so many that share the chance.

        Where planted errors were missed, half of the chance goes to the limit of what reviewers find.
        """
        own = spent(ask.delta, ask.round) if ask.spends else ask.delta
        delta = own / max(1, family if ask.is_family else 1)
        if not planted.n:
            return cls(ask.target, delta, ask.random_labels)
        found = lower_limit(planted.caught, planted.n, 1.0 - delta / 2)
        if found >= _DETECTION_FLOOR:
            return cls(ask.target, delta, ask.random_labels)
        share = planted.caught / planted.n
        return cls(ask.target, delta / 2, ask.random_labels, detection=found, detected=share)

    @property
    def delta_spent(self) -> float:
        """Return the chance that is spent in all, on the test and on the limit of what reviewers find."""
        return self.delta * 2 if self.detection < 1.0 else self.delta

    @property
    def tested(self) -> float:
        """Return the largest rate of errors found that proves the target."""
        return self.target * self.detection
