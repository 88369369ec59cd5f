"""Values as people read them: short, on one line, without control characters."""

import json
from itertools import islice

SHOWN = 160
"""Longest text of what a check saw."""


def one_line(text: str, limit: int = SHOWN) -> str:
    r"""Return text on one line, cut to a limit, with what cannot be printed written as an escape.

    Examples:
        >>> one_line("a\n\u202eb")
        'a\\u000a\\u202eb'
    """
    cut = text[: limit + 1]
    if not cut.isprintable():
        cut = "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in cut)
    return cut if len(cut) <= limit else cut[: limit - 3] + "..."


def say(value: object, limit: int = 80) -> str:
    """Return a JSON value as JSON, cut to a limit; large values are not written out first."""
    if isinstance(value, str):
        return one_line(json.dumps(value[: limit + 1], ensure_ascii=False), limit)
    if not isinstance(value, dict | list):
        return one_line(json.dumps(value, default=str), limit)
    text = ""
    for piece in islice(json.JSONEncoder(ensure_ascii=False, default=str).iterencode(value), limit):
        text += piece[: limit + 1]
        if len(text) > limit:
            break
    return one_line(text, limit)


def say_all(values: tuple[object, ...]) -> str:
    """Return several values in a row."""
    return ", ".join(say(value) for value in values)
