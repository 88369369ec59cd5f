"""Text made easy to search, sign for sign: every offset means the same place in both."""

import re

from hitl.rule import clean_text

_ALIKE = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\u3000", " "),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d", "-"),
        **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
        "\uff0b": "+",
        "\uff20": "@",
    }
)
_UNLIKE = re.compile("[" + re.escape("".join(map(chr, _ALIKE))) + "]")
_ESCAPE = re.compile(r"""\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})""")


def flatten(text: str) -> str:
    r"""Return text with usual blanks, dashes and digits, without NUL and lone surrogates.

    Examples:
        >>> flatten("+49\u202f30\u2011123")
        '+49 30-123'
    """
    text = clean_text(text)
    return text if text.isascii() or not _UNLIKE.search(text) else text.translate(_ALIKE)


def hide_escapes(text: str) -> str:
    r"""Return text in which what JSON writes as an escape is as many signs of the kind that it stands for.

    Examples:
        >>> hide_escapes(r"a\nbob@x.com")
        'a  bob@x.com'
    """
    return _ESCAPE.sub(_stand_in, text) if "\\" in text else text


def escapes(text: str) -> list[tuple[int, int]]:
    """Return [start, end) of everything that may be a JSON escape."""
    return [match.span() for match in _ESCAPE.finditer(text)] if "\\" in text else []


def _stand_in(match: re.Match[str]) -> str:
    escape = match.group()
    if len(escape) == 2:
        return "  "
    sign = flatten(chr(int(escape.removeprefix("\\u"), base=16)))
    if sign == "@":
        return "_____@"
    return "x" * 6 if sign.isalnum() or sign == "\ufffd" else " " * 6
