"""What personal data and keys look like: built-in kinds, each a linear-time search with a check of its own.

The searches see *flat* text (see `hitl.decisions.redaction.flat`), whose offsets are those of the original.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum

import re2

from hitl.decisions.redaction.phone import find_phones


class RedactKind(StrEnum):
    """A built-in kind of text that is taken out."""

    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    IBAN = "iban"
    KEY = "key"
    IP_ADDRESS = "ip_address"


DEFAULT_KINDS = tuple(kind for kind in RedactKind if kind is not RedactKind.IP_ADDRESS)
"""Kinds that are taken out when nobody says; addresses of machines are what operators have to read."""


Finder = Callable[[str], Iterator[tuple[int, int]]]

_SECRET = r"(?i:passw(?:or)?d|passphrase|pwd|secret|token|credentials?|(?:api|access|private|secret|auth|account)[_ -]?key|apikey)"
_EMAIL = re2.compile(
    r"[\pL\pN_%+][\pL\pN\pM._%+'&-]*@(?:[\pL\pN][\pL\pN\pM-]*\.)+(?:\pL[\pL\pM]+|xn--[A-Za-z0-9-]+)"
)
_CARD_START = re2.compile(r"\b(?:[3-6]|2[2-7])\d{2,18}\b")
_CARD_FORMS = tuple(
    re2.compile(form)
    for form in (
        r"\d{13,19}\b",
        r"\d{4}(?:-\d{4}){3}-\d{1,3}\b|\d{4}(?: \d{4}){3} \d{1,3}\b",
        r"\d{4}(?:-\d{4}){3}\b|\d{4}(?: \d{4}){3}\b",
        r"\d{4}[ -]\d{6}[ -]\d{4,5}\b",
    )
)
_CARD_REACH = 24
_IBAN_START = re2.compile(r"(?i)\b[A-Z]{2}\d{2}")
_IBAN_BODY = re2.compile(r"[A-Za-z0-9]{4}(?:[ -]?[A-Za-z0-9]){11,30}")
_IBAN_REACH = 70
_IP = re2.compile(
    r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b"
    r"|\b(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}\b"
)
_TOKEN = re2.compile(
    r"\bsk-[A-Za-z0-9_-]{16,}|\bgh[pousr]_[A-Za-z0-9]{16,}|\bgithub_pat_[A-Za-z0-9_]{16,}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bAIza[0-9A-Za-z_-]{30,}"
    r"|\bglpat-[A-Za-z0-9_-]{16,}|\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}|\bhf_[A-Za-z0-9]{24,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)?"
)
_BLOCK = re2.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:\s*(?:Proc-Type|DEK-Info|Version|Comment): ?[^\s]+)*"
    r"(?:\s*[A-Za-z0-9+/=]{16,})*"
    r"(?:\s*[A-Za-z0-9+/=]{0,76}\s*-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?"
)
_BEARER = re2.compile(r"(?i)\bbearer\s+([A-Za-z0-9._~+/=-]{12,})")
_ASSIGNED = re2.compile(
    _SECRET + r"""["'`]?\s{0,4}(?::=|=>|[:=])\s{0,4}["'`]?([^\s"'`,;<>\[\](){}$]{8,})"""
)
_KEY_VALUE = re2.compile(r"[^\s\[\](){}$<>]{8,}")
_SECRET_NAME = re2.compile(r"[\w. -]{0,60}" + _SECRET)
_CODE = re2.compile(
    r"[A-Za-z_]\w*(?:(?:\.|->|::)[A-Za-z_]\w*)+|[A-Za-z0-9_-]{0,60}" + _SECRET + r"|\*+|[xX]+|\.+"
)

HINTS = (
    r"@|\d(?:[ ()./-]{0,3}\d){8}|[A-Za-z]{2}\d{2}[ -]?[A-Za-z0-9]{4}|-----BEGIN|sk-|gh[pousr]_|github_pat_|AKIA"
    r"|ASIA|xox|AIza|glpat-|k_live_|k_test_|hf_|eyJ|(?i:bearer\s)|"
    + _SECRET
    + r"""[\\"'`]{0,3}\s{0,4}[:=]"""
)
"""What every default kind has somewhere: a text without any of it is clean."""

HINTS_IP = r"\d\.\d{1,3}\.\d|[0-9A-Fa-f]:[0-9A-Fa-f]{1,4}:"

_IBAN_COUNTRIES = {
    15: "NO",
    16: "BE",
    18: "DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
_IBAN_LENGTHS = {
    country: length
    for length, countries in _IBAN_COUNTRIES.items()
    for country in countries.split()
}


def finder(kind: RedactKind) -> Finder:
    """Return the search for a kind."""
    return _FINDERS[kind]


def is_secret_name(name: str) -> bool:
    """Return whether a field of this name holds a password or a key."""
    return _SECRET_NAME.fullmatch(name) is not None


def is_key_value(text: str) -> bool:
    """Return whether the value of such a field can be one: eight characters or more, and no code or mask."""
    return _KEY_VALUE.fullmatch(text) is not None and _CODE.fullmatch(text) is None


def _find_emails(text: str) -> Iterator[tuple[int, int]]:
    for match in _EMAIL.finditer(text):
        yield match.span()


def _find_ips(text: str) -> Iterator[tuple[int, int]]:
    for match in _IP.finditer(text):
        start, end = match.span()
        if text[start - 1 : start] not in (".", "-") and text[end : end + 1] not in ("-", "."):
            yield start, end


def _find_cards(text: str) -> Iterator[tuple[int, int]]:
    for match in _CARD_START.finditer(text):
        start = match.start()
        reach = text[start : start + _CARD_REACH]
        for form in _CARD_FORMS:
            found = form.match(reach)
            if found and _luhn(found.group()) and not _goes_on(text, start, start + found.end()):
                yield start, start + found.end()
                break


def _luhn(number: str) -> bool:
    digits = [int(sign) for sign in number if sign.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


_BEFORE = re2.compile(r"(?:\d[.,]|[0-9a-fA-F][-_]|\d{4} )$")
_AFTER = re2.compile(r"^(?:[.,]\d|[-_][0-9A-Za-z]|(?: \d{4}\b){2})")


def _goes_on(text: str, start: int, end: int) -> bool:
    """Say whether the digits go on: a decimal, an identifier, or a list of numbers."""
    before, after = text[max(0, start - 5) : start], text[end : end + 12]
    return bool(_BEFORE.search(before)) or bool(_AFTER.search(after))


def _find_ibans(text: str) -> Iterator[tuple[int, int]]:
    for match in _IBAN_START.finditer(text):
        start = match.start()
        length = _IBAN_LENGTHS.get(text[start : start + 2].upper(), 0)
        body = _IBAN_BODY.match(text[start : start + _IBAN_REACH]) if length else None
        places = (
            [place for place, sign in enumerate(body.group()) if sign.isalnum()] if body else []
        )
        if not length or len(places) < length:
            continue
        stop = start + places[length - 1] + 1
        account = "".join(text[start + place] for place in places[:length]).upper()
        if not text[stop : stop + 1].isalnum() and _mod97(account):
            yield start, stop


def _mod97(account: str) -> bool:
    return int("".join(str(int(sign, 36)) for sign in account[4:] + account[:4])) % 97 == 1


def _find_keys(text: str) -> Iterator[tuple[int, int]]:
    for match in _BLOCK.finditer(text):
        yield match.span()
    for match in _TOKEN.finditer(text):
        if any(sign.isdigit() for sign in match.group()):
            yield match.span()
    for match in _BEARER.finditer(text):
        if any(sign.isdigit() for sign in match.group(1)):
            yield match.span(1)
    for match in _ASSIGNED.finditer(text):
        start, end = match.span(1)
        if text[end : end + 1] not in ("(", "[") and not _CODE.fullmatch(text[start:end]):
            yield start, end


_FINDERS: dict[RedactKind, Finder] = {
    RedactKind.EMAIL: _find_emails,
    RedactKind.PHONE: find_phones,
    RedactKind.CARD: _find_cards,
    RedactKind.IBAN: _find_ibans,
    RedactKind.KEY: _find_keys,
    RedactKind.IP_ADDRESS: _find_ips,
}
