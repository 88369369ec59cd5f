"""One document from one file, with every mistake at once."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from hitl.document.source import fail, read_bytes
from hitl.document.tree import Path_, Tree, field_name, parse_yaml
from hitl.errors import DocumentError, Mistake

D = TypeVar("D", bound=BaseModel)
SHOWN = 80
"""Characters of a wrong value that a message shows."""

_WORDS = {
    "missing": "is missing; this field is required",
    "extra_forbidden": "is not a field of this document; remove it or correct its name",
}
_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "greater_than": "more than {gt}",
    "greater_than_equal": "{ge} or more",
    "less_than": "less than {lt}",
    "less_than_equal": "{le} or less",
    "enum": "{expected}",
    "literal_error": "{expected}",
    "too_short": "at least {min_length} items",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
    "string_pattern_mismatch": "text of the form {pattern}",
}
"""What a value of each type of error should have been, filled with the error's own limits."""


def load_document(path: Path, document: type[D]) -> D:
    """Read a YAML or JSON file as a document.

    Raises:
        DocumentError: every mistake in the file, each with line and field.
    """
    return parse_document(read_bytes(path), path, document)


def parse_document(content: bytes, path: Path, document: type[D]) -> D:
    """Read bytes as a document; `path` is for the messages only."""
    return document_of(parse_yaml(content, path), path, document)


def document_of(tree: Tree, path: Path, document: type[D]) -> D:
    """Read a parsed file as a document; `path` is for the messages only."""
    _check_format(tree, path, document)
    try:
        return validate_tree(tree, document)
    except ValidationError as error:
        raise DocumentError(describe(error, tree, path)) from error


def validate_tree(tree: Tree, document: type[D]) -> D:
    """Validate, giving scalars their written text back wherever the document wants text.

    YAML cannot tell the version `1.10` from the number 1.1; the document's type can.
    """
    try:
        return document.model_validate_json(json.dumps(tree.value))
    except ValidationError as error:
        if not _restore_text(tree, error):
            raise
    return document.model_validate_json(json.dumps(tree.value))


def describe(error: ValidationError, tree: Tree, path: Path) -> list[Mistake]:
    """Turn pydantic's errors into mistakes with line and field."""
    mistakes = []
    for detail in error.errors(include_url=False):
        if detail["type"] == "too_short" and detail["input"]:
            continue  # pydantic counts only the items that were valid; each bad one is told by itself
        at = known_place(tree.value, detail["loc"])
        line = next(
            (tree.lines[at[:size]] for size in range(len(at), -1, -1) if at[:size] in tree.lines), 0
        )
        mistakes.append(Mistake(str(path), line, field_name(at), explain(detail)))
    return mistakes


def explain(detail: ErrorDetails) -> str:
    """Say what is wrong with a value and what is expected, showing the value where that helps."""
    if detail["type"] in _WORDS:
        return _WORDS[detail["type"]]
    shown = detail.get("input")
    text = json.dumps(shown, default=str)
    found = f"found {text if len(text) <= SHOWN else text[: SHOWN - 3] + '...'}"
    if detail["type"] in _EXPECTED:
        limits = {
            name: f"{limit:g}" if isinstance(limit, float) else limit
            for name, limit in detail.get("ctx", {}).items()
        }
        expected = _EXPECTED[detail["type"]].format(**limits)
        return f"{found}; expected {expected}"
    problem = detail["msg"].removeprefix("Value error, ")
    return problem if isinstance(shown, dict | list) else f"{problem}; {found}"


def known_place(value: object, loc: Iterable[int | str]) -> Path_:
    """Drop from pydantic's location the names of union branches, which stand in no file."""
    at: list[str | int] = []
    parts = list(loc)
    for index, part in enumerate(parts):
        inside = _children(value)
        if part in inside:
            value = inside[part]
        elif isinstance(part, str) and part.startswith("<"):
            continue  # hitl's own names of union branches
        elif index < len(parts) - 1 or not isinstance(value, dict):
            continue  # a branch of a union
        at.append(part)
    return tuple(at)


def _children(value: object) -> dict[str | int, object]:
    if isinstance(value, dict):
        return value
    return dict(enumerate(value)) if isinstance(value, list) else {}


def _restore_text(tree: Tree, error: ValidationError) -> bool:
    restored = False
    for detail in error.errors(include_url=False, include_context=False):
        at = known_place(tree.value, detail["loc"])
        if detail["type"] == "string_type" and at in tree.texts:
            parent: Any = tree.value
            for part in at[:-1]:
                parent = parent[part]
            parent[at[-1]] = tree.texts[at]
            restored = True
    return restored


def _check_format(tree: Tree, path: Path, document: type[BaseModel]) -> None:
    """Refuse another kind of document before its fields are complained about one by one."""
    field = document.model_fields.get("format")
    if field is None:
        return
    expected = field.annotation.__args__[0]  # type: ignore[union-attr]  # a Literal of one word
    found = tree.value.get("format") if isinstance(tree.value, dict) else None
    if found is None and not field.is_required():
        return
    if found != expected:
        problem = f"expected `{expected}`" + (
            f"; found {json.dumps(found)}" if found is not None else "; the field is missing"
        )
        raise fail(path, problem, line=tree.lines.get(("format",), 1), field="format")
