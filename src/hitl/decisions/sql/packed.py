"""Packed files of a log, read to their end: it says whether the content is what was packed.

The embedded engine does not look at that end and takes a changed file for a sound one.
"""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from hitl.document.source import EXPANDED_LIMIT
from hitl.errors import DocumentError, Mistake

_BLOCK = 1 << 20
_MAGIC = b"\x1f\x8b"


def unpack(path: Path, target: Path, most: int = EXPANDED_LIMIT) -> None:
    """Write the content of a gzip file.

    Args:
        path: the file.
        target: where its content goes.
        most: bytes that it may expand to.

    Raises:
        DocumentError: it is damaged, changed, cut short, no gzip file or too large, or there is no room.
    """
    try:
        with target.open("wb") as stream:
            for block in _blocks(path, most):
                stream.write(block)
    except OSError as error:
        problem = (
            f"cannot be unpacked into the temporary folder ({error.strerror}); make room there"
        )
        raise _error(path, problem) from error


def check_packed(path: Path, most: int = EXPANDED_LIMIT) -> None:
    """Read a gzip file to its end and write nothing.

    Raises:
        DocumentError: it is damaged, changed, cut short, no gzip file, or too large.
    """
    for _ in _blocks(path, most):
        pass


def _blocks(path: Path, most: int) -> Iterator[bytes]:
    total = 0
    try:
        _check_magic(path)
        with gzip.open(path, "rb") as packed:
            while block := packed.read(_BLOCK):
                total += len(block)
                if total > most:
                    raise _error(path, f"expands to more than {most:,} bytes; divide it")
                yield block
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        problem = "the compressed file is damaged or cut short; copy it again from its source"
        raise _error(path, problem) from error
    except OSError as error:
        raise _error(path, f"cannot be read ({error.strerror})") from error


def _check_magic(path: Path) -> None:
    with path.open("rb") as stream:
        if stream.read(2) != _MAGIC:
            raise _error(
                path, "is not compressed with gzip, though its name ends in .gz; rename it"
            )


def _error(path: Path, problem: str) -> DocumentError:
    return DocumentError([Mistake(str(path), 0, "", problem)])
