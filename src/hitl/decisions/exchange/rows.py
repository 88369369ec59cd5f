"""Rows as files: JSON lines, CSV and Parquet, each written whole or not at all."""

import csv
import glob
import gzip
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, assert_never

from hitl.decisions import quote
from hitl.decisions.query import QueryError
from hitl.decisions.schema import COLUMNS, Kind
from hitl.decisions.sql.duck import Duck, Limits
from hitl.decisions.typed import sql_type
from hitl.errors import UsageError


class Written(StrEnum):
    """A form in which rows are written."""

    PARQUET = "parquet"
    CSV = "csv"
    LINES = "jsonl"


_FORMS = {
    ".parquet": (Written.PARQUET, False),
    ".jsonl": (Written.LINES, False),
    ".jsonl.gz": (Written.LINES, True),
    ".csv": (Written.CSV, False),
    ".csv.gz": (Written.CSV, True),
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The last four are the full-width forms of the first, which some spreadsheets take for them."""


def form_of(out: Path) -> tuple[Written, bool]:
    """Return the form that a file's name asks for, and whether it is packed.

    Raises:
        UsageError: none of them.
    """
    for ending, form in _FORMS.items():
        if out.name.lower().endswith(ending) and len(out.name) > len(ending):
            return form
    raise UsageError(f"{out}: expected a name that ends in {', '.join(_FORMS)}")


def check_out(out: Path, *, may_replace: bool, sources: Sequence[str] = ()) -> None:
    """Refuse a place that cannot or must not be written, before any work is done.

    Args:
        out: the place.
        may_replace: whether a file that stands there may go.
        sources: what is read, also as patterns; none of it ever goes.

    Raises:
        UsageError: no form, a folder, a source, or a file that stands already.
    """
    form_of(out)
    if out.is_dir():
        raise UsageError(f"{out} is a folder; name a file in it")
    if out.exists() and not may_replace:
        raise UsageError(f"{out} exists; choose another name, or replace it with --force")
    if out.exists() and any(_is_same(out, name) for name in sources):
        raise UsageError(f"{out} is what is read; what comes out is less than that, so choose another name")  # fmt: skip


def _is_same(out: Path, name: str) -> bool:
    paths = [name, *glob.glob(name, recursive=True)]  # noqa: PTH207  # takes whole paths
    return any(Path(path).exists() and out.samefile(path) for path in paths)


def write_rows(lines: Path, out: Path, columns: Sequence[str]) -> None:
    """Write rows in the form that a file's name asks for.

    Args:
        lines: JSON lines of rows, in hitl's own form.
        out: the file.
        columns: those that it gets, of CSV and Parquet.

    Raises:
        UsageError: it cannot be written.
    """
    form, packed = form_of(out)
    with _replacing(out) as temporary:
        match form:
            case Written.PARQUET:
                _write_parquet(lines, temporary, columns)
            case Written.LINES | Written.CSV:
                with temporary.open("wb") as raw, _packed(raw, packed=packed) as stream:
                    _write_text(lines, stream, columns if form is Written.CSV else ())
            case _:
                assert_never(form)


def guarded(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: an apostrophe goes before what begins like one.

    Examples:
        >>> guarded("=HYPERLINK(1)"), guarded("refund")
        ("'=HYPERLINK(1)", 'refund')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


@contextmanager
def _replacing(out: Path) -> Iterator[Path]:
    """Give a file beside the one that is meant, and put it in its place if all goes well."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            with temporary.open("rb") as stream:
                os.fsync(stream.fileno())
            temporary.chmod(_mode(out))
            temporary.replace(out)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{out}: cannot be written ({error.strerror or error})") from error


def _mode(out: Path) -> int:
    """Of the file that is replaced, else what the user gives new files: a log may name people."""
    if out.exists():
        return stat.S_IMODE(out.stat().st_mode)
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask


@contextmanager
def _packed(raw: IO[bytes], *, packed: bool) -> Iterator[IO[bytes]]:
    """Pack without time and name: the same rows give the same bytes."""
    if not packed:
        yield raw
        return
    with gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0, compresslevel=6) as stream:
        yield stream  # type: ignore[misc]  # all that is used of it is `write`


def _write_text(lines: Path, stream: IO[bytes], columns: Sequence[str]) -> None:
    with lines.open("rb") as source:
        if not columns:
            shutil.copyfileobj(source, stream, 1 << 20)
            return
        writer = csv.writer(_Encoder(stream))
        writer.writerow(columns)
        for line in source:
            row = json.loads(line)
            writer.writerow([_cell(row.get(name)) for name in columns])


class _Encoder:
    """Takes the text of `csv` and writes bytes."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(text.encode())


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return guarded(value) if isinstance(value, str) else value


def _write_parquet(lines: Path, out: Path, columns: Sequence[str]) -> None:
    kinds = {column.name: column for column in COLUMNS}
    types = {
        name: "TIMESTAMPTZ" if kinds[name].kind is Kind.INSTANT else sql_type(kinds[name])
        for name in columns
    }
    shape = ", ".join(f"{quote.name(name)}: '{kind}'" for name, kind in types.items())
    source = (
        f"read_json({quote.text(str(lines))}, format = 'newline_delimited', columns = {{{shape}}})"
    )
    with (
        tempfile.TemporaryDirectory(prefix="hitl-log-") as scratch,
        Duck(Path(scratch), Limits()) as duck,
    ):
        sql = f"COPY (SELECT * FROM {source}) TO {quote.text(str(out))} (FORMAT parquet, COMPRESSION zstd)"  # noqa: S608  # quoted
        try:
            duck.rows(sql)
        except QueryError as error:
            raise UsageError(f"{out}: cannot be written ({error})") from error
