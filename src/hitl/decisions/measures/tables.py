"""Tables of counts, made smaller and cut into groups; each in one pass."""

from collections.abc import Container, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from hitl.decisions.counts import MISSING, Integers, Table

_LARGEST = 2**62
MATURE = "mature"
"""Key that takes the place of the day: 1 if outcomes have had their time, 0 if not, -1 without a day."""


def matured(table: Table, last_day: int, maturity_days: int) -> Table:
    """Replace the day by whether a decision is old enough for its outcome, and sum over the rest."""
    day = table.keys["day"]
    old = np.where(day == MISSING, MISSING, day <= last_day - maturity_days).astype(np.int32)
    keys = {name: codes for name, codes in table.keys.items() if name != "day"} | {MATURE: old}
    return reduced(Table(keys, table.words, table.sums), tuple(keys))


def reduced(table: Table, keys: Sequence[str]) -> Table:
    """Sum over every key but these."""
    codes = line_codes(table, keys)
    _, first, back = np.unique(codes, return_index=True, return_inverse=True)
    size = len(first)
    return Table(
        {key: table.keys[key][first] for key in keys},
        {key: table.words[key] for key in keys if key in table.words},
        {name: summed(back, values, size) for name, values in table.sums.items()},
    )


def summed(places: npt.NDArray[np.intp], values: Integers, size: int) -> Integers:
    """Return the sum of values at each place, in whole numbers."""
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums, places, values)
    return sums


def line_codes(table: Table, keys: Iterable[str]) -> Integers:
    """Return one number for each line, the same for the same keys."""
    codes = np.zeros(len(table.sums["n"]), dtype=np.int64)
    span = 1
    for key in keys:
        column = table.keys[key].astype(np.int64)
        if not len(column):
            continue
        low = int(column.min())
        width = int(column.max()) - low + 1
        if span * width > _LARGEST:
            codes = np.unique(codes, return_inverse=True)[1].reshape(-1).astype(np.int64)
            span = len(codes)
        codes = codes * width + (column - low)
        span *= width
    return codes


def split(
    table: Table, keys: Sequence[str], wanted: Container[tuple[str | None, ...]] | None = None
) -> dict[tuple[str | None, ...], Table]:
    """Cut a table by the words of some keys, None is no value; only the wanted groups if some are named."""
    codes = line_codes(table, keys)
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=codes[order][:1] - 1))
    parts = {}
    for lines in np.split(order, starts[1:]) if len(order) else []:
        words = tuple(word(table, key, int(table.keys[key][lines[0]])) for key in keys)
        if wanted is None or words in wanted:
            parts[words] = picked(table, lines)
    return parts


def picked(table: Table, lines: npt.NDArray[np.intp]) -> Table:
    """Return some lines of a table."""
    return Table(
        {key: codes[lines] for key, codes in table.keys.items()},
        table.words,
        {name: sums[lines] for name, sums in table.sums.items()},
    )


def word(table: Table, key: str, code: int) -> str | None:
    """Return the word of a code."""
    return None if code == MISSING else table.words[key][code]


def sizes(table: Table, keys: Sequence[str]) -> dict[tuple[str | None, ...], int]:
    """Return the rows of each group, without cutting anything."""
    return {
        tuple(None if line[key] is None else str(line[key]) for key in keys): int(line["n"] or 0)
        for line in reduced(table, keys).lines()
    }
