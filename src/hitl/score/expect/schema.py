"""JSON Schema on the whole reply: Draft 2020-12 unless `$schema` says otherwise.

Nothing is ever fetched: a reference to another file or address is a mistake when the schema is loaded.
Put shared parts under `$defs`.
"""

from itertools import islice

import jsonschema_rs

from hitl.document.schema import Json
from hitl.golden.expectation import SchemaRule
from hitl.score.answer import Answer
from hitl.score.expect.check import Verdicts
from hitl.score.expect.field import not_json
from hitl.score.expect.say import one_line
from hitl.score.finding import Finding

LISTING_LIMIT = 200_000
"""Replies longer than this get their first problem only: the library collects all before it shows one."""
_SHOWN = 3


class SchemaCheck:
    """A compiled `SchemaRule`; `schema` is the schema that the rule names or holds."""

    def __init__(self, rule: SchemaRule, schema: Json) -> None:
        name = rule.json_schema if isinstance(rule.json_schema, str) else "an inline schema"
        self._verdicts = Verdicts(f"is valid by {name}")
        self.rule = self._verdicts.rule
        self._parse = rule.parse
        if not isinstance(schema, dict | bool):
            raise ValueError("not a usable JSON Schema: expected an object, true or false")  # noqa: TRY004  # a mistake in a file
        try:
            self._validator = jsonschema_rs.validator_for(schema, offline=True)
        except (ValueError, TypeError, jsonschema_rs.ReferencingError) as error:
            reason = one_line(getattr(error, "message", "") or str(error))
            raise ValueError(f"not a usable JSON Schema: {reason}") from error

    def __call__(self, answer: Answer) -> Finding:
        """Validate the reply."""
        reading = answer.json_within(self._parse)
        if reading is None:
            return not_json(self._verdicts, answer, self._parse)
        try:
            if self._validator.is_valid(reading.value):
                return self._verdicts.passed
            return self._verdicts.failed("; ".join(self._problems(reading.value, len(answer.text))))
        except (ValueError, TypeError, OverflowError) as error:
            return self._verdicts.failed(f"cannot be validated: {error}")

    def _problems(self, value: object, size: int) -> list[str]:
        if size <= LISTING_LIMIT:
            return [_say(error) for error in islice(self._validator.iter_errors(value), _SHOWN)]
        try:
            self._validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            return [_say(error)]
        return ["not valid"]


def _say(error: jsonschema_rs.ValidationError) -> str:
    place = "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.instance_path
    ).lstrip(".")
    message = error.message
    if len(message) > 90:  # the message starts with the value; its end says what is wrong
        message = "..." + message[-87:]
    return f"{one_line(place, 40)}: {message}" if place else message
