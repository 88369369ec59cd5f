"""Which words of two outputs stand in one of them only, in bounded time.

The words of a text are compared, not the space between them. What is found is the same whichever text comes first.
"""

import re
from dataclasses import dataclass
from itertools import islice

from rapidfuzz.distance import Indel

MOST_WORDS = 20_000
"""Words and marks of each text that are compared; what follows is shown unmarked, and that is said."""
LEAST_ALIKE = 0.2
"""Below this share of common words nearly everything would be marked, which says nothing."""
# Scripts without spaces: each of their characters is a word.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"(?:[{_UNSPACED}]|[^\W{_UNSPACED}]+|[^\w\s])\s*")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a text."""

    text: str
    is_kept: bool
    """Whether the other text has it too; if not, it stands only here."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Two texts in runs; the runs of a text make up the whole of it."""

    left: tuple[Run, ...]
    right: tuple[Run, ...]
    note: str = ""
    """What the marks do not cover; empty if they cover all."""

    @property
    def is_marked(self) -> bool:
        """Whether any word stands in one text only."""
        return any(not run.is_kept for run in (*self.left, *self.right))


def difference(left: str, right: str) -> Difference:
    """Return two texts with what stands only here marked in each.

    >>> difference("drain the node", "read the node").left
    (Run(text='drain', is_kept=False), Run(text=' the node', is_kept=True))
    """
    if right < left:
        turned = difference(right, left)
        return Difference(turned.right, turned.left, turned.note)
    old, new = _Words.of(left), _Words.of(right)
    found = Indel.opcodes(old.keys, new.keys)
    alike = sum(step.src_end - step.src_start for step in found if step.tag == "equal")
    if alike < LEAST_ALIKE * min(len(old.keys), len(new.keys)):
        return Difference(
            whole(left), whole(right), "the outputs have hardly a word in common, so none is marked"
        )
    kept = [step for step in found if step.tag == "equal"]
    note = f"only the first {MOST_WORDS:,} words are compared" if old.rest or new.rest else ""
    return Difference(
        old.runs([(step.src_start, step.src_end) for step in kept]),
        new.runs([(step.dest_start, step.dest_end) for step in kept]),
        note,
    )


def whole(text: str) -> tuple[Run, ...]:
    """Return a text in one run; none if it is empty.

    >>> whole("")
    ()
    """
    return (Run(text, is_kept=True),) if text else ()


@dataclass(frozen=True, slots=True)
class _Words:
    """A text as words with the space after each, what stands before the first, and what is not compared."""

    head: str
    words: list[str]
    keys: list[str]
    rest: str

    @classmethod
    def of(cls, text: str) -> "_Words":
        start = len(text) - len(text.lstrip())
        words = [found.group() for found in islice(_WORD.finditer(text, start), MOST_WORDS)]
        end = start + sum(map(len, words))
        return cls(text[:start], words, [word.rstrip() for word in words], text[end:])

    def runs(self, kept: list[tuple[int, int]]) -> tuple[Run, ...]:
        """Return the text in runs, given which stretches of words are kept."""
        found, at = [Run(self.head, is_kept=True)], 0
        for start, end in kept:
            found += _only("".join(self.words[at:start]))
            found.append(Run("".join(self.words[start:end]), is_kept=True))
            at = end
        found += _only("".join(self.words[at:]))
        found.append(Run(self.rest, is_kept=True))
        return _joined(found)


def _only(text: str) -> tuple[Run, Run]:
    """Mark a stretch without the space behind it."""
    end = len(text.rstrip())
    return Run(text[:end], is_kept=False), Run(text[end:], is_kept=True)


def _joined(runs: list[Run]) -> tuple[Run, ...]:
    """Join neighbours of one kind, so that every mark is one element."""
    whole_runs: list[Run] = []
    for run in runs:
        if not run.text:
            continue
        if whole_runs and whole_runs[-1].is_kept == run.is_kept:
            whole_runs[-1] = Run(whole_runs[-1].text + run.text, run.is_kept)
        else:
            whole_runs.append(run)
    return tuple(whole_runs)
