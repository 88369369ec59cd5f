"""Faults of a golden set that loading cannot refuse: cases that check nothing, subsets too small to say anything."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from hitl.golden.lineage import asked, trace_lineage
from hitl.golden.load import GoldenSetFiles, SubsetCases
from hitl.stats.power import cases_to_prove


class Level(StrEnum):
    """How bad a fault is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One fault of a golden set."""

    code: str
    level: Level
    subset: str
    case: str | None
    message: str


def lint(
    golden: GoldenSetFiles,
    margins: dict[str, float | None],
    default_margin: float,
    confidence: float,
) -> tuple[LintFinding, ...]:
    """Return every fault of a loaded golden set.

    Args:
        golden: the set with its cases.
        margins: margin that each subset is gated with; None where a release asks for none.
        default_margin: margin of every other subset.
        confidence: at which a margin is to be proved.
    """
    findings: list[LintFinding] = []
    for subset in golden.subsets:
        findings.extend(_empty(subset))
        if (margin := margins.get(subset.id, default_margin)) is not None:
            findings.extend(_too_small(subset, margin, confidence))
        findings.extend(_repeated_inputs(subset))
    return tuple(findings)


def _empty(subset: SubsetCases) -> Iterator[LintFinding]:
    if not subset.cases:
        yield LintFinding(
            "no_cases",
            Level.ERROR,
            subset.id,
            None,
            f"{subset.id} has no case; it can only ever be unmeasured",
        )
    for case in subset.cases:
        if not subset.expectations(case):
            message = f"{case.id} expects nothing, so its replies are never measured; add an expectation or an outcome"
            yield LintFinding("empty_expectation", Level.ERROR, subset.id, case.id, message)


def _too_small(subset: SubsetCases, margin: float, confidence: float) -> Iterator[LintFinding]:
    needed = cases_to_prove(margin, confidence).exact
    n = len(set(trace_lineage(subset.cases).joined.tolist()))
    if 0 < n < needed:
        message = f"{subset.id} has {n} independent cases; a margin of {margin:.1%} needs {needed} even if both arms agree on every one"
        yield LintFinding("too_small", Level.WARNING, subset.id, None, message)


def _repeated_inputs(subset: SubsetCases) -> Iterator[LintFinding]:
    first: dict[str, str] = {}
    for case in subset.cases:
        content = asked(case)
        if content is not None and (twin := first.setdefault(content, case.id)) != case.id:
            message = (
                f"{case.id} repeats the input of {twin}; both together are one piece of evidence"
            )
            yield LintFinding("repeated_input", Level.WARNING, subset.id, case.id, message)
