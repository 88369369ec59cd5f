"""The suite: every case of a golden set with its checks compiled, in one fixed order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hitl.errors import DocumentError, Mistake
from hitl.golden.case import Case
from hitl.golden.golden_set import Rubric
from hitl.golden.lineage import Lineage, trace_lineage
from hitl.golden.load import GoldenSetFiles, SubsetCases
from hitl.policy.posture import PosturePolicy
from hitl.run.local.caller import FunctionCaller
from hitl.score.checks_digest import checks_digest
from hitl.score.expect.check import Check
from hitl.score.expect.compile import CheckContext, CompileError, compile_checks


@dataclass(frozen=True, slots=True)
class SuiteSubset:
    """One subset and where its cases stand in the suite."""

    source: SubsetCases
    start: int
    stop: int
    lineage: Lineage
    """What each of its cases shares with others."""

    @property
    def id(self) -> str:
        """The subset's id."""
        return self.source.id


@dataclass(frozen=True, slots=True)
class Suite:
    """Cases in the order of their ids within each subset, so that the order of files changes nothing."""

    cases: tuple[Case, ...]
    checks: tuple[tuple[Check, ...], ...]
    subsets: tuple[SuiteSubset, ...]
    index: dict[str, int]
    """Position of each case, by id."""
    owner: tuple[int, ...]
    """Position of each case's subset."""
    lineage: Lineage
    """What each case shares with any other."""
    shared_control_fields: tuple[str, ...]
    """Fields of every reply that drive routing or escalation."""
    rubrics: Mapping[str, Rubric]
    """What judges grade by, by name."""
    posture: PosturePolicy
    """Word and tool lists that the checks were compiled with."""
    _digests: dict[int, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def checks_digest(self, position: int) -> str:
        """Return the SHA-256 of a case's checks with all that they refer to; worked out once, when asked for."""
        if position not in self._digests:
            source, case = self.subsets[self.owner[position]].source, self.cases[position]
            self._digests[position] = checks_digest(source, case, self.posture, self.rubrics)
        return self._digests[position]

    def subset_of(self, position: int) -> str:
        """Return the id of a case's subset."""
        return self.subsets[self.owner[position]].id

    def control_fields(self, position: int) -> tuple[str, ...]:
        """Return the fields of a case's replies that drive routing or escalation."""
        return (
            self.shared_control_fields
            + self.subsets[self.owner[position]].source.spec.control_fields
        )


def build_suite(
    golden: GoldenSetFiles,
    posture: PosturePolicy,
    path: Path,
    *,
    functions: FunctionCaller | None = None,
) -> Suite:
    """Compile every check of a golden set; without `functions` no user code is run.

    Raises:
        DocumentError: every expression, regular expression, path and schema that cannot be used.
    """
    cases: list[Case] = []
    checks: list[tuple[Check, ...]] = []
    subsets: list[SuiteSubset] = []
    mistakes: list[Mistake] = []
    for source in golden.subsets:
        context = CheckContext(source.schemas, posture, golden.spec.rubrics, functions)
        ordered = sorted(source.cases, key=lambda case: case.id)
        checks += [_compile(source, case, context, path, mistakes) for case in ordered]
        subsets.append(
            SuiteSubset(source, len(cases), len(cases) + len(ordered), trace_lineage(ordered))
        )
        cases += ordered
    if mistakes:
        raise DocumentError(mistakes)
    return Suite(
        cases=tuple(cases),
        checks=tuple(checks),
        subsets=tuple(subsets),
        index={case.id: position for position, case in enumerate(cases)},
        owner=tuple(
            number for number, part in enumerate(subsets) for _ in range(part.start, part.stop)
        ),
        lineage=trace_lineage(cases),
        shared_control_fields=golden.spec.control_fields,
        rubrics=golden.spec.rubrics,
        posture=posture,
    )


def _compile(
    source: SubsetCases, case: Case, context: CheckContext, path: Path, mistakes: list[Mistake]
) -> tuple[Check, ...]:
    """Compile the checks of one case, noting every one that cannot be."""
    try:
        return compile_checks(source.expectations(case), context)
    except CompileError as error:
        n_common = len(source.spec.expect)
        mistakes += [
            _mistake(path, source.id, case.id, n_common, at, text) for at, text in error.problems
        ]
        return ()


def _mistake(path: Path, subset: str, case: str, n_common: int, at: int, problem: str) -> Mistake:
    """Name the subset's rule once, or the case's own rule."""
    if at < n_common:
        return Mistake(str(path), 0, f"subsets.{subset}.expect[{at}]", problem)
    return Mistake(str(path), 0, f"case {case}: expect[{at - n_common}]", problem)
