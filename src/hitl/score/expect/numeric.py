"""A number in the reply, compared in exact decimal arithmetic.

Without `extract` the last number in the text counts (of its last 100,000 characters): thousands may be
grouped by commas, and digits that are part of a word (`v2`) are no number.
"""

import re
from decimal import Decimal, InvalidOperation

from hitl.golden.expectation import NumericRule
from hitl.score.answer import Answer
from hitl.score.expect.check import Verdicts
from hitl.score.expect.pattern import Pattern
from hitl.score.expect.say import say
from hitl.score.finding import Finding

TAIL = 100_000
"""Characters at the end of the text in which the last number is looked for."""
_LONGEST = 400
_NUMBER = re.compile(
    r"(?<![\w.])(?:(?<![\w)])[-+])?(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)?(?:(?<=[0-9])|(?=\.[0-9]))(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
)


class NumericCheck:
    """A compiled `NumericRule`."""

    def __init__(self, rule: NumericRule) -> None:
        number = rule.numeric
        tolerance = f" within {number.tolerance:g}" if number.tolerance else ""
        self._verdicts = Verdicts(f"number equals {number.equals:g}{tolerance}")
        self.rule = self._verdicts.rule
        self._equals = Decimal(repr(number.equals))
        self._tolerance = Decimal(repr(number.tolerance))
        self._extract = Pattern(number.extract) if number.extract is not None else None

    def __call__(self, answer: Answer) -> Finding:
        """Compare the number that the reply states."""
        if (finding := self._verdicts.without_text(answer)) is not None:
            return finding
        said = (
            last_number(answer.text)
            if self._extract is None
            else self._extract.extract(answer.text)
        )
        if said is None:
            return self._verdicts.failed(f"no number in {say(answer.text)}")
        value = _decimal(said)
        if value is None:
            return self._verdicts.failed(f"{say(said)}, which is no number")
        return (
            self._verdicts.passed
            if abs(value - self._equals) <= self._tolerance
            else self._verdicts.failed(said)
        )


def last_number(text: str) -> str | None:
    """Return the last number that a text states, as it is written.

    Examples:
        >>> last_number("From 12 to 1,234.50 in v2.")
        '1,234.50'
    """
    found = None
    for match in _NUMBER.finditer(text[-TAIL:].replace("\N{MINUS SIGN}", "-")):
        found = match[0] or found
    return found


def _decimal(said: str) -> Decimal | None:
    plain = said.strip().replace(",", "").replace("\N{MINUS SIGN}", "-")
    if len(plain) > _LONGEST:
        return None
    try:
        value = Decimal(plain)
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value.adjusted()) < _LONGEST else None
