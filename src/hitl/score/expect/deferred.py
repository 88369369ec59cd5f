"""Rules that need more than the reply: a model judge, or the user's own code."""

from collections.abc import Collection

from hitl.golden.expectation import JudgeRule, PythonRule
from hitl.score.answer import Answer
from hitl.score.expect.check import Verdicts
from hitl.score.finding import Finding


class DeferredCheck:
    """A rule that nothing has run yet: never measured, with the reason."""

    def __init__(self, rule: str, reason: str) -> None:
        self.rule = rule
        self._finding = Verdicts(rule).unmeasured(reason)

    def __call__(self, answer: Answer) -> Finding:
        """Say that the rule was not run."""
        return self._finding


def judge_check(rule: JudgeRule, rubrics: Collection[str]) -> DeferredCheck:
    """Return the check for a judge rule.

    Raises:
        ValueError: the golden set has no such rubric.
    """
    if rule.judge not in rubrics:
        known = ", ".join(sorted(rubrics)) or "none is defined; add it under `rubrics`"
        raise ValueError(f"no rubric {rule.judge!r}; expected one of: {known}")
    return DeferredCheck(
        f"judge {rule.judge} gives at least {rule.at_least:g}" if rule.at_least is not None else f"judge {rule.judge} prefers the other reply in neither order",
        "no judge has graded this reply; it needs a judge run",
    )


def python_check(rule: PythonRule) -> DeferredCheck:
    """Return the check for a rule in Python."""
    return DeferredCheck(f"{rule.python} holds", "user code was not run; this version runs none")
