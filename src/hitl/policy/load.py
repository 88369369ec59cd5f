"""A policy file read with the names in it checked against each other, every mistake at once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from hitl.document.load import document_of
from hitl.document.schema import Document
from hitl.document.source import read_bytes
from hitl.document.tree import Path_, Tree, field_name, parse_yaml
from hitl.errors import DocumentError, Mistake
from hitl.policy.calibrator import Calibrator
from hitl.policy.lanes import LANES

D = TypeVar("D", bound=Document)


def load_checked(path: Path, document: type[D]) -> D:
    """Read a policy and the calibrator that it names.

    Raises:
        DocumentError: every mistake in the files, each with line and field; those of form and those of names together.
    """
    return parse_checked(read_bytes(path), path, document)


def parse_checked(content: bytes, path: Path, document: type[D]) -> D:
    """Read the bytes of a policy; `path` is for the messages, and what the policy names is relative to it.

    Raises:
        DocumentError: every mistake, as when it is read from the file.
    """
    tree = parse_yaml(content, path)
    mistakes = [_mistake(path, tree, at, problem) for at, problem in _unknown_names(tree.value)]
    try:
        mistakes += _read_calibrator(path, tree)
        found = document_of(tree, path, document)
    except DocumentError as error:
        # A file of another kind is told so, and not asked for its pools.
        if any(mistake.field == "format" for mistake in error.mistakes):
            raise
        raise DocumentError([*error.mistakes, *mistakes]) from error
    if mistakes:
        raise DocumentError(mistakes)
    return found


def calibrator_file(policy: Path) -> Path | None:
    """Return the file of the calibrator that a policy file names; None if it names none.

    Raises:
        DocumentError: the policy cannot be read.
    """
    named = _child(parse_yaml(read_bytes(policy), policy).value, "calibrator")
    return policy.parent / named if isinstance(named, str) else None


def _read_calibrator(path: Path, tree: Tree) -> Iterator[Mistake]:
    """Put the calibrator that a policy names in the place of its path, and yield what is wrong with it."""
    named = _child(tree.value, "calibrator")
    if named is None or not isinstance(tree.value, dict):
        return
    known = list(_mapping(tree.value, "action_types"))
    # A calibrator that cannot be read is told once, by its own mistakes.
    tree.value["calibrator"] = None
    if not isinstance(named, str):
        problem = "expected the path of a calibrator file, relative to the policy"
        yield _mistake(path, tree, ("calibrator",), problem)
        return
    place = path.parent / named
    try:
        written = parse_yaml(read_bytes(place), place)
        calibrator = document_of(written, place, Calibrator)
    except DocumentError as error:
        yield from error.mistakes
        return
    for name in calibrator.types:
        if name not in known:
            expected = ", ".join(known) or "none is named under `action_types`"
            problem = f"unknown action type {name!r} of {path}; expected one of: {expected}"
            yield _mistake(place, written, ("types", name), problem)
    tree.value["calibrator"] = calibrator.model_dump(mode="json")


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
