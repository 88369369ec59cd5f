"""JSON out of a reply, and how far one had to go for it.

Only the strict tier is what the model was asked for; every other tier is a repair event that is
counted and shown. The tiers are told apart here and not by the repairing library's log, which
stays empty for trailing commas and single quotes.

Bounds, so that no reply can stall a run: values nested more than `DEPTH_LIMIT` deep or holding a
number beyond a double are no JSON for us; inside prose at most `START_LIMIT` beginnings are tried; and
repairs are bounded in `hitl.score.repair`.
"""

import json
import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from hitl.document.lines import refuse_constant, strict_json, unique_keys
from hitl.golden.expectation import ParseTier
from hitl.score.repair import repair

DEPTH_LIMIT = 200
"""Deepest nesting of a value that is read."""
START_LIMIT = 100
"""Beginnings of a JSON value that are tried inside prose."""
_FENCE = re.compile(r"(`{3,}|~{3,})[A-Za-z0-9_+-]{0,30}[ \t\r]{0,30}\n")
_SCALAR_START = frozenset('"-0123456789tfn')
_START = re.compile(
    r"""\{\s{0,200}(?:["'“”}]|[A-Za-z_]\w{0,200}\s{0,9}:)      # an object, perhaps a broken one
      | \[\s{0,200}(?:["'{\[\]]|-?[0-9]|true\b|false\b|null\b)  # a list
    """,
    re.VERBOSE,
)
_OUT_OF_RANGE = re.compile(r"[eE]\+?[0-9]{3}|[0-9]{300}")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class ReadingTier(StrEnum):
    """How a reply was read as JSON."""

    STRICT = "strict"
    FENCED = "fenced"
    FIRST_VALUE = "first_value"
    REPAIRED = "repaired"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class JsonReading:
    """The JSON value of a reply, and the tier at which it was found."""

    tier: ReadingTier
    value: object = None

    def within(self, limit: ParseTier) -> bool:
        r"""Whether an expectation with this `parse` limit may use the value.

        Examples:
            >>> read_json('```json\n{"a": 1}\n```').within(ParseTier.STRICT)
            False
        """
        match limit:
            case ParseTier.STRICT:
                return self.tier is ReadingTier.STRICT
            case ParseTier.FENCED:
                return self.tier in (ReadingTier.STRICT, ReadingTier.FENCED)
            case ParseTier.REPAIR:
                return self.tier is not ReadingTier.NONE
            case _:
                assert_never(limit)


NO_JSON = JsonReading(ReadingTier.NONE)


def read_json(text: str) -> JsonReading:
    """Read a reply as JSON at the first tier that works.

    Examples:
        >>> read_json('{"a": 1}')
        JsonReading(tier=<ReadingTier.STRICT: 'strict'>, value={'a': 1})
        >>> read_json('Here it is: {"a": 1}. Good luck!').tier
        <ReadingTier.FIRST_VALUE: 'first_value'>
        >>> read_json("{'a': 1,}").tier
        <ReadingTier.REPAIRED: 'repaired'>
    """
    stripped = text.strip()
    try:
        return _strict(stripped) or _fenced(stripped) or _inside(stripped) or NO_JSON
    except (RecursionError, MemoryError):
        return NO_JSON


def _strict(text: str, tier: ReadingTier = ReadingTier.STRICT) -> JsonReading | None:
    if not text or (text[0] not in "{[" and text[0] not in _SCALAR_START):
        return None
    try:
        value = strict_json(text)
    except ValueError:
        return None
    return _sound(value, text, tier)


def _fenced(text: str) -> JsonReading | None:
    opening = _FENCE.match(text)
    if (
        opening is None
        or not text.endswith(opening[1])
        or len(text) < opening.end() + len(opening[1])
    ):
        return None
    return _strict(text[opening.end() : -len(opening[1])].strip(), ReadingTier.FENCED)


def _inside(text: str) -> JsonReading | None:
    """Find the first JSON value inside prose; else repair from the first beginning that broke.

    An object that breaks ends the search: what follows is inside it, and a part is not the whole.
    """
    broken: int | None = None
    at = 0
    for _ in range(START_LIMIT):
        start = _START.search(text, at)
        if start is None:
            break
        try:
            found, end = _DECODER.raw_decode(text, start.start())
        except (ValueError, RecursionError) as error:
            broken = start.start() if broken is None else broken
            if text[start.start()] == "{" or not isinstance(error, json.JSONDecodeError):
                break
            at = start.start() + 1
        else:
            return _sound(found, text[start.start() : end], ReadingTier.FIRST_VALUE)
    if broken is None or (value := repair(text[broken:])) is None:
        return None
    return _sound(value, text, ReadingTier.REPAIRED)


def _sound(value: object, text: str, tier: ReadingTier) -> JsonReading | None:
    """Refuse values that later stages could not carry; replace lone surrogates by U+FFFD."""
    if (
        _OUT_OF_RANGE.search(text) or text.count("[") + text.count("{") > DEPTH_LIMIT
    ) and not _is_bounded(value):
        return NO_JSON
    if _SURROGATE.search(text):
        plain = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
        value = json.loads(plain.decode("utf-8", "replace"))
    return JsonReading(tier, value)


def _is_bounded(value: object) -> bool:
    level = [value]
    for _ in range(DEPTH_LIMIT + 1):
        below: list[object] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
            elif isinstance(item, float) and not math.isfinite(item):
                return False
        if not below:
            return True
        level = below
    return False


_DECODER = json.JSONDecoder(object_pairs_hook=unique_keys, parse_constant=refuse_constant)
