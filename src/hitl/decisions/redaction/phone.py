"""Telephone numbers, found with care: numbers that only look like one stay."""

from collections.abc import Iterator
from itertools import pairwise

import re2

_GROUP = r"(?:\(\d{1,5}\)|\d{1,12})"
_ABROAD = re2.compile(
    rf"\+[1-9]\d{{0,14}}(?:[ ./-]?{_GROUP}){{0,7}}|\b00[1-9]\d{{0,2}}(?:[ ./-]{_GROUP}){{1,6}}"
)
_AT_HOME = re2.compile(
    r"\(0?\d{2,5}\)[ .-]?(?:\d{2,5}(?:[ .-]?\d{2,5}){1,2}|\d{5,9})\b"
    r"|\b(?:1 )?[2-9]\d{2} [2-9]\d{2} \d{4}\b|\b(?:1-)?[2-9]\d{2}-[2-9]\d{2}-\d{4}\b|\b(?:1\.)?[2-9]\d{2}\.[2-9]\d{2}\.\d{4}\b"
    r"|\b0[1-9]\d{0,3}(?: \d{2,8}){1,4}\b|\b0[1-9]\d{0,3}(?:-\d{2,8}){1,4}\b|\b0[1-9](?:\.\d{2}){4}\b"
    r"|\b0[1-9]\d{1,3}/\d{2,9}(?: \d{2,4}){0,3}\b"
    r"|\b1[3-9]\d \d{4} \d{4}\b|\b1[3-9]\d-\d{4}-\d{4}\b|\b[6-9]\d{2}-\d{3}-\d{3}\b"
)
_DIGITS = re2.compile(r"\d+")
_DATED = re2.compile(r"^\+?\d{4,6}-\d\d-\d\d|^\d\d([ -])\d\d[ -](?:19|20)\d\d\b")
_FEWEST, _MOST, _MOST_ABROAD = 9, 13, 15


def find_phones(text: str) -> Iterator[tuple[int, int]]:
    """Yield [start, end) of numbers with a country code, and of national ones in a usual form."""
    for match in _ABROAD.finditer(text):
        start, end = match.span()
        stop = _shortened(text, start, end)
        if _is_abroad(text[start:stop]) and not _joined_before(text, start):
            yield start, stop
    for match in _AT_HOME.finditer(text):
        start, end = match.span()
        if _is_at_home(text[start:end]) and not _goes_on(text, start, end):
            yield start, end


def _shortened(text: str, start: int, end: int) -> int:
    """Leave out the last groups where there are more digits than a number can have."""
    found, n = end, 0
    for group in _DIGITS.finditer(text[start:end]):
        n += len(group.group())
        if n > _MOST_ABROAD + 2 * (text[start] == "0"):
            return found
        found = start + group.end() + (text[start + group.end() : start + group.end() + 1] == ")")
    return found


def _is_abroad(number: str) -> bool:
    groups = _DIGITS.findall(number)
    if sum(map(len, groups)) < _FEWEST or _DATED.search(number):
        return False
    if "." not in number:
        return True
    return number.count(".") > 1 and any(
        len(group) != 3 for group in groups[1:]
    )  # no decimal, no thousands


def _is_at_home(number: str) -> bool:
    groups = _DIGITS.findall(number)
    digits = "".join(groups)
    if not _FEWEST <= len(digits) <= _MOST or set(digits) <= {"0", "1"} or _DATED.search(number):
        return False
    if len(groups) == 2 and len(groups[1]) < 5:
        return False
    steps = {int(after) - int(before) for before, after in pairwise(groups)}
    return len(groups) < 4 or len(steps) > 1  # 01 02 03 04 05 counts


def _joined_before(text: str, start: int) -> bool:
    """Say whether a sum, a name or a list of numbers goes before."""
    before = text[start - 1] if start else " "
    if before.isalnum() or before in ")+_":
        return True
    return text[start] == "0" and bool(_BEFORE.search(text[max(0, start - 2) : start]))


_BEFORE = re2.compile(r"(?:[0-9a-fA-F][-._/,]|\d |[$€£+\w])$")
_AFTER = re2.compile(r"^(?:[-_/][0-9A-Za-z]|[.,]\d| \d| ?%)")


def _goes_on(text: str, start: int, end: int) -> bool:
    """Say whether the digits belong to more: a list of numbers, an identifier, an amount."""
    return bool(_BEFORE.search(text[max(0, start - 2) : start])) or bool(
        _AFTER.search(text[end : end + 2])
    )
