"""One subset: both arms' replies to the same cases, paired, counted and compared."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hitl.golden.case import Case
from hitl.score.arm import ArmScores
from hitl.score.pairs import (
    Comparison,
    Pairs,
    compare,
    effective_clusters,
    nothing_compared,
    rate_interval,
)
from hitl.score.suite import Suite, SuiteSubset
from hitl.stats.interval import Interval
from hitl.stats.multiple import holm
from hitl.stats.repeat import pass_hat_k


@dataclass(frozen=True, slots=True)
class ArmTally:
    """One arm's replies to the cases of a subset; arrays are in the order of the cases."""

    shares: NDArray[np.float64]
    """Share of repeats that pass; a repeat without a usable reply counts against the candidate."""
    passes: NDArray[np.int64]
    usable: NDArray[np.int64]
    """Replies that could be graded."""
    repeats: int
    """Most replies to one case."""
    missing: NDArray[np.bool_]
    """Cases that lack a usable reply to some repeat."""
    interval: Interval | None
    n_passed: int

    @property
    def n_replies(self) -> int:
        """Replies that could be graded."""
        return int(self.usable.sum())


@dataclass(frozen=True, slots=True)
class SliceScore:
    """One slice of a subset."""

    name: str
    value: str
    comparison: Comparison
    previous: ArmTally
    candidate: ArmTally
    p_worse: float | None
    """Corrected over the slices of the subset (Holm)."""
    regressed: bool


@dataclass(frozen=True, slots=True)
class SubsetScore:
    """What a subset shows, before any authority looks at it."""

    id: str
    behavior: str
    digest: str
    n_cases: int
    pairs: Pairs
    comparison: Comparison
    previous: ArmTally
    candidate: ArmTally
    slices: tuple[SliceScore, ...]
    regressed_cases: tuple[str, ...]
    improved_cases: tuple[str, ...]
    flaky_cases: tuple[str, ...]
    missing_cases: tuple[str, ...]
    zero_tolerance_broken: tuple[str, ...]
    """Zero-tolerance cases that the candidate failed in any repeat."""
    zero_tolerance_missing: tuple[str, ...]
    """Zero-tolerance cases to which the candidate owes a usable reply."""
    n_zero_tolerance: int
    n_zero_clusters: int
    """Independent clusters among the zero-tolerance cases."""
    pass_hat_k: dict[str, float | None]
    repair_events: dict[str, dict[str, int]]

    @property
    def n_worse(self) -> int:
        """Cases that the previous arm passes and the candidate passes less often: one lost repeat counts."""
        lost = (self.pairs.previous > 0.5) & (self.pairs.candidate < self.pairs.previous)
        return int(np.count_nonzero(lost))

    @property
    def n_failed(self) -> int:
        """Cases that the candidate fails in any repeat."""
        return int(np.count_nonzero(self.pairs.candidate < 1))

    @property
    def missing_share(self) -> float:
        """Share of cases that lack a usable reply in either arm; 1 when there is no case."""
        return len(self.missing_cases) / self.n_cases if self.n_cases else 1.0


def score_subset(
    suite: Suite, subset: SuiteSubset, previous: ArmScores, candidate: ArmScores, confidence: float
) -> SubsetScore:
    """Pair and compare both arms over one subset, slice by slice too."""
    score = pair_subset(suite, subset, previous, candidate, confidence)
    cases = suite.cases[subset.start : subset.stop]
    slices = score_slices(cases, score.pairs, score.previous, score.candidate, confidence)
    return replace(score, slices=slices)


def pair_subset(
    suite: Suite, subset: SuiteSubset, previous: ArmScores, candidate: ArmScores, confidence: float
) -> SubsetScore:
    """Pair and compare both arms over one subset, without its slices."""
    cases = suite.cases[subset.start : subset.stop]
    ids = np.asarray([case.id for case in cases], dtype=object)
    clusters, lineage = subset.lineage.clusters, subset.lineage.joined
    before = tally(previous, subset, lineage, confidence, imputed=1.0)
    after = tally(candidate, subset, lineage, confidence, imputed=0.0)
    is_repeated = max(before.repeats, after.repeats) > 1
    pairs = Pairs(before.shares, after.shares, clusters, lineage, is_repeated)
    is_graded = before.n_replies > 0 and after.n_replies > 0
    was, now = is_graded & (pairs.previous > 0.5), is_graded & (pairs.candidate > 0.5)
    zero = np.asarray([case.zero_tolerance for case in cases], dtype=bool)
    broken = zero & (after.passes < after.usable)
    flaky = is_flaky(before) | is_flaky(after)
    return SubsetScore(
        id=subset.id,
        behavior=subset.source.spec.behavior,
        digest=subset.source.digest,
        n_cases=len(cases),
        pairs=pairs,
        comparison=compare(pairs, confidence) if is_graded else nothing_compared(pairs),
        previous=before,
        candidate=after,
        slices=(),
        regressed_cases=tuple(ids[was & ~now]),
        improved_cases=tuple(ids[now & ~was]),
        flaky_cases=tuple(ids[flaky]),
        missing_cases=tuple(ids[before.missing | after.missing]),
        zero_tolerance_broken=tuple(ids[broken]),
        zero_tolerance_missing=tuple(ids[zero & after.missing]),
        n_zero_tolerance=int(zero.sum()),
        n_zero_clusters=effective_clusters(lineage[zero]) if zero.any() else 0,
        pass_hat_k={"previous": straight_passes(before), "candidate": straight_passes(after)},
        repair_events={
            "previous": repairs(previous, subset),
            "candidate": repairs(candidate, subset),
        },
    )


