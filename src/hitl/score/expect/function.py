"""Rules that are the user's own code: a function of the reply and its case."""

from typing import cast

from hitl.document.schema import Json
from hitl.golden.expectation import PythonRule
from hitl.run.local.caller import FunctionCaller
from hitl.run.model import CallError
from hitl.score.answer import Answer
from hitl.score.expect.check import Verdicts
from hitl.score.expect.say import say
from hitl.score.finding import Finding

NOT_ALLOWED = "user code was not run; allow it with --allow-python"

EXPECTED = 'expected true, false, or {"pass": true or false, "saw": text}'


class PythonCheck:
    """A `PythonRule`; without a caller it is never measured.

    The function gets the reply and the case as plain JSON, every field named, the case without its
    expectations. Whatever it returns but a clear yes or no leaves the reply unmeasured, and so does every failure.
    """

    def __init__(self, rule: PythonRule, caller: FunctionCaller | None) -> None:
        self._verdicts = Verdicts(f"{rule.python} holds")
        self.rule = self._verdicts.rule
        self._function = rule.python
        self._caller = caller

    def __call__(self, answer: Answer) -> Finding:
        """Ask the function."""
        if self._caller is None:
            return self._verdicts.unmeasured(NOT_ALLOWED)
        asked = cast(dict[str, Json], answer.reply_map), cast(dict[str, Json], answer.case_map)
        try:
            value = self._caller.call(self._function, *asked)
        except CallError as error:
            return self._verdicts.unmeasured(f"{error.fault}: {error}")
        return self._finding(value)

    def _finding(self, value: Json) -> Finding:
        match value:
            case bool():
                return self._verdicts.passed if value else self._verdicts.failed("false")
            case {"pass": bool(holds), "saw": str(saw), **more} if not more:
                return self._verdicts.passed if holds else self._verdicts.failed(saw or "false")
            case _:
                return self._verdicts.unmeasured(f"the function returned {say(value)}; {EXPECTED}")
