"""The subsets of a record, from scores and gate results."""

from collections.abc import Sequence

from hitl.gate.authority import STRENGTH, GateResult
from hitl.record.parts import ArmRate, GatePart, IntervalPart, RulePart, SliceResult, SubsetResult
from hitl.score.pairs import smallest_seen_drop
from hitl.score.subset import ArmTally, SliceScore, SubsetScore
from hitl.stats.interval import Interval
from hitl.stats.power import cases_to_prove


def subset_part(score: SubsetScore, gates: Sequence[GateResult], confidence: float) -> SubsetResult:
    """Return what the record says of one subset.

    Args:
        score: what the subset shows.
        gates: what each of its authorities says.
        confidence: of the release.
    """
    ordered = sorted(gates, key=lambda gate: STRENGTH.index(gate.authority))
    leading = ordered[0]
    comparison = score.comparison
    return SubsetResult(
        id=score.id,
        behavior=score.behavior,
        authority=leading.authority,
        state=leading.state,
        required=leading.is_required,
        reason=leading.reason,
        gates=tuple(GatePart.of(gate) for gate in ordered),
        n_cases=score.n_cases,
        n_clusters=comparison.n_clusters,
        repeats={"previous": score.previous.repeats, "candidate": score.candidate.repeats},
        previous=arm_rate(score.previous),
        candidate=arm_rate(score.candidate),
        regressed=comparison.regressed,
        improved=comparison.improved,
        difference=_interval(comparison.difference),
        decision=_interval(comparison.decision),
        p_value=comparison.p_value,
        p_worse=leading.p_worse,
        rules=tuple(RulePart.of(rule) for gate in ordered for rule in gate.rules),
        detectable_drop=smallest_seen_drop(comparison, confidence),
        cases_needed=_cases_needed(ordered, comparison.n_clusters, confidence),
        slices=tuple(slice_part(part) for part in score.slices),
        flaky_cases=score.flaky_cases,
        pass_hat_k=score.pass_hat_k,
        regressed_cases=score.regressed_cases,
        improved_cases=score.improved_cases,
        missing_cases=score.missing_cases,
        repair_events=score.repair_events,
        digest=score.digest,
    )


def arm_rate(tally: ArmTally) -> ArmRate:
    """Return one arm's pass rate with its counts."""
    interval = tally.interval
    return ArmRate(
        n_passed=tally.n_passed,
        n=len(tally.shares),
        rate=interval.estimate if interval else None,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        n_replies=tally.n_replies,
        n_replies_passed=int(tally.passes.sum()),
        n_imputed=int(tally.missing.sum()),
    )


def slice_part(part: SliceScore) -> SliceResult:
    """Return a slice as the record keeps it."""
    comparison = part.comparison
    return SliceResult(
        id=f"{part.name}={part.value}",
        name=part.name,
        value=part.value,
        n_cases=comparison.n_cases,
        n_clusters=comparison.n_clusters,
        previous=arm_rate(part.previous),
        candidate=arm_rate(part.candidate),
        regressed=part.regressed,
        n_regressed=comparison.regressed,
        improved=comparison.improved,
        difference=_interval(comparison.difference),
        p_value=comparison.p_value,
        p_worse=part.p_worse,
    )


def _cases_needed(gates: Sequence[GateResult], n_clusters: int, confidence: float) -> int | None:
    rules = [rule for gate in gates for rule in gate.classes]
    limits = [
        limit for rule in rules for limit in (rule.margin, rule.max_shift) if limit is not None
    ]
    needed = max((cases_to_prove(limit, confidence).exact for limit in limits), default=0)
    return needed if needed > n_clusters else None


def _interval(interval: Interval | None) -> IntervalPart | None:
    return None if interval is None else IntervalPart.of(interval)
