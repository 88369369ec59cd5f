"""Words that come back from output to output: headings, openings, closings, fields, and words anywhere."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hitl.review.candidate import Output
from hitl.review.style import REACH
from hitl.stats.counts import Numbers

_SHOWN = 40

_HEADING = re.compile(
    r"^ {0,3}#{1,6} ++([^ \n].{0,79}?)[ #]*+$|^ {0,3}\*\*([^*\n]{1,80})\*\*:?$|^([A-Z][^\n:]{1,40}):(?: |$)",
    re.MULTILINE,
)
_FIELD = re.compile(r'"([^"\n]{1,60})" ?:')
_WORD = re.compile(r"\S+")
_PLAIN_WORD = re.compile(r"[^\W\d_]{2,30}")

Places = Callable[[Output], set[str]]


@dataclass(frozen=True, slots=True)
class Difference:
    """What one look at both outputs of each pair found."""

    name: str
    values: Numbers
    """First output less second, for each pair; 0 where they are alike."""


def _headings(output: Output) -> set[str]:
    found = _HEADING.finditer(output.text[:REACH])
    return {next(group for group in one.groups() if group).strip(" :*#").lower() for one in found}


def _fields(output: Output) -> set[str]:
    return set(_FIELD.findall(output.text[:REACH]))


def _opening(output: Output) -> set[str]:
    words = _WORD.findall(output.text[:200])[:2]
    return {" ".join(words).lower()} if words else set()


def _closing(output: Output) -> set[str]:
    words = _WORD.findall(output.text[-200:])[-3:]
    return {" ".join(words).lower()} if words else set()


def _anywhere(output: Output) -> set[str]:
    return set(_PLAIN_WORD.findall(output.text[:REACH].lower()))


_LOOKS: tuple[tuple[str, Places, float, int], ...] = (
    ("section heading", _headings, 0.3, 5),
    ("field", _fields, 0.3, 5),
    ("opening words", _opening, 0.1, 5),
    ("closing words", _closing, 0.1, 5),
    ("word", _anywhere, 0.2, 60),
)
"""What it is called, where it stands, in what share of the pairs it must stand at all, and how many are looked at."""


def recurring(pairs: Sequence[tuple[Output, Output]]) -> Iterator[Difference]:
    """Yield words that stand in one output of a pair and not in the other, the most frequent of each place.

    Which words are looked at does not depend on whose the outputs are, so that looking at many costs no more than
    `hitl.stats.multiple.holm` takes.
    """
    for name, look, least, most in _LOOKS:
        found = [(look(first), look(second)) for first, second in pairs]
        standing = Counter(word for first, second in found for word in first | second)
        apart = Counter(word for first, second in found for word in first ^ second)
        words = [word for word, _ in sorted(apart.items(), key=lambda one: (-one[1], one[0]))]
        for word in [word for word in words if standing[word] > least * len(pairs)][:most]:
            values = [float(word in first) - float(word in second) for first, second in found]
            yield Difference(f"{name} `{_clean(word)}`", np.array(values))


def _clean(words: str) -> str:
    shown = "".join(sign if sign.isprintable() and sign != "`" else " " for sign in words[:_SHOWN])
    return shown if len(words) <= _SHOWN else shown + "..."
