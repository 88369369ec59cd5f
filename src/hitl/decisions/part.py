"""One part of a log: rows that lie in the same form with the same columns, as a relation that SQL can read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hitl.decisions import quote
from hitl.decisions.beginning import LONGEST_LINE, check_lines, header_of
from hitl.decisions.place import Form
from hitl.decisions.shown import listed
from hitl.errors import DocumentError, Mistake

_CSV = f"auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', max_line_size = {LONGEST_LINE}"
_JSON = f"format = 'newline_delimited', records = true, maximum_object_size = {LONGEST_LINE}"
_GLOB = re.compile(r"[*?\[]")


class Shape(StrEnum):
    """What a column's SQL type amounts to."""

    TEXT = "text"
    FLAG = "flag"
    NUMBER = "number"
    ZONED = "zoned"
    NAIVE = "naive"
    NESTED = "nested"
    """An object, a list or a structure."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of a part as SQL knows it."""

    sql: str
    shape: Shape
    number: str = ""
    """What makes a 64-bit floating point number of it, where a plain cast would not do."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows in one form with the same columns."""

    form: Form
    files: tuple[Path, ...]
    names: tuple[str, ...]
    """What messages call each file."""
    cells: Mapping[str, Cell]
    """By the log's own names."""
    relation: str = ""
    """Of a table or view; files are read by their form."""

    @property
    def place(self) -> str:
        """What messages call the whole part."""
        more = f" and {len(self.names) - 1} more" if len(self.names) > 1 else ""
        return self.names[0] + more

    def read(self, files: Sequence[Path] | None = None) -> str:
        """Return the relation of some of the files, all by default, as SQL."""
        if self.relation:
            return self.relation
        chosen = self.files if files is None else files
        listed = "[" + ", ".join(quote.text(_literal(path)) for path in chosen) + "]"
        if self.form is Form.PARQUET:
            return f"read_parquet({listed}, union_by_name = true)"
        types = ", ".join(f"{cell.sql}: 'VARCHAR'" for cell in self.cells.values())
        packed = ", compression = 'gzip'" if chosen[0].suffix == ".gz" else ", compression = 'none'"
        if self.form is Form.LINES:
            return f"read_json({listed}, {_JSON}, columns = {{{types}}}{packed})"
        return f"read_csv({listed}, {_CSV}, columns = {{{types}}}{packed})"


def csv_parts(files: Sequence[tuple[Path, str]]) -> list[Part]:
    """Return one part for each header among CSV files.

    Args:
        files: path, and what messages call it.

    Raises:
        DocumentError: every file without a usable header.
    """
    groups: dict[tuple[bool, tuple[str, ...]], list[tuple[Path, str]]] = {}
    mistakes: list[Mistake] = []
    for path, name in files:
        try:
            header = header_of(path)
        except (OSError, EOFError, ValueError) as error:
            mistakes.append(_unusable(name, error))
            continue
        if repeated := sorted({column for column in header if header.count(column) > 1}):
            mistakes.append(Mistake(name, 1, "", f"columns stand twice: {listed(repeated, 5)}"))
        groups.setdefault((path.suffix == ".gz", header), []).append((path, name))
    if mistakes:
        raise DocumentError(mistakes)
    return [_csv_part(header, group) for (_, header), group in groups.items()]


def lines_parts(files: Sequence[tuple[Path, str]], wanted: Sequence[str]) -> list[Part]:
    """Return parts of JSON lines files: only the wanted keys are read, wherever in the file they begin.

    Raises:
        DocumentError: every file that does not begin as one.
    """
    cells = {name: Cell(quote.name(name), Shape.TEXT) for name in dict.fromkeys(wanted)}
    mistakes: list[Mistake] = []
    for path, name in files:
        try:
            check_lines(path)
        except (OSError, EOFError, ValueError) as error:
            mistakes.append(_unusable(name, error))
    if mistakes:
        raise DocumentError(mistakes)
    parts = []
    for packed in (False, True):
        chosen = [(path, name) for path, name in files if (path.suffix == ".gz") is packed]
        if chosen:
            paths, names = zip(*chosen, strict=True)
            parts.append(Part(Form.LINES, paths, names, cells))
    return parts


def _unusable(name: str, error: Exception) -> Mistake:
    said = (
        f"cannot be read ({error.strerror or error})" if isinstance(error, OSError) else str(error)
    )
    return Mistake(name, 0, "", said)


def _csv_part(header: tuple[str, ...], group: Sequence[tuple[Path, str]]) -> Part:
    cells = {name: Cell(f"c{number}", Shape.TEXT) for number, name in enumerate(header)}
    paths, names = zip(*group, strict=True)
    return Part(Form.CSV, paths, names, cells)


def _literal(path: Path) -> str:
    """A path that no glob character of it spreads."""
    return _GLOB.sub(lambda found: f"[{found.group()}]", str(path))
