"""The parts of a record about reviewers, from gate results and a recalibration."""

from collections.abc import Iterable
from dataclasses import dataclass

from hitl.gate.authority import GateResult
from hitl.manifest.forecast import FORECAST
from hitl.recalibrate.forecast.parts import Forecast
from hitl.recalibrate.parts import Recalibration, TypeResult
from hitl.record.forecast_parts import ForecastGate, ProofPart, RecalibrationPart, ThresholdMove
from hitl.record.parts import EvidencePart, RulePart


@dataclass(frozen=True, slots=True)
class NamedRecalibration:
    """A recalibration that a release names, as it was read."""

    path: str
    sha256: str
    document: Recalibration
    unused: str
    """Why its thresholds are not used; empty where they are."""


@dataclass(frozen=True, slots=True)
class Foresight:
    """What is known of reviewers, and on which files it stands."""

    forecast: Forecast
    recalibration: NamedRecalibration | None = None
    evidence: tuple[EvidencePart, ...] = ()
    """Files of the baseline; of a table its address and the digest of what was counted."""


def forecast_gates(gates: Iterable[GateResult]) -> tuple[ForecastGate, ...]:
    """Return what the authorities say of the forecast alone, the strongest first."""
    return tuple(
        ForecastGate(
            authority=gate.authority,
            state=gate.state,
            reason=gate.reason,
            rules=tuple(map(RulePart.of, gate.rules)),
        )
        for gate in gates
        if gate.subset == FORECAST and all(one.is_about_traffic for one in gate.classes)
    )


def recalibration_part(named: NamedRecalibration) -> RecalibrationPart:
    """Return a recalibration as the record keeps it."""
    found = named.document
    return RecalibrationPart(
        path=named.path,
        sha256=named.sha256,
        model=found.model,
        policy_version=found.policy_version,
        new_version=found.new_version,
        policy_digest=found.policy_digest,
        created_at=found.created_at,
        loosens=found.loosens,
        unused=named.unused,
        moves=tuple(map(_move, found.types)),
    )


def _move(found: TypeResult) -> ThresholdMove:
    return ThresholdMove(
        action_type=found.action_type,
        state=found.state.value,
        direction=found.direction.value,
        before=found.auto,
        after=found.proposed,
        reason=found.reason,
        proof=ProofPart.of(found.certificate) if found.certificate else None,
        suggestions=tuple(one.message for one in found.suggestions),
    )
