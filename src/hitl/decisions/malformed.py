"""Text logs that the SQL engine refused, read again slowly, so that every broken line is told."""

import csv
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from hitl.decisions.part import LONGEST_FIELD, Part
from hitl.decisions.place import Form
from hitl.document.lines import strict_json
from hitl.document.source import iterate_lines
from hitl.errors import DocumentError, Mistake

MOST = 20
"""Broken lines told of each file."""


def broken_lines(part: Part) -> list[Mistake]:
    """Return what is wrong with the lines of a part's files, at most 20 of each."""
    mistakes: list[Mistake] = []
    for path, name in zip(part.files, part.names, strict=True):
        found = _broken_json(path) if part.form is Form.LINES else _broken_csv(path)
        mistakes += [
            Mistake(name, line, "", problem)
            for (line, problem), _ in zip(found, range(MOST), strict=False)
        ]
    return mistakes


def _broken_json(path: Path) -> Iterator[tuple[int, str]]:
    try:
        for number, content in iterate_lines(path):
            try:
                if not isinstance(strict_json(content), dict):
                    yield number, "expected one JSON object a line"
            except (ValueError, UnicodeDecodeError) as error:
                yield number, f"not valid JSON: {error}; expected one JSON object a line"
    except DocumentError as error:
        for mistake in error.mistakes:
            yield mistake.line, mistake.problem


def _broken_csv(path: Path) -> Iterator[tuple[int, str]]:
    opened = gzip.open if path.suffix == ".gz" else open
    csv.field_size_limit(LONGEST_FIELD)
    line = 0
    try:
        with opened(path, "rt", encoding="utf-8-sig", newline="") as stream:
            rows = csv.reader(stream, strict=True)
            n_expected = len(next(rows, ()))
            for row in rows:
                line = rows.line_num
                if row and len(row) != n_expected:
                    yield line, f"has {len(row)} fields; expected {n_expected}, as in the header"
    except UnicodeDecodeError as error:
        yield line + 1, f"is not UTF-8 ({error.reason}); save the file as UTF-8"
    except csv.Error as error:
        yield line + 1, f"is not CSV ({error}); expected commas, and quotes doubled inside quotes"
    except (EOFError, OSError, zlib.error) as error:
        yield line, f"the compressed file is damaged or cut short ({error})"
