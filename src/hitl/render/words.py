"""What the closed sets are called in front of people, and which shape stands beside each."""

from typing import assert_never

from hitl.gate.corrected import CORRECTED_MARGIN
from hitl.gate.verdict_words import State, Verdict
from hitl.manifest.gate_class import Authority
from hitl.record.parts import Condition, GatePart, Note, Reason, SubsetResult
from hitl.record.release import ReleaseRecord
from hitl.render.advice import advice


def state_shape(state: State) -> str:
    """Return a character whose shape alone tells the state."""
    match state:
        case State.PASS:
            return "●"
        case State.FAIL:
            return "✕"
        case State.UNDECIDED:
            return "◆"
        case State.UNMEASURED:
            return "○"
        case _:
            assert_never(state)


def verdict_shape(verdict: Verdict) -> str:
    """Return a character whose shape alone tells the verdict."""
    match verdict:
        case Verdict.SHIP:
            return "●"
        case Verdict.HOLD:
            return "■"
        case Verdict.REVERT:
            return "◀"
        case _:
            assert_never(verdict)


def authority_word(authority: Authority) -> str:
    """Return what people call an authority.

    >>> authority_word(Authority.ROLLBACK_TRIGGER)
    'rollback trigger'
    """
    return authority.value.replace("_", " ")


def authority_effect(authority: Authority) -> str:
    """Return what a failure with this authority does."""
    match authority:
        case Authority.BLOCK:
            return "a failure stops the release"
        case Authority.CONDITIONAL:
            return "a failure ships only under its conditions"
        case Authority.SIGNAL:
            return "a failure is reported and stops nothing"
        case Authority.ROLLBACK_TRIGGER:
            return "a failure sends the release back"
        case _:
            assert_never(authority)


def can_stop(authority: Authority | None) -> bool:
    """Whether a failure with this authority counts against the release; a reason without one does."""
    return authority is not Authority.SIGNAL


def said(reason: Reason | Condition | Note) -> str:
    """Return what a reason says, without the name of its subset in front, which every view shows beside it."""
    return reason.message.removeprefix(f"{reason.subset}: ") if reason.subset else reason.message


def next_steps(record: ReleaseRecord) -> tuple[str, ...]:
    """Return what to do now, the most pressing first."""
    match record.verdict:
        case Verdict.SHIP:
            steps = ["Roll out within the scope of the manifest, and watch the decision log."]
            steps += [f"Keep in force: {condition.message}" for condition in record.conditions]
        case Verdict.REVERT:
            steps = [f"Go back to {last_good(record)} and keep it pinned."]
            steps += ["Turn the failed cases into golden regressions before another attempt."]
        case Verdict.HOLD:
            steps = _to_leave_a_hold(record)
        case _:
            assert_never(record.verdict)
    return tuple(steps)


def last_good(record: ReleaseRecord) -> str:
    """Return the identity that the manifest names to return to."""
    rule = record.manifest.get("rollback_rule")
    target = rule.get("to") if isinstance(rule, dict) else None
    return target if isinstance(target, str) else record.previous_model.declared


def gating(record: ReleaseRecord, state: State) -> list[tuple[SubsetResult, GatePart]]:
    """Return what is in this state and can stop the release: each subset with the authority that says so."""
    return [
        (subset, gate)
        for subset in record.subsets
        for gate in subset.gates
        if gate.state is state and can_stop(gate.authority)
    ]


def _to_leave_a_hold(record: ReleaseRecord) -> list[str]:
    steps = [
        f"{reason.code.replace('_', ' ')}: {todo}."
        for reason in record.reasons
        if reason.subset is None and (todo := advice(reason.code))
    ]
    steps += [
        f"{subset.id}: fix what fails, or keep the previous model ({subset.regressed:,} lost, {subset.improved:,} gained)."
        for subset, _ in gating(record, State.FAIL)
    ]
    steps += [
        f"{subset.id}: undecided with {subset.n_cases:,} cases{_needs(subset, gate.authority)}."
        for subset, gate in gating(record, State.UNDECIDED)
    ]
    steps += [
        f"{subset.id}: not measured. {gate.reason}"
        for subset, gate in gating(record, State.UNMEASURED)
    ]
    steps += [
        f"forecast: {_FORECAST_STEPS[gate.state]}. {gate.reason}"
        for gate in record.forecast_gates
        if gate.state is not State.PASS and can_stop(gate.authority)
    ]
    return list(dict.fromkeys(steps)) or [reason.message for reason in record.reasons]


_FORECAST_STEPS = {
    State.FAIL: "recalibrate the thresholds (`hitl recalibrate`), give the pools more people, or keep the previous model",
    State.UNDECIDED: "more golden cases or a longer baseline would decide it",
    State.UNMEASURED: "not measured",
}


def _needs(subset: SubsetResult, authority: Authority) -> str:
    open_rules = {
        rule.rule
        for rule in subset.rules
        if rule.authority is authority and rule.state is State.UNDECIDED
    }
    by_labels = "more labels of people (judge.labels) would decide it"
    if open_rules == {CORRECTED_MARGIN}:
        return f"; {by_labels}"
    needs = (
        f"about {subset.cases_needed:,} would decide it"
        if subset.cases_needed
        else "more cases or repeats would decide it"
    )
    return f"; {needs}, and {by_labels}" if CORRECTED_MARGIN in open_rules else f"; {needs}"
