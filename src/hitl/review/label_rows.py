"""Lines of CSV and JSON lines files as cells by column."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from hitl.document.lines import strict_json
from hitl.document.source import iterate_lines
from hitl.errors import DocumentError, Mistake

Row = Mapping[str, object]


def label_rows(path: Path, mistakes: list[Mistake]) -> Iterator[tuple[int, Row]]:
    """Yield (line, cells by column) of a CSV or JSON lines file, plain or gzip; mistakes of single lines are added.

    Raises:
        DocumentError: the file is no CSV as a whole, or cannot be read.
    """
    if ".csv" in path.suffixes:
        yield from _csv_rows(path)
    else:
        yield from _json_rows(path, mistakes)


def _json_rows(path: Path, mistakes: list[Mistake]) -> Iterator[tuple[int, Row]]:
    for line, content in iterate_lines(path):
        try:
            value = strict_json(content)
        except (ValueError, UnicodeDecodeError) as error:
            mistakes.append(Mistake(str(path), line, "", f"not valid JSON: {error}; expected one JSON object a line"))  # fmt: skip
            continue
        if isinstance(value, dict):
            yield line, value
        else:
            mistakes.append(Mistake(str(path), line, "", "expected one JSON object a line"))


def _csv_rows(path: Path) -> Iterator[tuple[int, Row]]:
    at = [0]

    def texts() -> Iterator[str]:
        for number, content in iterate_lines(path):
            at[0] = number
            yield content.decode("utf-8-sig" if number == 1 else "utf-8") + "\n"

    try:
        reader = csv.reader(texts(), strict=True)
        names = next(reader, [])
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise DocumentError([Mistake(str(path), 1, twice[0], "a column of this name stands twice")])  # fmt: skip
        for cells in reader:
            if len(cells) != len(names):
                problem = f"{len(cells)} cells; the first line names {len(names)} columns"
                raise DocumentError([Mistake(str(path), at[0], "", problem)])
            yield at[0], dict(zip(names, cells, strict=True))
    except (csv.Error, UnicodeDecodeError) as error:
        raise DocumentError([Mistake(str(path), at[0], "", f"not valid CSV in UTF-8: {error}")]) from error  # fmt: skip
