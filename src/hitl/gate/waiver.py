"""Waivers: what a named owner accepted, and whether that lifts anything."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hitl.manifest.gate_class import Authority
from hitl.manifest.release import Waiver


class WaiverStatus(StrEnum):
    """What a waiver may do."""

    UNVERIFIED = "unverified"
    """No verified signature: it is shown and lifts nothing."""
    EXPIRED = "expired"
    NOT_APPLICABLE = "not_applicable"
    """The subset blocks or triggers a rollback, which no waiver lifts."""


@dataclass(frozen=True, slots=True)
class WaiverResult:
    """One waiver of the manifest, judged."""

    waiver: Waiver
    status: WaiverStatus
    message: str


def judge_waiver(waiver: Waiver, authorities: frozenset[Authority], at: datetime) -> WaiverResult:
    """Say what a waiver may do on the day of the verdict.

    Args:
        waiver: as written in the manifest.
        authorities: the authorities that its subset has in the release.
        at: the time of the verdict, with a zone.
    """
    expires = waiver.expires_at
    if expires.tzinfo is None or expires <= at:
        detail = "has no zone" if expires.tzinfo is None else f"expired on {expires.isoformat()}"
        return WaiverResult(
            waiver,
            WaiverStatus.EXPIRED,
            f"the waiver of {waiver.owner} for {waiver.subset} {detail}; it lifts nothing",
        )
    if authorities & {Authority.BLOCK, Authority.ROLLBACK_TRIGGER}:
        message = (
            f"no waiver lifts a block: {waiver.owner} accepted {waiver.subset} ({waiver.reason})"
        )
        return WaiverResult(waiver, WaiverStatus.NOT_APPLICABLE, message)
    message = f"{waiver.owner} accepted {waiver.subset} ({waiver.reason}), but no signature was verified; it lifts nothing"
    return WaiverResult(waiver, WaiverStatus.UNVERIFIED, message)
