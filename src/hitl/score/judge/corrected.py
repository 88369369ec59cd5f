"""A judge's difference between the arms, corrected by what people said of a random part of the same replies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hitl.run.arm import Arm
from hitl.score.expect.judge import JudgeCheck
from hitl.score.judged import Judgements, PeopleGrades, ReplyKey
from hitl.score.suite import Suite, SuiteSubset
from hitl.stats.prediction import CorrectedMean, GuessedSample, LabelledSample, corrected_mean


@dataclass(frozen=True, slots=True)
class CorrectedDifference:
    """Candidate minus previous pass rate of one subset, over the cases that needed a judge.

    Cases of which rules failed every reply differ by nothing and are left out, so a loss is stated larger than
    it is in the whole subset, never smaller.
    """

    subset: str
    judged: float | None
    """The difference that the judge alone gives, over all these cases."""
    corrected: CorrectedMean
    decision_low: float | None
    """Lower limit that alone holds at the release's confidence: what a margin is held against."""
    decision_high: float | None
    """Upper limit that alone holds at the release's confidence."""
    n_cases: int
    """Cases that the difference is over."""
    n_left_out: int
    """Other cases with a judge rule: a reply is missing, or nobody settled it."""
    n_unused: int
    """Labels of replies that no judge graded, or of cases with a label in one arm only."""


def corrected_differences(
    suite: Suite, judgements: Judgements, confidence: float
) -> tuple[CorrectedDifference, ...]:
    """Correct every subset in which a judge grades replies; nothing where the release names no labels.

    Only cases with a judge rule are looked at, and comparisons are not corrected. The labelled
    replies must be a random part of the replies that the judge graded, the same cases in both
    arms; nothing is assumed of the judge.
    """
    if judgements.people is None:
        return ()
    settled = _Settled(judgements)
    return tuple(
        _correct(_Units.of(suite, part, settled), part.id, confidence)
        for part in suite.subsets
        if _is_graded(suite, part)
    )


def _is_graded(suite: Suite, part: SuiteSubset) -> bool:
    checks = [
        check
        for checks in suite.checks[part.start : part.stop]
        for check in checks
        if isinstance(check, JudgeCheck)
    ]
    return bool(checks) and not any(check.question.pairwise for check in checks)


class _Settled:
    """What rules, judge and people said of replies, as it is looked up."""

    def __init__(self, judgements: Judgements) -> None:
        self.failed = judgements.failed
        self.grades = judgements.grades
        self.people: PeopleGrades = judgements.people or {}
        self._replies: dict[tuple[Arm, str], list[ReplyKey]] = {}
        graded = {key for grades in judgements.grades.values() for key in grades}
        for key in sorted(graded | judgements.failed):
            self._replies.setdefault((key.arm, key.case_id), []).append(key)
        self._owed = {
            arm: max((len(keys) for (one, _), keys in self._replies.items() if one is arm), default=0)
            for arm in Arm
        }  # fmt: skip

    def replies(self, arm: Arm, case_id: str) -> list[ReplyKey]:
        """Return the replies that a judge or a rule settled; none where one is missing.

        An arm owes as many replies to each case as any of its cases has.
        """
        found = self._replies.get((arm, case_id), [])
        return found if len(found) == self._owed[arm] else []


