"""Whole-number counts of a log: the one value from which every rate, quantile and curve derives."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from hitl.decisions.grid import time_edges

Integers = npt.NDArray[np.int64]
MISSING = -1
"""Code of a key that a row has no value for."""
_FEW = 8


@dataclass(frozen=True, slots=True)
class Quantile:
    """A quantile read from bins: it lies somewhere from `low` to `high`."""

    estimate: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Table:
    """Counts by keys, one line a combination that occurs.

    A key with words holds their codes, any other key whole numbers (days since 1970, bins); -1 is no value.
    """

    keys: Mapping[str, npt.NDArray[np.int32]]
    words: Mapping[str, tuple[str, ...]]
    sums: Mapping[str, Integers]

    @property
    def n(self) -> int:
        """Rows of the log that are counted here."""
        return self.total("n")

    def total(self, measure: str) -> int:
        """Return one sum over everything."""
        return int(self.sums[measure].sum())

    def where(self, **wanted: object) -> "Table":
        """Keep lines whose keys have a value (or one of a tuple, list or set of values); None is no value."""
        keep = np.ones(self._n_lines, dtype=bool)
        for key, value in wanted.items():
            values = value if isinstance(value, tuple | list | set | frozenset) else (value,)
            keep &= _is_in(self.keys[key], [self._code(key, one) for one in values])
        return self._chosen(keep)

    def between(self, key: str, low: int, high: int) -> "Table":
        """Keep lines whose key, a day or a bin, is at least `low` and less than `high`."""
        return self._chosen((self.keys[key] >= low) & (self.keys[key] < high))

    def by(self, *keys: str) -> "Table":
        """Sum over every other key."""
        if not keys:
            whole = {name: np.array([values.sum()]) for name, values in self.sums.items()}
            return Table({}, {}, whole)
        codes = np.stack([self.keys[key] for key in keys], axis=1)
        lines, back = np.unique(codes, axis=0, return_inverse=True)
        sums = {}
        for name, values in self.sums.items():
            sums[name] = np.zeros(len(lines), dtype=np.int64)
            np.add.at(sums[name], back.reshape(-1), values)
        columns = {key: lines[:, index] for index, key in enumerate(keys)}
        return Table(columns, {key: self.words[key] for key in keys if key in self.words}, sums)

    def lines(self) -> Iterator[dict[str, str | int | None]]:
        """Yield each line with its keys as words or numbers, None for no value, and its sums."""
        for index in range(self._n_lines):
            line: dict[str, str | int | None] = {
                key: self._word(key, int(codes[index])) for key, codes in self.keys.items()
            }
            yield line | {name: int(values[index]) for name, values in self.sums.items()}

    def rate(
        self, by: str, among: "Table | None" = None
    ) -> dict[str | int | None, tuple[int, int]]:
        """Return for each value of a key (k, n): rows here, and rows of `among`, a wider table.

        >>> table = a_table(action=["approve", "reject"], pool=["a", "a"], n=[3, 1])
        >>> table.where(action="reject").rate("pool", among=table)
        {'a': (1, 4)}
        """
        whole = {line[by]: int(line["n"] or 0) for line in (among or self).by(by).lines()}
        part = {line[by]: int(line["n"] or 0) for line in self.by(by).lines()}
        return {value: (part.get(value, 0), n) for value, n in whole.items()}

    def quantile(self, key: str, share: float) -> Quantile | None:
        """Return a quantile in seconds of a key of time bins; None where no row has a value.

        The value of rank ceil(share * n) lies in the bin that is returned as `low` to `high`; 5.1 % wide.

        >>> table = a_table(review_bin=[100, 220], n=[1, 9])
        >>> round(table.quantile("review_bin", 0.5).estimate, 1)
        61.4
        """
        table = self._chosen(self.keys[key] != MISSING).by(key)
        counts = np.cumsum(table.sums["n"])
        if not len(counts) or not counts[-1]:
            return None
        n = int(counts[-1])
        rank = min(max(int(np.ceil(share * n)), 1), n)
        low, high = time_edges(int(table.keys[key][np.searchsorted(counts, rank)]))
        return Quantile((low + high) / 2, low, high, n)

    @property
    def _n_lines(self) -> int:
        return len(self.sums["n"])

    def _chosen(self, keep: npt.NDArray[np.bool_]) -> "Table":
        keys = {key: codes[keep] for key, codes in self.keys.items()}
        return Table(keys, self.words, {name: sums[keep] for name, sums in self.sums.items()})

    def _code(self, key: str, value: object) -> int:
        if value is None:
            return MISSING
        if key not in self.words:
            if not isinstance(value, int):
                raise TypeError(f"{key} holds whole numbers, not {value!r}")
            return value
        words = self.words[key]
        return words.index(str(value)) if value in words else len(words)

    def _word(self, key: str, code: int) -> str | int | None:
        if code == MISSING:
            return None
        return self.words[key][code] if key in self.words else code


def _is_in(codes: npt.NDArray[np.int32], wanted: list[int]) -> npt.NDArray[np.bool_]:
    """A few comparisons are quicker than np.isin, and every metric of every group asks for a few."""
    if len(wanted) > _FEW:
        return np.isin(codes, wanted)
    found = np.zeros(len(codes), dtype=bool)
    for one in wanted:
        found |= codes == one
    return found


def a_table(**columns: list[str] | list[int]) -> Table:
    """Return a table of a few lines; `n` and names that begin with `sum_` are sums, the rest keys."""
    keys, words, sums = {}, {}, {}
    for name, values in columns.items():
        if name == "n" or name.startswith("sum_"):
            sums[name] = np.array(values, dtype=np.int64)
        elif all(isinstance(value, int) for value in values):
            keys[name] = np.array(values, dtype=np.int32)
        else:
            words[name] = tuple(sorted(str(value) for value in dict.fromkeys(values)))
            keys[name] = np.array([words[name].index(str(value)) for value in values], np.int32)
    return Table(keys, words, sums)


@dataclass(frozen=True, slots=True)
class Counts:
    """The reduction of a log.

    Sums beside the rows `n`: for each amount `n_AMOUNT`, rows that have it, and `sum_AMOUNT`; amounts are `review_ms`,
    `review_bin` (so that the sum of logarithms is known to half a bin), `is_fast` (reviews of less than 2 seconds),
    `wait_ms`, `cost_micro` (US dollars), `latency_ms`, `satisfaction_milli`,
    `confidence_micro` (so that the mean confidence of a bin is known).
    """

    cells: Table
    """By day, model, action type, pool, lane, human action, outcome, label, right action type, risk, severity,
    seeded, bin of confidence, and thousandths of the review probability; with sums."""
    review: Table
    """By day, model, action type, pool, lane, human action, seeded, and bin of review time."""
    wait: Table
    """The same by bin of waiting time."""
    reviewers: Table
    """By reviewer, day, model, action type, pool, lane, human action, seeded, outcome, label and tenth of the
    confidence; rows that name a person; with sums."""

    @property
    def n(self) -> int:
        """Rows of the log."""
        return self.cells.n

    @property
    def is_consistent(self) -> bool:
        """Whether every table counts the same rows."""
        same = all(a.n == b.n for a, b in pairwise((self.cells, self.review, self.wait)))
        return same and self.reviewers.n <= self.n
