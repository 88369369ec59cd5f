"""Which autonomous decisions people look at afterwards: the rate by maturity, and the draw."""

import hashlib
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from hitl.document.schema import Document, Share

Days = Annotated[int, Field(ge=1, le=36_500)]
"""A number of days, 1 or more."""


class Maturity(StrEnum):
    """How long the model has been at work."""

    NEW = "new"
    """Less than `new_days`, or not known."""
    ESTABLISHED = "established"
    """From `new_days` up to `stable_days`."""
    STABLE = "stable"
    """`stable_days` and more."""


class AuditPolicy(Document):
    """Share of the decisions in the lane `audit` that people look at, by the model's maturity."""

    new: Share = 0.25
    """While the model is new; 0.2 to 0.3 is usual."""
    established: Share = 0.15
    """After that; 0.1 to 0.2 is usual."""
    stable: Share = 0.075
    """Once it is stable; 0.05 to 0.1 is usual."""
    new_days: Days = 14
    """Days for which a model counts as new."""
    stable_days: Days = 90
    """Days after which it counts as stable."""

    @model_validator(mode="after")
    def _falls(self) -> Self:
        if not self.new >= self.established >= self.stable:
            raise ValueError("a younger model is looked at less; expected new >= established >= stable")  # fmt: skip
        if self.new_days > self.stable_days:
            raise ValueError(
                f"new_days ({self.new_days}) is more than stable_days ({self.stable_days})"
            )
        return self

    def maturity(self, age: timedelta | None) -> Maturity:
        """Return the maturity of a model that has been active for so long; None is new."""
        if age is None or age < timedelta(days=self.new_days):
            return Maturity.NEW
        return Maturity.ESTABLISHED if age < timedelta(days=self.stable_days) else Maturity.STABLE

    def rate(self, maturity: Maturity) -> float:
        """Return the share that people look at."""
        rate: float = getattr(self, maturity.value)
        return rate


class AuditDraw:
    """Draws the audit sample by a hash, so that a replay on any machine draws the same decisions.

    The draw of a decision is the first 53 bits of SHA-256 over policy id, version and decision id (each with its
    length in bytes before it), as a number from 0 up to 1; a decision is audited if its draw lies below the rate.
    So a higher rate keeps every decision that a lower one drew, and a new version of the policy draws anew.
    """

    def __init__(self, policy_id: str, version: str) -> None:
        self._start = hashlib.sha256(_framed(policy_id) + _framed(version))

    def draw(self, decision_id: str) -> float:
        """Return a decision's number, from 0 up to but not including 1."""
        hashed = self._start.copy()
        hashed.update(_framed(decision_id))
        return (int.from_bytes(hashed.digest()[:8]) >> 11) * 2.0**-53


def _framed(text: str) -> bytes:
    content = text.encode("utf-8", "surrogatepass")
    return len(content).to_bytes(8) + content
