"""Files written whole or not at all."""

import gzip
import io
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hitl.errors import UsageError

ELSEWHERE = "choose another folder with --out"


def write_atomic(path: Path, content: bytes, advice: str = ELSEWHERE, mode: int = 0o644) -> None:
    """Replace a file in one step: a reader sees the old content or the new, never a part.

    Args:
        path: the file.
        content: what it is to hold.
        advice: what to do where it cannot be written.
        mode: permissions of the file, which is never readable by more people than these.

    Raises:
        UsageError: the folder cannot be made or written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.chmod(mode)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); {advice}") from error


def write_all(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write several files into a folder, each atomically, in the order given."""
    for name, content in files.items():
        write_atomic(folder / name, content)


def gzip_bytes(content: bytes) -> bytes:
    """Compress so that the same content gives the same bytes: no time, no name."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", filename="", mtime=0, compresslevel=6) as stream:
        stream.write(content)
    return buffer.getvalue()
