"""The version of a policy that follows another."""

import re

_LAST_NUMBER = re.compile(r"[0-9]+(?=[^0-9]*\Z)", re.ASCII)

_MOST_DIGITS = 1_000
"""Python reads longer numbers only where it is told to."""


def next_version(version: str) -> str:
    """Return the version that follows: its last whole number is one more, and one without a number, or with an endless one, gets `-2`.

    Leading zeros keep their width: after `2026-05` comes `2026-06`.
    """
    found = _LAST_NUMBER.search(version)
    if found is None or len(found[0]) > _MOST_DIGITS:
        return f"{version}-2"
    return _LAST_NUMBER.sub(lambda found: str(int(found[0]) + 1).zfill(len(found[0])), version)
