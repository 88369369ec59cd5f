"""Parts of rules on one JSON value, shared by fields and labels."""

from collections.abc import Callable

from hitl.golden.expectation import FieldRule, JsonType, LabelRule
from hitl.score.expect.check import Part
from hitl.score.expect.pattern import Pattern
from hitl.score.expect.say import say, say_all


def same(left: object, right: object) -> bool:
    """Whether two JSON values are equal, type included: true is not 1, and 1 is 1.0.

    Examples:
        >>> same(True, 1), same(1, 1.0), same([1], [True])
        (False, True, False)
    """
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(
            same(child, right[key]) for key, child in left.items()
        )
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right


def same_folded(left: object, right: object) -> bool:
    """Like `same`, without regard to upper and lower case of text."""
    return same(fold(left), fold(right))


def fold(value: object) -> object:
    """Return text in one case; other values as they are."""
    return value.casefold() if isinstance(value, str) else value


def json_type(value: object) -> JsonType:
    """Return the JSON type of a value; a number without a fraction is an integer."""
    if isinstance(value, bool):
        return JsonType.BOOLEAN
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return JsonType.INTEGER
    for kind, name in (
        (float, JsonType.NUMBER),
        (str, JsonType.STRING),
        (dict, JsonType.OBJECT),
        (list | tuple, JsonType.ARRAY),
    ):
        if isinstance(value, kind):
            return name
    return JsonType.NULL


def is_number(value: object) -> bool:
    """Whether a JSON value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def comparison_parts(
    rule: FieldRule | LabelRule, *, ignore_case: bool
) -> list[tuple[str, Part[object]]]:
    """Return the parts that fields and labels have in common, each with its words."""
    equal = same_folded if ignore_case else same
    parts: list[tuple[str, Part[object]]] = []
    if "equals" in rule.model_fields_set:
        parts.append((f"equals {say(rule.equals)}", _equals(rule.equals, equal)))
    if rule.one_of is not None:
        parts.append((f"is one of {say_all(rule.one_of)}", _one_of(rule.one_of, equal)))
    if rule.at_least is not None:
        parts.append((f"is at least {rule.at_least:g}", _at_least(rule.at_least)))
    if rule.at_most is not None:
        parts.append((f"is at most {rule.at_most:g}", _at_most(rule.at_most)))
    return parts


def content_parts(rule: FieldRule) -> list[tuple[str, Part[object]]]:
    """Return the parts on the content of a field, each with its words."""
    parts: list[tuple[str, Part[object]]] = []
    if rule.type is not None:
        parts.append((f"has type {rule.type}", _type(rule.type)))
    if rule.matches is not None:
        parts.append(
            (
                f"matches {say(rule.matches)}",
                _matches(Pattern(rule.matches, ignore_case=rule.ignore_case)),
            )
        )
    if rule.must_include is not None:
        parts.append(
            (
                f"includes {say_all(rule.must_include)}",
                _includes(rule.must_include, ignore_case=rule.ignore_case),
            )
        )
    if rule.must_not_include is not None:
        words = f"does not include {say_all(rule.must_not_include)}"
        parts.append((words, _includes_none(rule.must_not_include, ignore_case=rule.ignore_case)))
    if rule.min_items is not None or rule.max_items is not None:
        parts.append(_items(rule.min_items or 0, rule.max_items))
    if rule.min_length is not None:
        parts.append((f"has at least {rule.min_length} characters", _length(rule.min_length)))
    return parts


def _equals(expected: object, equal: Callable[[object, object], bool]) -> Part[object]:
    return lambda value: "" if equal(value, expected) else say(value)


def _one_of(allowed: tuple[object, ...], equal: Callable[[object, object], bool]) -> Part[object]:
    return lambda value: "" if any(equal(value, one) for one in allowed) else say(value)


def _at_least(limit: float) -> Part[object]:
    return lambda value: "" if is_number(value) and value >= limit else say(value)  # type: ignore[operator]  # is_number checked


def _at_most(limit: float) -> Part[object]:
    return lambda value: "" if is_number(value) and value <= limit else say(value)  # type: ignore[operator]  # is_number checked


def _type(expected: JsonType) -> Part[object]:
    allowed = {JsonType.NUMBER, JsonType.INTEGER} if expected is JsonType.NUMBER else {expected}
    return lambda value: (
        "" if json_type(value) in allowed else f"{say(value)}, which has type {json_type(value)}"
    )


def _matches(pattern: Pattern) -> Part[object]:
    return lambda value: "" if isinstance(value, str) and pattern.found(value) else say(value)


def _holds(value: object, item: object, *, ignore_case: bool) -> bool | None:
    """Whether text or a list holds an item; nothing for a value that can hold none."""
    if isinstance(value, str):
        sought = item if isinstance(item, str) else say(item)
        return sought.casefold() in value.casefold() if ignore_case else sought in value
    if isinstance(value, list):
        equal = same_folded if ignore_case else same
        return any(equal(member, item) for member in value)
    return None


def _includes(items: tuple[object, ...], *, ignore_case: bool) -> Part[object]:
    def part(value: object) -> str:
        lacking = next(
            (item for item in items if not _holds(value, item, ignore_case=ignore_case)), part
        )
        return "" if lacking is part else f"no {say(lacking)} in {say(value)}"

    return part


def _includes_none(items: tuple[object, ...], *, ignore_case: bool) -> Part[object]:
    def part(value: object) -> str:
        for item in items:
            held = _holds(value, item, ignore_case=ignore_case)
            if held is None:
                return f"{say(value)}, which is neither text nor a list"
            if held:
                return f"includes {say(item)}"
        return ""

    return part


def _items(least: int, most: int | None) -> tuple[str, Part[object]]:
    words = f"has {least} items or more" if most is None else f"has {least} to {most} items"

    def part(value: object) -> str:
        if not isinstance(value, list):
            return f"{say(value)}, which is no list"
        return (
            ""
            if least <= len(value) and (most is None or len(value) <= most)
            else f"{len(value)} items"
        )

    return words, part


def _length(least: int) -> Part[object]:
    def part(value: object) -> str:
        if not isinstance(value, str):
            return f"{say(value)}, which is no text"
        size = len(value.strip())
        return "" if size >= least else f"{size} characters"

    return part
