"""The parts of a release record that are about reviewers: rules on the forecast, and a recalibration."""

from hitl.gate.verdict_words import State
from hitl.manifest.gate_class import Authority
from hitl.record.parts import Figure, Part, RulePart


class ForecastGate(Part):
    """What one authority says about the forecast."""

    authority: Authority
    state: State
    reason: str
    """Why the state is what it is, in one sentence."""
    rules: tuple[RulePart, ...]


class ProofPart(Part):
    """A certificate in short."""

    target: Figure
    """Largest error rate among decisions that run alone."""
    delta: Figure
    """Chance that the true rate is above it all the same."""
    upper: Figure
    """Upper limit of the error rate at or above the threshold."""
    n: int
    """Labelled decisions at or above it."""
    k: int
    """Wrong ones among them."""
    method: str
    data_digest: str
    """SHA-256 of the counts that it was proved from."""
    valid_until: str


class ThresholdMove(Part):
    """One action type of a recalibration."""

    action_type: str
    state: str
    """certified, uncertified, constant, unlabelled, closed, unbound or absent."""
    direction: str
    """What becomes of its autonomy: gains, loses, keeps or none."""
    before: Figure | str | None
    """Confidence from which it runs alone under the policy; `never`, or null where it has none."""
    after: Figure | str | None
    """The same as proposed; null where nothing is."""
    reason: str
    proof: ProofPart | None
    """What the proposed threshold stands on."""
    suggestions: tuple[str, ...] = ()
    """Risk indicators and pools to consider."""


class RecalibrationPart(Part):
    """The recalibration that a release names."""

    path: str
    sha256: str
    model: str | None
    """Whose scores and errors it was made of."""
    policy_version: str
    new_version: str | None
    """Of the changed policy; null where nothing changes."""
    policy_digest: str
    created_at: str
    loosens: bool
    """Whether any decision would run alone that did not before."""
    unused: str
    """Why its thresholds are not used in the forecast; empty where they are."""
    moves: tuple[ThresholdMove, ...]
