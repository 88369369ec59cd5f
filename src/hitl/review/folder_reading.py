"""Files that hitl wrote itself, read back strictly: no links, no second spelling, large ones too."""

from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from pydantic import ValidationError

from hitl.document.lines import strict_json
from hitl.document.load import describe
from hitl.document.schema import Document
from hitl.document.source import fail, read_bytes
from hitl.document.tree import Tree
from hitl.errors import DocumentError, Mistake

REVIEW_LIMIT = 512 << 20
"""Largest file of a review, in bytes: a packet may hold outputs of a megabyte each."""

D = TypeVar("D", bound=Document)
T = TypeVar("T")
P = ParamSpec("P")


def told(
    mistakes: list[Mistake], read: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T | None:
    """Return what a function reads, or None with its mistakes remembered, so that all are told at once."""
    try:
        return read(*args, **kwargs)
    except DocumentError as error:
        mistakes.extend(error.mistakes)
        return None


def read_strict(path: Path) -> bytes:
    """Return the bytes of a file of a review.

    Raises:
        DocumentError: it is missing, a link, not a regular file, or too large.
    """
    try:
        is_link = path.is_symlink()
    except OSError as error:  # such as a name that is too long
        raise fail(path, f"cannot be read ({error.strerror}); check the path and its permissions") from error  # fmt: skip
    if is_link:
        raise fail(path, "is a link; expected the file itself: a link can point to another after it was checked")  # fmt: skip
    return read_bytes(path, REVIEW_LIMIT)


def read_own(path: Path, document: type[D]) -> D:
    """Read a file of a review as a document.

    Raises:
        DocumentError: every fault in it.
    """
    content = read_strict(path)
    try:
        value = strict_json(content)
    except (ValueError, UnicodeDecodeError) as error:
        raise fail(path, f"not valid JSON: {error}; expected a file that hitl wrote") from error
    expected = document.model_fields["format"].default
    if not isinstance(value, dict) or value.get("format") != expected:
        raise fail(path, f"expected `{expected}`", field="format")
    try:
        return document.model_validate_json(content)
    except ValidationError as error:
        raise DocumentError(describe(error, Tree(value), path)) from error
