"""Text logs that the SQL engine refused, read again slowly, so that every broken line is told."""

import csv
import gzip
import json
import re
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from hitl.decisions.beginning import LONGEST_LINE, NOT_UTF8, TOO_LONG, long_fields, opened
from hitl.decisions.part import Part
from hitl.decisions.place import Form
from hitl.decisions.shown import shown
from hitl.document.lines import DuplicateKeyError, strict_json
from hitl.document.source import iterate_lines
from hitl.errors import DocumentError, Mistake

MOST = 20
"""Broken lines told of each file."""
_OBJECT = "expected one JSON object a line"
_TWICE = re.compile(r"the key (.*) stands twice", re.DOTALL)
_HALF = re.compile(rb"\\u[dD][89abAB]", re.IGNORECASE)
_RETURN = "carriage return"


def broken_lines(part: Part) -> list[Mistake]:
    """Return what is wrong with the lines of a part's files, at most 20 of each."""
    mistakes: list[Mistake] = []
    for path, name in zip(part.files, part.names, strict=True):
        with long_fields():
            found = _broken_json(path) if part.form is Form.LINES else _broken_csv(path)
            mistakes += [Mistake(name, line, "", problem) for line, problem in islice(found, MOST)]
    return mistakes


def _broken_json(path: Path) -> Iterator[tuple[int, str]]:
    try:
        for number, content in iterate_lines(path):
            if problem := _wrong_json(content):
                yield number, problem
    except DocumentError as error:
        for mistake in error.mistakes:
            yield mistake.line, mistake.problem


def _wrong_json(content: bytes) -> str:
    try:
        value = strict_json(content)
    except UnicodeDecodeError:
        return NOT_UTF8
    except ValueError as error:
        if b"\r" in content:
            return f"holds a {_RETURN}; end each line with a line feed, {_OBJECT}"
        return f"not valid JSON: {_told(error)}; {_OBJECT}"
    if not isinstance(value, dict):
        return _OBJECT
    if len(content) > LONGEST_LINE:
        return TOO_LONG
    return "holds half a character (a surrogate without its other half, such as \\ud800); write the whole character" if _is_half(content, value) else ""  # fmt: skip


def _told(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg.removesuffix(' at')} at character {error.pos + 1:,}"
    if isinstance(error, DuplicateKeyError):
        return _TWICE.sub(lambda found: f"the key {shown(found[1])} stands twice", str(error))
    return shown(error)


def _is_half(content: bytes, value: object) -> bool:
    if not _HALF.search(content):
        return False
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


class _Lines:
    """Lines of a CSV file as text; knows where the row that is being read began."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.number = 0
        self.began = 1
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._stream.readline(LONGEST_LINE + 1):
            self.number += 1
            self._size += len(line)
            if self._size > LONGEST_LINE:
                raise OverflowError
            yield line.decode("utf-8-sig" if self.number == 1 else "utf-8")

    def end_row(self) -> None:
        self.began, self._size = self.number + 1, 0


def _broken_csv(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with opened(path) as stream:
            yield from _broken_rows(_Lines(stream))
    except gzip.BadGzipFile as error:
        yield 0, f"the compressed file is damaged or cut short ({error})"
    except (EOFError, OSError, zlib.error) as error:
        yield 0, f"the file is damaged or cut short ({error})"


def _broken_rows(lines: _Lines) -> Iterator[tuple[int, str]]:
    rows = csv.reader(lines, strict=True)
    n_expected = None
    try:
        for row in rows:
            n_expected = len(row) if n_expected is None else n_expected
            if row and len(row) != n_expected:
                yield (
                    lines.number,
                    f"has {len(row)} fields; expected {n_expected}, as in the header",
                )
            lines.end_row()
    except UnicodeDecodeError:
        yield lines.number, NOT_UTF8
    except OverflowError:
        yield lines.began, f"the row that begins here {TOO_LONG}; or a quote in it never ends"
    except csv.Error as error:
        yield _no_csv(lines, str(error))


def _no_csv(lines: _Lines, said: str) -> tuple[int, str]:
    if "end of data" in said:
        return (
            lines.began,
            "is not CSV: a quote in this row never ends; close it, or double it inside quotes",
        )
    if "new-line" in said:
        return (
            lines.number,
            f"is not CSV: a field without quotes holds a {_RETURN}; put it in quotes, or end lines with line feeds",
        )
    return (
        lines.number,
        "is not CSV; expected commas between fields, fields with quotes in quotes, and these doubled",
    )
