"""Counting rows by several keys at once: each row becomes one whole number, and numbers are counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hitl.decisions.counts import MISSING, Integers, Table
from hitl.errors import DocumentError, Mistake

_WORD_BITS = 16
"""Two keys of words and the whole numbers of a line fit into 63 bits."""
_FOLD = 2_000_000
"""Lines that are kept before equal ones are added up."""
MOST_LINES = 8_000_000
"""Lines beyond which a key is no key."""

Objects = npt.NDArray[np.object_]


@dataclass
class Tally:
    """Counts of rows by words and small whole numbers, batch after batch; no row is kept."""

    place: str
    """What messages call the log."""
    words: tuple[str, ...]
    """Keys whose values are words."""
    numbers: Mapping[str, int]
    """Keys whose values are whole numbers from -1, no value, and the largest value of each."""
    sums: tuple[str, ...]
    """What is added up; the first is the number of rows."""
    _codes: dict[str, dict[str | None, int]] = field(default_factory=dict)
    _pieces: list[tuple[Integers, Integers]] = field(default_factory=list)
    _open: int = 0

    def add(
        self,
        words: Mapping[str, Objects],
        numbers: Mapping[str, Integers],
        amounts: Sequence[Integers],
    ) -> None:
        """Count rows, given as columns.

        Raises:
            DocumentError: a key that has too many different values to be counted by.
        """
        keys: Integers = np.zeros(len(amounts[0]), dtype=np.int64)
        for name in self.words:
            keys = (keys << _WORD_BITS) | self._coded(name, words[name])
        for name, largest in self.numbers.items():
            keys = keys * (largest + 2) + numbers[name] + 1
        self._pieces.append(_added(keys, np.stack(amounts)))
        self._open += len(self._pieces[-1][0])
        if self._open > max(_FOLD, len(self._pieces[0][0])):
            self._fold()

    def table(self) -> Table:
        """Return everything that was counted, in the order of its keys."""
        self._fold()
        keys, sums = self._pieces[0]
        columns: dict[str, npt.NDArray[np.int32]] = {}
        for name, largest in reversed(tuple(self.numbers.items())):
            keys, code = np.divmod(keys, largest + 2)
            columns[name] = (code - 1).astype(np.int32)
        listed: dict[str, tuple[str, ...]] = {}
        for name in reversed(self.words):
            listed[name], places = self._sorted(name)
            columns[name] = places[keys & ((1 << _WORD_BITS) - 1)]
            keys = keys >> _WORD_BITS
        ordered = {name: columns[name] for name in (*self.words, *self.numbers)}
        order = np.lexsort(tuple(reversed(list(ordered.values()))))
        return Table(
            {name: column[order] for name, column in ordered.items()},
            listed,
            {name: sums[row][order] for row, name in enumerate(self.sums)},
        )

    def _coded(self, name: str, values: Objects) -> Integers:
        codes = self._codes.setdefault(name, {None: 0})
        listed = values.tolist()
        for value in set(listed) - codes.keys():
            codes[value] = len(codes)
        if len(codes) > 1 << _WORD_BITS:
            raise self._too_many(f"{name} has more than {1 << _WORD_BITS:,} different values")
        return np.fromiter(map(codes.__getitem__, listed), np.int64, len(listed))

    def _sorted(self, name: str) -> tuple[tuple[str, ...], npt.NDArray[np.int32]]:
        """Return the words of a key, and the place among them of each code."""
        codes = self._codes.get(name, {None: 0})
        found = tuple(sorted(value for value in codes if value is not None))
        places = np.full(len(codes), MISSING, dtype=np.int32)
        for place, word in enumerate(found):
            places[codes[word]] = place
        return found, places

    def _fold(self) -> None:
        empty = np.zeros(0, dtype=np.int64)
        keys = np.concatenate([empty, *(lines for lines, _ in self._pieces)])
        none = np.zeros((len(self.sums), 0), dtype=np.int64)
        sums = np.concatenate([none, *(amounts for _, amounts in self._pieces)], axis=1)
        self._pieces, self._open = [_added(keys, sums)], 0
        if len(self._pieces[0][0]) > MOST_LINES:
            raise self._too_many(f"counts by more than {MOST_LINES:,} combinations")

    def _too_many(self, problem: str) -> DocumentError:
        advice = f"{problem}; name a part of the log, or map columns that hold ids elsewhere"
        return DocumentError([Mistake(self.place, 0, "", advice)])


def _added(keys: Integers, amounts: Integers) -> tuple[Integers, Integers]:
    """Return different keys in order, and the sums of each."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(keys) else order
    if not len(keys):
        return keys, amounts
    return ordered[first], np.add.reduceat(amounts[:, order], first, axis=1)
