"""JSON that a server or a model wrote: read without trust."""

import json
import math
from typing import cast

from hitl.document.schema import Json

Fields = dict[str, Json]
"""A JSON object."""

_MOST = 10**12
"""Larger than any measured number, and small enough that sums stay exact."""


def _refused(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _null(name: str) -> None:
    """Stand for a number that no JSON holds."""


def _finite(digits: str) -> float:
    if math.isfinite(number := float(digits)):
        return number
    raise ValueError(f"{digits[:20]} is past the largest number")


def _finite_or_null(digits: str) -> float | None:
    return number if math.isfinite(number := float(digits)) else None


_STRICT = json.JSONDecoder(parse_constant=_refused, parse_float=_finite)
_LENIENT = json.JSONDecoder(parse_constant=_null, parse_float=_finite_or_null)
_ENCODE = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


def read_json(raw: bytes | str, *, lenient: bool = False) -> Json:
    r"""Return the value that a JSON text from outside stands for.

    Half a surrogate pair, which no file can hold, is read as U+FFFD.

    Args:
        raw: The text.
        lenient: Read NaN and infinities, which some servers write, as null.

    Raises:
        ValueError: the text is not JSON, or is nested deeper than anything honest.

    >>> read_json(b'{"a": [1, NaN, "\\ud800"]}', lenient=True)
    {'a': [1, None, '\ufffd']}
    """
    text = raw if isinstance(raw, str) else raw.decode()
    decoder = _LENIENT if lenient else _STRICT
    try:
        value = cast(Json, decoder.decode(text))
        return _without_halves(value) if "\\ud" in text or "\\uD" in text else value
    except RecursionError:
        raise ValueError("nested too deeply") from None


def write_json(value: Json) -> bytes:
    """Return a JSON value as the bytes to send."""
    return _ENCODE(value).encode()


def fields(value: Json) -> Fields:
    """Return the value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Json) -> list[Json]:
    """Return the value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text_of(value: Json) -> str | None:
    """Return the value if it is a text that says something, else None."""
    return value if isinstance(value, str) and value else None


def count_of(value: Json) -> int | None:
    """Return the value if it can be a count of tokens, else None."""
    return value if type(value) is int and 0 <= value <= _MOST else None


def number_of(value: Json) -> float | None:
    """Return the value if it is a number of a size that measures something, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -_MOST <= value <= _MOST else None


def _without_halves(value: Json) -> Json:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_halves(item) for item in value]
    if isinstance(value, dict):
        return {str(_without_halves(name)): _without_halves(item) for name, item in value.items()}
    return value
