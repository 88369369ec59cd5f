"""Pseudonyms for people: the same id gives the same one under one key, and without the key none can be traced back.

A plain hash would not do: whoever has a list of the staff hashes it and looks up.
"""

import hashlib
import hmac
from dataclasses import dataclass, field

_LENGTH = 16
"""Hexadecimal digits: 64 bits, so that two of a million people share a pseudonym with a chance of 3 in 10^8."""
SHORTEST_KEY = 16
"""Bytes of the shortest key that is taken."""


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Names people, and ids that hold personal data, by a key."""

    key: bytes = field(repr=False)
    """At least 16 bytes that nobody can guess."""

    def of(self, kind: str, name: str) -> str:
        """Return the pseudonym of a name.

        Examples:
            >>> Pseudonyms(b"0123456789abcdef").of("reviewer", "bob@example.com")
            'reviewer-30b3cc9c07347fcf'
        """
        told = hmac.new(self.key, f"{kind}\0{name}".encode("utf-8", "replace"), hashlib.sha256)
        return f"{kind}-{told.hexdigest()[:_LENGTH]}"