@dataclass(slots=True)
class _Units:
    """Cases of one subset, each with the judge's difference and, where there is one, the people's."""

    guessed: list[float]
    true: list[float | None]
    clusters: list[int]
    n_left_out: int
    n_unused: int

    @classmethod
    def of(cls, suite: Suite, part: SuiteSubset, settled: _Settled) -> "_Units":
        units = cls([], [], [], 0, 0)
        for position in range(part.start, part.stop):
            checks = [check for check in suite.checks[position] if isinstance(check, JudgeCheck)]
            arms = [settled.replies(arm, suite.cases[position].id) for arm in Arm]
            is_failed = all(key in settled.failed for keys in arms for key in keys) and all(arms)
            if checks and not is_failed:
                cluster = int(part.lineage.joined[position - part.start])
                units.add(_Case(settled, checks, arms), cluster)
        return units

    def add(self, case: "_Case", cluster: int) -> None:
        guesses = [case.guess(keys) for keys in case.arms]
        truths = [case.truth(keys) for keys in case.arms]
        labelled = sum(key in case.settled.people for keys in case.arms for key in keys)
        if guesses[0] is None or guesses[1] is None:
            self.n_left_out += 1
            self.n_unused += labelled
            return
        self.guessed.append(guesses[1] - guesses[0])
        self.clusters.append(cluster)
        if truths[0] is None or truths[1] is None:
            self.true.append(None)
            self.n_unused += labelled
        else:
            self.true.append(truths[1] - truths[0])


@dataclass(frozen=True, slots=True)
class _Case:
    settled: _Settled
    checks: Sequence[JudgeCheck]
    arms: Sequence[Sequence[ReplyKey]]

    def guess(self, keys: Sequence[ReplyKey]) -> float | None:
        """Return the share of one arm's replies that pass by rules and judge; None if one is open."""
        marks = [self._judged(key) for key in keys]
        known = [mark for mark in marks if mark is not None]
        return sum(known) / len(known) if known and len(known) == len(marks) else None

    def truth(self, keys: Sequence[ReplyKey]) -> float | None:
        """Return the share that passes by rules and people; labels of some repeats stand for the others."""
        open_keys = [key for key in keys if key not in self.settled.failed]
        if not open_keys:
            return 0.0 if keys else None
        said = list(self._said(open_keys))
        return sum(said) / len(said) * len(open_keys) / len(keys) if said else None

    def _judged(self, key: ReplyKey) -> bool | None:
        if key in self.settled.failed:
            return False
        passed = True
        for check in self.checks:
            grade = self.settled.grades.get(check.question.rubric, {}).get(key)
            if grade is None or grade.mean is None:
                return None
            passed &= grade.mean >= (check.at_least or 0.0)
        return passed

    def _said(self, keys: Sequence[ReplyKey]) -> Iterator[bool]:
        for key in keys:
            said = self.settled.people.get(key)
            if isinstance(said, bool):
                yield said
            elif said is not None:
                yield all(said >= (check.at_least or 0.0) for check in self.checks)


def _correct(units: _Units, subset: str, confidence: float) -> CorrectedDifference:
    guessed = np.array(units.guessed, dtype=np.float64)
    clusters = np.array(units.clusters, dtype=np.int64)
    is_true = np.array([true is not None for true in units.true], dtype=bool)
    true = np.array([true for true in units.true if true is not None], dtype=np.float64)
    labelled = LabelledSample(guessed[is_true], true, clusters[is_true])
    rest = _rest(guessed, clusters, is_true)
    decision = corrected_mean(labelled, rest, 2 * confidence - 1)
    return CorrectedDifference(
        subset=subset,
        judged=float(guessed.mean()) if guessed.size else None,
        corrected=corrected_mean(labelled, rest, confidence),
        decision_low=decision.low,
        decision_high=decision.high,
        n_cases=len(units.guessed),
        n_left_out=units.n_left_out,
        n_unused=units.n_unused,
    )


def _rest(
    guessed: NDArray[np.float64], clusters: NDArray[np.int64], is_true: NDArray[np.bool_]
) -> GuessedSample:
    """Return the unlabelled cases, or none where a cluster is labelled in part.

    Cases drawn one by one meet large clusters more often, so the clusters that no label met are
    smaller than most: their guesses are no sample of what the labels are a sample of.
    """
    is_free = ~is_true
    if np.isin(clusters[is_free], clusters[is_true]).any():
        is_free = np.zeros_like(is_true)
    return GuessedSample(guessed[is_free], clusters[is_free])
