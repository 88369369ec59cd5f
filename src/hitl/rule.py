"""CEL rules: names and types checked when loading, bounded work and no exceptions when running.

The language is Google's Common Expression Language. What differs from calling the library:

- Its errors come back as values; here anything but a boolean is a rule that does not hold, with the reason.
- It reads text up to the first NUL and fails on lone surrogates; both become U+FFFD before it sees them.
- It knows 64-bit integers only; larger ones become doubles, and NaN or an infinity is refused.
- Its iteration budget (10,000) bounds the steps but not their size, so a rule whose loops and
  joins could touch more than `WORK_LIMIT` characters of this data is refused before it runs.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cel_expr_python import cel

EXPRESSION_LIMIT = 4096
"""Longest expression, in characters."""
DEPTH_LIMIT = 200
"""Deepest nesting of the values that a rule may see."""
SIZE_LIMIT = 200_000
"""Most values (each item of a list or mapping counts) that a rule may see."""
WORK_LIMIT = 50_000_000
"""Most characters that a rule may touch, estimated from its loops and joins and the size of the data."""
_LOOP_BUDGET = 10_000
_INT64 = range(-(1 << 63), 1 << 63)
_LOOP = re.compile(r"\.\s{0,9}(?:all|exists|exists_one|map|filter)\s{0,9}\(")
_PROBLEM = re.compile(r"ERROR: <input>:-?[0-9]+:(-?[0-9]+): ([^\n]*)")
_UNKNOWN = re.compile(r"undeclared reference to '([^']*)'.*")
_FAILURES = (RuntimeError, TypeError, ValueError, OverflowError, MemoryError)


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """Whether a rule holds for some values; `problem` says why there was no true or false."""

    holds: bool
    problem: str = ""


class Rule:
    """A compiled expression; make one with `compile_rule`."""

    def __init__(
        self, expression: str, compiled: cel.Expression, variables: frozenset[str]
    ) -> None:
        self.expression = expression
        self.variables = variables
        """Names that the expression mentions, of those that it may use."""
        self._compiled = compiled
        self._loops = len(_LOOP.findall(expression))
        self._joins = (1 + expression.count("+")) ** 2
        self._longest_literal = 1 + expression.count(",")

    def holds(self, values: Mapping[str, object]) -> RuleOutcome:
        """Evaluate; whatever the values are, the answer is an outcome and never an exception."""
        intake = _Intake()
        try:
            data = {name: intake.take(values[name], 0) for name in self.variables if name in values}
            if problem := self._too_much_work(intake):
                return RuleOutcome(holds=False, problem=problem)
            found = self._compiled.eval(data=data)
            if found.type() == cel.Type.BOOL:
                return RuleOutcome(holds=bool(found.value()))
            return RuleOutcome(holds=False, problem=_not_a_boolean(found))
        except _FAILURES as error:
            return RuleOutcome(
                holds=False, problem=f"the rule cannot be evaluated: {_first_line(str(error))}"
            )

    def _too_much_work(self, intake: "_Intake") -> str:
        iterations: int = min(
            _LOOP_BUDGET, max(intake.longest, self._longest_literal) ** self._loops
        )
        if (intake.characters + intake.nodes) * iterations * self._joins <= WORK_LIMIT:
            return ""
        return f"the data is too large for this rule ({intake.characters} characters, {iterations} iterations)"


def compile_rule(expression: str, variables: Sequence[str]) -> Rule:
    """Compile an expression that must be true or false.

    Examples:
        >>> rule = compile_rule("reply.text.size() > 3", ["reply"])
        >>> rule.holds({"reply": {"text": "hello"}}).holds
        True

    Raises:
        ValueError: where the expression is wrong, and the names that it may use.
    """
    if len(expression) > EXPRESSION_LIMIT:
        raise ValueError(
            f"the rule has {len(expression)} characters; expected at most {EXPRESSION_LIMIT}"
        )
    environment = cel.NewEnv(variables=dict.fromkeys(variables, cel.Type.DYN))
    try:
        compiled = environment.compile(expression)
    except _FAILURES as error:
        raise ValueError(_explain(str(error), variables)) from error
    kind = compiled.return_type()
    if kind not in (cel.Type.BOOL, cel.Type.DYN):
        raise ValueError(
            f"the rule gives {kind.name()}; expected true or false, such as a comparison"
        )
    return Rule(
        expression,
        compiled,
        frozenset(name for name in variables if re.search(rf"\b{re.escape(name)}\b", expression)),
    )


@dataclass(slots=True)
class _Intake:
    """Copies values into what CEL can hold, and measures them on the way."""

    characters: int = 0
    nodes: int = 0
    longest: int = 1

    def take(self, value: object, depth: int) -> object:
        self.nodes += 1
        if depth > DEPTH_LIMIT or self.nodes > SIZE_LIMIT:
            raise ValueError(f"the data has more than {DEPTH_LIMIT} levels or {SIZE_LIMIT} values")
        if isinstance(value, str):
            self.characters += len(value)
            return clean_text(value)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            return _number(value)
        return self._many(value, depth + 1)

    def _many(self, value: object, depth: int) -> object:
        if isinstance(value, Mapping):
            self.longest = max(self.longest, len(value))
            return {
                self.take(str(key), depth): self.take(child, depth) for key, child in value.items()
            }
        if isinstance(value, list | tuple):
            self.longest = max(self.longest, len(value))
            return [self.take(child, depth) for child in value]
        raise TypeError(f"the data holds a {type(value).__name__}, which is not JSON")


def clean_text(text: str) -> str:
    """Replace NUL and lone surrogates, which C++ libraries cannot carry, by U+FFFD."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return re.sub("[\ud800-\udfff]", "\ufffd", text)
    return text


def _number(value: float) -> float:
    if isinstance(value, int) and value in _INT64:
        return value
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(
            "the data holds a number that is not finite or beyond the range of a double"
        )
    return number


def _not_a_boolean(found: cel.Value) -> str:
    kind = found.type()
    if kind == cel.Type.ERROR:
        return _first_line(str(found.value()))
    return f"the rule gave {kind.name()}; expected true or false"


def _explain(message: str, variables: Sequence[str]) -> str:
    problems = []
    names = ", ".join(sorted(variables))
    for column, problem in _PROBLEM.findall(message)[:3]:
        said = _UNKNOWN.sub(rf"unknown name `\1`; expected one of {names}", problem)
        problems.append(f"column {column}: {said}" if int(column) > 0 else said)
    return "; ".join(problems) or _first_line(message)


def _first_line(message: str) -> str:
    line = next(iter(message.splitlines()), "")
    return line if len(line) <= 200 else line[:197] + "..."
