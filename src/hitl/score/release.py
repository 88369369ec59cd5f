"""A whole release scored: both arms graded, every subset compared, every measure side by side."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from hitl.decisions.redaction.redact import Redactor
from hitl.manifest.gate_class import Statistic
from hitl.run.arm import Arm
from hitl.run.reply import Reply
from hitl.score.arm import MEASURES, ArmScores, grade_arm
from hitl.score.failures import failing_cases
from hitl.score.judge.corrected import CorrectedDifference, corrected_differences
from hitl.score.judge.summary import JudgeSummary, summarise
from hitl.score.judged import Judgements
from hitl.score.measures import (
    Chance,
    MeasureColumns,
    compare_columns,
    measure_columns,
    owed_columns,
)
from hitl.score.rated import PeopleRatings
from hitl.score.style_shift import StyleResult, compare_style
from hitl.score.subset import SubsetScore, score_subset
from hitl.score.suite import Suite
from hitl.stats.bootstrap import MeasureComparison

HEADLINE = {"cost_usd": Statistic.MEAN}
"""What of a measure is compared when nobody says; the median where nothing stands here."""


@dataclass(frozen=True, slots=True)
class ScoredRelease:
    """Everything that the replies of a release show."""

    suite: Suite
    previous: ArmScores
    candidate: ArmScores
    subsets: dict[str, SubsetScore]
    measures: dict[str, MeasureColumns]
    """Case means of each measure over all cases."""
    comparisons: dict[tuple[str | None, str], MeasureComparison | None]
    """The headline statistic of each measure, by (subset or None, measure)."""
    judges: tuple[JudgeSummary, ...] = ()
    """What judges found, whatever authority they have."""
    corrected: tuple[CorrectedDifference, ...] = ()
    """Differences of judged subsets, corrected by what people said of a part of the replies."""
    style: dict[str, StyleResult] = field(default_factory=dict)
    """How the arms write, by style feature; without those that no reply shows."""
    people: PeopleRatings | None = None
    """The review that the release names, as the arms were graded with; None where it names none."""


def grade_both(
    suite: Suite,
    previous: Iterable[Reply],
    candidate: Iterable[Reply],
    *,
    judgements: Judgements | None = None,
    redactor: Redactor | None = None,
    people: PeopleRatings | None = None,
) -> tuple[ArmScores, ArmScores]:
    """Grade both arms; the candidate first, so that the previous replies to its failures are kept for reading."""
    views = {
        arm: {part.id: judgements.view(arm, part.id) for part in suite.subsets}
        if judgements
        else None
        for arm in Arm
    }
    rated = {
        arm: {part.id: people.view(arm, part.id) for part in suite.subsets} if people else None
        for arm in Arm
    }
    after = grade_arm(
        suite,
        candidate,
        judged=views[Arm.CANDIDATE],
        redactor=redactor,
        rated=rated[Arm.CANDIDATE],
    )
    kept = failing_cases(after)
    before = grade_arm(
        suite, previous, kept, views[Arm.PREVIOUS], redactor, rated=rated[Arm.PREVIOUS]
    )
    return before, after


def score_release(
    suite: Suite,
    arms: tuple[ArmScores, ArmScores],
    confidence: float,
    chance: Chance,
    named: Iterable[tuple[str, str]] = (),
    judgements: Judgements | None = None,
) -> ScoredRelease:
    """Compare the graded arms.

    Args:
        suite: cases and checks.
        arms: previous and candidate.
        confidence: of every interval.
        chance: seeded generators for resampling.
        named: (subset, measure) pairs that are wanted beside the measures over all cases.
        judgements: what judges found, as the arms were graded with.
    """
    previous, candidate = arms
    subsets = {
        part.id: score_subset(suite, part, previous, candidate, confidence)
        for part in suite.subsets
    }
    measures = {
        name: columns_of(suite, arms, name, None) for name in MEASURES if _is_measured(name, arms)
    }
    wanted: dict[tuple[str | None, str], MeasureColumns] = {
        (None, name): columns for name, columns in measures.items()
    } | {(subset, name): columns_of(suite, arms, name, subset) for subset, name in named}
    comparisons = {
        key: compare_columns(columns, headline(key[1]), confidence, chance)
        for key, columns in wanted.items()
    }
    judges = summarise(suite, judgements, confidence) if judgements else ()
    corrected = corrected_differences(suite, judgements, confidence) if judgements else ()
    return ScoredRelease(
        suite=suite,
        previous=previous,
        candidate=candidate,
        subsets=subsets,
        measures=measures,
        comparisons=comparisons,
        judges=judges,
        corrected=corrected,
        style=compare_style(previous, candidate, suite.lineage.joined, confidence),
    )


def columns_of(
    suite: Suite, arms: tuple[ArmScores, ArmScores], name: str, subset: str | None
) -> MeasureColumns:
    """Return a measure as case means over one subset, or over all cases."""
    part = next((part for part in suite.subsets if part.id == subset), None)
    span = range(part.start, part.stop) if part else range(len(suite.cases))
    if part is None:
        by_id = np.argsort(
            np.asarray([case.id for case in suite.cases], dtype=object), kind="stable"
        )
        return measure_columns(name, *arms, span, suite.lineage.joined).taken(by_id)
    return owed_columns(name, *arms, span, part.lineage.joined)


def headline(measure: str) -> Statistic:
    """Return the statistic that a measure is compared by when nobody says."""
    return HEADLINE.get(measure, Statistic.MEDIAN)


def _is_measured(name: str, arms: tuple[ArmScores, ArmScores]) -> bool:
    return any(not np.all(np.isnan(arm.measures[name])) for arm in arms if name in arm.measures)
