"""The parts of a release record."""

from typing import Annotated, Self

from pydantic import AfterValidator, ConfigDict, Field

from hitl.document.schema import Document, Json
from hitl.gate.verdict_words import State
from hitl.manifest.gate_class import Authority


def _round(value: float) -> float:
    """Keep twelve significant digits: the last few depend on the machine's linear algebra."""
    return float(f"{value:.12g}")


Figure = Annotated[float, AfterValidator(_round)]
"""A number of the record."""


class Part(Document):
    """A part of the record: made from the value of the same fields that a stage returns."""

    model_config = ConfigDict(from_attributes=True)

    @classmethod
    def of(cls, value: object) -> Self:
        """Return the part that keeps a stage's value."""
        return cls.model_validate(value)


class IntervalPart(Part):
    """A number with its interval; never without n."""

    estimate: Figure | None
    low: Figure | None
    high: Figure | None
    confidence: Figure
    method: str
    n: int


class ArmRate(Part):
    """How often one arm passed."""

    n_passed: int
    """Cases of which more than half of the repeats pass."""
    n: int
    """Cases."""
    rate: Figure | None
    """Mean over cases of the share of repeats that pass."""
    low: Figure | None
    """Exact interval of the rate, at the release's confidence."""
    high: Figure | None
    n_replies: int
    n_replies_passed: int
    n_imputed: int
    """Cases without a usable reply, counted against the candidate."""


class RulePart(Part):
    """One rule of a gate class, applied."""

    rule: str
    """margin, corrected_margin, max_shift, floor, max_regressions, max_failures, min_cases, zero_tolerance, or a metric rule such as `latency_ms.p95.max_ratio`."""
    authority: Authority
    value: Figure | None
    """What was found; None when it could not be measured."""
    limit: Figure | None
    state: State
    n: int
    low: Figure | None
    high: Figure | None
    message: str
    """One sentence with value, limit, n and interval."""


class SliceResult(Part):
    """One slice of a subset, reported on its own."""

    id: str
    """`name=value`."""
    name: str
    value: str
    n_cases: int
    n_clusters: int
    previous: ArmRate
    candidate: ArmRate
    regressed: bool
    """Whether the slice is worse beyond chance, corrected over the slices of the subset."""
    n_regressed: int
    improved: int
    difference: IntervalPart | None
    p_value: Figure | None
    p_worse: Figure | None
    """One-sided, corrected over the slices of the subset (Holm)."""


class GatePart(Part):
    """What one authority says about a subset."""

    authority: Authority
    state: State
    reason: str


class SubsetResult(Part):
    """One subset: the paired comparison and what the rules say of it."""

    id: str
    behavior: str
    authority: Authority
    """The strongest authority that the subset has in this release."""
    state: State
    """What the rules of that authority say."""
    required: bool
    reason: str
    """Why the state is what it is, in one sentence."""
    gates: tuple[GatePart, ...]
    n_cases: int
    n_clusters: int
    repeats: dict[str, int]
    """Most replies to one case, by arm."""
    previous: ArmRate
    candidate: ArmRate
    regressed: int
    """Cases that the previous arm passes and the candidate fails."""
    improved: int
    difference: IntervalPart | None
    """Candidate minus previous, two-sided at the release's confidence."""
    decision: IntervalPart | None
    """The same with the two one-sided limits on which the margin is decided."""
    p_value: Figure | None
    """Two-sided: any change."""
    p_worse: Figure | None
    """One-sided: the candidate is worse; corrected over the subsets of its authority."""
    rules: tuple[RulePart, ...]
    detectable_drop: Figure | None
    """Smallest true drop that this subset would flag four times in five."""
    cases_needed: int | None
    """Cases with which the margin could be proved, if it cannot be at this size."""
    slices: tuple[SliceResult, ...]
    flaky_cases: tuple[str, ...]
    pass_hat_k: dict[str, Figure | None]
    """Share of cases that pass k times in a row, by arm, with k the fewest repeats of a case."""
    regressed_cases: tuple[str, ...]
    improved_cases: tuple[str, ...]
    missing_cases: tuple[str, ...]
    repair_events: dict[str, dict[str, int]]
    """By arm: how often a reply was not strict JSON, by the tier that could read it."""
    digest: str


