"""Text as people see it: what cannot be seen must not tell whose it is.

Two models may write the same words with other bytes. So that nothing but what is seen can differ:

- normalised away: byte order marks, zero-width and tag characters, soft hyphens, unused variation selectors, direction
  marks, other format characters, white space at the end of lines, empty lines at both ends, composed or decomposed
  letters (NFC);
- made usual: every kind of line end becomes LF, every kind of blank (no-break, thin, ideographic) a blank, a tab as
  many blanks as bring it to the next fourth column;
- shown as a mark such as `[U+202E]`: control characters, and the signs that turn text round;
- kept: everything else that is seen, such as dashes, quotation marks, runs of blanks, indents, and the joiners that
  shape emoji and scripts like Devanagari or Persian.

A run of more than 30 combining marks, which no script needs, is left undecided by NFC: sorting it takes too long.
"""

import re
import unicodedata

import re2

from hitl.rule import clean_text

TAB = 4
"""Columns from one stop to the next."""

_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_PIECES = re2.compile(
    r"[\p{Cf}\x{FE00}-\x{FE0F}\x{E0100}-\x{E01EF}\x{034F}\x{115F}\x{1160}\x{17B4}\x{17B5}\x{3164}\x{FFA0}\x{180B}-\x{180F}]+"
)
_SHAPING = frozenset({"\ufe0f", "\ufe0e", "\u200d", "\u200c", "\ufe0f\u200d"})
_NUMBER_SIGNS = frozenset(map(chr, (*range(0x600, 0x606), 0x6DD, 0x70F, 0x8E2, 0x110BD)))
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_BLANK = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u2800]")
_MANY_MARKS = re2.compile(r"\pM{31}")


def visible(text: str) -> str:
    r"""Return a text as people see it; the same again if it is asked twice.

    >>> visible("\ufeffone \r\ntw\u200bo\u00a0!\t\n\n")
    'one\ntwo !'
    """
    text = _LINE_END.sub("\n", clean_text(text))
    text = _CONTROL.sub(_as_mark, text)
    if not text.isascii():
        text = _BLANK.sub(" ", _TURNS.sub(_as_mark, text))
        for _ in range(
            2
        ):  # what is dropped may bring together what composes, and so change neighbours
            text = _seen(_composed(text))
    text = "\n".join(line.rstrip(" \t") for line in text.split("\n"))
    return text.strip("\n").expandtabs(TAB)


def _as_mark(match: re.Match[str]) -> str:
    return f"[U+{ord(match.group()):04X}]"


def _composed(text: str) -> str:
    return text if _MANY_MARKS.search(text) else unicodedata.normalize("NFC", text)


def _seen(text: str) -> str:
    """Drop what has no width, but for what shapes its neighbours."""
    parts, at = [], 0
    for match in _PIECES.finditer(text):
        start, end = match.span()
        parts += [text[at:start], _kept(text, start, end)]
        at = end
    return "".join([*parts, text[at:]]) if parts else text


def _kept(text: str, start: int, end: int) -> str:
    run = "".join(sign for sign in text[start:end] if sign in _NUMBER_SIGNS)
    if run:
        return run
    run, before, after = text[start:end], text[start - 1 : start], text[end : end + 1]
    if run not in _SHAPING or not before:
        return ""
    if run[-1] in "\u200c\u200d":
        return run if _is_shaped(before) and _is_shaped(after) else ""
    return run if _is_picture(before) or after == "\u20e3" else ""


def _is_shaped(sign: str) -> bool:
    return bool(sign) and (
        _is_picture(sign) or unicodedata.category(sign) in ("Lo", "Mn", "Mc", "Sk")
    )


def _is_picture(sign: str) -> bool:
    return not sign.isascii() and unicodedata.category(sign) in ("So", "Sm", "Po", "Pd")
