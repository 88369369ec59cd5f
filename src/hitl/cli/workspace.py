"""The files that `hitl init` writes."""

import json
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from hitl.document.write import write_atomic
from hitl.errors import UsageError

SCHEMA_FOLDER = ".hitl/schemas"
_SHIPPED_SCHEMAS = "docs/schemas"


def write_workspace(folder: Path, *, is_example: bool) -> tuple[list[Path], str]:
    """Write a workspace and return its files and the release to gate.

    Raises:
        UsageError: a file of the workspace is there already; nothing is written then.
    """
    name = "incident-triage" if is_example else "starter"
    files = dict(_template_files(name)) | dict(_schema_files())
    if taken := sorted(path for path in files if (folder / path).exists()):
        raise UsageError(
            f"{folder / taken[0]} is there already ({len(taken)} files in all); choose an empty folder, nothing was written"
        )
    for path, content in files.items():
        write_atomic(folder / path, content)
    return [folder / path for path in files], f"manifests/{name}/release.yaml"


def _template_files(name: str) -> Iterator[tuple[str, bytes]]:
    for top in ("golden_sets", "manifests"):
        root = shipped(f"{top}/{name}")
        for path, item in _walk(root, f"{top}/{name}"):
            content = item.read_bytes()
            if path.endswith(".yaml"):
                content = content.replace(_SHIPPED_SCHEMAS.encode(), SCHEMA_FOLDER.encode())
            yield path, content


def _schema_files() -> Iterator[tuple[str, bytes]]:
    from hitl.cli.schemas import schemas

    for name, schema in schemas().items():
        yield f"{SCHEMA_FOLDER}/{name}.json", json.dumps(schema, indent=2).encode() + b"\n"


def shipped(path: str) -> Traversable:
    """Return a folder that ships with hitl: inside the installed package, or in the source tree."""
    package = resources.files("hitl")
    inside = package / "shipped" / path
    if inside.is_dir():
        return inside
    return Path(str(package)).parents[1] / path


def _walk(root: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for item in sorted(root.iterdir(), key=lambda item: item.name):
        path = f"{prefix}/{item.name}"
        if item.is_dir():
            if item.name != "__pycache__":
                yield from _walk(item, path)
        else:
            yield path, item