def tally(
    arm: ArmScores,
    subset: SuiteSubset,
    lineage: NDArray[np.int64],
    confidence: float,
    *,
    imputed: float,
) -> ArmTally:
    """Count one arm's replies to the cases of a subset.

    An arm owes as many replies to each case as any of its cases got. What is owed and not there, or could not be graded, takes the value `imputed`: a pass for the previous arm, a
    failure for the candidate, so that a lost reply never helps a release.
    """
    rows = slice(*np.searchsorted(arm.case, [subset.start, subset.stop]))
    position, mark = arm.case[rows] - subset.start, arm.mark[rows]
    size = subset.stop - subset.start
    passes = np.bincount(position[mark == 1], minlength=size).astype(np.int64)
    usable = np.bincount(position[mark >= 0], minlength=size).astype(np.int64)
    owed = arm.most_repeats
    shares = (passes + imputed * (owed - usable)) / owed
    return ArmTally(
        shares=shares,
        passes=passes,
        usable=usable,
        repeats=owed if len(position) else 0,
        missing=usable < owed,
        interval=rate_interval(shares, lineage, confidence) if usable.any() else None,
        n_passed=int(np.count_nonzero(shares > 0.5)) if usable.any() else 0,
    )


def only(
    arm: ArmTally, places: NDArray[np.int64], lineage: NDArray[np.int64], confidence: float
) -> ArmTally:
    """Return the tally of some of the cases."""
    shares, usable = arm.shares[places], arm.usable[places]
    return ArmTally(
        shares=shares,
        passes=arm.passes[places],
        usable=usable,
        repeats=arm.repeats,
        missing=arm.missing[places],
        interval=rate_interval(shares, lineage, confidence) if usable.any() else None,
        n_passed=int(np.count_nonzero(shares > 0.5)) if usable.any() else 0,
    )


def score_slices(
    cases: tuple[Case, ...], pairs: Pairs, before: ArmTally, after: ArmTally, confidence: float
) -> tuple[SliceScore, ...]:
    """Compare the arms slice by slice; regressions are corrected over the slices of the subset.

    Where nothing of an arm could be graded in the whole subset, there is nothing to compare in its slices either.
    """
    members: dict[tuple[str, str], list[int]] = {}
    for position, case in enumerate(cases):
        for name, value in case.slices.items():
            members.setdefault((name, value), []).append(position)
    found = [
        _score_slice(name, value, positions, pairs, (before, after), confidence)
        for (name, value), positions in sorted(members.items())
    ]
    tested = [part for part in found if part.p_worse is not None]
    adjusted = holm([part.p_worse for part in tested if part.p_worse is not None])
    corrected = {(part.name, part.value): p for part, p in zip(tested, adjusted, strict=True)}
    return tuple(
        _corrected(part, corrected.get((part.name, part.value)), confidence) for part in found
    )


def _score_slice(  # one slice, named and numbered
    name: str,
    value: str,
    positions: list[int],
    pairs: Pairs,
    arms: tuple[ArmTally, ArmTally],
    confidence: float,
) -> SliceScore:
    places = np.asarray(positions, dtype=np.int64)
    part = pairs.only(places)
    before, after = (only(arm, places, part.lineage, confidence) for arm in arms)
    is_graded = all(arm.n_replies > 0 for arm in arms)
    comparison = compare(part, confidence) if is_graded else nothing_compared(part)
    return SliceScore(name, value, comparison, before, after, comparison.p_worse, regressed=False)


def _corrected(part: SliceScore, p_worse: float | None, confidence: float) -> SliceScore:
    return replace(
        part, p_worse=p_worse, regressed=p_worse is not None and p_worse <= 1 - confidence
    )


def is_flaky(arm: ArmTally) -> NDArray[np.bool_]:
    """Cases that pass in some of their usable repeats and fail in others."""
    flaky: NDArray[np.bool_] = (arm.passes > 0) & (arm.passes < arm.usable)
    return flaky


def straight_passes(arm: ArmTally) -> float | None:
    """Return the share of cases that pass as often in a row as the least-served case was asked."""
    fewest = int(arm.usable.min(initial=arm.repeats))
    return pass_hat_k(arm.passes, arm.usable, fewest) if len(arm.usable) and fewest else None


def repairs(arm: ArmScores, subset: SuiteSubset) -> dict[str, int]:
    """Count the replies that were asked for JSON and were not strict JSON, by the tier that could read them."""
    start, stop = np.searchsorted(arm.case, [subset.start, subset.stop])
    counts = Counter(tier for tier in arm.tiers[start:stop] if tier not in ("", "strict"))
    return dict(sorted(counts.items()))
