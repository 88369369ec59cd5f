"""Is confidence worth what the policy makes of it?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hitl.decisions.scores import (
    ScoreCells,
    ScoreUse,
    labels_above,
    labels_by_action,
    score_cells,
    score_uses,
)
from hitl.decisions.source import Log
from hitl.policy.action import Thresholds
from hitl.policy.advice.parts import AdviceFinding, Code, Evidence, Finding
from hitl.policy.replay.misses import CONFIDENCE, expected_misses
from hitl.policy.replay.parts import Misses
from hitl.policy.schema import Policy
from hitl.stats.calibration import spiegelhalter
from hitl.stats.discrimination import discrimination
from hitl.stats.multiple import holm
from hitl.stats.proportion import cases_for_claim, exact_interval

FEWEST_OF_EACH = 20
"""Fewer right or wrong labels cannot show that confidence carries no information."""
NEARLY_ALL = 0.9
"""Share of decisions with one confidence at which it tells nothing apart."""
_LEVEL = 0.05
_LEAST_SPREAD = 5.0
_LABEL = "review a sample of what would run alone, then set the threshold with `hitl recalibrate`"


@dataclass(frozen=True, slots=True)
class _Calibration:
    """Whether what confidence says and what is right are the same but for chance."""

    p: float
    said: float
    right: float


def confidence_findings(log: Log, policy: Policy) -> Iterator[AdviceFinding]:
    """Yield what labels say of thresholds and confidence, by action type."""
    cells, uses = score_cells(log), score_uses(log)
    yield from _thresholds(log, policy, cells)
    kinds = sorted({kind for kind in (*uses, *policy.action_types) if kind is not None})
    for kind in kinds:
        yield _information(kind, cells.get(kind))
        yield _one_value(kind, uses.get(kind))


def _thresholds(
    log: Log, policy: Policy, cells: dict[str | None, ScoreCells]
) -> Iterator[AdviceFinding]:
    limit = policy.targets.error_escape_rate.at_most
    kinds = [kind for kind, action in policy.action_types.items() if _runs_alone(action.thresholds)]
    if not kinds:
        yield AdviceFinding(
            code=Code.THRESHOLD_UNSUPPORTED,
            finding=Finding.CLEAR,
            reason="no action type has a threshold from which it runs alone",
        )
    adjusted, labelled = _calibration(kinds, cells), labels_by_action(log)
    for kind in kinds:
        thresholds = policy.action_types[kind].thresholds
        if policy.calibrator is not None:
            yield AdviceFinding(
                code=Code.THRESHOLD_UNSUPPORTED,
                finding=Finding.UNMEASURED,
                about=kind,
                reason="the policy has a calibrator, so its thresholds are not of the confidence in the log; `hitl recalibrate` tests them",
            )
            continue
        if thresholds is None or limit is None or not 0 < limit < 1:
            yield AdviceFinding(
                code=Code.THRESHOLD_UNSUPPORTED,
                finding=Finding.UNMEASURED,
                about=kind,
                reason="the policy has no target between 0 and 1 under targets.error_escape_rate.at_most",
            )
            continue
        misses = expected_misses(labels_above(log, kind, thresholds.auto_limit), labelled)[0]
        yield _threshold(kind, misses, limit, adjusted.get(kind))


def _runs_alone(thresholds: Thresholds | None) -> bool:
    return thresholds is not None and thresholds.auto != "never"


def _calibration(kinds: list[str], cells: dict[str | None, ScoreCells]) -> dict[str, _Calibration]:
    """Test whether confidence can be taken at its word, all types together; types that cannot be tested are left out."""
    found = {}
    for kind in kinds:
        if kind in cells:
            of = cells[kind]
            p = spiegelhalter(of.n, of.k, of.score).p_two_sided
            # Below it the test's normal distribution is no good description.
            spread = float(of.n @ (of.score * (1.0 - of.score)))
            if p is not None and spread >= _LEAST_SPREAD:
                n = float(of.n.sum())
                found[kind] = _Calibration(p, float(of.n @ of.score) / n, float(of.k.sum()) / n)
    adjusted = holm([one.p for one in found.values()])
    return {kind: replace(one, p=p) for (kind, one), p in zip(found.items(), adjusted, strict=True)}


def _threshold(
    kind: str, misses: Misses, limit: float, calibration: _Calibration | None
) -> AdviceFinding:
    finding, reason = _supported(misses, limit, calibration)
    rate = Evidence(
        name="error rate from the threshold up", value=misses.rate, low=misses.rate_low,
        high=misses.rate_high, n=misses.n_labelled, threshold=limit,
    )  # fmt: skip
    test = Evidence(name="p of calibration (Spiegelhalter, Holm)", threshold=_LEVEL,
                    value=calibration.p if calibration else None)  # fmt: skip
    return AdviceFinding(
        code=Code.THRESHOLD_UNSUPPORTED,
        finding=finding,
        about=kind,
        reason=reason,
        evidence=(rate, test),
        remedy="" if finding is Finding.CLEAR else _LABEL,
    )


def _supported(
    misses: Misses, limit: float, calibration: _Calibration | None
) -> tuple[Finding, str]:
    if not misses.n_alone:
        return Finding.UNMEASURED, "no decision of the log reaches the threshold"
    if misses.rate_low is None or misses.rate_high is None:
        why = misses.reason if misses.n_labelled else "none of the decisions above it has a label"
        return Finding.FOUND, f"a threshold is set and no label supports it: {why}"
    if misses.rate_low > limit:
        return Finding.FOUND, "more errors than the target allows run alone"
    if calibration is not None and calibration.p < _LEVEL:
        return Finding.FOUND, f"confidence cannot be taken at its word: it says {calibration.said:.1%} on average, and {calibration.right:.1%} are right"  # fmt: skip
    if misses.rate_high <= limit and not misses.share_unknown and calibration is not None:
        return Finding.CLEAR, "labels show that errors lie within the target"
    return _unsupported(misses.n_labelled, limit)


def _unsupported(n_labelled: int, limit: float) -> tuple[Finding, str]:
    least = cases_for_claim(0, limit, CONFIDENCE)
    if n_labelled < least:
        return Finding.FOUND, f"{n_labelled:,} labels cannot support it; it takes {least:,} without an error"  # fmt: skip
    return Finding.UNMEASURED, "labels do not settle whether errors lie within the target, or whether confidence is calibrated"  # fmt: skip


def _information(kind: str, cells: ScoreCells | None) -> AdviceFinding:
    if cells is None:
        reason = "no decision has both a confidence and a label"
        return AdviceFinding(code=Code.NO_INFORMATION, finding=Finding.UNMEASURED, about=kind, reason=reason, remedy=_LABEL)  # fmt: skip
    found = discrimination(cells.n, cells.k, cells.score, CONFIDENCE)
    right, wrong = found.k, found.n - found.k
    auc = found.auc
    evidence = Evidence(
        name="chance that a right decision has more confidence than a wrong one",
        value=auc.estimate if auc else None,
        low=auc.low if auc else None,
        high=auc.high if auc else None,
        n=found.n,
        threshold=0.5,
    )
    if auc is None:
        finding, reason = Finding.UNMEASURED, found.reason
    elif auc.low > 0.5:
        finding, reason = Finding.CLEAR, "right decisions have more confidence than wrong ones"
    elif min(right, wrong) < FEWEST_OF_EACH:
        finding, reason = (
            Finding.UNMEASURED,
            f"{right:,} right and {wrong:,} wrong labels; it takes {FEWEST_OF_EACH} of each",
        )
    else:
        finding, reason = (
            Finding.FOUND,
            "confidence tells right decisions from wrong ones no better than chance",
        )
    remedy = (
        "do not route by it: send the type to a person, or find another score"
        if finding is Finding.FOUND
        else ""
    )
    return AdviceFinding(code=Code.NO_INFORMATION, finding=finding, about=kind, reason=reason,
                         evidence=(evidence,), remedy=remedy)  # fmt: skip


def _one_value(kind: str, use: ScoreUse | None) -> AdviceFinding:
    if use is None:
        return AdviceFinding(code=Code.ONE_VALUE, finding=Finding.UNMEASURED, about=kind, reason="no decision has a confidence")  # fmt: skip
    share = exact_interval(use.n_top, use.n, CONFIDENCE)
    evidence = Evidence(name=f"share with confidence {use.top:g}", value=share.estimate, low=share.low,
                        high=share.high, n=use.n, threshold=NEARLY_ALL)  # fmt: skip
    if share.low >= NEARLY_ALL:
        finding, reason = Finding.FOUND, f"nearly every decision has confidence {use.top:g}"
    elif share.high < NEARLY_ALL:
        finding, reason = Finding.CLEAR, "confidence differs from decision to decision"
    else:
        finding, reason = Finding.UNMEASURED, "too few decisions to say"
    remedy = (
        "no threshold can work on it: ask the model for another score, or route by rules"
        if finding is Finding.FOUND
        else ""
    )
    return AdviceFinding(code=Code.ONE_VALUE, finding=finding, about=kind, reason=reason,
                         evidence=(evidence,), remedy=remedy)  # fmt: skip
