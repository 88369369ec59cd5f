"""Text that a model wrote, made harmless to look at: one function that every view uses.

A reply can carry escape codes that repaint a terminal, marks that reverse the reading order, or characters
that nobody sees. None of them is dropped, because a missing character misleads as well: each is shown as its
code point.
"""

import re
from dataclasses import dataclass
from html import escape

_RANGES = (
    "\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f"  # C0 without tab and newline, DEL, C1
    "\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f"  # soft hyphen, joiners, fillers
    "\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb"  # zero width, bidi
    "\\ud800-\\udfff\\ufffe\\uffff"  # lone surrogates and non-characters, which no XML may hold
    "\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a\\U000e0000-\\U000e0fff"  # tags, selectors
)
_UNSEEN = re.compile(f"[{_RANGES}]")
_HALF_CODE = re.compile("⟨[^⟩]{0,8}$")


@dataclass(frozen=True, slots=True)
class Cut:
    """A text that was shortened, and by how many characters."""

    text: str
    left_out: int


def show(text: str) -> str:
    r"""Return the text with every control, bidi and invisible character as a visible code point.

    >>> show("safe \u202eexe.txt\x1b[2J")
    'safe ⟨U+202E⟩exe.txt⟨U+001B⟩[2J'
    """
    return _UNSEEN.sub(_code_point, text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """Return the text as `show` does, on one line."""
    return " ".join(show(text).split())


def cut(text: str, limit: int) -> Cut:
    """Return at most `limit` characters of the text, as `show` does.

    >>> cut("abcdef", 4)
    Cut(text='abcd', left_out=2)
    """
    shown = show(text)
    if len(shown) <= limit:
        return Cut(shown, 0)
    return _ended(shown, limit)


def brief(text: str, limit: int) -> str:
    """Return one line of at most `limit` characters, with an ellipsis when something is missing.

    >>> brief("one two  three", 8)
    'one two…'
    """
    line = one_line(text)
    return line if len(line) <= limit else _ended(line, limit - 1).text.rstrip() + "…"


def fit(text: str, size: int) -> Cut:
    """Return the longest beginning of the text that takes at most `size` bytes in an HTML page."""
    shown = show(text)
    if page_bytes(shown) <= size:
        return Cut(shown, 0)
    low, high = 0, min(len(shown), size)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if page_bytes(shown[:middle]) <= size else (low, middle - 1)
    return _ended(shown, low)


def page_bytes(text: str) -> int:
    """Return how many bytes the text takes in an HTML page."""
    return len(escape(text).encode("utf-8", "replace"))


def _ended(shown: str, length: int) -> Cut:
    kept = _HALF_CODE.sub("", shown[:length])
    return Cut(kept, len(shown) - len(kept))


def _code_point(found: re.Match[str]) -> str:
    return f"⟨U+{ord(found.group()):04X}⟩"
