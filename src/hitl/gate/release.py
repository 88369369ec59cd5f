"""A scored release judged: identities, gate classes, deltas, waivers, and the verdict."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from hitl.errors import EvidenceError
from hitl.gate.authority import GateContext, GateResult, judge
from hitl.gate.conduct import conduct_notes, conduct_problems
from hitl.gate.deltas import PASS_RATE, DeltaResult, ShiftResult, check_delta, undeclared_shifts
from hitl.gate.forecast_notes import forecast_notes
from hitl.gate.identity import Identity, identify, probed
from hitl.gate.notes import NoteResult, notes
from hitl.gate.verdict import Decision, ReasonResult, decide
from hitl.gate.waiver import WaiverResult, judge_waiver
from hitl.manifest.forecast import FORECAST
from hitl.manifest.release import ReleaseManifest
from hitl.recalibrate.forecast.parts import Forecast
from hitl.run.conduct import RunFacts
from hitl.score.arm import ArmScores
from hitl.score.measures import Chance
from hitl.score.release import ScoredRelease, columns_of


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that was decided about a release."""

    decision: Decision
    gates: tuple[GateResult, ...]
    identities: dict[str, Identity]
    deltas: tuple[DeltaResult, ...]
    shifts: tuple[ShiftResult, ...]
    waivers: tuple[WaiverResult, ...]
    notes: tuple[NoteResult, ...]


def named_measures(manifest: ReleaseManifest) -> tuple[tuple[str, str], ...]:
    """Return the (subset, measure) pairs that the declared shifts name."""
    return tuple(
        (d.subset, d.measure)
        for d in manifest.expected_deltas
        if d.subset and d.measure != PASS_RATE
    )


def check_evidence(scored: ScoredRelease, manifest: ReleaseManifest) -> None:
    """Refuse to judge where there is nothing to judge.

    Raises:
        EvidenceError: no cases, an arm without a reply, or an arm whose every call failed.
    """
    if not scored.suite.cases:
        raise EvidenceError("the golden set has no case; add cases before a release can be judged")
    arms = (
        (manifest.previous_model.id, "previous", scored.previous),
        (manifest.candidate_model.id, "candidate", scored.candidate),
    )
    for model, arm, replies in arms:
        if replies.n_replies == 0:
            hint = (
                f"; the {len(replies.unknown)} replies there name cases it does not have"
                if replies.unknown
                else ""
            )
            raise EvidenceError(
                f"the {arm} arm ({model}) has no reply to a case of the golden set{hint}; record it and run again"
            )
        if replies.n_errors == replies.n_replies:
            raise EvidenceError(
                f"all {replies.n_replies} calls of the {arm} arm ({model}) failed; nothing can be compared; run it again"
            )


NO_FACTS = RunFacts()


def judge_release(
    manifest: ReleaseManifest,
    scored: ScoredRelease,
    chance: Chance,
    at: datetime,
    facts: RunFacts = NO_FACTS,
    forecast: Forecast | None = None,
) -> Judgement:
    """Judge a scored release at a point in time.

    Args:
        manifest: the release.
        scored: what the replies show.
        chance: seeded generators for resampling.
        at: now; waivers expire.
        facts: how the run was conducted, where there was one.
        forecast: what reviewers would face, where the release names a baseline.

    Raises:
        EvidenceError: there is nothing to judge.
    """
    check_evidence(scored, manifest)
    arms = (scored.previous, scored.candidate)
    named = {
        (gate.subset, gate.metric)
        for gate in manifest.gate_classes
        if gate.metric is not None and not gate.is_forecast
    }
    context = GateContext(
        confidence=manifest.confidence,
        max_missing=manifest.limits.max_missing,
        required=frozenset(manifest.required_eval_subsets),
        columns={
            (subset, metric): columns_of(scored.suite, arms, metric, subset)
            for subset, metric in named
        },
        chance=chance,
        corrected={found.subset: found for found in scored.corrected},
        forecast=forecast,
    )
    gates = judge(manifest.gate_classes, scored.subsets, context)
    identities = {
        "previous": _identity(manifest, scored.previous, facts, is_candidate=False),
        "candidate": _identity(manifest, scored.candidate, facts, is_candidate=True),
    }
    authorities = {
        subset: frozenset(gate.authority for gate in gates if gate.subset == subset)
        for subset in (*scored.subsets, FORECAST)
    }
    return Judgement(
        decision=decide(
            gates,
            (*problems(scored, identities), *conduct_problems(manifest, facts)),
            manifest.stage,
        ),
        gates=gates,
        identities=identities,
        deltas=tuple(
            check_delta(delta, scored.subsets, scored.comparisons)
            for delta in manifest.expected_deltas
        ),
        shifts=undeclared_shifts(
            manifest.expected_deltas, scored.subsets, scored.comparisons, manifest.confidence
        ),
        waivers=tuple(
            judge_waiver(waiver, authorities[waiver.subset], at) for waiver in manifest.waivers
        ),
        notes=(
            *notes(manifest, scored, gates, identities),
            *conduct_notes(manifest, facts),
            *forecast_notes(manifest, forecast),
        ),
    )


def problems(scored: ScoredRelease, identities: Mapping[str, Identity]) -> Iterator[ReasonResult]:
    """Yield what no rule of a subset can outweigh: who answered is not certain, or the replies contradict themselves."""
    for arm, identity in identities.items():
        if identity.problem:
            yield ReasonResult(
                f"identity_{identity.grade}", None, None, f"{arm} arm: {identity.problem}"
            )
    for arm, replies in (("previous", scored.previous), ("candidate", scored.candidate)):
        if replies.repeated:
            shown = ", ".join(f"{case} repeat {repeat}" for case, repeat in replies.repeated[:5])
            message = f"{arm} arm: {len(replies.repeated)} replies stand more than once ({shown}); which one counts is not known"
            yield ReasonResult("repeated_replies", None, None, message)
        if replies.unknown:
            shown = ", ".join(replies.unknown[:5])
            message = f"{arm} arm: {len(replies.unknown)} replies answer cases that the golden set does not have ({shown})"
            yield ReasonResult("unknown_cases", None, None, message)


def _identity(
    manifest: ReleaseManifest, arm: ArmScores, facts: RunFacts, *, is_candidate: bool
) -> Identity:
    model = manifest.candidate_model if is_candidate else manifest.previous_model
    identity = identify(
        model.id,
        arm.declared,
        arm.resolved,
        manifest.alias_resolution,
        is_candidate=is_candidate,
        n_silent=max(0, arm.n_replies - arm.n_errors - sum(arm.resolved.values())),
    )
    metadata = facts.arm("candidate" if is_candidate else "previous").metadata_identities
    return probed(identity, metadata, manifest.alias_resolution, is_candidate=is_candidate)
