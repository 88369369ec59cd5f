"""Regular expressions that cannot hang: RE2 syntax, linear time."""

from collections.abc import Iterable

import re2

from hitl.rule import clean_text

PATTERN_LIMIT = 10_000
"""Longest pattern, in characters."""


class Pattern:
    """A compiled RE2 pattern."""

    def __init__(self, pattern: str, *, ignore_case: bool = False) -> None:
        """Compile.

        Raises:
            ValueError: what RE2 does not accept.
        """
        if len(pattern) > PATTERN_LIMIT:
            raise ValueError(
                f"the regular expression has {len(pattern)} characters; expected at most {PATTERN_LIMIT}"
            )
        options = re2.Options()
        options.log_errors = False  # RE2 would write to stderr by itself
        options.case_sensitive = not ignore_case
        try:
            self._compiled = re2.compile(pattern, options)
        except (re2.error, UnicodeEncodeError) as error:
            reason = (
                error.args[0].decode(errors="replace")
                if isinstance(error.args[0], bytes)
                else str(error)
            )
            raise ValueError(
                f"not an RE2 regular expression: {reason} (look-around and back references are not supported)"
            ) from error

    def found(self, text: str) -> bool:
        """Whether the pattern is found somewhere in the text."""
        return self._compiled.search(clean_text(text)) is not None

    def matches(self, text: str) -> bool:
        """Whether the pattern matches the whole text."""
        return self._compiled.fullmatch(clean_text(text)) is not None

    def extract(self, text: str) -> str | None:
        """Return the first group of the first match (the whole match if there is no group)."""
        match = self._compiled.search(clean_text(text))
        if match is None:
            return None
        group: str | None = match.group(1 if self._compiled.groups else 0)
        return group


def wildcard(patterns: Iterable[str]) -> Pattern:
    """Compile names in which `*` stands for anything.

    Examples:
        >>> wildcard(["get_*"]).matches("get_user")
        True
    """
    alternatives = [
        "(?s:.*)".join(re2.escape(part) for part in name.split("*")) for name in patterns
    ]
    return Pattern("|".join(f"(?:{name})" for name in alternatives) or r"[^\x00-\x{10FFFF}]")
