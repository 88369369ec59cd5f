"""How an output is written, in numbers that a reader could notice: what may tell whose it is without a name."""

import re
from collections.abc import Callable

import numpy as np

from hitl.review.candidate import Output
from hitl.review.masking import PLACEHOLDERS, Kind
from hitl.stats.counts import Numbers

REACH = 20_000
"""Signs of an output that are looked at."""

Count = Callable[[str], float]


def _count(pattern: str) -> Count:
    search = re.compile(pattern, re.MULTILINE)
    return lambda text: float(len(search.findall(text)))


def _words(phrases: str) -> Count:
    return _count(rf"(?i)\b(?:{phrases})\b")


def _per_word(count: Count) -> Count:
    return lambda text: count(text) / (1.0 + text.count(" "))


def _has_json(text: str) -> float:
    return float(text.lstrip()[:1] in ("{", "["))


def _mean_word(text: str) -> float:
    words = text.split()
    return sum(map(len, words)) / len(words) if words else 0.0


_EMOJI = "[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]"
_REFUSALS = "I can(?:'|’)t|I cannot|I can not|I(?:'|’)m unable|I am unable|I(?:'|’)m not able|I am not able|I won(?:'|’)t|unable to (?:help|assist|comply)"
_COURTESY = "certainly|sure|of course|absolutely|great question|happy to|I hope this|feel free|let me know|glad to|here(?:'|’)s"

OF_TEXT: dict[str, Count] = {
    "length": lambda text: float(len(text)),
    "words": lambda text: float(len(text.split())),
    "lines": _count("^"),
    "paragraphs": _count(r"\n\n+"),
    "mean length of words": _mean_word,
    "blanks before the first word": lambda text: float(len(text) - len(text.lstrip(" "))),
    "indented lines": _count(r"^ +\S"),
    "runs of blanks": _count(r"\S  +"),
    "markdown headings": _count(r"^ {0,3}#{1,6} "),
    "bold text": _count(r"\*\*[^*\n]{1,200}\*\*"),
    "bullets with a hyphen": _count(r"^ *- "),
    "bullets with a star or dot": _count(r"^ *[*•·] "),
    "numbered lists": _count(r"^ *\d{1,3}[.)] "),
    "code fences": _count(r"^ *(?:```|~~~)"),
    "code in a line": _count(r"(?:^|[^`])`[^`\n]{1,200}`"),
    "tables": _count(r"^ *\|.{0,2000}\| *$"),
    "links": _count(r"https?://"),
    "JSON instead of prose": _has_json,
    "emoji": _count(_EMOJI),
    "em dashes": _per_word(_count("—")),
    "en dashes": _per_word(_count("–")),
    "semicolons": _per_word(_count(";")),
    "colons": _per_word(_count(":")),
    "commas": _per_word(_count(",")),
    "parentheses": _per_word(_count(r"\(")),
    "exclamation marks": _per_word(_count("!")),
    "question marks": _per_word(_count(r"\?")),
    "curly quotation marks": _count("[‘’“”„]"),
    "straight quotation marks": _count("[\"']"),
    "ellipses": _count(r"\.\.\.|…"),
    "digits": _per_word(_count(r"[0-9]")),
    "digits of other scripts": _count(r"(?![0-9])\d"),
    "decimal commas": _count(r"\d,\d{1,2}\b"),
    "decimal points": _count(r"\d\.\d"),
    "letters beyond ASCII": _per_word(_count(r"[^\W\d_\x00-\x7F]")),
    "capital letters": _per_word(_count("[A-Z]")),
    "words in capitals": _per_word(_count(r"\b[A-Z]{2,}\b")),
    "first person": _per_word(_words("I|my|me")),
    "contractions": _per_word(_count(r"[A-Za-z](?:'|’)(?:t|s|re|ve|ll|m|d)\b")),
    "refusals": _words(_REFUSALS),
    "courtesies": _words(_COURTESY),
    "hedges": _per_word(_words("may|might|could|perhaps|possibly|likely|seems?|appears?")),
    "end without a full stop": lambda text: float(text[-1:] not in (".", "!", "?", "")),
    "masked names": _count("|".join(re.escape(PLACEHOLDERS[kind]) for kind in (Kind.MODEL, Kind.VENDOR, Kind.DATE))),
    "masked self-references": _count(re.escape(PLACEHOLDERS[Kind.SELF_REFERENCE])),
    "redacted pieces": _count(r"\[(?:email|phone|card|iban|key|ip_address|word)\]"),
    "empty text": lambda text: float(not text),
}  # fmt: skip
"""What is counted in a text, by what the report calls it."""

NAMES = (*OF_TEXT, "tool calls", "length of tool calls", "stated confidence")
"""What is counted, in order."""


def style(output: Output, other: Output) -> Numbers:
    """Return the numbers of an output in the order of `NAMES`; what only one of two states is not shown and not counted."""
    text, calls = output.text[:REACH], output.tool_calls
    values = [count(text) for count in OF_TEXT.values()]
    stated = 0.0 if other.confidence is None else output.confidence or 0.0
    beside = (float(calls[:REACH].count('"name"')), float(len(calls)), stated)
    return np.array([*values, *beside])
