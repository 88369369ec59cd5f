"""Grades stored with the reply by another harness or a person.

A grade that is missing, null, or of another JSON type than the rule expects (the text "true" where a
boolean is meant) is not measured: it says nothing about the reply.
"""

from hitl.golden.expectation import JsonType, LabelRule
from hitl.score.answer import Answer
from hitl.score.expect.check import Verdicts
from hitl.score.expect.say import say
from hitl.score.expect.value import comparison_parts, json_type
from hitl.score.finding import Finding


class LabelCheck:
    """A compiled `LabelRule`."""

    def __init__(self, rule: LabelRule) -> None:
        self._types = _expected_types(rule)
        parts = comparison_parts(rule, ignore_case=False)
        self._verdicts = Verdicts(
            f"label {rule.label} " + " and ".join(words for words, _ in parts)
        )
        self.rule = self._verdicts.rule
        self._label = rule.label
        self._parts = tuple(part for _, part in parts)

    def __call__(self, answer: Answer) -> Finding:
        """Compare the grade."""
        grade = (answer.reply.labels or {}).get(self._label)
        if grade is None:
            return self._verdicts.unmeasured(f"no label {self._label}")
        if (kind := _kind(grade)) not in self._types:
            expected = " or ".join(sorted(self._types))
            return self._verdicts.unmeasured(
                f"the label is {say(grade)}, which has type {kind}; expected {expected}"
            )
        return self._verdicts.judge(grade, self._parts)


def _expected_types(rule: LabelRule) -> frozenset[JsonType]:
    named = [rule.equals] if "equals" in rule.model_fields_set else []
    named += rule.one_of or ()
    if None in named:
        raise ValueError(
            "asks for a null grade, which is never measured; name the grades that are right"
        )
    kinds = {_kind(value) for value in named}
    if rule.at_least is not None or rule.at_most is not None:
        kinds = {JsonType.NUMBER} if not kinds else kinds & {JsonType.NUMBER}
        if not kinds:
            raise ValueError(
                "compares a grade with a number and with another type; this can never hold"
            )
    return frozenset(kinds)


def _kind(value: object) -> JsonType:
    kind = json_type(value)
    return JsonType.NUMBER if kind is JsonType.INTEGER else kind
