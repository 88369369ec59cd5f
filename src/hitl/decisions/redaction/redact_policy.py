"""What a policy has taken out of texts."""

from typing import Annotated, Any

import re2
from pydantic import AfterValidator, Field, StringConstraints

from hitl.decisions.redaction.patterns import DEFAULT_KINDS, RedactKind
from hitl.document.schema import Document


def compile_pattern(pattern: str) -> Any:  # noqa: ANN401  # re2 ships no types
    """Compile an RE2 regular expression.

    Raises:
        ValueError: what RE2 does not accept.
    """
    options = re2.Options()
    options.log_errors = False  # RE2 would write to stderr by itself
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        raise ValueError(
            f"{pattern!r} is not an RE2 regular expression (look-around and back references are not supported)"
        ) from error


def _checked(pattern: str) -> str:
    compile_pattern(pattern)
    return pattern


Pattern = Annotated[
    str, StringConstraints(min_length=1, max_length=10_000), AfterValidator(_checked)
]
"""An RE2 regular expression."""


class RedactPattern(Document):
    """A kind of text of one's own that is taken out."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
    """What stands in its place, in brackets."""
    matches: Pattern
    """RE2 regular expression of the text."""


class RedactPolicy(Document):
    """What is taken out of replies before they are stored, and of everything that a report quotes."""

    builtin: tuple[RedactKind, ...] = DEFAULT_KINDS
    """Built-in kinds; all but `ip_address` if not given."""
    patterns: tuple[RedactPattern, ...] = ()
    """Kinds of one's own."""
    words: tuple[Annotated[str, Field(min_length=1, max_length=1000)], ...] = ()
    """Texts as they are written, such as a customer's name; `[word]` stands in their place."""
    keep: tuple[Pattern, ...] = ()
    """RE2 regular expressions of text that is never taken out, such as `support@example[.]com`."""
