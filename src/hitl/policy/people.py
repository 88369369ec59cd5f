"""Who looks, within what time, and what happens when nobody does or the model fails."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from hitl.document.schema import Amount, Document, Identifier, Share
from hitl.policy.lanes import Lane

Level = Annotated[int, Field(ge=0, le=3)]
"""A tier, 0 to 3."""


class Pool(Document):
    """A group of reviewers."""

    members: tuple[str, ...] = ()
    """Reviewers, by name or hash."""
    capacity_per_hour: Amount | None = None
    """Decisions that the pool can look at in an hour."""
    tier: Level | None = None
    """0 to 3, from automatic with sampling to executive sign-off; 1 if not given."""
    sla_minutes: Amount | None = None
    """Longest wait until a person looks; its tier's if not given."""


def _many(value: object) -> object:
    # Tuples, because strict validation takes no list from a function.
    return (
        (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value
    )


Roles = Annotated[tuple[Identifier, ...], BeforeValidator(_many, json_schema_input_type=Identifier | list[Identifier])]  # fmt: skip
"""One name or a list of names."""


TierName = Literal["0", "1", "2", "3"]
TIERS: tuple[TierName, ...] = ("0", "1", "2", "3")


class Tier(Document):
    """What one tier means, and who answers for it (RACI)."""

    name: str | None = None
    """What people call it."""
    sla_minutes: Amount | None = None
    """Longest wait until a person looks."""
    sampling: Share | None = None
    """Tier 0: share of the decisions in the lane `auto` that people look at afterwards."""
    responsible: Roles = ()
    """Who does the work: pools, roles or people."""
    accountable: Roles = ()
    """Who answers for it."""
    consulted: Roles = ()
    """Who is asked."""
    informed: Roles = ()
    """Who is told."""

    @model_validator(mode="before")
    @classmethod
    def _older_name(cls, value: Any) -> Any:  # noqa: ANN401  # anything may stand in a file
        # The first policies wrote `answer_within_minutes`.
        if isinstance(value, dict) and "sla_minutes" not in value:
            older = {"answer_within_minutes": "sla_minutes"}
            return {older.get(key, key): child for key, child in value.items()}
        return value


DEFAULT_TIERS: dict[TierName, Tier] = {
    "0": Tier(name="automatic with sampling", sampling=0.05),
    "1": Tier(name="triage", sla_minutes=60.0),
    "2": Tier(name="expert", sla_minutes=240.0),
    "3": Tier(name="sign-off"),
}
"""Tiers that a policy does not name."""


class WhenLate(StrEnum):
    """What happens to a decision that nobody looked at in time; none of them approves it."""

    ESCALATE = "escalate"
    """It goes to the next tier."""
    FALLBACK = "fallback"
    """The fallback answer is given."""
    HOLD = "hold"
    """It waits on."""
    PAGE = "page"
    """It waits on, and somebody is called."""


class Timeout(Document):
    """What happens when nobody looks in time; silence is not approval."""

    after_minutes: Amount | None = None
    """Minutes after which it happens; the SLA if not given."""
    then: WhenLate
    """What happens."""


def _a_person(lane: Lane) -> Lane:
    if lane in (Lane.AUTO, Lane.AUDIT):
        raise ValueError("nothing runs alone where the model failed; expected queue or escalate")
    return lane


class Fallback(Document):
    """Where a decision goes when the model fails."""

    lane: Annotated[Lane, AfterValidator(_a_person)] = Lane.QUEUE
    """`queue` or `escalate`."""
    pool: Identifier | None = None
    """Who looks; the pool of the action type if not given."""
    message: str | None = None
    """What the customer or the workflow is told meanwhile."""


class Fallbacks(Document):
    """What happens when the model fails, by how it failed."""

    model_error: Fallback = Fallback()
    """The model answered with an error, or not at all."""
    model_timeout: Fallback = Fallback()
    """It did not answer in time."""
    invalid_output: Fallback = Fallback()
    """Its answer cannot be used."""
    unknown_action_type: Fallback = Fallback(lane=Lane.ESCALATE)
    """It proposed an action type that the policy does not know."""


class Failure(StrEnum):
    """How the model failed, as a decision states it."""

    MODEL_ERROR = "model_error"
    MODEL_TIMEOUT = "model_timeout"
    INVALID_OUTPUT = "invalid_output"
