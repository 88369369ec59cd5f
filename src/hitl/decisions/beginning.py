"""How a text log begins: its header or its first line, and whether it is text at all."""

import csv
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

LONGEST_LINE = 2 << 20
"""Bytes of the longest row of a text log."""
TOO_LONG = f"has more than {LONGEST_LINE:,} bytes, the most that is read of a row; shorten its texts, or leave the long column out"
NOT_UTF8 = "is not UTF-8; save the file as UTF-8"
_BYTE_ORDER = b"\xef\xbb\xbf"
_KINDS = {
    b"\x1f\x8b": "is compressed with gzip; let its name end in .gz",
    b"\x28\xb5\x2f\xfd": "is compressed with zstd; unpack it, or compress it with gzip",
    b"PAR1": "is Parquet; let its name end in .parquet",
    b"PK\x03\x04": "is a ZIP archive or a workbook; unpack it, or save the sheet as CSV",
    b"SQLite format 3\x00": "is a database; name the table in it as FILE::TABLE",
    b"\xff\xfe": "is UTF-16; save the file as UTF-8",
    b"\xfe\xff": "is UTF-16; save the file as UTF-8",
}


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a text log, unpacked."""
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as stream:
        yield stream  # type: ignore[misc]  # a gzip stream reads as any other


@contextmanager
def long_fields() -> Iterator[None]:
    """Let CSV be read with fields as long as a row may be, which is a setting of the whole process."""
    before = csv.field_size_limit(LONGEST_LINE)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def header_of(path: Path) -> tuple[str, ...]:
    """Return the names of the columns of a CSV file.

    Raises:
        ValueError: what is wrong with the file.
        OSError: it cannot be read.
    """
    number, first = _first_line(path)
    first = first.removeprefix(_BYTE_ORDER)
    if number > 1:
        raise ValueError("begins with a blank line; expected the names of the columns")
    if len(first) > LONGEST_LINE:
        raise ValueError(f"has no header: its first line {TOO_LONG}")
    if b"\r" in first.rstrip(b"\r\n") and b'"' not in first:
        raise ValueError("ends its lines with carriage returns alone; save it with line feeds")
    try:
        text = first.decode()
    except UnicodeDecodeError:
        raise ValueError(NOT_UTF8) from None
    try:
        with long_fields():
            return tuple(next(csv.reader([text], strict=True)))
    except csv.Error:
        problem = "has a header that is no CSV; expected names with commas between them in one line, and quotes in pairs"
        raise ValueError(problem) from None


def check_lines(path: Path) -> None:
    """Look at the first line of a JSON lines file.

    Raises:
        ValueError: what is wrong with the file.
        OSError: it cannot be read.
    """
    _, first = _first_line(path)
    if first.startswith(_BYTE_ORDER):
        raise ValueError("begins with a byte order mark; save the file as UTF-8 without one")


def _first_line(path: Path) -> tuple[int, bytes]:
    """Return the first line that is not blank, with its number; at most a byte more than a row may have."""
    number = 0
    with opened(path) as stream:
        while line := stream.readline(LONGEST_LINE + 1):
            number += 1
            if line.removeprefix(_BYTE_ORDER).strip():
                _check_kind(line)
                return number, line
    raise ValueError("is empty: there is no decision in it")


def _check_kind(line: bytes) -> None:
    for start, problem in _KINDS.items():
        if line.startswith(start):
            raise ValueError(problem)
    if b"\x00" in line[:4]:
        raise ValueError("is no UTF-8 text but perhaps UTF-16; save the file as UTF-8")
