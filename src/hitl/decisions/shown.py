"""Pieces of a log, and what engines say of it, as messages may quote them: without personal data, cut."""

import re

from hitl.decisions.redaction.redact import Redactor

SHOWN = 60
"""Characters of a value that a message shows."""
_SAID = 300
_REDACTOR = Redactor()
_VALUE = re.compile(
    r"\b((?:value|input|string|literal|convert|cast|format|parse)\w*\b[^'\"]{0,60})(['\"]).*\2",
    re.IGNORECASE,
)
"""A quoted piece behind a word that says that it is a value, and not a name of the query."""


def shown(value: object, most: int = SHOWN) -> str:
    """Return a value of a log as a message may quote it.

    Redacted before it is cut: half an address is still one, and no pattern finds it.

    >>> shown("from bo@example.com")
    'from [email]'
    """
    text = _REDACTOR.redact(str(value)).text
    return text if len(text) <= most else f"{text[: most - 1]}…"


def listed(names: list[str], most: int = 20) -> str:
    """Return the first names of columns or tables as a message may quote them, and how many there are more."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return (", ".join(map(shown, names[:most])) or "none") + more


def first_line(error: BaseException) -> str:
    r"""Return what an engine says, without the rows and the values that it quotes.

    >>> first_line(ValueError("Could not convert string 'it is me' to INT32\nrow: me"))
    'Could not convert string ... to INT32'
    """
    lines = str(error).strip().splitlines()
    said = lines[0] if lines else type(error).__name__
    return shown(_VALUE.sub(r"\1...", said), _SAID)
