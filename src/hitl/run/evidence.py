"""The replies that a verdict stands on, kept beside the record."""

import gzip
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from hitl.errors import UsageError
from hitl.run.reply import Reply


class EvidenceFile:
    """A gzip file of replies that appears whole or not at all; the same replies give the same bytes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._temporary: Path | None = None
        self._raw: IO[bytes] | None = None
        self._stream: gzip.GzipFile | None = None

    def __enter__(self) -> Self:
        try:
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
