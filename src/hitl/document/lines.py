"""JSON lines: strict JSON, one document a line, streamed, with every mistake at once."""

import json
from collections.abc import Iterator
from math import isinf
from pathlib import Path
from typing import Generic, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from hitl.document.load import describe, validate_tree
from hitl.document.source import iterate_lines
from hitl.document.tree import Tree
from hitl.errors import DocumentError, Mistake

D = TypeVar("D", bound=BaseModel)
MISTAKE_LIMIT = 1000
"""Reading stops after so many mistakes: a file this wrong needs no longer list."""


class DuplicateKeyError(ValueError):
    """A JSON object names a key twice."""


def strict_json(content: bytes | str) -> object:
    """Parse JSON as the standard has it: no duplicate key, no NaN or infinity, no number beyond a double.

    Raises:
        ValueError: what is wrong.
    """
    try:
        return json.loads(
            content,
            object_pairs_hook=unique_keys,
            parse_constant=refuse_constant,
            parse_float=_finite,
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None


def unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make a JSON object of its pairs; a hook of `json.loads`.

    Raises:
        DuplicateKeyError: a key stands twice.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise DuplicateKeyError(f"the key {key!r} stands twice")
            seen.add(key)
    return found


def refuse_constant(word: str) -> NoReturn:
    """Refuse NaN and the infinities; a hook of `json.loads`.

    Raises:
        ValueError: always.
    """
    raise ValueError(f"{word} is not JSON")


class Lines(Generic[D]):
    """Reads a JSON lines file document by document.

    Iterate to get (line number, document). Lines that fail are remembered in `mistakes` and
    skipped; call `check` after the last line, so that all mistakes are told at once.
    """

    def __init__(self, path: Path, document: type[D]) -> None:
        self.path = path
        self.document = document
        self.mistakes: list[Mistake] = []

    def __iter__(self) -> Iterator[tuple[int, D]]:
        for number, content in iterate_lines(self.path):
            if (found := self._read(number, content)) is not None:
                yield number, found
            elif len(self.mistakes) >= MISTAKE_LIMIT:
                break

    def check(self) -> None:
        """Raise every mistake that was met."""
        if self.mistakes:
            raise DocumentError(self.mistakes)

    def complain(self, line: int, field: str, problem: str) -> None:
        """Remember a mistake that only the caller can see, such as a repeated id."""
        self.mistakes.append(Mistake(str(self.path), line, field, problem))

    def _read(self, number: int, content: bytes) -> D | None:
        try:
            value = strict_json(content)
        except (ValueError, UnicodeDecodeError) as error:
            self.complain(number, "", f"not valid JSON: {error}; expected one JSON object a line")
            return None
        try:
            return self.document.model_validate_json(content)
        except ValidationError:
            return self._second_reading(number, value)

    def _second_reading(self, number: int, value: object) -> D | None:
        """Try again with bare numbers as text where the document wants text; else complain."""
        tree = Tree(value)
        _mark_scalars(value, (), tree)
        try:
            return validate_tree(tree, self.document)
        except ValidationError as error:
            found = describe(error, tree, self.path)
            self.mistakes.extend(Mistake(m.file, number, m.field, m.problem) for m in found)
            return None


def _finite(text: str) -> float:
    if isinf(value := float(text)):
        raise ValueError(f"the number {text[:20]} is too large")
    return value


def _mark_scalars(value: object, at: tuple[str | int, ...], tree: Tree) -> None:
    if isinstance(value, dict):
        for key, child in value.items():
            _mark_scalars(child, (*at, key), tree)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            _mark_scalars(child, (*at, index), tree)
    elif isinstance(value, bool | int | float):
        tree.texts[at] = json.dumps(value)
