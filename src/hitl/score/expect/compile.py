"""Expectations to checks; every mistake at once, equal expectations compiled once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import assert_never

from hitl.document.schema import Json
from hitl.golden.expectation import (
    CelRule,
    CostRule,
    Expectation,
    FieldRule,
    JudgeRule,
    LabelRule,
    LatencyRule,
    NumericRule,
    OutcomeRule,
    PostureRule,
    PythonRule,
    ReviewRule,
    SchemaRule,
    SimilarityRule,
    TextRule,
    ToolRule,
)
from hitl.golden.golden_set import Rubric
from hitl.policy.posture import PosturePolicy
from hitl.run.local.caller import FunctionCaller
from hitl.score.expect.cel import CelCheck
from hitl.score.expect.check import Check
from hitl.score.expect.field import FieldCheck
from hitl.score.expect.function import PythonCheck
from hitl.score.expect.judge import JudgeCheck
from hitl.score.expect.label import LabelCheck
from hitl.score.expect.limit import LimitCheck
from hitl.score.expect.numeric import NumericCheck
from hitl.score.expect.outcome import OutcomeCheck
from hitl.score.expect.posture import PostureCheck
from hitl.score.expect.review import ReviewCheck
from hitl.score.expect.schema import SchemaCheck
from hitl.score.expect.similarity import SimilarityCheck
from hitl.score.expect.step import StepReader
from hitl.score.expect.text import TextCheck
from hitl.score.expect.tools import ToolCheck


class CompileError(ValueError):
    """Some expectations cannot be used; carries every problem with the position of its expectation."""

    def __init__(self, problems: Sequence[tuple[int, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"expect[{at}]: {problem}" for at, problem in self.problems))


@dataclass(frozen=True)
class CheckContext:
    """What expectations refer to, and the checks already compiled for it."""

    schemas: Mapping[str, Json]
    """JSON Schemas by the name that expectations call them."""
    posture: PosturePolicy
    rubrics: Mapping[str, Rubric] = field(default_factory=dict)
    """The golden set's rubrics, by name."""
    functions: FunctionCaller | None = None
    """Calls user code for `python` rules; without it none is run."""
    _compiled: dict[tuple[type, str], Check | str] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def steps(self) -> StepReader:
        """The posture lists, ready to be looked up."""
        return StepReader(self.posture)

    def check(self, expectation: Expectation) -> Check | str:
        """Return the check for an expectation, compiled once; or the problem with it."""
        key = (type(expectation), expectation.model_dump_json(exclude_unset=True))
        found = self._compiled.get(key)
        if found is None:
            try:
                found = compile_check(expectation, self)
            except ValueError as error:
                found = str(error)
            self._compiled[key] = found
        return found


def compile_checks(expectations: Sequence[Expectation], context: CheckContext) -> tuple[Check, ...]:
    """Compile expectations, in their order.

    Raises:
        CompileError: every expectation that cannot be used.
    """
    found = [context.check(expectation) for expectation in expectations]
    if problems := [(at, problem) for at, problem in enumerate(found) if isinstance(problem, str)]:
        raise CompileError(problems)
    return tuple(check for check in found if not isinstance(check, str))


def compile_check(expectation: Expectation, context: CheckContext) -> Check:  # noqa: C901, PLR0911, PLR0912  # one line a family
    """Compile one expectation.

    Raises:
        ValueError: why it cannot be used.
    """
    match expectation:
        case TextRule():
            return TextCheck(expectation)
        case FieldRule():
            return FieldCheck(expectation)
        case SchemaRule():
            return SchemaCheck(expectation, _schema(expectation, context))
        case NumericRule():
            return NumericCheck(expectation)
        case PostureRule():
            return PostureCheck(expectation, context.steps)
        case ToolRule():
            return ToolCheck(expectation, context.steps)
        case OutcomeRule():
            return OutcomeCheck(expectation)
        case LabelRule():
            return LabelCheck(expectation)
        case SimilarityRule():
            return SimilarityCheck(expectation)
        case CelRule():
            return CelCheck(expectation)
        case JudgeRule():
            return JudgeCheck(expectation, context.rubrics)
        case ReviewRule():
            return ReviewCheck()
        case PythonRule():
            return PythonCheck(expectation, context.functions)
        case LatencyRule() | CostRule():
            return LimitCheck(expectation)
        case _:
            assert_never(expectation)


def _schema(rule: SchemaRule, context: CheckContext) -> Json:
    if not isinstance(rule.json_schema, str):
        return rule.json_schema
    if rule.json_schema not in context.schemas:
        raise ValueError(
            f"no schema {rule.json_schema!r} was loaded; check the path, which is relative to the golden set"
        )
    return context.schemas[rule.json_schema]
