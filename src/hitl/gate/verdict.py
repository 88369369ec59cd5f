"""From what each authority says to one verdict with its reasons: no weights, no average."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from hitl.document.schema import Json
from hitl.errors import ExitCode
from hitl.gate.authority import GateResult
from hitl.gate.verdict_words import State, Verdict
from hitl.manifest.gate_class import Authority
from hitl.manifest.release import Stage


@dataclass(frozen=True, slots=True)
class ReasonResult:
    """One reason for the verdict."""

    code: str
    subset: str | None
    authority: Authority | None
    message: str
    summary: str = ""
    """The message in short, where it is long."""


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """A condition under which the release may go out."""

    subset: str
    condition: dict[str, Json]
    message: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict and all that led to it."""

    verdict: Verdict
    reasons: tuple[ReasonResult, ...]
    conditions: tuple[ConditionResult, ...]

    @property
    def exit_code(self) -> ExitCode:
        """The code that the shell sees."""
        match self.verdict:
            case Verdict.SHIP:
                return ExitCode.OK
            case Verdict.HOLD:
                return ExitCode.HOLD
            case Verdict.REVERT:
                return ExitCode.REVERT
            case _:
                assert_never(self.verdict)


def decide(gates: Sequence[GateResult], problems: Sequence[ReasonResult], stage: Stage) -> Decision:
    """Turn gate results into a verdict.

    Args:
        gates: one for each subset and authority.
        problems: reasons to hold that no rule of a subset can outweigh, such as an identity that moved.
        stage: past pre_cutover a failed block or rollback trigger means revert.

    The verdict is the gravest that any single result or problem calls for.
    """
    calls = [(Verdict.HOLD, problem) for problem in problems]
    conditions: list[ConditionResult] = []
    for gate in gates:
        verdict = call(gate, stage)
        if (
            verdict is Verdict.SHIP
            and gate.authority is Authority.CONDITIONAL
            and gate.state is not State.PASS
        ):
            conditions += [_condition(gate, condition) for condition in gate.on_failure]
        calls.append((verdict, _reason(gate)))
    verdict = max((verdict for verdict, _ in calls), key=_gravity, default=Verdict.HOLD)
    weighty = [
        reason for asked, reason in calls if asked is verdict and verdict is not Verdict.SHIP
    ]
    lesser = [
        reason for asked, reason in calls if asked is not verdict and asked is not Verdict.SHIP
    ]
    notable = [
        _reason(gate)
        for gate in gates
        if gate.state is not State.PASS and call(gate, stage) is Verdict.SHIP
    ]
    return Decision(verdict, (*weighty, *lesser, *notable), tuple(conditions))


def call(gate: GateResult, stage: Stage) -> Verdict:
    """Return the verdict that one authority's result calls for by itself."""
    if gate.state is State.PASS:
        return Verdict.SHIP
    match gate.authority:
        case Authority.BLOCK | Authority.ROLLBACK_TRIGGER:
            is_live = stage is not Stage.PRE_CUTOVER
            return Verdict.REVERT if gate.state is State.FAIL and is_live else Verdict.HOLD
        case Authority.CONDITIONAL:
            return Verdict.SHIP if gate.is_lifted else Verdict.HOLD
        case Authority.SIGNAL:
            return Verdict.HOLD if gate.is_required and gate.is_absent else Verdict.SHIP
        case _:
            assert_never(gate.authority)


def _gravity(verdict: Verdict) -> int:
    return (Verdict.SHIP, Verdict.HOLD, Verdict.REVERT).index(verdict)


def _reason(gate: GateResult) -> ReasonResult:
    code = f"{gate.authority}_{gate.state}"
    message, summary = (f"{gate.subset}: {words}" for words in (gate.reason, gate.summary))
    return ReasonResult(code, gate.subset, gate.authority, message, summary)


def _condition(gate: GateResult, condition: dict[str, Json]) -> ConditionResult:
    terms = ", ".join(f"{name} {value}" for name, value in condition.items())
    return ConditionResult(
        gate.subset,
        condition,
        f"{gate.subset} did not pass ({gate.state}): ships only with {terms}",
    )
