"""The documents of a recalibration: `recalibration.json`, and the certificates that travel with a policy."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from hitl.document.schema import Amount, Count, Document, Identifier, OpenShare, Share
from hitl.policy.action import Never
from hitl.recalibrate.words import Direction, ErrorsBy, State

Threshold = Share | Never
"""A confidence, or `never`: nothing of the type runs alone."""


class Stratum(Document):
    """Decisions at or above a threshold that had the same chance to be labelled."""

    probability: Share | None
    """Chance of a label; null where every decision has one."""
    n_all: Count
    """Decisions, labelled or not."""
    n: Count
    """Those with a label."""
    k: Count
    """Those whose label says wrong."""


class Certificate(Document):
    """What was proved of a threshold, and what it was proved from; it travels with the threshold."""

    action_type: Identifier
    """The action type."""
    threshold: Share
    """Confidence at which decisions run alone (`auto`)."""
    target: OpenShare
    """Largest error rate among decisions that run alone."""
    delta: OpenShare
    """Chance that the true rate is above the target all the same, as spent on this test."""
    delta_total: OpenShare
    """The chance that was asked for: of this recalibration, or over all of them where `spends`; shared by a family."""
    round: Annotated[int, Field(ge=1)]
    """Number of this recalibration."""
    spends: bool = False
    """Whether `delta_total` is over all recalibrations, of which each has its part by its number; else each has its own."""
    family: Annotated[int, Field(ge=1)]
    """Action types that share the chance; 1 where each has its own promise."""
    n: Count
    """Labelled decisions at or above the threshold."""
    k: Count
    """Wrong ones among them."""
    n_all: Count
    """Decisions at or above the threshold, labelled or not."""
    upper: Share
    """Upper limit of the error rate at or above the threshold, at confidence 1 - delta."""
    method: str
    """How it was proved."""
    strata: tuple[Stratum, ...]
    """The counts by chance of a label."""
    n_tested: Count
    """Thresholds that were tested, from high to low."""
    first_tested: Share
    """Threshold at which the test began, fixed without looking at a label."""
    errors_by: ErrorsBy
    """What counts as an error."""
    model: str | None
    """Identity of the model whose scores and errors these are; null where the log names none."""
    policy_id: str
    """Policy that said which decisions could run alone."""
    policy_version: str
    """Its version."""
    calibrator: str | None = None
    """SHA-256 of the calibrator through which the confidence went; null where it is the model's own."""
    rules: str | None = None
    """SHA-256 of what in the policy, besides thresholds, says which decisions of the type could run alone."""
    data_digest: str
    """SHA-256 of the counts that the test was made on, as canonical JSON."""
    sources: tuple[str, ...]
    """Files and tables of the log."""
    first_day: str | None
    """First day of the decisions, UTC."""
    last_day: str | None
    """Last day."""
    issued_at: str
    """When, ISO 8601."""
    valid_until: str
    """Until when it stands, ISO 8601; earlier if a drift alarm fires."""
    replay: str | None = None
    """SHA-256 of the replay on past logs, where the threshold lets more run alone than before."""


class CertificateFile(Document):
    """`<policy>.certificates.json`, beside the policy: what its thresholds stand on."""

    format: Literal["hitl/threshold-certificates/v1"]
    """`hitl/threshold-certificates/v1`."""
    policy_id: str
    """Name of the policy; empty if it has none."""
    policy_version: str
    """Version of the policy that the newest certificates are for."""
    certificates: tuple[Certificate, ...]
    """Of every recalibration, oldest first; the last of an action type counts."""
    last_round: Count = 0
    """Number of the last recalibration that was written, also where it certified nothing."""
    last_data: tuple[str, ...] = ()
    """SHA-256 of the counts that it tested, sorted: the same test on the same data spends nothing more."""


def certificates_path(policy: Path) -> Path:
    """Return where the certificates of a policy lie: beside it."""
    return policy.with_name(f"{policy.stem}.certificates.json")


class CurvePoint(Document):
    """What a threshold would mean, over the decisions that could run alone."""

    threshold: Share
    """Confidence at and above which decisions would run alone."""
    n_all: Count
    """Decisions at or above it."""
    n: Count
    """Those with a label."""
    k: Count
    """Those whose label says wrong."""
    error: Share | None
    """Error rate among decisions at or above it, weighted by the chance of a label; null where no label speaks."""
    error_high: Share | None
    """One-sided upper limit of it at 1 - delta, of this threshold by itself."""
    coverage: Share
    """Share of the decisions that could run alone which would."""
    escalation: Share
    """Share of all decisions of the type that a person would decide first."""
    per_week: Amount | None = None
    """Decisions a week that would run alone; null where the log has no times."""
    misses_per_week: Amount | None = None
    """Wrong ones among them, expected."""
    reviewer_hours_per_week: Amount | None = None
    """Work of reviewers on the rest; null where no review time is known."""
    is_tested: bool = False
    """Whether the test came to it."""
    passes: bool = False
    """Whether the test passed it."""


class Suggestion(Document):
    """Something that the numbers ask a person to consider; nothing is written for it."""

    code: str
    """`indicator` or `pool`."""
    message: str
    """What, and why."""


