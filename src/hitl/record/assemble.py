"""One release record from everything that was loaded, scored and judged."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from hitl.decisions.redaction.redact import Redactor
from hitl.digest import digest_file
from hitl.document.schema import Json
from hitl.gate.identity import Identity
from hitl.gate.release import NO_FACTS, Judgement
from hitl.gate.verdict_words import Verdict
from hitl.manifest.release import ModelSpec
from hitl.policy.load import calibrator_file
from hitl.record.cases import failure_part, measure_part
from hitl.record.forecast import Foresight, forecast_gates, recalibration_part
from hitl.record.judges import cascade_parts, correction_part, judge_part
from hitl.record.parts import (
    AliasPart,
    ArmIdentity,
    Condition,
    DeltaPart,
    EvidencePart,
    Note,
    Reason,
    ShiftPart,
    WaiverPart,
)
from hitl.record.ratings import ratings_part
from hitl.record.release import ReleaseRecord
from hitl.record.shown import Shown
from hitl.record.style import style_parts
from hitl.record.subsets import subset_part
from hitl.run.arm import source_file
from hitl.run.conduct import JUDGE, ArmConduct, RunFacts
from hitl.run.inputs import ReleaseInputs
from hitl.run.request import prompt_identity
from hitl.score.arm import ArmScores
from hitl.score.failures import FailureModeResult, failed_cases
from hitl.score.release import ScoredRelease


@dataclass(frozen=True, slots=True)
class Circumstances:
    """When and where a verdict was reached: the part of a record that may differ between two runs."""

    at: datetime
    environment: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known beside the replies and what was judged."""

    facts: RunFacts = NO_FACTS
    """How the run was conducted."""
    foresight: Foresight | None = None
    """What reviewers would face, where the release names a baseline."""
    review: tuple[EvidencePart, ...] = ()
    """Files of the review, where the release names one."""


NOTHING_BESIDE = Beside()


def assemble(
    inputs: ReleaseInputs,
    scored: ScoredRelease,
    judgement: Judgement,
    modes: Sequence[FailureModeResult],
    circumstances: Circumstances,
    beside: Beside = NOTHING_BESIDE,
) -> ReleaseRecord:
    """Return the sealed record of a release."""
    manifest, decision = inputs.manifest, judgement.decision
    facts, foresight = beside.facts, beside.foresight
    foreseen = foresight.evidence if foresight else ()
    files = (*evidence(inputs, facts), *beside.review, *foreseen)
    named = foresight.recalibration if foresight else None
    shown = Shown(Redactor(inputs.policy.redact if inputs.policy else None))
    record = ReleaseRecord(
        release_id=manifest.release_id,
        workflow_id=manifest.workflow_id,
        route_id=manifest.route_id,
        change_surface=manifest.change_surface.value,
        stage=manifest.stage,
        verdict=decision.verdict,
        headline=headline(judgement),
        exit_code=int(decision.exit_code),
        reasons=tuple(Reason.of(reason) for reason in decision.reasons),
        conditions=tuple(Condition.of(condition) for condition in decision.conditions),
        waivers=waivers(judgement),
        previous_model=arm_identity(
            manifest.previous_model,
            judgement.identities["previous"],
            scored.previous,
            facts.arm("previous"),
        ),
        candidate_model=arm_identity(
            manifest.candidate_model,
            judgement.identities["candidate"],
            scored.candidate,
            facts.arm("candidate"),
        ),
        alias_resolution=alias_part(inputs, judgement.identities["candidate"]),
        subsets=tuple(
            subset_part(
                score,
                [gate for gate in judgement.gates if gate.subset == name],
                manifest.confidence,
            )
            for name, score in scored.subsets.items()
        ),
        forecast=foresight.forecast if foresight else None,
        forecast_gates=forecast_gates(judgement.gates),
        recalibration=recalibration_part(named) if named else None,
        measures={
            name: measure_part(columns, scored.comparisons[None, name])
            for name, columns in scored.measures.items()
        },
        style=style_parts(scored.style),
        expected_deltas=deltas(judgement),
        undeclared_shifts=tuple(ShiftPart.of(shift) for shift in judgement.shifts),
        judges=tuple(judge_part(judge, judgement.identities) for judge in scored.judges),
        corrected_differences=tuple(correction_part(found) for found in scored.corrected),
        cascade=cascade_parts(scored, manifest.review_cost_usd),
        ratings=ratings_part(scored, shown) if scored.people else None,
        failures=tuple(
            failure_part(row, shown)
            for part in scored.suite.subsets
            for row in failed_cases(
                scored.suite, part, scored.subsets[part.id], scored.previous, scored.candidate
            )
        ),
        failure_modes=tuple(map(shown.mode, modes)),
        redactions=shown.counts,  # after every text that was shown
        findings=(*(Note.of(note) for note in judgement.notes), *same_replies(files)),
        golden_set={
            "id": inputs.golden.spec.id,
            "version": inputs.golden.spec.version,
            "digest": inputs.golden.digest,
            "n_cases": inputs.golden.n_cases,
            "prompts": [asdict(prompt) for prompt in prompt_identity(inputs.golden)],
        },
        evidence=files,
        manifest=manifest.model_dump(mode="json", exclude_unset=True),
        owner={"name": manifest.release_owner.name, "contact": manifest.release_owner.contact},
        confidence=manifest.confidence,
        seed=manifest.seed,
        created_at=circumstances.at,
        environment=circumstances.environment,
    )
    return record.sealed()


