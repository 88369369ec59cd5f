"""CEL expressions over `reply`, `case` and `json`.

`reply` and `case` have every field of their documents, null where nothing is known (`case` without its expectations).
`json` is the reply read as strict JSON, null if it is none. Anything but true fails, errors with their reason.
"""

from hitl.golden.expectation import CelRule, ParseTier
from hitl.rule import compile_rule
from hitl.score.answer import Answer
from hitl.score.expect.check import LABELS_ONLY, Verdicts
from hitl.score.finding import Finding

NAMES = ("reply", "case", "json")
"""Names that an expression may use."""


class CelCheck:
    """A compiled `CelRule`."""

    def __init__(self, rule: CelRule) -> None:
        self._verdicts = Verdicts(rule.rule)
        self.rule = self._verdicts.rule
        self._compiled = compile_rule(rule.rule, NAMES)

    def __call__(self, answer: Answer) -> Finding:
        """Evaluate the expression."""
        values: dict[str, object] = {}
        used = self._compiled.variables
        if "json" in used:
            if answer.only_graded:
                return self._verdicts.unmeasured(LABELS_ONLY)
            reading = answer.json_within(ParseTier.STRICT)
            values["json"] = reading.value if reading is not None else None
        if "reply" in used:
            values["reply"] = answer.reply_map
        if "case" in used:
            values["case"] = answer.case_map
        outcome = self._compiled.holds(values)
        return (
            self._verdicts.passed
            if outcome.holds
            else self._verdicts.failed(outcome.problem or "false")
        )
