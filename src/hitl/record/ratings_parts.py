"""The parts of a release record that tell of a blind review: who rated what, how far they agree, what they found."""

from hitl.record.parts import Figure, Part


class BlindnessPart(Part):
    """Whether what reviewers saw tells whose it is."""

    label: str
    """blind, unproven, not_blind or open."""
    accuracy: Figure | None
    """Identifiability: share of pairs that a classifier sorts rightly; 0.5 is chance."""
    low: Figure | None
    high: Figure | None
    confidence: Figure
    n_pairs: int
    reason: str


class RaterPart(Part):
    """One reviewer, by hash."""

    reviewer: str
    role: str
    """rater or adjudicator."""
    n_voted: int
    n_owed: int
    n_known: int
    """Items with a known answer that they rated."""
    n_known_right: int
    is_excluded: bool
    """Whether their votes do not count."""
    reason: str
    """Why."""


class CoefficientPart(Part):
    """One coefficient of agreement."""

    name: str
    subject: str
    """action or preference; of two reviewers with their hashes."""
    estimate: Figure | None
    low: Figure | None
    high: Figure | None
    confidence: Figure
    n: int
    """Items with two votes or more that count."""
    method: str
    reason: str
    """Why there is no value or no interval."""


class CrossedPart(Part):
    """A figure with its interval, items and reviewers as clusters."""

    estimate: Figure | None
    low: Figure | None
    high: Figure | None
    confidence: Figure
    n: int
    """Votes."""
    n_items: int
    n_reviewers: int
    method: str
    reason: str


class ArmFiguresPart(Part):
    """One figure in both arms, and the candidate's less the previous one's."""

    previous: CrossedPart
    candidate: CrossedPart
    difference: CrossedPart


class PreferencesPart(Part):
    """How often the candidate's output was preferred, item by item."""

    wins: int
    ties: int
    losses: int
    undecided: int
    net: CrossedPart
    """Share of votes for the candidate less share against, weighted to all items that could have been reviewed."""


class CoveragePart(Part):
    """How much of a subset, or of all, people looked at: cases, each repeat for itself."""

    subset: str
    """Empty: all of them."""
    n_population: int
    """Those that could have been reviewed."""
    n_chosen: int
    n_rated: int
    """Those with a vote that counts on every output."""
    n_settled: int
    """Those with a consensus on every output."""
    decides: str
    """yes, signal (the subset can stop nothing), no, or nothing (no rule of it asks people)."""
    replies: dict[str, int]
    """Replies of both arms as they stand now: settled, undecided, stale, absent."""


class VotePart(Part):
    """One vote on one reply."""

    reviewer: str
    role: str
    action: str
    category: str | None
    counts: bool
    reason: str
    """Redacted, then cut."""


class RatedCasePart(Part):
    """What people said of both replies to a case that the candidate did not pass."""

    case_id: str
    repeat: int
    outcome: str | None
    """win, tie or loss of the candidate; None without a consensus or with one output at a time."""
    consensus: dict[str, str]
    """By arm; without those that have none."""
    votes: dict[str, tuple[VotePart, ...]]
    """By arm."""


class ReasonPart(Part):
    """One reason that a reviewer gave for not approving a reply, redacted, then cut."""

    case_id: str
    arm: str
    action: str
    reviewer: str
    text: str


class FoundPart(Part):
    """What the people of a review found."""

    review_id: str
    release_id: str
    """Release that the review was packed for."""
    mode: str
    """pair, single or shadow."""
    raters: int
    """Raters of each item."""
    consensus_method: str
    consensus_note: str
    locked_at: str | None
    is_partial: bool
    rules_digest: str
    """SHA-256 of what was declared before any vote."""
    key_digest: str
    blindness: BlindnessPart
    problems: tuple[str, ...]
    """Why ratings decide nothing beyond a signal; empty if they may."""
    least_agreement: Figure
    agreement: tuple[CoefficientPart, ...]
    reviewers: tuple[RaterPart, ...]
    coverage: tuple[CoveragePart, ...]
    """All first, then subset by subset."""
    preferences: PreferencesPart | None
    """None where one output at a time was shown."""
    rates: dict[str, ArmFiguresPart]
    """override, modify, reject, escalate: shares of votes; seconds: mean time of a look."""
    n_adjudicated: int
    n_open: int
    """Items without a majority that nobody decided."""
    categories: dict[str, dict[str, int]]
    """Votes by what is wrong with a reply, by arm."""
    reasons: tuple[ReasonPart, ...]
    cases: tuple[RatedCasePart, ...]
    """Of the failed cases alone."""


class RatingsPart(Part):
    """The review that a release names."""

    path: str
    """Of its folder, relative to the manifest's."""
    unused: str
    """Why no rating of it counts; empty where they are looked at."""
    found: FoundPart | None
    """None where there are no ratings of this release."""
