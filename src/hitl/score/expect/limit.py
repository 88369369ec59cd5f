"""Limits of measured quantities; a missing measurement is not measured, never passed."""

from hitl.golden.expectation import CostRule, LatencyRule
from hitl.score.answer import Answer
from hitl.score.expect.check import Verdicts
from hitl.score.finding import Finding


class LimitCheck:
    """A compiled `LatencyRule` or `CostRule`."""

    def __init__(self, rule: LatencyRule | CostRule) -> None:
        self._latency = isinstance(rule, LatencyRule)
        self._at_most = (
            rule.latency_ms if isinstance(rule, LatencyRule) else rule.cost_usd
        ).at_most
        name = "latency_ms" if self._latency else "cost_usd"
        self._verdicts = Verdicts(f"{name} is at most {self._at_most:g}")
        self.rule = self._verdicts.rule
        self._missing = self._verdicts.unmeasured(f"the reply has no {name}")

    def __call__(self, answer: Answer) -> Finding:
        """Compare the measured value."""
        value = answer.reply.latency_ms if self._latency else answer.reply.cost_usd
        if value is None:
            return self._missing
        return (
            self._verdicts.passed if value <= self._at_most else self._verdicts.failed(f"{value:g}")
        )
