"""Forms in which the declared name of a model may be written: RE2, on folded text."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import re2

from hitl.review.folding import fold
from hitl.review.mask_words import AMBIGUOUS, COMMON, JOIN, VERSION

LEAST_LETTERS = 3
"""Letters of a part that counts by itself."""
LEAST_DIGITS = 4
"""Digits of a version that counts without a name."""

_MONTHS = (
    *("jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?"),
    *("aug(?:ust)?", "sept?(?:ember)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?"),
)
_DATE = re.compile(r"(?<!\d)(20[0-4]\d)[-_./]?(0[1-9]|1[0-2])[-_./]?(0[1-9]|[12]\d|3[01])(?!\d)")
_DOT = re.compile(r"\.(?!\d)|(?<!\d)\.")


@dataclass(frozen=True, slots=True)
class NameForms:
    """Patterns that say one thing or another of the names of both models."""

    models: tuple[str, ...]
    vendors: tuple[str, ...]
    dates: tuple[str, ...]
    words: frozenset[str]
    """Parts that count by themselves, in lower case."""


def name_forms(names: Iterable[str]) -> NameForms:
    """Return how the names may be written, whole and in parts, without parts that say nothing by themselves."""
    models: set[str] = set()
    vendors: set[str] = set()
    dates: set[str] = set()
    words: set[str] = set()
    for name in sorted(set(names)):
        folded = fold(name.strip()).text
        models |= set(_whole(folded))
        dates |= {form for found in _DATE.finditer(folded) for form in _dates(*found.groups())}
        segments = _segments(folded)
        for number, segment in enumerate(segments):
            is_vendor = number < len(segments) - 1 and not any(map(str.isdigit, segment))
            (vendors if is_vendor else models).update(_forms(segment))
            words |= {word for word in _heads(segment) if word not in COMMON}
    return NameForms(_longest_first(models), _longest_first(vendors), _longest_first(dates), frozenset(words))  # fmt: skip


def _longest_first(forms: Iterable[str]) -> tuple[str, ...]:
    """Return forms so that a whole name is tried before its parts; what may follow a part does not make it longer."""
    return tuple(sorted(forms, key=lambda form: (-len(form.replace(VERSION, "")), form)))


def _segments(name: str) -> list[str]:
    """Return what stands between slashes, colons, at signs, blanks and dots that belong to no number."""
    parts = [part for part in re.split(r"[/:@\s]+", name) if part]
    if len(parts) > 2 and parts[0].lower() == "ft":
        parts = [parts[1], *parts[3:]]  # the third part is the customer's own name
    return [piece for part in parts for piece in _DOT.split(part) if piece]


def _whole(name: str) -> Iterator[str]:
    """Yield the whole name; plain words only as they are written."""
    pieces = [part for piece in re.split(r"[/:@\s]+", name) if (part := _parts(piece))]
    if _says_something([part for piece in pieces for part in piece]):
        yield r"\b" + "[/:@ ]".join(JOIN.join(map(_quoted, piece)) for piece in pieces) + r"\b"
    elif len(pieces) > 1 or (pieces and len(pieces[0]) > 1):
        yield rf"\b{re2.escape(name)}\b"


def _forms(segment: str) -> Iterator[str]:
    """Yield a segment as a whole, its beginnings, its versions and its first word."""
    parts = _parts(segment)
    for end in range(2, len(parts) + 1):
        if _says_something(parts[:end]):
            yield r"\b" + JOIN.join(map(_quoted, parts[:end])) + r"\b"
    start = next((at for at, part in enumerate(parts) if part.lower() not in COMMON - {"v"}), 0)
    if (
        start
        and not parts[start].isdigit()
        and sum(map(len, filter(str.isdigit, parts[start:]))) >= LEAST_DIGITS
    ):
        yield r"\b" + JOIN.join(map(_quoted, parts[start:])) + r"\b"
    short = re.match(r"[^\W\d_]{1,2}\d+", segment)  # such as `o1`: only as it is written
    if short and not re.match(r"[vV]\d", segment):
        yield rf"\b{re2.escape(short.group())}\b"
    for word in _heads(segment):
        if word in AMBIGUOUS:
            yield rf"\b(?:{word.capitalize()}|{word.upper()}){VERSION}\b|\b(?i:{word})[ -]?\d[\w.]*\b"
        elif word not in COMMON:
            yield rf"\b(?i:{word}){VERSION}\b"


def _parts(name: str) -> list[str]:
    return re.findall(r"[^\W\d_]+|\d+", name)


def _heads(segment: str) -> Iterator[str]:
    """Yield the first word and every other that may count by itself."""
    for part in dict.fromkeys(_parts(segment)):
        if len(part) >= LEAST_LETTERS and not part.isdigit():
            yield part.lower()


def _says_something(parts: Iterable[str]) -> bool:
    """Say whether parts together are more than plain words: a name, or plain words with a number."""
    parts = list(parts)
    digits = sum(len(part) for part in parts if part.isdigit())
    named = any(
        not part.isdigit() and part.lower() not in COMMON and len(part) >= LEAST_LETTERS
        for part in parts
    )
    plain = sum(not part.isdigit() for part in parts)
    return named or (plain > 0 and digits >= LEAST_DIGITS) or (plain > 1 and digits > 0)


def _quoted(part: str) -> str:
    return part if part.isdigit() else f"(?i:{re2.escape(part)})"


def _dates(year: str, month: str, day: str) -> Iterator[str]:
    name, number = _MONTHS[int(month) - 1], str(int(day))
    yield rf"\b{year}[-./ ]?{month}[-./ ]?{day}\b"
    yield rf"\b(?i:{name}\.? 0?{number}(?:st|nd|rd|th)?,? {year}|0?{number}(?:st|nd|rd|th)?\.? (?:of )?{name},? {year})\b"
