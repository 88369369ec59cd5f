"""Canonical JSON (RFC 8785) and SHA-256: the one way in which hitl names a content."""

import hashlib
from pathlib import Path

import rfc8785

_CHUNK = 1 << 20


def canonical(value: object) -> bytes:
    """Return the one byte string that stands for a JSON value.

    Raises:
        ValueError: the value holds NaN, an infinity, or an integer of 2**53 or more, for which
            the standard has no canonical form (write such an id as text).
    """
    try:
        return bytes(rfc8785.dumps(value))  # type: ignore[arg-type]  # rfc8785 narrows to its own JSON alias
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise ValueError(str(error) or "nested too deeply") from error


def digest(value: object) -> str:
    """Return the SHA-256, in hex, of the canonical form of a JSON value."""
    return digest_bytes(canonical(value))


def digest_bytes(content: bytes) -> str:
    """Return the SHA-256 of bytes, in hex."""
    return hashlib.sha256(content).hexdigest()


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hex, read in pieces."""
    state = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_CHUNK):
            state.update(piece)
    return state.hexdigest()
