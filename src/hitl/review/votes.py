"""The documents of a review that hold votes: a reviewer's ballot, and the ratings that all of them give together."""

from typing import Annotated, Literal

from pydantic import Field

from hitl.document.schema import Amount, Count, Document, Identifier
from hitl.golden.case import Severity
from hitl.review.parts import BlindnessReport, Hex, SampleDesign
from hitl.review.words import (
    Action,
    Choice,
    ConsensusMethod,
    ErrorCategory,
    Mode,
    Outcome,
    Role,
    Scope,
    SideName,
)
from hitl.run.arm import Arm

LONGEST_TEXT = 20_000
"""Characters of a reason or a right answer."""

Moment = Annotated[
    str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$", max_length=27)
]
"""A time in UTC as it was written: what is signed must not be written anew."""
Said = Annotated[str, Field(max_length=LONGEST_TEXT)]


class SideMark(Document):
    """What a reviewer says of one output."""

    side: SideName
    """As it was shown."""
    action: Action
    """What they would do with it."""
    category: ErrorCategory | None = None
    """What is wrong with it."""
    severity: Severity | None = None
    """How bad that is."""
    right_answer: Said = ""
    """What would have been right."""


class Vote(Document):
    """What a reviewer says of one item."""

    item_id: Hex
    """The item."""
    marks: Annotated[tuple[SideMark, ...], Field(min_length=1, max_length=2)]
    """One for each output."""
    preference: Choice | None = None
    """Which output is better; None where one is shown, never a tie."""
    reason: Said = ""
    """Why."""
    decided_at: Moment
    """When it was last saved."""
    seconds: Amount | None = None
    """Time that it took, pauses trimmed by the review's rule; None: not measured."""
    saw_confidence: bool = False
    """Whether the reviewer asked for the stated confidence."""
    revisions: Count = 0
    """How often it was changed."""


class Ballot(Document):
    """All votes of one reviewer, locked and signed."""

    format: Literal["hitl/ballot/v1"] = "hitl/ballot/v1"
    """`hitl/ballot/v1`."""
    review_id: Hex
    """Names the review."""
    reviewer: Hex
    """Who votes."""
    role: Role
    """What they do."""
    packet_digest: Hex
    """SHA-256 of the packet that they were shown."""
    locked_at: Moment
    """When the votes became final."""
    votes: tuple[Vote, ...]
    """In the order of item ids; an item without a vote is missing."""
    share: Hex
    """Their part of what opens the sealed key: it takes that of every reviewer."""
    signature: Hex
    """Ed25519 over the canonical ballot without this field."""


class RatedVote(Document):
    """One reviewer's vote on one item, unblinded."""

    reviewer: Hex
    """Who votes, by hash."""
    role: Role
    """What they do."""
    actions: dict[Arm, Action]
    """What they would do with each arm's output."""
    preference: Outcome | None
    """For the candidate; None where one output was shown or the outputs look the same."""
    categories: dict[Arm, ErrorCategory] = Field(default_factory=dict)
    """What is wrong with it, by arm."""
    severities: dict[Arm, Severity] = Field(default_factory=dict)
    """How bad that is, by arm."""
    right_answers: dict[Arm, str] = Field(default_factory=dict)
    """What would have been right, by arm."""
    reason: str = ""
    """Why."""
    seconds: Amount | None = None
    """Time that it took, pauses trimmed; None: not measured."""
    saw_confidence: bool = False
    """Whether they asked for the stated confidence."""
    counts: bool = True
    """Whether it counts: not, where the reviewer did not qualify."""


class RatedItem(Document):
    """One item with all votes, unblinded."""

    item_id: Hex
    """As in the packets."""
    case_id: Identifier
    """Case that it shows."""
    subset: Identifier
    """Subset of the case."""
    cluster: str
    """Items that share it are not independent."""
    repeat: Count
    """Which reply to the case."""
    case_digest: Hex
    """SHA-256 of the input and evidence that were shown."""
    severity: Severity
    """What a wrong reply costs."""
    probability: Annotated[float, Field(gt=0, le=1)]
    """Chance with which it was chosen."""
    scopes: tuple[Scope, ...]
    """Why it is in the review."""
    replies: dict[Arm, Hex]
    """SHA-256 of the reply that was rated, by arm."""
    confidence: dict[Arm, float] = Field(default_factory=dict)
    """Confidence that the reply states, by arm."""
    action_type: dict[Arm, str] = Field(default_factory=dict)
    """Kind of action that it proposes, by arm."""
    is_identical: bool
    """Whether both outputs look the same, so that one vote serves both."""
    votes: tuple[RatedVote, ...]
    """Everybody's, in the order of reviewers."""
    consensus: dict[Arm, Action]
    """What the votes amount to; an arm without a majority is not in it."""
    outcome: Outcome | None
    """The same of preferences; a tie where the outputs look the same."""
    is_adjudicated: bool = False
    """Whether an adjudicator settled it."""
    missing_votes: Count = 0
    """Votes that were owed and not given, or that do not count."""


