"""The outcome class of the reply; a stored grade wins over detection."""

from hitl.golden.expectation import OutcomeRule
from hitl.score.answer import Answer
from hitl.score.expect.check import Verdicts
from hitl.score.finding import Finding, Mark


class OutcomeCheck:
    """A compiled `OutcomeRule`."""

    def __init__(self, rule: OutcomeRule) -> None:
        self._verdicts = Verdicts(f"outcome is {rule.outcome}")
        self.rule = self._verdicts.rule
        self._expected = rule.outcome

    def __call__(self, answer: Answer) -> Finding:
        """Compare the outcome class."""
        reading = answer.outcome
        if reading.outcome is self._expected:
            return self._verdicts.passed
        if reading.outcome is not None:
            return self._verdicts.failed(reading.outcome.value)
        if reading.mark is Mark.UNMEASURED:
            return self._verdicts.unmeasured(reading.problem)
        return self._verdicts.failed(reading.problem)
