"""Text folded so that a name is found however it is written, with the way back to where it stands.

Letters that look alike become the Latin one; wide, styled, circled and accented letters the plain one; dashes a
hyphen, underscores and blanks a blank, JSON escapes what they stand for. Combining marks and joiners fall out.
"""

import re
import unicodedata
from dataclasses import dataclass

_LIKE = str.maketrans(
    "АВЕКМНОРСТУХІЈЅԚԜавекмнорстухіјѕԁԛԝһΑΒΕΖΗΙΚΜΝΟΡΤΥΧαεικνορτυχıɑɡɩʟɪᴏᴀᴄᴅᴇɢʜᴊᴋᴍɴᴘᴛᴜᴠᴡᴢ",
    "ABEKMHOPCTYXIJSQWabekmhopctyxijsdqwhABEZHIKMNOPTYXaeikvoptuxiagilioacdeghjkmnptuvwz",
)
_DASHES = frozenset("‐‑‒–—―−﹘﹣－⁃⸺⸻")
# Looking back keeps a run of backslashes linear: it is tried from its first one only.
_ESCAPE = re.compile(r"(?<!\\)\\++(?:u([0-9a-fA-F]{4})|[bfnrt])")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text, and where each of its signs stands in the original."""

    text: str
    places: tuple[int, ...] | None
    """Of each sign, and the length of the original; None: signs stand where they stand there."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return [start, end) of the original that [start, end) was made of."""
        return (start, end) if self.places is None else (self.places[start], self.places[end])


def fold(text: str) -> Folded:
    r"""Fold a text; see the module.

    >>> fold("Ｇ\u0420\u0422–4").text, fold(r"\u0047PT").text
    ('GPT-4', 'GPT')
    """
    pieces, places = _unescaped(text)
    if not pieces.isascii():
        table = {ord(sign): _plain(sign) for sign in set(pieces) if not sign.isascii()}
        if "" in table.values():
            kept = [at for at, sign in enumerate(pieces) if table.get(ord(sign)) != ""]
            source = range(len(pieces)) if places is None else places
            places = [*(source[at] for at in kept), len(text)]
        pieces = pieces.translate(table)
    return Folded(pieces.replace("_", " "), None if places is None else tuple(places))


def alike(text: str) -> str:
    """Return text with letters that look like Latin ones as these; accents stay, because they tell people apart."""
    return text.translate(_LIKE)


def _unescaped(text: str) -> tuple[str, list[int] | None]:
    """Return text in which an escape is the one sign that it stands for, and places if there are any."""
    if "\\" not in text or not _ESCAPE.search(text):
        return text, None
    parts: list[str] = []
    places: list[int] = []
    at = 0
    for match in _ESCAPE.finditer(text):
        code = match.group(1)
        parts += [text[at : match.start()], chr(int(code, base=16)) if code else " "]
        places += range(at, match.start() + 1)
        at = match.end()
    return "".join([*parts, text[at:]]), [*places, *range(at, len(text) + 1)]


def _plain(sign: str) -> str:
    """Return the plain sign for one that is not ASCII; empty for what falls out."""
    if sign in _DASHES:
        return "-"
    category = unicodedata.category(sign)
    if category == "Zs":
        return " "
    if category in ("Mn", "Me", "Cf"):
        return ""
    if category == "Cs":
        return "\ufffd"
    apart = unicodedata.normalize("NFKD", sign.translate(_LIKE))
    rest = "".join(one for one in apart if unicodedata.category(one) != "Mn")
    return rest.translate(_LIKE) if len(rest) == 1 else sign
