"""Rules over a decision: CEL, with the names of a decision checked when the policy is loaded."""

import difflib
import re
from typing import Annotated

from pydantic import AfterValidator

from hitl.rule import Rule, compile_rule

NAMED = (
    "decision_id", "at", "workflow_id", "workflow_version", "action_type", "declared_model", "resolved_model",
    "confidence", "risk", "severity", "cost_usd", "latency_ms", "model_active_since", "model_age_days",
    "output_format", "output_tokens", "output_chars", "failure",
)  # fmt: skip
"""Fields of a decision that are known when its lane is chosen; content never stands in for them."""

HINDSIGHT = (
    "lane", "reviewer_pool", "reviewer_id", "human_action", "review_seconds", "wait_seconds", "correct", "outcome",
    "review_probability",
)  # fmt: skip
"""Columns of a decision log that are written after the lane was chosen."""

_LITERAL = re.compile(r"""r?('''|\"""|'|")(?:\\.|(?!\1).)*\1""", re.DOTALL)
_FIELD = re.compile(r"(?<![\w.])decision\s{0,9}\.\s{0,9}((?:content\s{0,9}\.\s{0,9})?[A-Za-z_]\w*)")
_INDEX = re.compile(r"""(?<![\w.])decision\s{0,9}\[\s{0,9}['"](\w+)['"]\s{0,9}\]""")
_CONTENT_INDEX = re.compile(
    r"""(?<![\w.])(decision\s{0,9}\.\s{0,9}content)\s{0,9}\[\s{0,9}['"]([A-Za-z_]\w*)['"]\s{0,9}\]"""
)
_WHOLE = re.compile(r"decision|#\s{0,9}\(")
_ALIKE = 0.85


def compile_decision_rule(expression: str) -> Rule:
    """Compile a rule over `decision`.

    Raises:
        ValueError: the rule is wrong, looks at what is known only afterwards, or misspells a field.
    """
    rule = compile_rule(expression, ["decision"])
    problems = [problem for name in fields_of(expression) if (problem := _problem(name))]
    if problems:
        raise ValueError("; ".join(problems))
    return rule


def fields_of(expression: str) -> tuple[str, ...]:
    """Return the fields of `decision` that an expression names, each once; those of its content as `content.name`."""
    spoken = _spoken(expression)
    found = [*_FIELD.findall(spoken), *_INDEX.findall(expression)]
    return tuple(dict.fromkeys(re.sub(r"\s", "", name) for name in found))


def names_all_fields(expression: str) -> bool:
    """Say whether an expression looks at no field of `decision` but those that `fields_of` names, and at no whole content."""
    # What is left of a call on the decision or its content, such as size(), begins with its bracket.
    left = _FIELD.sub("#", _spoken(expression))
    return not _WHOLE.search(left) and "content" not in fields_of(expression)


def _spoken(expression: str) -> str:
    """Return an expression without texts, with `content['x']` as `content.x`."""
    return _LITERAL.sub("''", _CONTENT_INDEX.sub(r"\1.\2", expression))


def _problem(name: str) -> str:
    if name in HINDSIGHT:
        return f"`decision.{name}` is known only after the lane was chosen; remove it from the rule"
    if name in NAMED or name.partition(".")[0] == "content":
        return ""
    alike = difflib.get_close_matches(name, (*NAMED, *HINDSIGHT, "content"), 1, _ALIKE)
    if alike:
        return (
            f"unknown field `decision.{name}`; expected `decision.{alike[0]}`,"
            f" or `decision.content.{name}` if the content has it"
        )
    return ""


def _checked(expression: str) -> str:
    compile_decision_rule(expression)
    return expression


DecisionRule = Annotated[str, AfterValidator(_checked)]
"""A CEL rule over `decision`: its fields, its `content`, and the names of its content directly."""
