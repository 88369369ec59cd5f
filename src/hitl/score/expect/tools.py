"""The tool calls of a reply. Names may hold `*`, which stands for anything.

A reply with text and no recorded call called nothing. One that carries labels only is not measured.
"""

from hitl.golden.expectation import ToolRule
from hitl.score.answer import Answer
from hitl.score.expect.check import EMPTY, LABELS_ONLY, Verdicts
from hitl.score.expect.pattern import wildcard
from hitl.score.expect.say import say
from hitl.score.expect.step import StepReader
from hitl.score.finding import Finding


class ToolCheck:
    """A compiled `ToolRule`; `steps` knows which tools only look."""

    def __init__(self, rule: ToolRule, steps: StepReader) -> None:
        asked = rule.tool_calls
        words = [f"only {', '.join(asked.allow) or 'none'}"] if asked.allow is not None else []
        words += [f"never {', '.join(asked.deny)}"] if asked.deny else []
        words += [f"with {', '.join(asked.require)}"] if asked.require else []
        words += ["read-only"] if asked.read_only else []
        self._verdicts = Verdicts("tool calls " + " and ".join(words))
        self.rule = self._verdicts.rule
        self._allowed = wildcard(asked.allow) if asked.allow is not None else None
        self._denied = wildcard(asked.deny)
        self._required = tuple((name, wildcard([name])) for name in asked.require)
        self._steps = steps if asked.read_only else None

    def __call__(self, answer: Answer) -> Finding:
        """Look at every tool that the reply wants called."""
        if answer.only_graded:
            return self._verdicts.unmeasured(LABELS_ONLY)
        names = [call.name for call in answer.tool_calls]
        if not names and not answer.text:
            return self._verdicts.failed(EMPTY)
        for name in names:
            if self._denied.matches(name) or (
                self._allowed is not None and not self._allowed.matches(name)
            ):
                return self._verdicts.failed(f"calls {say(name)}")
            if self._steps is not None and self._steps.tool_acts(name):
                return self._verdicts.failed(f"calls {say(name)}, which acts")
        for wanted, pattern in self._required:
            if not any(pattern.matches(name) for name in names):
                return self._verdicts.failed(f"does not call {wanted}")
        return self._verdicts.passed
