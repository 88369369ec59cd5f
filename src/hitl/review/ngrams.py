"""Which words, pairs of words and runs of three signs an output holds, hashed into a row of fixed length."""

import re
import zlib

import numpy as np

from hitl.stats.counts import Numbers

WIDTH = 2048
"""Places for words and pairs of words, and as many for runs of signs."""
_TOKEN = re.compile(r"\w{1,60}|[^\w\s]")


def hashed(text: str) -> Numbers:
    """Return the row of a text: logarithms of counts, of length 1 in each half, or 0 without any.

    Hashes are CRC-32 and fixed multipliers: the same on every machine and in every run.
    """
    return np.concatenate([_scaled(_of_words(text)), _scaled(_of_signs(text))])


def _of_words(text: str) -> Numbers:
    codes: dict[str, int] = {}
    words = [
        codes.get(word) or codes.setdefault(word, zlib.crc32(word.encode("utf-8", "replace")))
        for word in _TOKEN.findall(text.lower())
    ]
    single = np.array(words, dtype=np.uint64)
    double = single[:-1] * np.uint64(31) + single[1:] * np.uint64(7919) + np.uint64(1)
    return _counts(np.concatenate([single, double]))


def _of_signs(text: str) -> Numbers:
    signs = np.frombuffer(text.encode("utf-32-le", "replace"), dtype="<u4").astype(np.uint64)
    return _counts(
        signs[:-2] * np.uint64(73856093)
        + signs[1:-1] * np.uint64(19349663)
        + signs[2:] * np.uint64(83492791)
    )


def _counts(hashes: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> Numbers:
    mixed = (hashes * np.uint64(2654435761)) % np.uint64(2**32) >> np.uint64(21)
    return np.log1p(np.bincount(mixed.astype(np.int64), minlength=WIDTH))


def _scaled(row: Numbers) -> Numbers:
    length = float(np.sqrt(row @ row))
    return row / length if length > 0.0 else row
