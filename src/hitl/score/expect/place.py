"""Places inside JSON: `a.b[0]`, or a JSONPath (RFC 9535) that starts with `$`.

Short paths name one place (`steps[-1].action`) or every item of a list (`steps[*].action`); a key with
a dot or space needs the long form, `$['a.b']`. The regular expressions of JSONPath's `match` and
`search` run on RE2, because the library's own can hang.
"""

import re
from collections.abc import Iterator
from itertools import islice

from jsonpath import JSONPathEnvironment, JSONPathError
from jsonpath.function_extensions import ExpressionType, FilterFunction

from hitl.score.expect.pattern import Pattern

MATCH_LIMIT = 10_000
"""Most places that one path may name in one reply."""
_STEP = re.compile(r"(?:^|\.)([^.\[\]\s]+)|\[(-?[0-9]{1,9}|\*)\]")


class TooManyPlaces(ValueError):  # noqa: N818  # said as a person would
    """A path names more than `MATCH_LIMIT` places in a reply."""


class Place:
    """A compiled path.

    Examples:
        >>> Place("steps[*].action").values({"steps": [{"action": "look"}, {"action": "wait"}]})
        ['look', 'wait']
    """

    def __init__(self, path: str) -> None:
        """Compile.

        Raises:
            ValueError: where the path is wrong.
        """
        long = path if path.startswith("$") else _as_jsonpath(path)
        try:
            self._query = _ENVIRONMENT.compile(long)
        except (JSONPathError, RecursionError) as error:
            reason = str(error).splitlines()[0] if str(error) else "nested too deeply"
            raise ValueError(
                f"not a path: {reason}; expected such as `a.b[0]`, or a JSONPath that starts with `$`"
            ) from error
        self._keys = None if path.startswith("$") or "*" in path else tuple(_steps(path))

    def values(self, document: object) -> list[object]:
        """Return every value that the path names.

        Raises:
            TooManyPlaces: the path names more than `MATCH_LIMIT`.
        """
        if self._keys is not None:
            return list(_walk(document, self._keys))
        try:
            if not isinstance(document, dict | list):
                return []  # the library would parse text as JSON once more
            found = [match.obj for match in islice(self._query.finditer(document), MATCH_LIMIT + 1)]
        except (JSONPathError, RecursionError) as error:
            raise TooManyPlaces("the reply is nested too deeply for the path") from error
        if len(found) > MATCH_LIMIT:
            raise TooManyPlaces(f"the path names more than {MATCH_LIMIT} places")
        return found


def _walk(document: object, keys: tuple[str | int, ...]) -> Iterator[object]:
    at = document
    for key in keys:
        if isinstance(key, str):
            if not isinstance(at, dict) or key not in at:
                return
            at = at[key]
        else:
            if not isinstance(at, list) or not -len(at) <= key < len(at):
                return
            at = at[key]
    yield at


def _steps(path: str) -> Iterator[str | int]:
    at = 0
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            raise ValueError(
                f"not a path: column {at + 1} of {path!r}; expected such as `a.b[0]`, or a JSONPath that starts with `$`"
            )
        at = step.end()
        if step[1] is not None:
            yield step[1]
        else:
            yield step[2] if step[2] == "*" else int(step[2])


def _as_jsonpath(path: str) -> str:
    pieces = []
    for step in _steps(path):
        if isinstance(step, int) or step == "*":
            pieces.append(f"[{step}]")
        else:
            pieces.append("['" + step.replace("\\", "\\\\").replace("'", "\\'") + "']")
    return "$" + "".join(pieces)


class _LinearMatch(FilterFunction):
    arg_types = [ExpressionType.VALUE, ExpressionType.VALUE]  # noqa: RUF012  # as the library declares it
    return_type = ExpressionType.LOGICAL

    def __init__(self, *, whole: bool) -> None:
        self._whole = whole
        self._known: dict[str, Pattern | None] = {}

    def __call__(self, value: object, pattern: object) -> bool:
        if not isinstance(value, str) or not isinstance(pattern, str):
            return False
        if pattern not in self._known:
            if len(self._known) > 100:  # a pattern may come from the reply itself
                self._known.clear()
            try:
                self._known[pattern] = Pattern(pattern)
            except ValueError:
                self._known[pattern] = None
        compiled = self._known[pattern]
        return compiled is not None and (
            compiled.matches(value) if self._whole else compiled.found(value)
        )


_ENVIRONMENT = JSONPathEnvironment(strict=True)
_ENVIRONMENT.function_extensions["match"] = _LinearMatch(whole=True)
_ENVIRONMENT.function_extensions["search"] = _LinearMatch(whole=False)