def headline(judgement: Judgement) -> str:
    """Return one line of why."""
    decision = judgement.decision
    if decision.verdict is not Verdict.SHIP:
        leading = decision.reasons[0] if decision.reasons else None
        first = (leading.summary or leading.message) if leading else "nothing was measured"
        more = len(decision.reasons) - 1
        return first + (f" (and {more} more)" if more > 0 else "")
    n = len(judgement.gates)
    terms = f", under {len(decision.conditions)} conditions" if decision.conditions else ""
    return f"nothing that can stop this release failed or went unmeasured ({n} gate results){terms}"


def waivers(judgement: Judgement) -> tuple[WaiverPart, ...]:
    """Return every waiver of the manifest with what it may do."""
    return tuple(
        WaiverPart(
            subset=result.waiver.subset,
            owner=result.waiver.owner,
            reason=result.waiver.reason,
            expires_at=result.waiver.expires_at.isoformat(),
            status=result.status.value,
            message=result.message,
        )
        for result in judgement.waivers
    )


def arm_identity(
    model: ModelSpec, identity: Identity, replies: ArmScores, conduct: ArmConduct
) -> ArmIdentity:
    """Return who answered in one arm."""
    return ArmIdentity(
        declared=model.id,
        resolved=identity.resolved,
        grade=identity.grade.value,
        provider=model.provider.value,
        params=model.params,
        n_replies=replies.n_replies,
        n_errors=replies.n_errors,
        n_unresolved=replies.n_replies - sum(replies.resolved.values()),
        is_live=conduct.is_live,
        endings=dict(sorted(conduct.tally.endings.items())),
        faults=dict(sorted(conduct.tally.faults.items())),
        n_retried=conduct.tally.n_retried,
        n_redacted=conduct.tally.n_redacted,
        dropped_params=conduct.dropped,
        metadata_identities=conduct.metadata_identities,
        cost_usd=conduct.tally.total_cost_usd,
        price=dict(conduct.price) if conduct.price else None,
        n_old=conduct.n_old,
        oldest_reply=conduct.tally.oldest,
        newest_reply=conduct.tally.newest,
    )


def alias_part(inputs: ReleaseInputs, candidate: Identity) -> AliasPart | None:
    """Return the alias rule of the release, checked."""
    rule = inputs.manifest.alias_resolution
    if rule is None:
        return None
    return AliasPart(
        alias=rule.alias,
        expected=rule.expected,
        resolved=candidate.resolved,
        holds=not candidate.problem,
    )


def deltas(judgement: Judgement) -> tuple[DeltaPart, ...]:
    """Return every declared shift, checked."""
    return tuple(
        DeltaPart(
            declared=result.declared.model_dump(mode="json", exclude_unset=True),
            measured=result.measured,
            low=result.low,
            high=result.high,
            met=result.met,
            message=result.message,
        )
        for result in judgement.deltas
    )


def evidence(inputs: ReleaseInputs, facts: RunFacts = NO_FACTS) -> tuple[EvidencePart, ...]:
    """Return path, digest and size of every file that the verdict stands on."""
    manifest = inputs.manifest
    files = [("manifest", inputs.path), *(("golden_set", path) for path in inputs.golden.files)]
    if inputs.policy_path is not None:
        files.append(("policy", inputs.policy_path))
        if (calibrator := calibrator_file(inputs.policy_path)) is not None:
            files.append(("calibrator", calibrator))
    for role, model in (
        ("previous", manifest.previous_model),
        ("candidate", manifest.candidate_model),
    ):
        if (path := source_file(model, inputs.folder)) is not None:
            files.append((role, path))
    files += _judge_sources(inputs, facts)
    sources = tuple(
        evidence_part(role, path, relative(path, inputs.folder)) for role, path in files
    )
    written = tuple(
        evidence_part(role, path, f"evidence/{path.name}") for role, path in facts.files.items()
    )
    return sources + written


def _judge_sources(inputs: ReleaseInputs, facts: RunFacts) -> list[tuple[str, Path]]:
    """Return the files that decided what a judge may do, where one was asked."""
    judge = inputs.manifest.judge
    if judge is None or JUDGE not in facts.files:
        return []
    files = [("judge_certificate", inputs.folder / name) for name in judge.certificates]
    return files + ([("judge_labels", inputs.folder / judge.labels)] if judge.labels else [])


def evidence_part(role: str, path: Path, shown: str) -> EvidencePart:
    """Return a file of the evidence with its digest; `shown` is the path that the record gives it."""
    size = path.stat().st_size
    return EvidencePart(role=role, path=shown, sha256=digest_file(path), bytes=size)


def same_replies(files: Sequence[EvidencePart]) -> tuple[Note, ...]:
    """Say so when both arms stand on the same bytes: then the candidate was never asked."""
    sources = {file.role: file.sha256 for file in files if file.role in ("previous", "candidate")}
    if len(sources) < len(("previous", "candidate")) or len(set(sources.values())) > 1:
        return ()
    message = "both arms stand on the same file, byte for byte: this compares a model with itself"
    return (Note(code="same_replies", subset=None, message=message),)


def relative(path: Path, folder: Path) -> str:
    """Return a path relative to a folder, written with forward slashes."""
    return Path(os.path.relpath(path, folder)).as_posix()