class ArmIdentity(Part):
    """Who answered in one arm."""

    declared: str
    resolved: tuple[str, ...]
    """Identities that the replies name, sorted."""
    grade: str
    """resolved, probed (by the server's metadata), declared (the replies name nobody), alias_only, mismatch or moved."""
    provider: str
    params: dict[str, Json]
    n_replies: int
    n_errors: int
    n_unresolved: int
    """Replies that do not say who answered; they count as declared."""
    is_live: bool = False
    """Whether hitl asked it for this release."""
    endings: dict[str, int] = Field(default_factory=dict)
    """Replies by how they ended: answered, empty, refused, truncated, failed."""
    faults: dict[str, int] = Field(default_factory=dict)
    """Failed calls by what went wrong."""
    n_retried: int = 0
    """Calls that took more than one attempt."""
    n_redacted: int = 0
    """Replies that personal data or keys were taken out of before they were stored."""
    dropped_params: tuple[str, ...] = ()
    """Parameters that the endpoint takes and does not honour."""
    metadata_identities: tuple[str, ...] = ()
    """Who stands behind the name by the server's own metadata."""
    cost_usd: Figure | None = None
    """What its replies cost together; None where any does not say."""
    price: dict[str, Json] | None = None
    """USD for a million input and output tokens, and where that is from; of live arms with a known price."""
    n_old: int = 0
    """Replies older than the window that were used on demand."""
    oldest_reply: str | None = None
    """When the first of its replies was given, ISO 8601."""
    newest_reply: str | None = None
    """When the last of its replies was given."""


class AliasPart(Part):
    """The alias rule of the release, checked."""

    alias: str
    expected: str
    resolved: tuple[str, ...]
    holds: bool


class Reason(Part):
    """Why the verdict is what it is."""

    code: str
    subset: str | None
    authority: Authority | None
    message: str


class Condition(Part):
    """Something that must be in force for the release to go out."""

    subset: str
    condition: dict[str, Json]
    message: str


class WaiverPart(Part):
    """A waiver of the manifest, and what it may do."""

    subset: str
    owner: str
    reason: str
    expires_at: str
    status: str
    """unverified, expired, or not_applicable; no signature can be verified yet, so none lifts anything."""
    message: str


class ArmMeasure(Part):
    """One measure in one arm, over case means."""

    n: int
    missing: int
    mean: Figure | None
    median: Figure | None
    p95: Figure | None


class MeasurePart(Part):
    """One measure side by side."""

    n_cases: int
    previous: ArmMeasure
    candidate: ArmMeasure
    ratio: IntervalPart | None
    """candidate / previous of the medians (of the means for cost)."""
    statistic: str
    """What the ratio compares."""
    message: str


class DeltaPart(Part):
    """A declared shift, checked."""

    declared: dict[str, Json]
    measured: Figure | None
    """The shift that was found: a difference for rates, a ratio for measures that are declared as one."""
    low: Figure | None
    high: Figure | None
    met: bool | None
    """None: it could not be measured, which is not met."""
    message: str


class ShiftPart(Part):
    """A shift beyond chance that nobody declared."""

    measure: str
    subset: str | None
    direction: str
    previous: Figure | None
    candidate: Figure | None
    p_value: Figure | None
    message: str


class ReplyView(Part):
    """One arm's reply to a failed case, cut to what people read."""

    mark: str
    """pass, fail, unmeasured or missing; of the worst repeat."""
    text: str
    cut: int
    """Characters left out of `text`."""
    findings: tuple[str, ...]
    n_repeats: int
    n_passed: int


class Failure(Part):
    """One row of the failed-case table."""

    case_id: str
    subset: str
    severity: str
    zero_tolerance: bool
    verdict: str
    """regressed (passed before), still_failing, or unmeasured."""
    expected: tuple[str, ...]
    """The rules that the candidate did not meet."""
    input: str
    previous: ReplyView
    candidate: ReplyView
    case_digest: str


class FailureMode(Part):
    """Failures of the candidate that look alike."""

    name: str
    subset: str
    rule: str
    n_candidate: int
    n_previous: int
    is_new: bool
    """The candidate fails this way beyond what the previous arm did."""
    terms: tuple[str, ...]
    examples: tuple[str, ...]
    """Case ids."""


class Note(Part):
    """A standing rule or a weakness of the release that people should read."""

    code: str
    subset: str | None
    message: str


class EvidencePart(Part):
    """One input file."""

    role: str
    path: str
    """Relative to the manifest's folder; `evidence/...`, which a live run wrote, to the record's."""
    sha256: str
    bytes: int
