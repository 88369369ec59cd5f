"""Which source stands behind a command or function, so that a changed program counts as another model."""

import shutil
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import PathFinder
from pathlib import Path

from hitl.digest import digest_file

NO_FILE = "no file"


def argv_digests(
    argv: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> dict[str, str]:
    """Return the SHA-256 of the program and of each argument that is a file, by what the command says."""
    program = argv[0] if "/" in argv[0] else shutil.which(argv[0], path=environment.get("PATH"))
    found = {argv[0]: folder / program} if program else {}
    found |= {word: folder / word for word in argv[1:] if word and "\0" not in word}
    return {word: file_digest(path) for word, path in found.items() if _is_file(path)}


def module_digest(function: str, folder: Path) -> str:
    """Return the SHA-256 of the module of `module:function`, found without running any of it.

    What the module imports is not part of it.
    """
    file = module_file(function.partition(":")[0], folder)
    return NO_FILE if file is None else file_digest(file)


def module_file(module: str, folder: Path) -> Path | None:
    """Return the file of a dotted module, looked for in a folder and then where Python looks."""
    PathFinder.invalidate_caches()
    places: Sequence[str] | None = [str(folder.absolute()), *sys.path]
    name, origin = "", None
    for part in module.split("."):
        name = f"{name}.{part}" if name else part
        spec = PathFinder.find_spec(name, places) if places is not None and part else None
        if spec is None:
            return None
        origin, places = spec.origin, spec.submodule_search_locations
        places = list(places) if places is not None else None
    path = Path(origin) if origin else None
    return path if path is not None and path.is_file() else None


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, or that it cannot be read."""
    try:
        return digest_file(path)
    except OSError:
        return "unreadable"


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a word that is too long for a file name
        return False
