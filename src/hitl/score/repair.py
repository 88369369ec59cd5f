"""Broken JSON repaired within a fixed number of steps.

The repairing library needs time that grows with the square of some texts (20,000 characters took ten
seconds), so it is given a string that counts how often it is read and stops it at `READ_LIMIT`.
"""

import json
from typing import SupportsIndex

import json_repair

from hitl.document.lines import strict_json

SIZE_LIMIT = 200_000
"""Most characters that are repaired; longer text is not."""
READ_LIMIT = 1_000_000
"""Most reads of the text; ordinary repairs need about five for each character."""


class _ReadsSpent(Exception):  # noqa: N818  # not an error of ours: it leaves the library, never this module
    pass


class _Metered(str):
    """Text that counts its reads; its slices and sums share the count."""

    __slots__ = ("left",)
    left: list[int]

    def __getitem__(self, place: SupportsIndex | slice) -> str:
        self.left[0] -= 1
        if self.left[0] < 0:
            raise _ReadsSpent
        found = str.__getitem__(self, place)
        return _metered(found, self.left) if isinstance(place, slice) else found

    def __add__(self, other: str) -> str:
        return _metered(str.__add__(self, other), self.left)


def repair(text: str) -> object | None:
    """Return the object or list that broken JSON was meant to be; None if there is none.

    Examples:
        >>> repair("{'a': 1,}")
        {'a': 1}
    """
    if len(text) > SIZE_LIMIT:
        return None
    try:
        found = json_repair.loads(_metered(text, [READ_LIMIT]), skip_json_loads=True)
        if not isinstance(found, dict | list) or not found:
            return None
        # The round trip turns metered pieces into plain text and refuses NaN and infinities.
        return strict_json(json.dumps(found, allow_nan=False))
    except (
        _ReadsSpent,
        ValueError,
        TypeError,
        IndexError,
        KeyError,
        AttributeError,
        RecursionError,
    ):
        return None


def _metered(text: str, left: list[int]) -> str:
    made = str.__new__(_Metered, text)
    made.left = left
    return made
