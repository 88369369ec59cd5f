"""From a release manifest on disk to a sealed record on disk."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.clock import circumstances, seeded
from hitl.cli.output import counted

if TYPE_CHECKING:
    from hitl.record.release import ReleaseRecord
    from hitl.run.inputs import ReleaseInputs
    from hitl.run.reply import Reply
    from hitl.score.arm import ArmScores
    from hitl.score.failures import FailureModeResult
    from hitl.score.release import ScoredRelease
    from hitl.score.suite import Suite


def suite_of(inputs: "ReleaseInputs") -> "Suite":
    """Compile every check of a release."""
    from hitl.policy.posture import PosturePolicy
    from hitl.score.suite import build_suite

    posture = inputs.policy.posture if inputs.policy else PosturePolicy()
    return build_suite(inputs.golden, posture, inputs.folder / inputs.manifest.golden_set)


def grade_arms(
    inputs: "ReleaseInputs", suite: "Suite", keep_in: Path | None
) -> "tuple[ArmScores, ArmScores]":
    """Read and grade the replies of both arms, keeping copies of them in a folder if one is given."""
    from hitl.run.arm import Arm, arm_replies
    from hitl.run.evidence import EvidenceFile
    from hitl.score.release import grade_both

    manifest = inputs.manifest
    with ExitStack() as files:

        def replies(arm: Arm) -> "Iterator[Reply]":
            model = manifest.previous_model if arm is Arm.PREVIOUS else manifest.candidate_model
            found = arm_replies(model, inputs.folder, suite.cases, manifest.repeats, manifest.seed)
            if keep_in is not None:
                found = files.enter_context(EvidenceFile(keep_in / f"{arm}.jsonl.gz")).passing(
                    found
                )
            return counted(found, f"{arm} replies")

        return grade_both(suite, replies(Arm.PREVIOUS), replies(Arm.CANDIDATE))


def gate_release(path: Path, out: Path) -> "tuple[ReleaseRecord, Path]":
    """Run, score, decide, record and render one release; return the record and its folder."""
    from hitl.gate.release import check_evidence, judge_release, named_measures
    from hitl.record.assemble import assemble
    from hitl.run.inputs import load_release
    from hitl.score.release import score_release

    inputs = load_release(path)
    manifest, chance = inputs.manifest, seeded(inputs.manifest.seed)
    folder = out / manifest.release_id
    suite = suite_of(inputs)
    arms = grade_arms(inputs, suite, folder / "evidence")
    scored = score_release(suite, arms, manifest.confidence, chance, named_measures(manifest))
    check_evidence(scored, manifest)
    setting = circumstances(inputs.folder)
    judgement = judge_release(manifest, scored, chance, setting.at)
    record = assemble(inputs, scored, judgement, modes_of(scored), setting)
    write_views(record, folder)
    return record, folder


def modes_of(scored: "ScoredRelease") -> "tuple[FailureModeResult, ...]":
    """Group the candidate's failures; scikit-learn is loaded only where there is something to group."""
    if not scored.candidate.kept:
        return ()
    from hitl.score.modes import failure_modes

    return failure_modes(scored.suite, scored.previous, scored.candidate)


def write_views(record: "ReleaseRecord", folder: Path) -> None:
    """Write every view of a record, and the record itself last: where it stands, all of it stands."""
    from hitl.document.write import write_all
    from hitl.record.store import record_bytes
    from hitl.render.view import View, render

    files = {
        name: render(record, view).encode()
        for name, view in (
            ("index.html", View.HTML),
            ("record.md", View.MD),
            ("junit.xml", View.JUNIT),
        )
    }
    write_all(folder, files | {"record.json": record_bytes(record)})
