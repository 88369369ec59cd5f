"""Values that go into a pack and come out of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from hitl.review.parts import Invitations, Packet, ReviewPlan
from hitl.review.words import Role


@dataclass(frozen=True, slots=True)
class Person:
    """One who takes part in a review."""

    name: str
    """What the lead calls them; it appears in the invitations only."""
    role: Role


@dataclass(frozen=True, slots=True)
class Packed:
    """A whole review before any vote."""

    plan: ReviewPlan
    packets: Mapping[str, Packet]
    """By reviewer."""
    sealed: bytes
    """Content of `key.sealed`."""
    invitations: Invitations
