"""JSON objects out of files: JSON lines as a stream, any other JSON document as a whole, both also gzipped."""

import glob
import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hitl.decisions.exchange.shape import Tree
from hitl.document.lines import strict_json
from hitl.document.source import check_regular, fail, is_folder, iterate_lines
from hitl.errors import DocumentError, Mistake

WHOLE_LIMIT = 512 << 20
"""Bytes of the largest document that is not JSON lines; it is held in memory."""
_ENDINGS = (".json", ".jsonl", ".ndjson")
_LISTS = (
    "data",
    "runs",
    "traces",
    "spans",
    "observations",
    "scores",
    "feedback",
    "annotations",
    "items",
)
"""Names under which tools put a page of records."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record and where it stands."""

    place: str
    """`FILE:LINE`, or `FILE#N` for the n-th record of a document."""
    value: Tree | None
    """None if it cannot be read."""
    problem: str = ""


def find_files(names: Iterable[str]) -> list[Path]:
    """Return the files that words of a user name, patterns spread out.

    Raises:
        DocumentError: every word that names no file with JSON in it.
    """
    found: dict[Path, None] = {}
    mistakes: list[Mistake] = []
    for name in names:
        is_pattern = glob.has_magic(name) and not Path(name).exists()
        paths = sorted(glob.glob(name, recursive=True)) if is_pattern else [name]  # noqa: PTH207  # takes whole paths
        if not paths:
            mistakes += fail(Path(name), "no file matches this pattern").mistakes
        for path in map(Path, paths):
            try:
                found |= dict.fromkeys([_checked(path)])
            except DocumentError as error:
                mistakes += error.mistakes
    if mistakes:
        raise DocumentError(mistakes)
    return list(found)


def _checked(path: Path) -> Path:
    if is_folder(path):
        raise fail(path, "is a folder; name the files in it, such as 'FOLDER/*.jsonl'")
    size = check_regular(path)
    inner = Path(path.stem) if path.suffix == ".gz" else path
    if inner.suffix.lower() not in _ENDINGS:
        raise fail(
            path,
            f"ends in {path.suffix or 'nothing'!r}; expected an export as {', '.join(_ENDINGS)}, also .gz",
        )
    if not size:
        raise fail(path, "is empty: there is no record in it")
    return path


def iterate_records(path: Path, is_mine: Callable[[Tree], bool]) -> Iterator[Record]:
    """Yield every record of a file.

    Args:
        path: the file.
        is_mine: says of an object that it is a record and not a page of records.

    Raises:
        DocumentError: the file cannot be read to its end, or is neither JSON lines nor one JSON document.
    """
    lines = iterate_lines(path)
    first = next(lines, None)
    if first is None:
        raise fail(path, "is empty: there is no record in it")
    if _parsed(first[1])[1] and not first[1].endswith((b"}", b"]")):
        lines.close()  # type: ignore[attr-defined]  # it is a generator
        yield from _of_document(path, is_mine)
        return
    yield from _of_line(path, first, is_mine)
    for line in lines:
        yield from _of_line(path, line, is_mine)


def _of_line(
    path: Path, line: tuple[int, bytes], is_mine: Callable[[Tree], bool]
) -> Iterator[Record]:
    number, content = line
    value, problem = _parsed(content)
    if problem:
        yield Record(f"{path}:{number}", None, problem)
    for record in _unwrapped(value, is_mine) if not problem else ():
        yield Record(f"{path}:{number}", record, "" if record is not None else "no JSON object")


def _of_document(path: Path, is_mine: Callable[[Tree], bool]) -> Iterator[Record]:
    value, problem = _parsed(_whole(path))
    if problem:
        raise fail(
            path,
            f"is neither JSON lines nor one whole JSON document ({problem}); was it still being written?",
        )
    for number, record in enumerate(_unwrapped(value, is_mine), start=1):
        problem = "" if record is not None else "no JSON object"
        yield Record(f"{path}#{number}", record, problem)


def _whole(path: Path) -> bytes:
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as stream:
            content: bytes = stream.read(WHOLE_LIMIT + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise fail(path, f"the file is damaged or cut short ({error})") from error
    if len(content) > WHOLE_LIMIT:
        raise fail(
            path,
            f"is one document of more than {WHOLE_LIMIT >> 20} MiB; export JSON lines, which are read as a stream",
        )
    return content


def _parsed(content: bytes) -> tuple[object, str]:
    try:
        return strict_json(content), ""
    except (ValueError, UnicodeDecodeError) as error:
        return None, f"not valid JSON: {error}"[:200]


def _unwrapped(value: object, is_mine: Callable[[Tree], bool]) -> Iterator[Tree | None]:
    if isinstance(value, list):
        for one in value:
            yield one if isinstance(one, dict) else None
    elif not isinstance(value, dict):
        yield None
    elif is_mine(value) or not any(isinstance(value.get(name), list) for name in _LISTS):
        yield value
    else:
        for name in _LISTS:
            yield from _unwrapped(value.get(name) or [], is_mine)
