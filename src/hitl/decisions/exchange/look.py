"""Values inside JSON objects by dotted path, where a dot may also be part of a key."""

from collections.abc import Iterable, Mapping, Sequence

from hitl.decisions.exchange.shape import Tree
from hitl.document.lines import strict_json

_DEEPEST = 40
"""Parts of the longest path that is followed."""
_LONGEST_TEXT = 4 << 20
"""Characters of the longest text that is read as JSON because a path leads into it."""


def look(root: object, path: str) -> object:
    """Return the value at a path such as `metadata.action` or `answers.0.label`; None if nothing is there.

    Keys with dots are tried first, the longest before shorter ones; text that holds a JSON object or list is
    looked into.

    Examples:
        >>> look({"metadata": {"app.action": "refund"}}, "metadata.app.action")
        'refund'
        >>> look({"answers": ['{"label": "yes"}']}, "answers.0.label")
        'yes'
    """
    parts = path.split(".")
    return _follow(root, parts) if len(parts) <= _DEEPEST else None


def look_first(roots: Iterable[Tree], path: str) -> object:
    """Return the first value that any root has at a path."""
    for root in roots:
        if (found := look(root, path)) is not None:
            return found
    return None


def _follow(value: object, parts: Sequence[str]) -> object:
    if not parts:
        return value
    if isinstance(value, str):
        value = opened(value)
    if isinstance(value, Mapping):
        for size in range(len(parts), 0, -1):
            child = value.get(".".join(parts[:size]))
            if child is not None and (found := _follow(child, parts[size:])) is not None:
                return found
    elif isinstance(value, list) and parts[0].isascii() and parts[0].isdigit():
        index = int(parts[0][:9])
        return _follow(value[index], parts[1:]) if index < len(value) else None
    return None


def opened(value: object) -> object:
    """Return what a text holds if it is a JSON object or list, and any other value as it is.

    Examples:
        >>> opened('{"a": 1}')
        {'a': 1}
        >>> opened("{a")
        '{a'
    """
    if not isinstance(value, str) or value[:1] not in ("{", "[") or len(value) > _LONGEST_TEXT:
        return value
    try:
        return strict_json(value)
    except ValueError:
        return value


def as_tree(value: object) -> Tree:
    """Return a value, or the JSON that its text holds, if that is an object; else an empty one."""
    value = opened(value)
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """Return a value if it is a list; else an empty one."""
    return value if isinstance(value, list) else []


def text_of(value: object) -> str:
    """Return a value if it is text; else an empty one."""
    return value if isinstance(value, str) else ""


def named(value: object) -> str:
    """Return an id as text, also one that is a whole number; empty if it is neither.

    Examples:
        >>> named(17), named("17"), named(True), named(None)
        ('17', '17', '', '')
    """
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else text_of(value)


def take(record: Tree, *names: str) -> object:
    """Return the first value that a record has under any of some names."""
    return next((record[name] for name in names if record.get(name) is not None), None)
