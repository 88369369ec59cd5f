"""What a judge found, side by side: shown whatever authority it has."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from hitl.run.arm import Arm
from hitl.score.expect.judge import JudgeCheck
from hitl.score.judge.pairwise import order_p_value
from hitl.score.judged import (
    JudgeAuthority,
    JudgeGrade,
    Judgements,
    PairGrade,
    PairOutcome,
    Question,
    ReplyKey,
    Spending,
)
from hitl.score.pairs import FEWEST_CLUSTERS
from hitl.score.suite import Suite
from hitl.stats.cluster import clustered_difference
from hitl.stats.interval import Interval

_NOTHING_SPENT = Spending(0, 0.0, ())


@dataclass(frozen=True, slots=True)
class MeanGrade:
    """A mean over case means; without limits where the cases are too few for any."""

    estimate: float | None
    low: float | None
    high: float | None
    confidence: float
    method: str
    n: int
    """Cases."""


@dataclass(frozen=True, slots=True)
class JudgedArm:
    """One arm's gradings by one rubric; replies that other rules settled are not among them."""

    n_asked: int
    """Replies that the judge was asked about."""
    n_graded: int
    n_unscored: int
    """Replies whose gradings gave no grade."""
    unscored: dict[str, int]
    """Answers without a grade, by reason."""
    mean: MeanGrade
    spread: float | None
    """Standard deviation between gradings of the same reply, over all replies; None without repeats."""
    n_met: int
    """Graded replies at or above the limit of their rule."""
    share_met: float | None


@dataclass(frozen=True, slots=True)
class JudgedPairs:
    """Comparisons by one rubric, the candidate against the previous arm."""

    n_pairs: int
    n_asked: int
    """Pairs that the judge was asked about; the others were settled without it."""
    wins: int
    losses: int
    ties: int
    n_unscored: int
    """Asked pairs without a result."""
    unscored: dict[str, int]
    """Comparisons without a result, by reason."""
    n_compared: int
    """Comparisons with an answer in both orders, repeats counted."""
    n_flips: int
    """Those whose answer changes with the order; they count as ties."""
    flip_rate: float | None
    first_share: float | None
    """Share of the answers preferring either reply that prefer the first; one half without a bias."""
    first_p_value: float | None
    """Two-sided: whether flips lean to one place; each pair counts once."""


@dataclass(frozen=True, slots=True)
class JudgeSummary:
    """One question, all its answers."""

    question: Question
    judge_id: str
    model: str
    problems: tuple[str, ...]
    """What the certificate lacks."""
    counts_in: tuple[str, ...]
    """Subsets in which the findings count."""
    signal_in: tuple[str, ...]
    """Subsets in which they are shown and settle nothing."""
    arms: dict[Arm, JudgedArm]
    """Empty for comparisons."""
    difference: MeanGrade | None
    """Candidate minus previous, over cases that have a grade in both arms."""
    pairs: JudgedPairs | None
    spending: Spending


def summarise(suite: Suite, judgements: Judgements, confidence: float) -> tuple[JudgeSummary, ...]:
    """Return what every question found, in the order of the rubrics."""
    return tuple(
        _summary(suite, judgements, question, confidence)
        for question in sorted({question for _, question in judgements.authorities})
    )


def _summary(
    suite: Suite, judgements: Judgements, question: Question, confidence: float
) -> JudgeSummary:
    held = {
        subset: authority
        for (subset, asked), authority in judgements.authorities.items()
        if asked == question
    }
    any_authority = next(iter(held.values()))
    grades = judgements.grades.get(question.rubric, {})
    graded = None if question.pairwise else _Graded(suite, question, grades, confidence)
    return JudgeSummary(
        question=question,
        judge_id=any_authority.judge_id,
        model=any_authority.model,
        problems=any_authority.problems,
        counts_in=_subsets(held, lambda authority: authority.counts),
        signal_in=_subsets(held, lambda authority: not authority.counts),
        arms={arm: graded.arm(arm) for arm in Arm} if graded else {},
        difference=graded.difference() if graded else None,
        pairs=pairs_of(judgements.pairs.get(question.rubric, {}).values())
        if question.pairwise
        else None,
        spending=judgements.spending.get(question, _NOTHING_SPENT),
    )


def _subsets(
    held: Mapping[str, JudgeAuthority], wanted: Callable[[JudgeAuthority], bool]
) -> tuple[str, ...]:
    return tuple(sorted(subset for subset, authority in held.items() if wanted(authority)))


