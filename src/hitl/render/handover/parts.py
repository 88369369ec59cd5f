"""The documents of a hand-over, for machines; the Markdown views are drawn from the same values."""

from enum import StrEnum
from typing import Literal

from hitl.document.schema import Document


class Fact(Document):
    """One thing that is known, by name."""

    name: str
    """What it is."""
    value: str
    """What is known; text."""


class Quote(Document):
    """A text that somebody or a model wrote."""

    title: str
    """Whose it is, and what the checks say of it."""
    text: str
    """Redacted and cut."""
    cut: int = 0
    """Characters left out."""


class EvidenceRef(Document):
    """One file that the matter stands on."""

    role: str
    """What it is."""
    path: str
    """Relative to the manifest, or to the record for `evidence/...`; the log's as it was named."""
    sha256: str
    """Of its bytes; empty where a table was read."""


class RecordRef(Document):
    """The release record that the matter belongs to."""

    path: str
    """As it was named."""
    release_id: str
    """The release."""
    verdict: str
    """ship, hold or revert."""
    digest: str
    """SHA-256 that the record was sealed with; it was checked."""


class Matter(Document):
    """What is handed over: a case of a release, or a decision of a log."""

    kind: Literal["case", "decision"]
    """Which of the two."""
    id: str
    """Of the case or the decision."""
    workflow_id: str
    """The workflow."""
    subset: str = ""
    """Of a case."""
    what: str
    """What happened, in one sentence."""
    severity: str
    """low, medium, high, critical, or unknown."""
    facts: tuple[Fact, ...]
    """What is known of it."""
    expected: tuple[str, ...]
    """What should have held."""
    quotes: tuple[Quote, ...]
    """What was asked and answered."""
    pool: str = ""
    """Reviewers who were to look; empty where nobody says."""
    action_type: str = ""
    """Kind of action; empty where nobody says."""
    lane: str = ""
    """Where the policy sent it; empty where nobody says."""


class Priority(StrEnum):
    """How pressing a ticket is."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


class Ticket(Document):
    """A triage ticket, ready for an issue tracker."""

    format: Literal["hitl/ticket/v1"] = "hitl/ticket/v1"
    """`hitl/ticket/v1`."""
    title: str
    """At most 120 characters."""
    body: str
    """Markdown, in which every text of a model stays text."""
    labels: tuple[str, ...]
    """Words to sort by."""
    priority: Priority
    """By severity; P2 where the severity is not known."""
    owner: str
    """Who answers for the release."""
    contact: str
    """Where they are reached."""
    fingerprint: str
    """The same for the same matter: a tracker that knows it needs no second ticket."""
    matter: Matter
    """What it is about."""
    record: RecordRef
    """The record."""
    next_steps: tuple[str, ...]
    """What to do, the most pressing first."""


class Escalation(Document):
    """A message to whoever has to decide."""

    format: Literal["hitl/escalation/v1"] = "hitl/escalation/v1"
    """`hitl/escalation/v1`."""
    subject: str
    """One line."""
    message: str
    """Plain text of a few lines, for chat or mail."""
    to: tuple[str, ...]
    """Who decides: reviewers of the pool, who answers for the tier, the owner of the release."""
    tier: int | None
    """0 to 3; None where no policy says."""
    within_minutes: float | None
    """How soon somebody has to look; None where no policy says."""
    meanwhile: str
    """What happens until then."""
    matter: Matter
    """What it is about."""
    record: RecordRef
    """The record."""


class Point(Document):
    """One line of a sign-off."""

    text: str
    """What is to be seen or decided."""
    is_settled: bool
    """Whether the evidence settles it; what is not measured never is."""
    authority: str = ""
    """Authority of the gate; empty for other points."""


class SignOff(Document):
    """What somebody who signs has to look at."""

    format: Literal["hitl/sign-off/v1"] = "hitl/sign-off/v1"
    """`hitl/sign-off/v1`."""
    title: str
    """The release and its verdict."""
    owner: str
    """Who answers for the release."""
    contact: str
    """Where they are reached."""
    gates: tuple[Point, ...]
    """Each subset under each of its authorities."""
    open_points: tuple[Point, ...]
    """Findings, shifts, conditions and waivers: a person decides."""
    next_steps: tuple[str, ...]
    """What the verdict asks for."""
    statement: str
    """What the signature says."""
    record: RecordRef
    """The record."""


class Bundle(Document):
    """`evidence.json`: all that is needed to check what was handed over."""

    format: Literal["hitl/evidence-bundle/v1"] = "hitl/evidence-bundle/v1"
    """`hitl/evidence-bundle/v1`."""
    record: RecordRef
    """The record."""
    matter: Matter | None
    """What it is about; None where the whole release is."""
    files: tuple[EvidenceRef, ...]
    """Every input of the verdict, and the log where there is one."""
    commands: tuple[str, ...]
    """What checks it, and shows it again."""
