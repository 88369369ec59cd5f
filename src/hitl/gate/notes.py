"""Standing rules against self-deception: what a reader must know beside the verdict."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hitl.gate.authority import GateResult, reads_rate
from hitl.gate.identity import Grade, Identity
from hitl.gate.judge_notes import judge_findings
from hitl.gate.rating_notes import rating_findings
from hitl.gate.verdict_words import State
from hitl.manifest.gate_class import Authority, GateClass
from hitl.manifest.release import ReleaseManifest
from hitl.manifest.surface import ChangeSurface
from hitl.score.arm import ArmScores
from hitl.score.pairs import FEWEST_CLUSTERS
from hitl.score.release import ScoredRelease
from hitl.score.subset import SubsetScore
from hitl.stats.power import cases_to_prove

WIDE_MARGIN = 0.2
"""A margin above this is called out: it lets one case in five be lost."""


@dataclass(frozen=True, slots=True)
class NoteResult:
    """One thing that people should read."""

    code: str
    subset: str | None
    message: str


def notes(
    manifest: ReleaseManifest,
    scored: ScoredRelease,
    gates: Sequence[GateResult],
    identities: Mapping[str, Identity],
) -> tuple[NoteResult, ...]:
    """Return every standing finding about a release, in a fixed order."""
    return (
        *_authority(gates, scored, manifest),
        *_unread(manifest, scored),
        *_leakage(scored),
        *_slices(scored),
        *_repairs(scored),
        *_unprovable(gates, scored, manifest),
        *_evidence(manifest, scored, identities),
        *_surface(manifest.change_surface, scored, manifest),
        *(NoteResult(*found) for found in judge_findings(manifest, scored, identities)),
        *(NoteResult(*found) for found in rating_findings(manifest, scored)),
    )


def _authority(
    gates: Sequence[GateResult], scored: ScoredRelease, manifest: ReleaseManifest
) -> Iterator[NoteResult]:
    if all(gate.authority is Authority.SIGNAL for gate in gates):
        yield NoteResult(
            "nothing_can_block",
            None,
            "no gate class of this release can stop it: a gate that cannot block is a scoreboard",
        )
    for gate in manifest.gate_classes:
        if gate.margin is not None and gate.margin > WIDE_MARGIN:
            message = (
                f"{gate.subset} may get worse by up to {gate.margin:.0%} and still pass its margin"
            )
            yield NoteResult("wide_margin", gate.subset, message)
        if not gate.is_about_traffic:
            yield from _toothless(gate, scored.subsets[gate.subset])
    named = {gate.subset for gate in manifest.gate_classes}
    for subset in manifest.required_eval_subsets:
        if subset not in named:
            yield NoteResult(
                "implied_block",
                subset,
                f"{subset} is required and has no gate class; it blocks by the default margin",
            )


def _toothless(gate: GateClass, score: SubsetScore) -> Iterator[NoteResult]:
    """Yield what a gate class leaves unsaid about the pass rate of its subset."""
    if gate.max_failures is not None and gate.max_failures >= score.n_cases:
        message = f"{gate.subset} allows {gate.max_failures} failures in {score.n_cases} cases: it cannot fail"
        yield NoteResult("toothless_rule", gate.subset, message)
    if gate.max_regressions is not None and gate.max_regressions >= score.n_cases > 0:
        message = f"{gate.subset} allows {gate.max_regressions} regressions in {score.n_cases} cases: it cannot fail"
        yield NoteResult("toothless_rule", gate.subset, message)
    margin, before = gate.effective().margin, score.previous.interval
    if margin is not None and before is not None and before.estimate <= margin:
        message = f"{gate.subset}: the previous arm passes {before.estimate:.1%}, so it has no more to lose than the margin of {margin:.1%}; state a floor"
        yield NoteResult("margin_exceeds_rate", gate.subset, message)
    n_clusters = score.comparison.n_clusters
    if gate.max_regressions is not None and n_clusters < FEWEST_CLUSTERS <= score.n_cases:
        message = f"{gate.subset} counts regressions in {n_clusters} independent clusters, which proves next to nothing"
        yield NoteResult("few_clusters", gate.subset, message)


def _unread(manifest: ReleaseManifest, scored: ScoredRelease) -> Iterator[NoteResult]:
    """Yield the subsets whose replies are graded while no rule reads the grades."""
    for name, score in scored.subsets.items():
        classes = [gate for gate in manifest.gate_classes if gate.subset == name]
        if classes and score.candidate.n_replies and not any(reads_rate(gate) for gate in classes):
            message = f"the replies of {name} are graded and no rule of the release reads the grades, only its metric"
            yield NoteResult("pass_rate_unread", name, message)
        if broken := score.zero_tolerance_broken:
            message = f"{name}: the candidate failed {len(broken)} of {score.n_zero_tolerance} zero-tolerance cases: {', '.join(broken[:5])}"
            yield NoteResult("zero_tolerance_broken", name, message)


def _leakage(scored: ScoredRelease) -> Iterator[NoteResult]:
    for name, values in scored.candidate.control.items():
        before = scored.previous.control.get(name, {})
        both = [position for position in values if position in before]
        moved = sum(values[position] != before[position] for position in both)
        message = (
            f"authority-field leakage: the model owns `{name}`, which drives routing or escalation, in {len(values)} replies; "
            f"its value differs between the arms in {moved} of {len(both)} cases; let deterministic policy own it"
        )
        yield NoteResult("authority_field_leakage", None, message)


def _slices(scored: ScoredRelease) -> Iterator[NoteResult]:
    for score in scored.subsets.values():
        for part in score.slices:
            difference = part.comparison.difference
            if part.regressed and difference is not None:
                message = (
                    f"slice {part.name}={part.value} of {score.id} regressed by {-difference.estimate * 100:.1f} points "
                    f"[{difference.low * 100:+.1f}, {difference.high * 100:+.1f}] (n = {part.comparison.n_cases}, p = {part.p_worse:.2g})"
                )
                yield NoteResult("slice_regressed", score.id, message)


def _repairs(scored: ScoredRelease) -> Iterator[NoteResult]:
    for score in scored.subsets.values():
        for arm, events in score.repair_events.items():
            if events:
                detail = ", ".join(f"{count} {tier}" for tier, count in events.items())
                yield NoteResult(
                    "repair_events",
                    score.id,
                    f"{score.id}: {arm} replies that were not strict JSON: {detail}",
                )


def _unprovable(
    gates: Sequence[GateResult], scored: ScoredRelease, manifest: ReleaseManifest
) -> Iterator[NoteResult]:
    margins = {
        (rule.subset, limit)
        for gate in gates
        for rule in gate.classes
        for limit in (rule.margin, rule.max_shift)
        if limit is not None
    }
    for subset, margin in sorted(margins):
        needed, n = (
            cases_to_prove(margin, manifest.confidence).exact,
            scored.subsets[subset].comparison.n_clusters,
        )
        if n < needed:
            message = f"{subset} has {n} independent cases and can never prove a margin of {margin:.1%} by agreement; {needed} are needed"
            yield NoteResult("unprovable_margin", subset, message)
    for gate in gates:
        if gate.state is State.UNMEASURED:
            yield NoteResult(
                "not_measured", gate.subset, f"{gate.subset} ({gate.authority}): {gate.reason}"
            )


def _evidence(
    manifest: ReleaseManifest, scored: ScoredRelease, identities: Mapping[str, Identity]
) -> Iterator[NoteResult]:
    for arm, replies in (("previous", scored.previous), ("candidate", scored.candidate)):
        yield from _who_answered(arm, replies, identities[arm])
        if replies.n_errors:
            message = f"{replies.n_errors} of {replies.n_replies} {arm} replies are errors; each counts against the candidate"
            yield NoteResult("failed_calls", None, message)
        if replies.n_replies and (most := replies.most_repeats) < manifest.repeats:
            message = (
                f"the manifest asks for {manifest.repeats} repeats; the {arm} arm holds {most}"
            )
            yield NoteResult("fewer_repeats", None, message)
    if identities["previous"].declared == identities["candidate"].declared:
        message = "both arms declare the same model; only what else changed is compared"
        yield NoteResult("same_model", None, message)
    for score in scored.subsets.values():
        twins = score.n_cases - score.comparison.n_clusters
        if twins > 0 and score.pairs.is_plain:
            message = f"{score.id}: {twins} cases repeat the input of another and are not counted as further evidence"
            yield NoteResult("repeated_inputs", score.id, message)


def _who_answered(arm: str, replies: ArmScores, identity: Identity) -> Iterator[NoteResult]:
    silent = replies.n_replies - sum(replies.resolved.values())
    if identity.grade is Grade.DECLARED and not identity.resolved:
        message = (
            f"the {arm} replies do not say who answered; they count as declared by the manifest"
        )
        yield NoteResult("identity_declared", None, message)
    elif silent > 0:
        message = f"{silent} of {replies.n_replies} {arm} replies do not say who answered"
        yield NoteResult("identity_partly_declared", None, message)


def _surface(
    surface: ChangeSurface, scored: ScoredRelease, manifest: ReleaseManifest
) -> Iterator[NoteResult]:
    required = [
        part.source.spec
        for part in scored.suite.subsets
        if part.id in manifest.required_eval_subsets
    ]
    if required and not any(not spec.surfaces or surface in spec.surfaces for spec in required):
        yield NoteResult(
            "surface_unguarded", None, f"no required subset guards the change surface `{surface}`"
        )
