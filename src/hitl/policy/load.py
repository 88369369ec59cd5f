"""A policy file read with the names in it checked against each other, every mistake at once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from hitl.document.load import parse_document
from hitl.document.schema import Document
from hitl.document.source import read_bytes
from hitl.document.tree import Path_, Tree, field_name, parse_yaml
from hitl.errors import DocumentError, Mistake
from hitl.policy.lanes import LANES

D = TypeVar("D", bound=Document)


def load_checked(path: Path, document: type[D]) -> D:
    """Read a policy.

    Raises:
        DocumentError: every mistake in the file, each with line and field; those of form and those of names together.
    """
    content = read_bytes(path)
    tree = parse_yaml(content, path)
    mistakes = [_mistake(path, tree, at, problem) for at, problem in _unknown_names(tree.value)]
    try:
        found = parse_document(content, path, document)
    except DocumentError as error:
        # A file of another kind is told so, and not asked for its pools.
        if any(mistake.field == "format" for mistake in error.mistakes):
            raise
        raise DocumentError([*error.mistakes, *mistakes]) from error
    if mistakes:
        raise DocumentError(mistakes)
    return found


def _unknown_names(value: object) -> Iterator[tuple[Path_, str]]:
    """Yield every name of a pool that stands for none; the file may be wrong in any other way."""
    pools = sorted(_mapping(value, "pools"))
    known = ", ".join(pools) or "none is named under `pools`"
    for at, name in _pool_names(value):
        if isinstance(name, str) and name not in pools:
            yield at, f"unknown pool {name!r}; expected one of: {known}"
    lanes = [lane.value for lane in LANES]
    for name in _mapping(value, "timeouts"):
        if name not in pools and name not in lanes:
            yield ("timeouts", name), f"neither a lane nor a pool; expected one of: {', '.join([*lanes, *pools])}"  # fmt: skip


def _pool_names(value: object) -> Iterator[tuple[Path_, object]]:
    for name, action in _mapping(value, "action_types").items():
        for field in ("pool", "escalate_to"):
            yield ("action_types", name, field), _child(action, field)
    for name, fallback in _mapping(value, "fallbacks").items():
        yield ("fallbacks", name, "pool"), _child(fallback, "pool")


def _mapping(value: object, name: str) -> dict[str, Any]:
    found = _child(value, name)
    return found if isinstance(found, dict) else {}


def _child(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None


def _mistake(path: Path, tree: Tree, at: Path_, problem: str) -> Mistake:
    return Mistake(str(path), tree.lines.get(at, 0), field_name(at), problem)
