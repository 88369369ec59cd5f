"""A case: one input with what must hold for the replies to it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from hitl.document.schema import Document, Identifier, Json
from hitl.golden.expectation import Expectation, OutcomeClass


class Severity(StrEnum):
    """What a wrong reply to a case costs."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Provenance(Document):
    """Where a case comes from, and how long it may be trusted."""

    incident: str | None = None
    """Id of the incident that the case comes from."""
    decision_id: str | None = None
    """Id of the production decision that it comes from."""
    added_at: datetime | None = None
    """When it was added."""
    added_by: str | None = None
    """Who added it."""
    verified_at: datetime | None = None
    """When a person last found it right."""
    expires_at: datetime | None = None
    """When it is to be looked at again."""


class Case(Document):
    """One input with its expectations."""

    id: Identifier
    """Unique in the golden set."""
    input: str | tuple[dict[str, Json], ...] | dict[str, Json] = ""
    """Text, chat messages, or the object that the subset's prompt template takes."""
    expect: tuple[Expectation, ...] = ()
    """Rules, added to the subset's."""
    outcome: OutcomeClass | None = None
    """Expected outcome class; the subset's if not given."""
    reference: Json = None
    """The expected answer, for people and for scripted models."""
    context: Json = None
    """Evidence handed over with the input: documents, tool results, offered tools."""
    severity: Severity = Severity.MEDIUM
    """What a wrong reply costs."""
    zero_tolerance: bool = False
    """A single failure of the candidate on this case breaks the floor."""
    slices: dict[Identifier, Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        default_factory=dict
    )
    """Name and value; every slice is reported on its own."""
    cluster: Identifier | None = None
    """Cases that share it are not independent evidence."""
    tags: tuple[str, ...] = ()
    """Free words."""
    notes: str | None = None
    """Free text."""
    provenance: Provenance | None = None
    """Where the case comes from."""
