"""What the record says of judges, from what they found."""

from collections.abc import Mapping

from hitl.gate.identity import Identity
from hitl.gate.judge_notes import same_family_arms
from hitl.record.judge_parts import (
    CorrectionPart,
    JudgedArmPart,
    JudgedPairsPart,
    JudgePart,
    LayerPart,
)
from hitl.record.parts import IntervalPart
from hitl.run.arm import Arm
from hitl.score.judge.cascade import cascade
from hitl.score.judge.corrected import CorrectedDifference
from hitl.score.judge.family import family_of
from hitl.score.judge.summary import JudgeSummary
from hitl.score.release import ScoredRelease


def judge_part(judge: JudgeSummary, identities: Mapping[str, Identity]) -> JudgePart:
    """Return one rubric as one judge graded by it."""
    arms = {arm: JudgedArmPart.of(found) for arm, found in judge.arms.items()}
    return JudgePart(
        rubric=judge.question.rubric,
        pairwise=judge.question.pairwise,
        judge_id=judge.judge_id,
        model=judge.model,
        resolved=judge.spending.resolved,
        family=family_of(judge.model),
        same_family=same_family_arms(judge.model, identities),
        certificate="not_valid" if judge.problems else "valid",
        problems=judge.problems,
        counts_in=judge.counts_in,
        signal_in=judge.signal_in,
        previous=arms.get(Arm.PREVIOUS),
        candidate=arms.get(Arm.CANDIDATE),
        difference=IntervalPart.of(judge.difference) if judge.difference else None,
        pairs=JudgedPairsPart.of(judge.pairs) if judge.pairs else None,
        n_calls=judge.spending.n_calls,
        n_redacted=judge.spending.n_redacted,
        cost_usd=judge.spending.cost_usd,
    )


def correction_part(difference: CorrectedDifference) -> CorrectionPart:
    """Return one subset's corrected difference."""
    found = difference.corrected
    return CorrectionPart(
        subset=difference.subset,
        judged=difference.judged,
        estimate=found.estimate,
        low=found.low,
        high=found.high,
        decision_low=difference.decision_low,
        confidence=found.confidence,
        method=found.method,
        tuning=found.tuning,
        n_labelled=found.n_labelled,
        n_unlabelled=found.n_unlabelled,
        n_left_out=difference.n_left_out,
        n_unused=difference.n_unused,
        reason=found.reason,
    )


def cascade_parts(
    scored: ScoredRelease, review_cost_usd: tuple[float, float]
) -> tuple[LayerPart, ...]:
    """Return who was asked, what each layer settled and what it cost."""
    arms = (scored.previous, scored.candidate)
    return tuple(LayerPart.of(layer) for layer in cascade(arms, scored.judges, review_cost_usd))
