"""Names and texts as SQL: the only way in which a value of a user enters a statement."""

from collections.abc import Iterable

from hitl.errors import UsageError


def name(word: str) -> str:
    """Quote an identifier.

    >>> name('a"b')
    '"a""b"'
    """
    return '"' + _checked(word).replace('"', '""') + '"'


def text(word: str) -> str:
    """Quote a text.

    >>> text("it's")
    "'it''s'"
    """
    return "'" + _checked(word).replace("'", "''") + "'"


def escaped(word: str) -> str:
    r"""Quote a text for an engine to which a backslash means more than itself.

    >>> print(escaped("it's \\d"))
    'it\'s \\d'
    """
    return "'" + _checked(word).replace("\\", "\\\\").replace("'", "\\'") + "'"


def texts(words: Iterable[str]) -> str:
    """Quote a list of texts, separated by commas."""
    return ", ".join(map(text, words))


def _checked(word: str) -> str:
    if "\x00" in word:
        raise UsageError(f"the name {word[:40]!r} holds a NUL character; rename it")
    return word