class TypeResult(Document):
    """What a recalibration found for one action type."""

    action_type: Identifier
    """The action type."""
    state: State
    """What could be said."""
    reason: str
    """Why, in words."""
    n: Count
    """Decisions by the model."""
    n_eligible: Count
    """Those that the policy would let run alone at full confidence."""
    n_labelled: Count
    """Eligible ones with a label."""
    n_wrong: Count
    """Those whose label says wrong."""
    auto: Threshold | None
    """Threshold in force; null where the type has none."""
    review: Share | None
    """Lower threshold in force."""
    proposed: Threshold | None
    """Threshold that is proposed; null where there is nothing to propose."""
    proposed_review: Share | None = None
    """Lower threshold that is proposed; lower than before only where `auto` falls below it."""
    direction: Direction
    """What becomes of its autonomy."""
    current_error: Share | None = None
    """Error rate at the threshold in force."""
    current_error_high: Share | None = None
    """Upper limit of it."""
    certificate: Certificate | None = None
    """What the proposed threshold stands on."""
    labels_needed: Count | None = None
    """Labelled decisions that would settle it if errors stay as frequent as seen; null where none would, or none are needed."""
    curve: tuple[CurvePoint, ...] = ()
    """The model's risk and coverage by threshold, from high to low."""
    previous_curve: tuple[CurvePoint, ...] = ()
    """The same of the previous model."""
    suggestions: tuple[Suggestion, ...] = ()
    """Risk indicators and pools to consider."""


class Figure(Document):
    """One number of a score's calibration, with its limits."""

    value: float
    """The number."""
    low: float | None = None
    """Lower limit; of a calibration error, of what perfect scores would show."""
    high: float | None = None
    """Upper limit, likewise."""
    n: Count
    """Labelled decisions behind it."""


class Fit(Document):
    """One way to repair scores, judged on decisions that it was not fitted on."""

    method: str
    """none, temperature, platt, beta or isotonic."""
    parameters: dict[str, float | tuple[float, ...]] = Field(default_factory=dict)
    """What was fitted."""
    error: Figure | None
    """Smooth calibration error on the other half, beside the band that perfect scores would show."""
    brier: float | None
    """Mean squared distance of score and truth on the other half."""
    reason: str = ""
    """Why it was not fitted, or not judged."""


class ScoreCalibration(Document):
    """Does the model's confidence mean what it says, and what would repair it?"""

    action_type: Identifier | None
    """Null for all types together."""
    n: Count
    """Labelled decisions with a confidence."""
    n_values: Count
    """Different confidences, to four digits."""
    top_share: Share | None
    """Share of the decisions with the most frequent confidence, to two digits."""
    is_constant: bool
    """Whether nearly everything has the same confidence."""
    is_uninformative: bool
    """Whether errors are not seen to be rarer where the confidence is higher."""
    auc: Figure | None
    """Chance that a right decision has a higher confidence than a wrong one; 0.5 is no information."""
    slope: Figure | None
    """Of truth on the log-odds of the score; 1 where scores are right, below 1 where high and low ones lie too far apart."""
    spiegelhalter_p: Share | None
    """Two-sided p-value of "every score is right"."""
    fits: tuple[Fit, ...] = ()
    """Ways to repair it, the simplest first."""
    recommended: str | None = None
    """The simplest whose error lies within the band of perfect scores; null where none is needed or none helps."""
    reason: str = ""
    """Why nothing, or no more, can be said."""


class Simulated(Document):
    """How a rule would do on curves like this one, with so many labels."""

    rule: str
    """The rule, such as `fixed sequence`."""
    n: Count
    """Labelled decisions in each run."""
    runs: Count
    """Runs."""
    broken: Share
    """Share of the runs in which the true error rate at the chosen threshold is above the target."""
    broken_low: Share
    """Exact lower limit at 95 %, two-sided."""
    broken_high: Share
    """Upper limit."""
    certified: Share
    """Share of the runs that gave a threshold."""
    autonomy: Share
    """Mean share of decisions that would run alone."""
    best: Share
    """The most that would keep the target if the curve were known."""


class Simulation(Document):
    """`--simulate` for one action type."""

    action_type: Identifier
    """The action type."""
    curve: str
    """How the curve was made of the labels."""
    lines: tuple[Simulated, ...]
    """Rules and numbers of labels."""


class Change(Document):
    """One scalar of the policy file."""

    field: str
    """Such as `action_types.refund.thresholds.auto`."""
    line: Count
    """Line in the file."""
    before: str
    """As it is written."""
    after: str
    """As it is to be written."""


class Recalibration(Document):
    """What a recalibration found and what it proposes."""

    format: Literal["hitl/recalibration/v1"]
    """`hitl/recalibration/v1`."""
    policy_id: str
    """Name of the policy; empty if it has none."""
    policy_version: str
    """Its version."""
    policy_digest: str
    """SHA-256 of the policy file."""
    new_version: str | None
    """Version of the changed policy; null where nothing changes."""
    release_id: str | None
    """Release that it is for."""
    model: str | None
    """Identity of the model; null where the log names none."""
    previous_model: str | None
    """Identity that it is compared with."""
    target: OpenShare
    """Largest error rate among decisions that run alone."""
    delta: OpenShare
    """Chance that a promise does not hold, over everything that shares it."""
    round: Annotated[int, Field(ge=1)]
    """Number of this recalibration."""
    spends: bool = False
    """Whether delta is over all recalibrations, of which each has its part by its number; else each has its own."""
    is_family: bool
    """Whether all action types hold together."""
    errors_by: ErrorsBy
    """What counts as an error."""
    created_at: str
    """When, ISO 8601."""
    sources: tuple[str, ...]
    """Files and tables of the log."""
    n: Count
    """Decisions by the model."""
    types: tuple[TypeResult, ...]
    """By action type, in the order of the policy."""
    calibration: tuple[ScoreCalibration, ...] = ()
    """What its confidence means: all together first, then by action type."""
    changes: tuple[Change, ...] = ()
    """Scalars of the policy file that would change."""
    loosens: bool = False
    """Whether any decision would run alone that did not before."""
    replay_digest: str | None = None
    """SHA-256 of `replay.json` beside it."""
    simulations: tuple[Simulation, ...] = ()
    """`--simulate`."""
    notes: tuple[str, ...] = ()
    """What the reader should know."""
