"""The failed-case table: case, expected, previous, candidate, verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from hitl.golden.case import Case, Severity
from hitl.score.arm import ArmScores, KeptReply
from hitl.score.finding import Mark
from hitl.score.subset import ArmTally, SubsetScore
from hitl.score.suite import Suite, SuiteSubset


class FailureKind(StrEnum):
    """What a failed case says about the change."""

    REGRESSED = "regressed"
    """The previous arm passes it."""
    FLAKY = "flaky"
    """The candidate passes it in some repeats; the previous arm no less often."""
    STILL_FAILING = "still_failing"
    UNMEASURED = "unmeasured"


@dataclass(frozen=True, slots=True)
class ArmReply:
    """One arm's side of a failed case: its worst reply, and how many passed."""

    mark: str
    text: str
    cut: int
    findings: tuple[str, ...]
    n_repeats: int
    n_passed: int
    redactions: Mapping[str, int] = field(default_factory=dict)
    """Pieces that were taken out of the reply, by kind."""


@dataclass(frozen=True, slots=True)
class FailedCase:
    """One row of the table."""

    case: Case
    subset: str
    kind: FailureKind
    expected: tuple[str, ...]
    """The rules that the candidate did not meet."""
    previous: ArmReply
    candidate: ArmReply
    digest: str


@dataclass(frozen=True, slots=True)
class FailureModeResult:
    """Failures of the candidate that look alike."""

    name: str
    subset: str
    rule: str
    n_candidate: int
    n_previous: int
    is_new: bool
    terms: tuple[str, ...]
    """Words that stand in these replies and not in the previous arm's replies to the same cases."""
    examples: tuple[str, ...]


_ORDER = (
    FailureKind.REGRESSED,
    FailureKind.UNMEASURED,
    FailureKind.FLAKY,
    FailureKind.STILL_FAILING,
)
_SEVERITY = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)
_MARKS = (Mark.FAIL, Mark.UNMEASURED, Mark.PASS)


def failing_cases(candidate: ArmScores) -> frozenset[int]:
    """Return the positions of the cases that the candidate did not pass in every reply."""
    return frozenset(int(position) for position in np.unique(candidate.case[candidate.mark != 1]))


def failed_cases(
    suite: Suite, subset: SuiteSubset, score: SubsetScore, previous: ArmScores, candidate: ArmScores
) -> list[FailedCase]:
    """List the cases of a subset that the candidate did not pass, the gravest first."""
    found = []
    for offset in np.flatnonzero(score.candidate.passes < max(score.candidate.repeats, 1)):
        position = subset.start + int(offset)
        if not suite.checks[position]:
            continue  # nothing is expected of it, so it cannot fail; the subset says that it is unmeasured
        case = suite.cases[position]
        now = _side(candidate.kept.get(position, ()), score.candidate, int(offset))
        found.append(
            FailedCase(
                case=case,
                subset=subset.id,
                kind=_kind(score, int(offset)),
                expected=_rules(candidate.kept.get(position, ())),
                previous=_side(previous.kept.get(position, ()), score.previous, int(offset)),
                candidate=now,
                digest=subset.source.case_digests[case.id],
            )
        )
    return sorted(found, key=_gravity)


def _gravity(row: FailedCase) -> tuple[bool, int, int, str]:
    return (
        not row.case.zero_tolerance,
        _ORDER.index(row.kind),
        _SEVERITY.index(row.case.severity),
        row.case.id,
    )


def _kind(score: SubsetScore, offset: int) -> FailureKind:
    if score.candidate.missing[offset]:
        return FailureKind.UNMEASURED
    was, now = score.previous.shares[offset], score.candidate.shares[offset]
    if was > 0.5 >= now:
        return FailureKind.REGRESSED
    return FailureKind.FLAKY if now > 0 else FailureKind.STILL_FAILING


def _rules(kept: tuple[KeptReply, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule for reply in kept for rule in reply.rules))


def _side(kept: tuple[KeptReply, ...], arm: ArmTally, offset: int) -> ArmReply:
    n_repeats, n_passed = int(arm.usable[offset]), int(arm.passes[offset])
    if not kept:
        return ArmReply(
            "pass" if n_passed and n_passed == n_repeats else "missing",
            "",
            0,
            (),
            n_repeats,
            n_passed,
        )
    worst = min(kept, key=lambda reply: (_MARKS.index(reply.mark), reply.repeat))
    findings = tuple(
        f"{rule}: {saw}" if saw else rule for rule, saw in zip(worst.rules, worst.saw, strict=True)
    )
    return ArmReply(
        worst.mark, worst.text, worst.cut, findings, n_repeats, n_passed, worst.redactions
    )
