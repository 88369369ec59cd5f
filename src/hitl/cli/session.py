"""From a release manifest on disk to a sealed record on disk."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.clock import circumstances, seeded
from hitl.cli.output import counted

if TYPE_CHECKING:
    from hitl.record.release import ReleaseRecord
    from hitl.run.arm import Arm
    from hitl.run.evidence import EvidenceFile
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
    inputs: "ReleaseInputs", suite: "Suite", copies: "Mapping[Arm, EvidenceFile]"
) -> "tuple[ArmScores, ArmScores]":
    """Read and grade the replies of both arms, keeping a copy of each.

    Raises:
        DocumentError: every line of either arm that is not a reply.
    """
    from hitl.errors import DocumentError
    from hitl.run.arm import Arm, arm_mistakes, arm_replies
    from hitl.score.release import grade_both

    manifest = inputs.manifest

    def replies(arm: Arm) -> "Iterator[Reply]":
        model = manifest.previous_model if arm is Arm.PREVIOUS else manifest.candidate_model
        found = arm_replies(model, inputs.folder, suite.cases, manifest.repeats, manifest.seed)
        return counted(copies[arm].passing(found), f"{arm} replies")

    try:
        return grade_both(suite, replies(Arm.PREVIOUS), replies(Arm.CANDIDATE))
    except DocumentError as error:
        arms = (manifest.previous_model, manifest.candidate_model)
        others = [found for model in arms for found in arm_mistakes(model, inputs.folder)]
        raise DocumentError([*error.mistakes, *others]) from error


def gate_release(path: Path, out: Path) -> "tuple[ReleaseRecord, Path]":
    """Run, score, decide, record and render one release; return the record and its folder.

    Where anything goes wrong on the way, nothing is left behind. The record is written last:
    where it stands, everything that it stands on does too.
    """
    from hitl.document.write import write_all
    from hitl.gate.release import judge_release, named_measures
    from hitl.record.assemble import assemble
    from hitl.run.arm import Arm
    from hitl.run.evidence import EvidenceFile
    from hitl.run.inputs import load_release
    from hitl.score.release import score_release

    inputs = load_release(path)
    manifest, chance = inputs.manifest, seeded(inputs.manifest.seed)
    folder = out / manifest.release_id
    suite = suite_of(inputs)
    with ExitStack() as files:
        copies = {
            arm: files.enter_context(EvidenceFile(folder / "evidence" / f"{arm}.jsonl.gz"))
            for arm in Arm
        }
        arms = grade_arms(inputs, suite, copies)
        scored = score_release(suite, arms, manifest.confidence, chance, named_measures(manifest))
        setting = circumstances(inputs.folder)
        judgement = judge_release(manifest, scored, chance, setting.at)
        record = assemble(inputs, scored, judgement, modes_of(scored), setting)
        views = views_of(record)
    write_all(folder, views)
    return record, folder


def modes_of(scored: "ScoredRelease") -> "tuple[FailureModeResult, ...]":
    """Group the candidate's failures; scikit-learn is loaded only where there is something to group."""
    if not scored.candidate.kept:
        return ()
    from hitl.score.modes import failure_modes

    return failure_modes(scored.suite, scored.previous, scored.candidate)


def views_of(record: "ReleaseRecord") -> dict[str, bytes]:
    """Return the files of a record's folder, the record itself last."""
    from hitl.record.store import record_bytes
    from hitl.render.view import View, render

    names = {"index.html": View.HTML, "record.md": View.MD, "junit.xml": View.JUNIT}
    views = {name: render(record, view).encode() for name, view in names.items()}
    return views | {"record.json": record_bytes(record)}
