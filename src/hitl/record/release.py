"""The release record document (`record.json`)."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from hitl.digest import digest
from hitl.document.schema import Document, Json
from hitl.gate.verdict_words import Verdict
from hitl.manifest.release import Stage
from hitl.recalibrate.forecast.parts import Forecast
from hitl.record.forecast_parts import ForecastGate, RecalibrationPart
from hitl.record.judge_parts import CorrectionPart, JudgePart, LayerPart
from hitl.record.parts import (
    AliasPart,
    ArmIdentity,
    Condition,
    DeltaPart,
    EvidencePart,
    Failure,
    FailureMode,
    MeasurePart,
    Note,
    Reason,
    ShiftPart,
    SubsetResult,
    WaiverPart,
)
from hitl.record.ratings_parts import RatingsPart
from hitl.record.style import StylePart

UNSEALED = frozenset({"created_at", "environment", "digest"})
"""Fields that may differ between two runs on the same inputs."""


class ReleaseRecord(Document):
    """What was decided about a release, and everything that it stands on."""

    format: Literal["hitl/record/v1"] = "hitl/record/v1"
    release_id: str
    workflow_id: str
    route_id: str
    change_surface: str
    stage: Stage
    verdict: Verdict
    headline: str
    """One line of why."""
    exit_code: int
    reasons: tuple[Reason, ...]
    conditions: tuple[Condition, ...]
    waivers: tuple[WaiverPart, ...]
    previous_model: ArmIdentity
    candidate_model: ArmIdentity
    alias_resolution: AliasPart | None
    subsets: tuple[SubsetResult, ...]
    forecast: Forecast | None = None
    """What reviewers would face if the candidate answered the baseline's traffic; None where none is named."""
    forecast_gates: tuple[ForecastGate, ...] = ()
    """What the gate classes on the forecast say."""
    recalibration: RecalibrationPart | None = None
    """The recalibration that the release names."""
    measures: dict[str, MeasurePart]
    style: dict[str, StylePart] = Field(default_factory=dict)
    """How the arms write, by feature; without those that no reply shows. Empty where replies are labels alone."""
    expected_deltas: tuple[DeltaPart, ...]
    undeclared_shifts: tuple[ShiftPart, ...]
    judges: tuple[JudgePart, ...] = ()
    """Model judges, rubric by rubric, whatever authority they have."""
    corrected_differences: tuple[CorrectionPart, ...] = ()
    """Differences of judged subsets, corrected by what people said of a random part of the replies."""
    ratings: RatingsPart | None = None
    """What people found in a blind review; None where the release names none."""
    cascade: tuple[LayerPart, ...] = ()
    """Rules, judge, person: what each was asked, what it settled, and what it cost."""
    failures: tuple[Failure, ...]
    failure_modes: tuple[FailureMode, ...]
    redactions: dict[str, int] = Field(default_factory=dict)
    """Pieces of personal data and keys that are missing in the texts above, by kind.

    Of a reply that is quoted all its pieces count, also those taken out before it was stored, or beyond the cut.
    """
    findings: tuple[Note, ...]
    """Standing rules against self-deception, and what the suite could not have seen."""
    golden_set: dict[str, Json]
    """id, version, digest."""
    evidence: tuple[EvidencePart, ...]
    manifest: dict[str, Json]
    """The release manifest as it was read."""
    owner: dict[str, str]
    confidence: float
    seed: int
    created_at: datetime
    environment: dict[str, Json]
    digest: str = ""
    """SHA-256 of the canonical record without created_at, environment and this field."""

    def sealed(self) -> "ReleaseRecord":
        """Return the record with its digest."""
        return self.model_copy(update={"digest": self.compute_digest()})

    def compute_digest(self) -> str:
        """Return the digest that the content of the record has."""
        return digest(self.model_dump(mode="json", exclude=set(UNSEALED)))