class Coefficient(Document):
    """One coefficient of agreement with its interval; never without n."""

    name: str
    """raw, fleiss_kappa, krippendorff_alpha, gwet_ac1 or cohen_kappa."""
    subject: str
    """action or preference; for Cohen's kappa with the two reviewers."""
    estimate: float | None
    """None where it has no value."""
    low: float | None
    """Lower limit."""
    high: float | None
    """Upper limit."""
    confidence: float
    """Of the two limits together."""
    n: Count
    """Items with two votes or more that count."""
    method: str
    """How the limits were found."""
    reason: str = ""
    """Why there is no value or no interval."""


class ReviewerResult(Document):
    """One reviewer, by hash."""

    reviewer: Hex
    """Hash of the name."""
    role: Role
    """What they do."""
    n_owed: Count
    """Items that they were to rate, without those of which the answer is known."""
    n_voted: Count
    """Those that they rated."""
    n_known: Count
    """Items with a known answer that they rated."""
    n_known_right: Count
    """Those that they rated rightly."""
    is_excluded: bool
    """Whether their votes do not count."""
    reason: str = ""
    """Why."""
    median_seconds: Amount | None = None
    """Median time of a vote; None: not measured."""
    ballot_digest: Hex | None = None
    """SHA-256 of the canonical ballot; None where there is none."""


class Estimate(Document):
    """A figure with its interval, items and reviewers as clusters."""

    estimate: float | None
    """None where there is none."""
    low: float | None
    """Lower limit."""
    high: float | None
    """Upper limit."""
    confidence: float
    """Of the two limits together."""
    n: Count
    """Votes."""
    n_items: Count
    """Items that they are on."""
    n_reviewers: Count
    """People who cast them."""
    method: str
    """How the limits were found."""
    reason: str = ""
    """Why there is no estimate or no limit."""


class ArmFigures(Document):
    """One figure in both arms and the difference, candidate minus previous."""

    previous: Estimate
    """The arm in use."""
    candidate: Estimate
    """The other."""
    difference: Estimate
    """Candidate minus previous."""


class Preferences(Document):
    """How often the candidate's output was preferred."""

    wins: Count
    """Items by their consensus."""
    ties: Count
    """Items that are equal by their consensus, or look the same."""
    losses: Count
    """Items on which the candidate is worse."""
    undecided: Count
    """Items without a consensus."""
    net: Estimate
    """Share of votes for the candidate less share against, every item weighted by its chance of being chosen."""


class Ratings(Document):
    """What the people of a review say together: `ratings.json`."""

    format: Literal["hitl/ratings/v1"] = "hitl/ratings/v1"
    """`hitl/ratings/v1`."""
    review_id: Hex
    """Names the review."""
    release_id: str
    """Release that was reviewed."""
    workflow_id: str
    """Its workflow."""
    previous_model: str
    """Declared identity of the arm in use."""
    candidate_model: str
    """Declared identity of the other."""
    mode: Mode
    """How outputs were shown to people."""
    raters: int
    """Raters of each item."""
    consensus_method: ConsensusMethod
    """The one that was used."""
    consensus_note: str = ""
    """Why it is not the declared one, or what it changed."""
    blindness: BlindnessReport
    """Whether packets told the arms apart."""
    sample: SampleDesign
    """How the items were chosen."""
    population: dict[str, Count]
    """Items that could have been reviewed, by subset."""
    rules_digest: Hex
    """SHA-256 of the rules that were declared before any vote."""
    key_digest: Hex
    """SHA-256 of the sealed key."""
    locked_at: Moment | None
    """When the last ballot was locked."""
    is_partial: bool
    """Whether it was merged although votes are missing."""
    reviewers: tuple[ReviewerResult, ...]
    """In the order of their hashes."""
    items: tuple[RatedItem, ...]
    """In the order of cases."""
    agreement: tuple[Coefficient, ...]
    """Of actions, then of preferences."""
    least_agreement: float
    """Lower limit of agreement below which ratings decide nothing."""
    problems: tuple[str, ...]
    """Why the ratings decide nothing beyond a signal; empty if they may."""
    preferences: Preferences | None
    """None where one output at a time was shown."""
    rates: dict[str, ArmFigures]
    """override, modify, reject, escalate: share of votes; seconds: mean time of a vote, where one output was shown at a time."""
    adjudication: tuple[Hex, ...]
    """Items on which no majority was found and nobody decided."""
