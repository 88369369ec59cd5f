"""A judged margin, held once more against what people said of a part of the same replies.

A judge that is kinder to one arm moves the difference of the pass rates that it sees, and its interval with it:
more replies only make it surer. Labels of people on the release's own replies take that away.
"""

from collections.abc import Sequence

from hitl.gate.rules import RuleResult, Terms
from hitl.gate.verdict_words import State
from hitl.manifest.gate_class import GateClass
from hitl.score.judge.corrected import CorrectedDifference

CORRECTED_MARGIN = "corrected_margin"


def corrected_rules(
    gate: GateClass, difference: CorrectedDifference | None, terms: Terms
) -> Sequence[RuleResult]:
    """Hold a margin against the corrected difference of its subset.

    Passes if the one-sided lower limit lies above -margin, fails if the upper one lies below it. Cases
    without a usable reply are not in the difference; the limits hold whatever they would have shown.
    The error rate is that of one subset: nothing is corrected for several.

    Args:
        gate: with its default rules.
        difference: of the subset; None where no judge grades it, or the release names no labels.
        terms: of the authority.
    """
    if gate.margin is None or difference is None:
        return ()
    limits = corrected_limits(difference)
    if limits is None:
        message = f"labels cannot correct the judge: {difference.corrected.reason}; label more replies, in both arms of a case"
        return (_result(difference, terms, -gate.margin, State.UNDECIDED, message),)
    low, high = limits
    n = difference.corrected.n_labelled
    seen = (
        f"difference {_points(difference.corrected.estimate)} by {n} labels of people, at least {_points(low)} at "
        f"{terms.confidence * 100:g}% (by the judge alone {_points(difference.judged)}), limit {_points(-gate.margin)}"
    )
    if low > -gate.margin:
        found = State.PASS, f"not worse than the margin: {seen}"
    elif high < -gate.margin:
        found = State.FAIL, f"worse than the margin: {seen}"
    else:
        found = State.UNDECIDED, f"straddles the margin: {seen}; label more replies"
    return (_result(difference, terms, -gate.margin, *found),)


def corrected_limits(difference: CorrectedDifference) -> tuple[float, float] | None:
    """Return the one-sided limits with every case that was left out at its worst and its best; None without labels enough."""
    low, high = difference.decision_low, difference.decision_high
    if low is None or high is None:
        return None
    absent = difference.n_left_out / (difference.n_left_out + difference.n_cases)
    return low * (1 - absent) - absent, high * (1 - absent) + absent


def _result(
    difference: CorrectedDifference, terms: Terms, limit: float, state: State, message: str
) -> RuleResult:
    low, high = corrected_limits(difference) or (None, None)
    return RuleResult(
        rule=CORRECTED_MARGIN,
        authority=terms.authority,
        value=low,
        limit=limit,
        state=state,
        n=difference.corrected.n_labelled,
        low=low,
        high=high,
        message=message,
        is_short=low is None,
    )


def _points(difference: float | None) -> str:
    return "unknown" if difference is None else f"{difference * 100:+.1f} points"
