"""The risk matrix: which lane a decision takes, by its risk and the zone of its confidence."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Self

from pydantic import Discriminator, Tag, model_validator

from hitl.document.schema import Document
from hitl.policy.lanes import PERSON_FIRST, RISKS, Lane, Risk, Zone, is_laxer, stricter


class LanesByZone(Document):
    """Lanes of one risk, from high to low confidence; lower confidence is never treated more laxly."""

    high_confidence: Lane
    """At the threshold `auto` and above."""
    medium_confidence: Lane | None = None
    """From `review` up to `auto`; the lane of low confidence if not given."""
    low_confidence: Lane
    """Below `review`."""

    @model_validator(mode="after")
    def _falls(self) -> Self:
        medium = self.lane(Zone.MEDIUM)
        if is_laxer(medium, self.high_confidence) or is_laxer(self.low_confidence, medium):
            raise ValueError(
                f"lower confidence takes a laxer lane ({self.high_confidence}, {medium}, {self.low_confidence});"
                " expected each at least as strict as the one before: auto, audit, queue, escalate"
            )
        return self

    def lane(self, zone: Zone) -> Lane:
        """Return the lane of a zone."""
        lane: Lane | None = getattr(self, zone.value)
        return self.low_confidence if lane is None else lane


def _one_or_by_zone(value: object) -> str:
    return "<lane>" if isinstance(value, str) else "<zones>"


Row = Annotated[
    Annotated[Lane, Tag("<lane>")] | Annotated[LanesByZone, Tag("<zones>")],
    Discriminator(_one_or_by_zone),
]
"""Lanes by zone, or one lane for every confidence."""


def _row(high: Lane, medium: Lane, low: Lane) -> LanesByZone:
    return LanesByZone(high_confidence=high, medium_confidence=medium, low_confidence=low)


DEFAULTS = {
    Risk.LOW: _row(Lane.AUTO, Lane.AUDIT, Lane.QUEUE),
    Risk.MEDIUM: _row(Lane.AUTO, Lane.AUDIT, Lane.QUEUE),
    Risk.HIGH: _row(Lane.AUDIT, Lane.QUEUE, Lane.ESCALATE),
    Risk.CRITICAL: _row(Lane.ESCALATE, Lane.ESCALATE, Lane.ESCALATE),
}


class RiskMatrix(Document):
    """Lane by risk and confidence; a risk that is not given has its default, made as strict as the risk below it."""

    low: Row | None = None
    """By default it runs alone (`auto`), is answered and reviewed (`audit`), or waits for a reviewer (`queue`)."""
    medium: Row | None = None
    """By default as low risk."""
    high: Row | None = None
    """By default it runs with an audit sample (`audit`), waits for a reviewer (`queue`), or for an expert (`escalate`)."""
    critical: Row | None = None
    """By default an expert decides (`escalate`), whatever the confidence; `queue` is the only other lane allowed."""

    @model_validator(mode="after")
    def _rises(self) -> Self:
        problems = [*self._laxer_rows()]
        alone = self.lane(Risk.CRITICAL, Zone.HIGH)
        if alone not in PERSON_FIRST:
            problems.append(
                f"critical risk runs alone ({alone}); expected queue or escalate:"
                " a critical decision always goes to a person"
            )
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _laxer_rows(self) -> Iterator[str]:
        for below, above in pairwise(RISKS):
            for zone in Zone:
                lax, strict = self.lane(above, zone), self.lane(below, zone)
                if is_laxer(lax, strict):
                    yield (
                        f"at {zone.value} {above} risk takes {lax} and {below} risk {strict};"
                        " expected the higher risk at least as strict"
                    )

    def lane(self, risk: Risk, zone: Zone) -> Lane:
        """Return the lane of a risk and a zone."""
        row: Lane | LanesByZone | None = getattr(self, risk.value)
        if isinstance(row, Lane):
            return row
        if row is not None:
            return row.lane(zone)
        default = DEFAULTS[risk].lane(zone)
        place = RISKS.index(risk)
        return stricter(default, self.lane(RISKS[place - 1], zone)) if place else default
