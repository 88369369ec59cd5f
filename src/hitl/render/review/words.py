"""What the closed sets of a review are called in front of people."""

from hitl.review.words import Action, Blindness, Choice, ErrorCategory, Mode

ACTIONS = {
    Action.APPROVE: "Approve",
    Action.MODIFY: "Modify",
    Action.REJECT: "Reject",
    Action.ESCALATE: "Escalate",
}
MEANINGS = {
    Action.APPROVE: "use it as it is",
    Action.MODIFY: "use it after changes",
    Action.REJECT: "do not use it",
    Action.ESCALATE: "somebody else must decide",
}
CATEGORIES = {
    ErrorCategory.WRONG: "wrong",
    ErrorCategory.INCOMPLETE: "incomplete",
    ErrorCategory.UNSUPPORTED: "not supported by the evidence",
    ErrorCategory.UNSAFE: "unsafe",
    ErrorCategory.OFF_TOPIC: "off topic",
    ErrorCategory.FORMAT: "format",
    ErrorCategory.TONE: "tone",
    ErrorCategory.OTHER: "something else",
}
BLINDNESS = {
    Blindness.BLIND: "blind",
    Blindness.UNPROVEN: "blindness unproven",
    Blindness.NOT_BLIND: "not blind",
    Blindness.OPEN: "openly labelled",
}
SHAPES = {
    Blindness.BLIND: "●",
    Blindness.UNPROVEN: "◆",
    Blindness.NOT_BLIND: "■",
    Blindness.OPEN: "○",
}
"""A character whose shape alone tells the label."""


def kind(mode: Mode) -> str:
    """Return what a page says about who wrote what it shows."""
    return "Openly labelled: new and old" if mode is Mode.SHADOW else "Which model wrote what is not shown"  # fmt: skip


def preferred(choice: Choice | str | None) -> str:
    """Return a preference in words.

    >>> preferred(Choice.TIE), preferred(None)
    ('equally good', '—')
    """
    match choice:
        case None | "":
            return "—"
        case Choice.TIE:
            return "equally good"
        case _:
            return f"prefers {choice}"
