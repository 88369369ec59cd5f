"""The replies that a verdict stands on, kept beside the record."""

import gzip
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from hitl.document.source import is_missing
from hitl.errors import UsageError
from hitl.run.reply import Reply


class EvidenceFile:
    """A gzip file of replies that appears whole or not at all, with its folder; the same replies give the same bytes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._temporary: Path | None = None
        self._raw: IO[bytes] | None = None
        self._stream: gzip.GzipFile | None = None
        self._made: list[Path] = []

    def __enter__(self) -> Self:
        try:
            self._made = [folder for folder in self.path.parents if is_missing(folder)]
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        except OSError as error:
            raise UsageError(
                f"{self.path.parent}: cannot be written ({error.strerror}); choose another folder with --out"
            ) from error
        self._temporary = Path(name)
        self._raw = os.fdopen(handle, "wb")
        self._stream = gzip.GzipFile(
            fileobj=self._raw, mode="wb", filename="", mtime=0, compresslevel=3
        )
        return self

    def passing(self, replies: Iterable[Reply]) -> Iterator[Reply]:
        """Yield replies on, keeping a copy of each."""
        if self._stream is None:
            raise ValueError("the evidence file is not open")
        for reply in replies:
            self._stream.write(reply.model_dump_json(exclude_unset=True).encode() + b"\n")
            yield reply

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for stream in (self._stream, self._raw):
            if stream is not None:
                stream.close()
        if self._temporary is not None:
            if kind is None:
                self._temporary.chmod(0o644)
                self._temporary.replace(self.path)
            else:
                self._temporary.unlink(missing_ok=True)
                self._remove_folders()

    def _remove_folders(self) -> None:
        """Take away the folders that were made for this file, unless another file stands there by now."""
        for folder in self._made:
            with suppress(OSError):
                folder.rmdir()
                self._remove_empty_folders()

    def _remove_empty_folders(self) -> None:
        """Leave no empty folders behind where nothing was written."""
        for folder in (self.path.parent, self.path.parent.parent):
            try:
                folder.rmdir()
            except OSError:
                return  # something else is in it
