"""Which words of two replies differ."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from hitl.render.text import fit, page_bytes

MOST_WORDS = 200
"""Words, spaces and marks of a reply that are compared; what follows is shown unmarked.

The comparison grows with the square, so a page with many cases compares less of each.
"""
LEAST_ALIKE = 0.3
"""Below this share of common words the marks would cover everything and say nothing."""
_TAG_BYTES = 11
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a reply."""

    text: str
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Marked:
    """A reply in pieces, and how many of its characters were left out."""

    pieces: tuple[Piece, ...]
    left_out: int


def mark_words(
    previous: str, candidate: str, most_words: int = MOST_WORDS
) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return both texts in pieces, with the words that the other does not have marked.

    >>> mark_words("drain the node now", "read the node now")[1]
    (Piece(text='read', is_changed=True), Piece(text=' the node now', is_changed=False))
    """
    left, right = _WORDS.findall(previous), _WORDS.findall(candidate)
    left_head, right_head = left[:most_words], right[:most_words]
    matcher = SequenceMatcher(str.isspace, left_head, right_head, autojunk=False)
    if (
        matcher.real_quick_ratio() < LEAST_ALIKE
        or matcher.quick_ratio() < LEAST_ALIKE
        or matcher.ratio() < LEAST_ALIKE
    ):
        return _plain(previous), _plain(candidate)
    old, new = [], []
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        old.append(Piece("".join(left_head[start:end]), tag != "equal"))
        new.append(Piece("".join(right_head[other_start:other_end]), tag != "equal"))
    old.append(Piece("".join(left[most_words:]), is_changed=False))
    new.append(Piece("".join(right[most_words:]), is_changed=False))
    return _joined(old), _joined(new)


def fit_pieces(pieces: tuple[Piece, ...], size: int) -> Marked:
    """Return the beginning of the pieces that takes at most `size` bytes in a page, marks included."""
    kept: list[Piece] = []
    left_out = 0
    for piece in pieces:
        room = size - (_TAG_BYTES if piece.is_changed else 0)
        if left_out or room <= 0:
            left_out += len(piece.text)
            continue
        if (needed := page_bytes(piece.text)) <= room:
            kept.append(piece)
            size = room - needed
            continue
        short = fit(piece.text, room)
        kept.append(Piece(short.text, piece.is_changed))
        left_out = short.left_out
    return Marked(tuple(kept), left_out)


def _plain(text: str) -> tuple[Piece, ...]:
    return (Piece(text, is_changed=False),) if text else ()


def _joined(pieces: list[Piece]) -> tuple[Piece, ...]:
    return tuple(piece for piece in pieces if piece.text)
