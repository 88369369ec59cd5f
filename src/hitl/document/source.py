"""Bytes from disk: regular files only, within a size, gzip read through."""

import gzip
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path

from hitl.errors import DocumentError, Mistake

DOCUMENT_LIMIT = 32 << 20
"""Largest YAML or JSON document, in bytes."""

LINE_LIMIT = 64 << 20
"""Largest single line of a JSON lines file, in bytes."""

EXPANDED_LIMIT = 16 << 30
"""Most bytes that one compressed file may expand to."""


def fail(path: Path, problem: str, *, line: int = 0, field: str = "") -> DocumentError:
    """Return the error for one mistake in a file."""
    return DocumentError([Mistake(str(path), line, field, problem)])


def check_regular(path: Path) -> int:
    """Return the size of a regular file in bytes.

    Raises:
        DocumentError: nothing is there, or it is a folder, pipe, socket or device.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        raise fail(
            path, "no such file; check the path, which is relative to the file that names it"
        ) from None
    except OSError as error:
        raise fail(
            path, f"cannot be read ({error.strerror}); check the path and its permissions"
        ) from error
    except ValueError:
        raise fail(path, "not a usable path; remove the NUL character") from None
    if not stat.S_ISREG(status.st_mode):
        raise fail(
            path, "not a regular file; expected a file with content, not a folder, pipe or device"
        )
    return status.st_size


def is_missing(path: Path) -> bool:
    """Say whether nothing stands at a path; a path that cannot be looked at is not missing."""
    try:
        path.stat()
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False
    return False


def is_folder(path: Path) -> bool:
    """Say whether a folder stands at a path; a path that cannot be looked at is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def read_bytes(path: Path, limit: int = DOCUMENT_LIMIT) -> bytes:
    """Return the bytes of a regular file of at most so many bytes."""
    if check_regular(path) > limit:
        raise fail(path, f"larger than {limit >> 20} MiB; move cases into .jsonl files")
    try:
        return path.read_bytes()
    except OSError as error:
        raise fail(path, f"cannot be read ({error.strerror})") from error


def iterate_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield (1-based number, content) of each line that is not blank, from a plain or gzip file.

    Raises:
        DocumentError: the file is missing, cut short, not gzip though named so, or holds a line
            or an expansion beyond the limits.
    """
    check_regular(path)
    total = 0
    number = 0
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as stream:
            while line := stream.readline(LINE_LIMIT + 1):
                number += 1
                total += len(line)
                if len(line) > LINE_LIMIT or total > EXPANDED_LIMIT:
                    raise fail(
                        path, f"larger than hitl reads ({LINE_LIMIT >> 20} MiB a line)", line=number
                    )
                if content := line.strip():
                    yield number, content
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        problem = (
            f"the compressed file is damaged or cut short ({error}); copy it again from its source"
        )
        raise fail(path, problem, line=number) from error
    except OSError as error:
        raise fail(path, f"cannot be read ({error.strerror or error})", line=number) from error
