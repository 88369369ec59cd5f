"""A unified diff for people: every unseen character shown, and each line with what it is."""

from enum import StrEnum
from typing import NamedTuple

from hitl.render.text import show


class Kind(StrEnum):
    """What a line of a diff is."""

    HEAD = "head"
    """Names of the files."""
    PLACE = "place"
    """Where the lines stand."""
    REMOVED = "removed"
    """A line that goes."""
    ADDED = "added"
    """A line that comes."""
    SAME = "same"
    """A line that stays."""


class Line(NamedTuple):
    """One line of a diff."""

    kind: Kind
    text: str


def diff_lines(diff: str) -> tuple[Line, ...]:
    r"""Return the lines of a diff, safe to look at.

    >>> [line.kind.value for line in diff_lines("--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n z\n")]
    ['head', 'head', 'place', 'removed', 'added', 'same']
    """
    texts = show(diff).split("\n")
    if texts[-1] == "":
        texts.pop()
    lines: list[Line] = []
    is_inside = False
    for text in texts:
        is_inside = is_inside or text.startswith("@@")
        lines.append(Line(_kind(text, is_inside=is_inside), text))
    return tuple(lines)


def _kind(text: str, *, is_inside: bool) -> Kind:
    if text.startswith("@@"):
        return Kind.PLACE
    if not is_inside and text.startswith(("---", "+++")):
        return Kind.HEAD
    signs = {"+": Kind.ADDED, "-": Kind.REMOVED}
    return signs.get(text[:1], Kind.SAME)
