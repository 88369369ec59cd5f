"""Which words of two replies differ."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from hitl.render.text import fit, page_bytes

MOST_WORDS = 400
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
    start = _common(left, right)
    end = _common(left[start:][::-1], right[start:][::-1])
    left_middle, right_middle = left[start : len(left) - end], right[start : len(right) - end]
    if start + end < LEAST_ALIKE * min(len(left), len(right)) and not _are_alike(
        left_middle, right_middle, most_words
    ):
        return _plain(previous), _plain(candidate)
    old, new = _compared(left_middle, right_middle, most_words)
    head = Piece("".join(left[:start]), is_changed=False)
    tail = Piece("".join(left[len(left) - end :]), is_changed=False)
    return _joined([head, *old, tail]), _joined([head, *new, tail])


def _common(left: list[str], right: list[str]) -> int:
    """Return how many words both begin with; most replies share a long beginning and end."""
    return next(
        (at for at, (one, other) in enumerate(zip(left, right, strict=False)) if one != other),
        min(len(left), len(right)),
    )


def _are_alike(left: list[str], right: list[str], most_words: int) -> bool:
    matcher = SequenceMatcher(str.isspace, left[:most_words], right[:most_words], autojunk=False)
    return matcher.quick_ratio() >= LEAST_ALIKE and matcher.ratio() >= LEAST_ALIKE


def _compared(
    left: list[str], right: list[str], most_words: int
) -> tuple[list[Piece], list[Piece]]:
    """Return both in pieces; what lies behind the most words stays unmarked."""
    left_head, right_head = left[:most_words], right[:most_words]
    old, new = [], []
    for tag, start, end, other_start, other_end in SequenceMatcher(
        str.isspace, left_head, right_head, autojunk=False
    ).get_opcodes():
        old.append(Piece("".join(left_head[start:end]), tag != "equal"))
        new.append(Piece("".join(right_head[other_start:other_end]), tag != "equal"))
    old.append(Piece("".join(left[most_words:]), is_changed=False))
    new.append(Piece("".join(right[most_words:]), is_changed=False))
    return old, new


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
    """Join neighbours of one kind, so that every mark is one element."""
    whole: list[Piece] = []
    for piece in pieces:
        if whole and piece.text and whole[-1].is_changed == piece.is_changed:
            whole[-1] = Piece(whole[-1].text + piece.text, piece.is_changed)
        elif piece.text:
            whole.append(piece)
    return tuple(whole)
