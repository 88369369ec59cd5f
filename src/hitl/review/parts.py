"""The documents of a review that stand before any vote: its plan, the packets, the sealed key."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from hitl.document.schema import Amount, Count, Document, Identifier, Share
from hitl.golden.case import Severity
from hitl.review.words import (
    Action,
    Assignment,
    Blindness,
    Choice,
    ConsensusMethod,
    Mode,
    Role,
    Scope,
    SideName,
)
from hitl.run.arm import Arm

Hex = Annotated[str, Field(pattern=r"^[0-9a-f]+$", max_length=256)]
"""Bytes in hex."""


class Side(Document):
    """One output as a reviewer sees it: everything that only one arm would have is gone."""

    side: SideName
    """Its place: A is shown first."""
    text: str
    """What the model wrote, masked and redacted."""
    tool_calls: str = ""
    """Tools that it wants called, as indented JSON, masked and redacted; empty without any."""
    confidence: Share | None = None
    """Confidence that it states; shown only when asked for."""
    label: str = ""
    """Whose it is, in an open review; empty in a blind one."""


class PacketItem(Document):
    """One thing to look at."""

    item_id: Hex
    """Names the item; a keyed hash, the same for every reviewer."""
    input: str
    """What the model was asked, masked and redacted."""
    context: str = ""
    """Evidence that it was handed, masked and redacted."""
    sides: Annotated[tuple[Side, ...], Field(min_length=1, max_length=2)]
    """One output, or two in an order drawn for this reviewer."""


class Packet(Document):
    """What one reviewer is to look at."""

    format: Literal["hitl/packet/v1"] = "hitl/packet/v1"
    """`hitl/packet/v1`."""
    review_id: Hex
    """Names the review; a keyed hash."""
    reviewer: Hex
    """Names the reviewer; a keyed hash of what the lead calls them."""
    role: Role
    """What the reviewer does."""
    mode: Mode
    """How outputs are shown."""
    title: str
    """What is reviewed, in words that name no model."""
    rules_digest: Hex
    """SHA-256 of the rules that were declared before any vote."""
    key_digest: Hex
    """SHA-256 of the sealed key: nobody can change afterwards which output was whose."""
    items: tuple[PacketItem, ...]
    """In an order drawn for this reviewer."""


class SampleDesign(Document):
    """How items were chosen."""

    n_population: Count
    """Items that could have been reviewed."""
    n_certain: Count
    """Items that were taken for sure."""
    n_drawn: Count
    """Items that were drawn, with known chances."""
    n_qualification: Count
    """Items with a known answer, beside those."""
    budget_items: Count | None
    """Most items, if limited."""
    budget_minutes: Amount | None
    """Most minutes of all reviewers together, if limited."""
    seconds_per_item: Amount
    """What one look is taken to last, where minutes are limited."""
    seed: Count
    """Of the draw."""
    method: str
    """In words."""


class Tell(Document):
    """Something that may tell the arms apart."""

    name: str
    """What was looked at, such as `headings`."""
    n: Count
    """Items with both arms in which it differs."""
    n_items: Count
    """Items with both arms that were looked at."""
    accuracy: Share | None
    """Share of pairs that it sorts rightly by itself, 0.5 by chance; None where too few differ."""
    message: str
    """In words that do not say which arm is which."""


class BlindnessReport(Document):
    """Whether packets tell whose outputs they hold."""

    label: Blindness
    """The finding."""
    accuracy: Share | None
    """Identifiability: share of pairs that a cross-validated classifier sorts rightly; 0.5 is chance, 1 always."""
    low: Share | None
    """Its lower limit."""
    high: Share | None
    """Its upper limit."""
    confidence: Share
    """Of the two limits together."""
    n_pairs: Count
    """Pairs with different outputs that it was tried on."""
    tells: tuple[Tell, ...] = ()
    """What was found, the clearest first."""
    n_masked: dict[str, Count] = Field(default_factory=dict)
    """Names, vendors, model ids and self-references that were masked, by kind, both arms together."""
    n_redacted: dict[str, Count] = Field(default_factory=dict)
    """Personal data and keys that were taken out, by kind, both arms together."""
    reason: str
    """Why the label is what it is, in one sentence."""


class Rules(Document):
    """What was declared before any vote; every packet commits to it."""

    mode: Mode
    """How outputs are shown."""
    raters: Annotated[int, Field(ge=1, le=25)]
    """Raters of each item."""
    assignment: Assignment
    """Who rates what."""
    consensus: ConsensusMethod
    """How votes become one."""
    least_agreement: Share
    """Lower limit of agreement below which ratings decide nothing."""
    qualification_pass: Share
    """Share of the items with a known answer that a reviewer must get right to count."""
    idle_seconds: Amount
    """Longest pause between two signs of life that counts as work."""
    sample: SampleDesign
    """How items were chosen."""
    blindness: BlindnessReport
    """Whether packets tell the arms apart."""


class PacketRef(Document):
    """One reviewer of a review."""

    reviewer: Hex
    """Keyed hash of the name."""
    role: Role
    """What they do."""
    packet_digest: Hex
    """SHA-256 of the canonical packet."""
    n_items: Count
    """Items in it."""
    token_digest: Hex
    """SHA-256 by which their access token is known."""
    public_key: Hex
    """Ed25519 key with which their ballot is checked."""


class ReviewPlan(Document):
    """`review.json`: what a review is, without a word of whose output is whose."""

    format: Literal["hitl/review/v1"] = "hitl/review/v1"
    """`hitl/review/v1`."""
    review_id: Hex
    """Names the review."""
    title: str
    """What is reviewed."""
    created_at: datetime
    """When it was packed."""
    rules: Rules
    """Declared before any vote."""
    key_digest: Hex
    """SHA-256 of `key.sealed`."""
    packets: Annotated[tuple[PacketRef, ...], Field(min_length=1)]
    """Reviewers, in the order of their hashes."""


class KeySide(Document):
    """One output of an item, unsealed."""

    arms: Annotated[tuple[Arm, ...], Field(min_length=1, max_length=2)]
    """Whose it is; both where the outputs look the same."""
    replies: dict[Arm, Hex]
    """SHA-256 of the reply that it was made of, by arm."""
    confidence: dict[Arm, Share] = Field(default_factory=dict)
    """Confidence that the reply states, by arm; without those that state none."""
    action_type: dict[Arm, str] = Field(default_factory=dict)
    """Kind of action that it proposes, by arm."""


class KeyItem(Document):
    """One item, unsealed."""

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
    sides: Annotated[tuple[KeySide, ...], Field(min_length=1, max_length=2)]
    """In the order of their digests, which no reviewer sees; `ReviewKey.turned` says who saw it turned round."""


class KnownAnswer(Document):
    """An item of which the right answer is known."""

    item_id: Hex
    """As in the packets."""
    actions: tuple[tuple[Action, ...], ...]
    """Right actions of each side, in the unturned order."""
    preference: Choice | None = None
    """Right preference, in the unturned order; None where any will do."""


class ReviewKey(Document):
    """What `key.sealed` holds: which output is whose."""

    format: Literal["hitl/review-key/v1"] = "hitl/review-key/v1"
    """`hitl/review-key/v1`."""
    review_id: Hex
    """Names the review."""
    release_id: str
    """Release that is reviewed."""
    workflow_id: str
    """Its workflow."""
    previous_model: str
    """Declared identity of the arm in use."""
    candidate_model: str
    """Declared identity of the other."""
    population: dict[str, Count]
    """Items that could have been reviewed, by subset."""
    items: tuple[KeyItem, ...]
    """Without those of which the answer is known."""
    qualification: tuple[KnownAnswer, ...] = ()
    """Those."""
    turned: dict[str, tuple[Hex, ...]]
    """By reviewer: items whose sides were shown in the other order."""


class Invitation(Document):
    """What one reviewer needs to begin: for their eyes only."""

    name: str
    """What the lead calls them."""
    reviewer: Hex
    """The hash that stands for the name everywhere else."""
    role: Role
    """What they do."""
    token: str
    """Access token; it also signs the ballot."""


class Invitations(Document):
    """`invitations.json`: to be handed out line by line, then deleted."""

    format: Literal["hitl/invitations/v1"] = "hitl/invitations/v1"
    """`hitl/invitations/v1`."""
    review_id: Hex
    """Names the review."""
    invitations: tuple[Invitation, ...]
    """One for each reviewer."""


class Withdrawal(Document):
    """`withdrawals/<reviewer>.json`: a reviewer who will not lock, and whose part of the key was released without them."""

    format: Literal["hitl/withdrawal/v1"] = "hitl/withdrawal/v1"
    """`hitl/withdrawal/v1`."""
    review_id: Hex
    """Names the review."""
    reviewer: Hex
    """Who was left out."""
    share: Hex
    """Their part of what opens the sealed key."""
    at: datetime
    """When it was released; a ballot of theirs would not be blind any more."""
