"""The closed sets of a review."""

from enum import StrEnum


class Action(StrEnum):
    """What a reviewer would do with an output."""

    APPROVE = "approve"
    MODIFY = "modify"
    REJECT = "reject"
    ESCALATE = "escalate"


class SideName(StrEnum):
    """The two places in which outputs stand."""

    A = "A"
    B = "B"


class Choice(StrEnum):
    """Which of two outputs a reviewer prefers, as it is shown."""

    A = "A"
    B = "B"
    TIE = "tie"


class Outcome(StrEnum):
    """How the candidate's output came out, once it is known which it was."""

    WIN = "win"
    TIE = "tie"
    LOSS = "loss"


class ErrorCategory(StrEnum):
    """What is wrong with an output."""

    WRONG = "wrong"
    INCOMPLETE = "incomplete"
    UNSUPPORTED = "unsupported"
    UNSAFE = "unsafe"
    OFF_TOPIC = "off_topic"
    FORMAT = "format"
    TONE = "tone"
    OTHER = "other"


class Mode(StrEnum):
    """How outputs are shown."""

    PAIR = "pair"
    """Both outputs to an input side by side, nobody knows which is whose."""
    SINGLE = "single"
    """One output at a time, nobody knows whose it is."""
    SHADOW = "shadow"
    """The new output first and the old one beside it, openly labelled."""


class Role(StrEnum):
    """What a reviewer does in a review."""

    RATER = "rater"
    ADJUDICATOR = "adjudicator"
    """Decides where raters, whose votes are locked, do not agree; just as blind."""


class Assignment(StrEnum):
    """Who rates what."""

    FIXED = "fixed"
    """Each item has its raters from the start, in rotation."""
    OPEN = "open"
    """Whoever comes takes the next item that still lacks raters; it is reserved meanwhile."""


class Scope(StrEnum):
    """Why an item is in a review."""

    JUDGED = "judged"
    """An expectation of its case asks for a person's approval."""
    POLICY = "policy"
    """The policy would send an output of either arm to a person."""
    FAILING = "failing"
    """An output of either arm fails a rule."""
    FLIPPED = "flipped"
    """One arm passes and the other does not."""
    SAMPLE = "sample"
    """Drawn from the rest."""
    QUALIFICATION = "qualification"
    """The right answer is known: it measures reviewers."""


class Blindness(StrEnum):
    """Whether what is shown tells whose it is."""

    BLIND = "blind"
    """Nothing found that tells the arms apart, on items enough to say so."""
    UNPROVEN = "unproven"
    """Nothing certain found, on items too few to say that there is nothing."""
    NOT_BLIND = "not_blind"
    """Something tells the arms apart."""
    OPEN = "open"
    """Labelled openly, on purpose."""


class ConsensusMethod(StrEnum):
    """How votes of several raters become one."""

    MAJORITY = "majority"
    """What more than half of the raters say."""
    DAWID_SKENE = "dawid_skene"
    """Votes weighted by how reliable each rater is estimated to be; needs overlap."""


class Scale(StrEnum):
    """How far two labels are apart."""

    NOMINAL = "nominal"
    """All alike: they are the same or not."""
    ORDINAL = "ordinal"
    """They have an order."""
    INTERVAL = "interval"
    """They are numbers, and their difference counts."""
