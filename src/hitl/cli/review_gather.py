"""What of a release people could look at: replies that are there, graded as the gate grades them. Nobody is asked."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hitl.review.candidate import Candidate, ReleaseNames
    from hitl.run.arm import Arm
    from hitl.run.inputs import ReleaseInputs
    from hitl.run.reply import Reply
    from hitl.score.arm import ArmScores
    from hitl.score.suite import Suite


@dataclass(frozen=True)
class Offered:
    """What could be reviewed of a release, not yet masked."""

    inputs: "ReleaseInputs"
    candidates: "tuple[Candidate, ...]"
    names: "ReleaseNames"


def offered(path: Path, reports: Path, at: datetime) -> Offered:
    """Read a release and its replies, and say what people could look at.

    Rules in Python are not run here, and no judge is asked: replies that only they can settle count as uncertain.

    Args:
        path: the release manifest.
        reports: folder of records, where `hitl run` leaves the replies of live arms.
        at: time at which the policy is asked.

    Raises:
        DocumentError: every mistake in what the release names.
        EvidenceError: an arm has no replies yet.
    """
    from hitl.cli.session import suite_of
    from hitl.run.arm import Arm
    from hitl.run.inputs import load_release
    from hitl.score.release import grade_both

    inputs = load_release(path)
    suite = suite_of(inputs)
    replies = _replies(inputs, suite, reports)
    before, after = grade_both(suite, replies[Arm.PREVIOUS], replies[Arm.CANDIDATE])
    scores = {Arm.PREVIOUS: before, Arm.CANDIDATE: after}
    candidates = _candidates(inputs, suite, replies, scores, at)
    return Offered(inputs, candidates, _names(inputs, scores))


def _candidates(
    inputs: "ReleaseInputs",
    suite: "Suite",
    replies: "dict[Arm, tuple[Reply, ...]]",
    scores: "dict[Arm, ArmScores]",
    at: datetime,
) -> "tuple[Candidate, ...]":
    from hitl.errors import DocumentError
    from hitl.recalibrate.decision_reader import DecisionReader, path_mistakes
    from hitl.recalibrate.reviewed import sent_to_people, with_decision
    from hitl.run.arm import Arm
    from hitl.score.reviewable import GradedReplies, reviewable

    fields = inputs.manifest.decision_fields
    if mistakes := list(path_mistakes(fields, str(inputs.path))):
        raise DocumentError(mistakes)
    reader = DecisionReader(fields)
    sent = sent_to_people(inputs.policy, reader, suite, replies, scores, at)
    previous, candidate = (
        GradedReplies.of(arm, suite, [with_decision(reader, one) for one in replies[arm]], scores[arm])
        for arm in Arm
    )  # fmt: skip
    return reviewable(suite, (previous, candidate), sent)


def _replies(
    inputs: "ReleaseInputs", suite: "Suite", reports: Path
) -> "dict[Arm, tuple[Reply, ...]]":
    """Return the replies of both arms: recorded, scripted, or as a finished run left them.

    Raises:
        DocumentError: every line of either arm that is no reply.
        EvidenceError: an arm has none.
    """
    from hitl.errors import DocumentError, Mistake
    from hitl.run.arm import Arm

    found, mistakes = {}, list[Mistake]()
    for arm in Arm:
        try:
            found[arm] = tuple(_arm_replies(inputs, suite, arm, reports))
        except DocumentError as error:
            mistakes.extend(error.mistakes)
    if mistakes:
        raise DocumentError(mistakes)
    return found


def _arm_replies(
    inputs: "ReleaseInputs", suite: "Suite", arm: "Arm", reports: Path
) -> "Iterator[Reply]":
    from hitl.errors import EvidenceError
    from hitl.run.arm import arm_replies, finished_replies, spec_of
    from hitl.run.live import live_arms

    manifest = inputs.manifest
    if arm not in live_arms(manifest, with_scripted=False):
        spec = spec_of(manifest, arm)
        return arm_replies(spec, inputs.folder, suite.cases, manifest.repeats, manifest.seed)
    folder = reports / manifest.release_id
    try:
        return finished_replies(folder, arm)
    except EvidenceError as error:
        raise EvidenceError(
            f"the {arm} arm is asked live, and {folder} holds no finished run of it; run `hitl run {inputs.path}` first, or name its folder with --reports"
        ) from error


def _names(inputs: "ReleaseInputs", scores: "dict[Arm, ArmScores]") -> "ReleaseNames":
    """Return every name by which either model is known; those that replies state too."""
    from hitl.review.candidate import ReleaseNames

    manifest = inputs.manifest
    models = (manifest.previous_model.id, manifest.candidate_model.id, manifest.rollback_rule.to)
    alias = manifest.alias_resolution
    aliases = (alias.alias, alias.expected) if alias else ()
    said = [name for one in scores.values() for name in (*one.declared, *one.resolved)]
    return ReleaseNames(
        release_id=manifest.release_id,
        workflow_id=manifest.workflow_id,
        previous_model=manifest.previous_model.id,
        candidate_model=manifest.candidate_model.id,
        names=frozenset(name for name in (*models, *aliases, *said) if name),
    )
