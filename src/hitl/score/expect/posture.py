"""No suggested step acts.

With `field`, the values there are the steps: text, a list of texts, or objects, of which every key and text counts.
Null and numbers are no steps and fail. Without `field`, the tool calls are looked at, and the text beside them.
"""

from collections.abc import Iterator

from hitl.golden.expectation import PostureRule
from hitl.score.answer import Answer
from hitl.score.expect.check import Verdicts
from hitl.score.expect.field import not_json
from hitl.score.expect.place import Place, TooManyPlaces
from hitl.score.expect.say import say
from hitl.score.expect.step import StepReader
from hitl.score.finding import Finding


class PostureCheck:
    """A compiled `PostureRule`."""

    def __init__(self, rule: PostureRule, steps: StepReader) -> None:
        where = rule.field or "reply"
        self._verdicts = Verdicts(f"{where} suggests read-only steps")
        self.rule = self._verdicts.rule
        self._place = Place(rule.field) if rule.field is not None else None
        self._parse = rule.parse
        self._steps = steps

    def __call__(self, answer: Answer) -> Finding:
        """Look for a step that acts."""
        if self._place is not None:
            return self._in_field(answer, self._place)
        for call in answer.tool_calls:
            if self._steps.tool_acts(call.name):
                return self._verdicts.failed(f"calls {say(call.name)}, which acts")
        if answer.tool_calls and not answer.text:
            return self._verdicts.passed
        return self._verdicts.without_text(answer) or self._in_texts([answer.text])

    def _in_field(self, answer: Answer, place: Place) -> Finding:
        reading = answer.json_within(self._parse)
        if reading is None:
            return not_json(self._verdicts, answer, self._parse)
        try:
            values = place.values(reading.value)
        except TooManyPlaces as error:
            return self._verdicts.failed(str(error))
        if not values:
            return self._verdicts.failed("missing")
        bad = next((value for value in values if not isinstance(value, str | list | dict)), self)
        if bad is not self:
            return self._verdicts.failed(f"{say(bad)}, which is no step")
        return self._in_texts(list(_texts(values)))

    def _in_texts(self, texts: list[str]) -> Finding:
        for text in texts:
            if action := self._steps.action_in(text):
                return self._verdicts.failed(f"{action}: {say(text)}")
        return self._verdicts.passed


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, child in value.items():
            yield key
            yield from _texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from _texts(child)
