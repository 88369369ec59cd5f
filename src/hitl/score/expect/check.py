"""What a check is, and how its findings are made."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from hitl.score.answer import Answer
from hitl.score.expect.say import one_line
from hitl.score.finding import Finding, Mark

V = TypeVar("V")
Part = Callable[[V], str]
"""One thing that must hold for a value: returns what was seen instead, or nothing when it holds."""

LABELS_ONLY = "the reply carries labels only"
NO_TEXT = "no text, only tool calls"
EMPTY = "the reply is empty"


class Check(Protocol):
    """One expectation, ready to be applied to replies."""

    @property
    def rule(self) -> str:
        """The rule as a person would say it."""
        ...

    def __call__(self, answer: Answer) -> Finding:
        """Return what the rule saw in a reply."""
        ...


class Verdicts:
    """Makes the findings of one rule."""

    def __init__(self, rule: str) -> None:
        self.rule = one_line(rule, 200)
        self.passed = Finding(self.rule, Mark.PASS, "")

    def failed(self, saw: str) -> Finding:
        """Return a finding that the rule does not hold."""
        return Finding(self.rule, Mark.FAIL, one_line(saw))

    def unmeasured(self, reason: str) -> Finding:
        """Return a finding that there was nothing to apply the rule to."""
        return Finding(self.rule, Mark.UNMEASURED, one_line(reason))

    def judge(self, value: V, parts: tuple[Part[V], ...]) -> Finding:
        """Return the finding for a value: the first part that does not hold fails it."""
        for part in parts:
            if saw := part(value):
                return self.failed(saw)
        return self.passed

    def without_text(self, answer: Answer) -> Finding | None:
        """Return the finding for a reply without text; nothing if there is text to look at."""
        if answer.text:
            return None
        if answer.only_graded:
            return self.unmeasured(LABELS_ONLY)
        return self.failed(NO_TEXT if answer.reply.text is None and answer.tool_calls else EMPTY)
