"""Rules on the whole reply text.

The text is compared without the white space at its ends. A value that is not text is compared by its
JSON text (`true`, `5`, `null`), lists and objects by their value. A reply without text fails if it calls tools and is not
measured if it carries labels only. Empty text fails, unless the rule itself names "" as right.
"""

import json

from hitl.document.lines import strict_json
from hitl.document.schema import Json
from hitl.golden.expectation import TextRule
from hitl.score.answer import Answer
from hitl.score.expect.check import Part, Verdicts
from hitl.score.expect.pattern import Pattern
from hitl.score.expect.say import say, say_all
from hitl.score.expect.value import same
from hitl.score.finding import Finding


class TextCheck:
    """A compiled `TextRule`."""

    def __init__(self, rule: TextRule) -> None:
        parts = _parts(rule)
        self._verdicts = Verdicts("text " + " and ".join(words for words, _ in parts))
        self.rule = self._verdicts.rule
        self._parts = tuple(part for _, part in parts)
        self._empty_is_right = rule.equals == "" or "" in (rule.one_of or ())

    def __call__(self, answer: Answer) -> Finding:
        """Apply the rule to the reply's text."""
        if (finding := self._verdicts.without_text(answer)) and not (
            self._empty_is_right and answer.reply.text is not None
        ):
            return finding
        return self._verdicts.judge(answer.text, self._parts)


def _parts(rule: TextRule) -> list[tuple[str, Part[str]]]:
    parts: list[tuple[str, Part[str]]] = []
    fold = rule.ignore_case
    if "equals" in rule.model_fields_set:
        parts.append((f"equals {say(rule.equals)}", _one_of((rule.equals,), fold=fold)))
    if rule.one_of is not None:
        parts.append((f"is one of {say_all(rule.one_of)}", _one_of(rule.one_of, fold=fold)))
    if rule.matches is not None:
        parts.append(
            (f"matches {say(rule.matches)}", _matches(Pattern(rule.matches, ignore_case=fold)))
        )
    if rule.must_include is not None:
        parts.append(
            (f"includes {say_all(rule.must_include)}", _includes(rule.must_include, fold=fold))
        )
    if rule.must_not_include is not None:
        parts.append(
            (
                f"does not include {say_all(rule.must_not_include)}",
                _includes_none(rule.must_not_include, fold=fold),
            )
        )
    return parts


def _one_of(allowed: tuple[Json, ...], *, fold: bool) -> Part[str]:
    values = [value for value in allowed if isinstance(value, dict | list)]
    plain = {
        value if isinstance(value, str) else json.dumps(value)
        for value in allowed
        if not isinstance(value, dict | list)
    }
    stripped = {text.strip().casefold() if fold else text.strip() for text in plain}

    def part(text: str) -> str:
        if (text.casefold() if fold else text) in stripped:
            return ""
        if values and text[:1] in ("{", "["):
            try:
                found = strict_json(text)
            except ValueError:
                return say(text)
            return "" if any(same(found, value) for value in values) else say(text)
        return say(text)

    return part


def _matches(pattern: Pattern) -> Part[str]:
    return lambda text: "" if pattern.found(text) else say(text)


def _includes(wanted: tuple[str, ...], *, fold: bool) -> Part[str]:
    sought = [(piece.casefold() if fold else piece, piece) for piece in wanted]

    def part(text: str) -> str:
        held = text.casefold() if fold else text
        return next(
            (f"no {say(piece)} in {say(text)}" for key, piece in sought if key not in held), ""
        )

    return part


def _includes_none(unwanted: tuple[str, ...], *, fold: bool) -> Part[str]:
    sought = [(piece.casefold() if fold else piece, piece) for piece in unwanted]

    def part(text: str) -> str:
        held = text.casefold() if fold else text
        return next((f"includes {say(piece)}" for key, piece in sought if key in held), "")

    return part