@dataclass(frozen=True, slots=True)
class _Graded:
    suite: Suite
    question: Question
    grades: Mapping[ReplyKey, JudgeGrade]
    confidence: float

    def arm(self, arm: Arm) -> JudgedArm:
        own = {key: grade for key, grade in self.grades.items() if key.arm is arm}
        means = {key: grade.mean for key, grade in own.items() if grade.mean is not None}
        n_met = sum(mean >= self._limit(key.case_id) for key, mean in means.items())
        low, high = self.suite.rubrics[self.question.rubric].scale
        middle, half = (low + high) / 2, (high - low) / 2
        scaled = {case: (mean - middle) / half for case, mean in case_means(means).items()}
        return JudgedArm(
            n_asked=len(own),
            n_graded=len(means),
            n_unscored=len(own) - len(means),
            unscored=_counted(reason for grade in own.values() for reason in grade.unscored),
            mean=self._interval(scaled, half, middle),
            spread=pooled_spread(own.values()),
            n_met=n_met,
            share_met=n_met / len(means) if means else None,
        )

    def difference(self) -> MeanGrade:
        before, after = (
            case_means(
                {
                    key: grade.mean
                    for key, grade in self.grades.items()
                    if key.arm is arm and grade.mean is not None
                }
            )
            for arm in (Arm.PREVIOUS, Arm.CANDIDATE)
        )
        low, high = self.suite.rubrics[self.question.rubric].scale
        width = float(high - low)
        both = {case: (after[case] - before[case]) / width for case in after if case in before}
        return self._interval(both, width, 0.0)

    def _limit(self, case_id: str) -> float:
        """Return the highest grade that a rule of the case asks for."""
        checks = self.suite.checks[self.suite.index[case_id]]
        return max(
            check.at_least
            for check in checks
            if isinstance(check, JudgeCheck)
            and check.question == self.question
            and check.at_least is not None
        )

    def _interval(self, values: Mapping[str, float], scale: float, shift: float) -> MeanGrade:
        """Bound the mean of values in [-1, 1], and write it in the units of the rubric."""
        cases = sorted(values)
        numbers = np.array([values[case] for case in cases])
        places = [self.suite.index[case] for case in cases]
        clusters = self.suite.lineage.joined[places].astype(np.int64)
        if len(np.unique(clusters)) < FEWEST_CLUSTERS:
            estimate = float(np.mean(numbers)) * scale + shift if cases else None
            return MeanGrade(estimate, None, None, self.confidence, "too few cases", len(cases))
        found = clustered_difference(np.clip(numbers, -1.0, 1.0), clusters, self.confidence)
        return _in_units(found.interval, scale, shift)


def _in_units(bound: Interval, scale: float, shift: float) -> MeanGrade:
    low, high = max(bound.low, -1.0), min(bound.high, 1.0)
    return MeanGrade(
        estimate=bound.estimate * scale + shift,
        low=low * scale + shift,
        high=high * scale + shift,
        confidence=bound.confidence,
        method=bound.method,
        n=bound.n,
    )


def pooled_spread(grades: Iterable[JudgeGrade]) -> float | None:
    """Return the standard deviation of a judge about itself, pooled over replies by degrees of freedom."""
    parts = [
        (grade.spread**2, grade.n_repeats - grade.n_unscored - 1)
        for grade in grades
        if grade.spread is not None
    ]
    freedom = sum(degrees for _, degrees in parts)
    squares = sum(square * degrees for square, degrees in parts)
    return math.sqrt(squares / freedom) if freedom else None


def case_means(means: Mapping[ReplyKey, float]) -> dict[str, float]:
    """Average grades over the repeats of each case."""
    found: dict[str, list[float]] = {}
    for key, mean in means.items():
        found.setdefault(key.case_id, []).append(mean)
    return {case: sum(values) / len(values) for case, values in found.items()}


def pairs_of(pairs: Iterable[PairGrade]) -> JudgedPairs:
    """Count comparisons."""
    every = list(pairs)
    asked = [pair for pair in every if pair.is_asked]
    outcomes = Counter(pair.outcome for pair in every)
    n_compared = sum(pair.n_repeats - len(pair.unscored) for pair in asked)
    n_flips = sum(pair.n_flips for pair in asked)
    n_decisive = sum(pair.n_decisive for pair in asked)
    n_first = sum(pair.n_first for pair in asked)
    leans = [pair.first_lean for pair in asked]
    return JudgedPairs(
        n_pairs=len(every),
        n_asked=len(asked),
        wins=outcomes[PairOutcome.WIN],
        losses=outcomes[PairOutcome.LOSS],
        ties=outcomes[PairOutcome.TIE],
        n_unscored=outcomes[None],
        unscored=_counted(reason for pair in asked for reason in pair.unscored),
        n_compared=n_compared,
        n_flips=n_flips,
        flip_rate=n_flips / n_compared if n_compared else None,
        first_share=n_first / n_decisive if n_decisive else None,
        first_p_value=order_p_value(sum(x > 0 for x in leans), sum(x < 0 for x in leans)),
    )


def _counted(reasons: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(reasons).items()))
