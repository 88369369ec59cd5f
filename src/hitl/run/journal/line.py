"""Lines of a journal that hold no reply."""

from typing import Literal

from hitl.document.schema import Amount, Document


class Header(Document):
    """First line of a journal: what was frozen before the first call."""

    format: Literal["hitl/journal/v1"] = "hitl/journal/v1"
    release_id: str
    shard: str | None = None
    """`k/n` where the run holds one part of the cases."""
    settings: dict[str, str]
    """SHA-256 of each thing that decides what is asked, by name."""
    golden_set: str
    """SHA-256 of the golden set, its expectations included."""


class ProbeLine(Document):
    """What was found out about an endpoint before calls were made."""

    lane: str
    at: str | None = None
    shard: str | None = None
    """Part of the cases that it was made for."""
    resolved_model: str | None = None
    metadata_identity: str | None = None
    dropped: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    charged: Amount = 0.0
    """USD that the probe calls cost."""
