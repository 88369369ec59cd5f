"""A change of a file as a unified diff that `patch -p0` and `git apply -p0` take."""

import difflib
from pathlib import Path

_CONTEXT = 3
_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def unified_diff(before: bytes, after: bytes, path: Path) -> bytes:
    """Return what changes in a file, line ends as they are in it; nothing where nothing changes.

    patch and git refuse a path that is absolute or leads upwards, so such a file goes by its name alone: the diff is
    for its folder then.
    """
    is_within = not path.is_absolute() and ".." not in path.parts
    name = _quoted(path.as_posix() if is_within else path.name).encode("utf-8", "surrogateescape")
    found = difflib.diff_bytes(
        difflib.unified_diff, _lines(before), _lines(after), name, name, n=_CONTEXT, lineterm=b"\n"
    )
    return b"".join(_ended(line) for line in found)


def _lines(content: bytes) -> list[bytes]:
    # Only \n ends a line for diff and patch: a carriage return belongs to the line.
    parts = content.split(b"\n")
    return [part + b"\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _ended(line: bytes) -> bytes:
    return line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"


def _quoted(name: str) -> str:
    """Return a file name as diff writes it: quoted where it holds what would end or change it."""
    if not any(character in _SHORT or ord(character) < 0x20 for character in name):
        # A tab after the name ends it, so that spaces in it belong to it.
        return f"{name}\t" if " " in name else name
    return '"' + "".join(map(_escaped, name)) + '"'


def _escaped(character: str) -> str:
    known = _SHORT.get(character)
    return known or (character if ord(character) >= 0x20 else f"\\{ord(character):03o}")
