"""Where the replies of both arms come from, read as often as it takes, graded and counted once."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hitl.cli.output import counted
from hitl.run.arm import Arm, arm_mistakes, arm_replies, spec_of
from hitl.run.conduct import JUDGE, ArmConduct, ArmTally, RunFacts
from hitl.run.recorded import recorded_replies

if TYPE_CHECKING:
    from datetime import datetime

    from hitl.run.inputs import ReleaseInputs
    from hitl.run.live import LiveRun
    from hitl.run.reply import Reply
    from hitl.score.arm import ArmScores
    from hitl.score.judged import Judgements
    from hitl.score.rated import PeopleRatings
    from hitl.score.suite import Suite


@dataclass(frozen=True)
class Sources:
    """The replies of a release: what a run has just written, what was recorded, what a script says."""

    inputs: "ReleaseInputs"
    suite: "Suite"
    asked: Mapping[Arm, Path]
    """Replies files of the arms that were asked."""
    folder: Path
    """Folder of the record."""
    tallies: dict[Arm, ArmTally] = field(default_factory=lambda: {arm: ArmTally() for arm in Arm})

    def replies(self, arm: Arm) -> "Iterator[Reply]":
        """Yield the replies of one arm from the start."""
        if arm in self.asked:
            return recorded_replies(self.asked[arm])
        manifest = self.inputs.manifest
        return arm_replies(
            spec_of(manifest, arm),
            self.inputs.folder,
            self.suite.cases,
            manifest.repeats,
            manifest.seed,
        )

    def graded(
        self,
        stack: ExitStack,
        judgements: "Judgements | None",
        people: "PeopleRatings | None" = None,
    ) -> "tuple[ArmScores, ArmScores]":
        """Grade both arms, keeping a copy of the replies of those that were not asked now.

        Raises:
            DocumentError: every line of either arm that is not a reply.
        """
        from hitl.decisions.redaction.redact import Redactor
        from hitl.errors import DocumentError
        from hitl.score.release import grade_both

        policy, manifest = self.inputs.policy, self.inputs.manifest
        redactor = Redactor(policy.redact if policy else None)
        passing = {arm: self._passing(arm, stack) for arm in Arm}
        try:
            return grade_both(
                self.suite,
                passing[Arm.PREVIOUS],
                passing[Arm.CANDIDATE],
                judgements=judgements,
                redactor=redactor,
                people=people,
            )
        except DocumentError as error:
            others = [
                found
                for arm in Arm
                for found in arm_mistakes(spec_of(manifest, arm), self.inputs.folder)
            ]
            raise DocumentError([*error.mistakes, *others]) from error

    def facts(self, run: "LiveRun | None", at: "datetime") -> RunFacts:
        """Return what is known of the arms beside what their replies say; `at` is now."""
        conduct = run.conduct(at) if run else {}
        arms = {
            arm.value: replace(conduct.get(arm, ArmConduct()), tally=self.tallies[arm])
            for arm in Arm
        }
        files = {arm.value: path for arm, path in self.asked.items()}
        if run is None:
            return RunFacts(arms, files)
        if run.judge_file is not None:
            files[JUDGE] = run.judge_file
        return RunFacts(
            arms,
            files,
            golden_set_changed=run.journal.header.golden_set != self.inputs.golden.digest,
            n_set_aside=run.n_set_aside,
            replaced=run.journal.replaced,
        )

    def _passing(self, arm: Arm, stack: ExitStack) -> "Iterator[Reply]":
        from hitl.run.evidence import EvidenceFile

        found = self.replies(arm)
        if arm not in self.asked:
            copy = EvidenceFile(self.folder / "evidence" / f"{arm}.jsonl.gz")
            found = stack.enter_context(copy).passing(found)
        return counted(self.tallies[arm].passing(found), f"{arm} replies")
