"""Rules on one place of the reply read as JSON.

Several matches of the path must all hold. No match fails as missing, and so does a reply that cannot
be read as JSON within the rule's `parse`. A null is there but not `present`. A reply that carries labels only is
not measured.
"""

from hitl.golden.expectation import FieldRule, ParseTier
from hitl.score.answer import Answer
from hitl.score.expect.check import LABELS_ONLY, Part, Verdicts
from hitl.score.expect.place import Place, TooManyPlaces
from hitl.score.expect.say import say
from hitl.score.expect.value import comparison_parts, content_parts
from hitl.score.finding import Finding
from hitl.score.parse import ReadingTier


class FieldCheck:
    """A compiled `FieldRule`."""

    def __init__(self, rule: FieldRule) -> None:
        self._place = Place(rule.field)
        self._parse = rule.parse
        self._absent = rule.absent is True or rule.present is False
        parts = comparison_parts(rule, ignore_case=rule.ignore_case) + content_parts(rule)
        wanted = rule.present is True or rule.absent is False
        if self._absent and (parts or wanted):
            raise ValueError(
                "asks that the field is absent and says more about it; this can never hold"
            )
        if self._absent:
            parts = [("is absent", _never)]
        elif wanted:
            parts.insert(0, ("is present", _not_null))
        self._verdicts = Verdicts(f"{rule.field} " + " and ".join(words for words, _ in parts))
        self.rule = self._verdicts.rule
        self._parts: tuple[Part[object], ...] = tuple(part for _, part in parts)

    def __call__(self, answer: Answer) -> Finding:
        """Apply the rule to the values at its path."""
        reading = answer.json_within(self._parse)
        if reading is None:
            return not_json(self._verdicts, answer, self._parse)
        try:
            values = self._place.values(reading.value)
        except TooManyPlaces as error:
            return self._verdicts.failed(str(error))
        if not values:
            return self._verdicts.passed if self._absent else self._verdicts.failed("missing")
        for number, value in enumerate(values):
            finding = self._verdicts.judge(value, self._parts)
            if finding is not self._verdicts.passed:
                return (
                    finding
                    if len(values) == 1
                    else self._verdicts.failed(
                        f"match {number + 1} of {len(values)}: {finding.saw}"
                    )
                )
        return self._verdicts.passed


def not_json(verdicts: Verdicts, answer: Answer, limit: ParseTier) -> Finding:
    """Return the finding for a reply that is not JSON within a limit."""
    if answer.only_graded:
        return verdicts.unmeasured(LABELS_ONLY)
    if (finding := verdicts.without_text(answer)) is not None:
        return finding
    tier = answer.reading.tier
    if tier is ReadingTier.NONE:
        return verdicts.failed(f"not JSON: {say(answer.text)}")
    return verdicts.failed(
        f"not JSON within `parse: {limit}` (readable as {tier}): {say(answer.text)}"
    )


def _never(value: object) -> str:
    return say(value)


def _not_null(value: object) -> str:
    return "null" if value is None else ""
