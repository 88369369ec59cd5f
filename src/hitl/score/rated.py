"""What people found in a blind review, as the checks look it up: a consensus on exactly this reply, and what it may do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hitl.golden.case import Case
from hitl.review.candidate import case_digest, reply_digest
from hitl.review.votes import Ratings
from hitl.review.words import Action
from hitl.run.arm import Arm
from hitl.run.reply import Reply
from hitl.score.judged import ReplyKey

OTHER_CASE = "the input or evidence of the case is not what people were shown; review it again"
OTHER_REPLY = "people rated another reply to this case than the one that stands here; review it again"  # fmt: skip
ABSENT = "the review does not hold this reply"
TWICE = "the review holds this reply more than once; which rating counts is not known"


class Standing(StrEnum):
    """What a review has to say of one reply."""

    SETTLED = "settled"
    """People agree on exactly this reply."""
    UNDECIDED = "undecided"
    """They rated it and do not agree, or votes are missing."""
    STALE = "stale"
    """They rated another reply in its place, or to another input."""
    ABSENT = "absent"
    """It is not in the review."""


@dataclass(frozen=True, slots=True)
class RatedReply:
    """What people said of one reply."""

    case_digest: str
    """Of the input and evidence that they were shown."""
    reply_digest: str
    consensus: Action | None
    said: str
    """How the votes fell, in hitl's own words: nothing that a reviewer typed."""
    is_once: bool = True
    """Whether the review holds the reply once."""


@dataclass(frozen=True, slots=True)
class RatingAuthority:
    """Whether ratings count in one subset, settled by agreement, mode and completeness alone."""

    problems: tuple[str, ...]
    """Why they decide nothing; empty if they may."""
    is_signal: bool
    """Whether the subset is a signal only, where any rating will do."""

    @property
    def counts(self) -> bool:
        """Whether a rating may pass or fail a reply."""
        return self.is_signal or not self.problems


@dataclass(frozen=True, slots=True)
class Looked:
    """A reply looked up."""

    standing: Standing
    rated: RatedReply | None
    problem: str = ""
    """Why there is no consensus on exactly this reply; empty where there is."""


@dataclass(frozen=True, slots=True)
class PeopleRatings:
    """The review that a release names."""

    path: str
    """Of its folder, as the manifest says it."""
    ratings: Ratings | None
    """None where there are none yet."""
    unused: str = ""
    """Why no rating of it is used; empty where they are."""
    code: str = ""
    """The same for a program; empty where they are used."""
    replies: Mapping[ReplyKey, RatedReply] = field(default_factory=dict)
    authorities: Mapping[str, RatingAuthority] = field(default_factory=dict)
    """By subset; what does not stand here has none."""

    def view(self, arm: Arm, subset: str) -> "RatedView":
        """Return what the checks of one arm's replies in one subset may look up."""
        return RatedView(self, arm, self.authorities.get(subset))


@dataclass(frozen=True, slots=True)
class RatedView:
    """The ratings of one arm in one subset."""

    people: PeopleRatings
    arm: Arm
    authority: RatingAuthority | None

    def look(self, reply: Reply, case: Case) -> Looked:
        """Return what people said of exactly this reply to exactly this case.

        Arm, case and repeat find the rating; the digests of what was shown say whether it is of this reply.
        """
        rated = self.people.replies.get(ReplyKey(self.arm, reply.case_id, reply.repeat))
        if rated is None:
            return Looked(Standing.ABSENT, None, ABSENT)
        if case_digest(case) != rated.case_digest:
            return Looked(Standing.STALE, rated, OTHER_CASE)
        if reply.is_error or reply_digest(reply) != rated.reply_digest:
            return Looked(Standing.STALE, rated, OTHER_REPLY)
        if not rated.is_once:
            return Looked(Standing.UNDECIDED, rated, TWICE)
        if rated.consensus is None:
            return Looked(Standing.UNDECIDED, rated, rated.said)
        return Looked(Standing.SETTLED, rated)
