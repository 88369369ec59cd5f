"""How far down may a threshold go, if the errors above it are to stay rare with a promise?"""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from hitl.stats.counts import Counts, Numbers, checked_counts
from hitl.stats.interval import check_share
from hitl.stats.risk_tail import lower_tails, stratified_uppers, upper_limits


class Ending(StrEnum):
    """How a walk from high to low thresholds ended."""

    CERTIFIED = "certified"
    """The first threshold passed, and perhaps more."""
    FAILED = "failed"
    """The first threshold did not pass, so nothing is proved."""
    UNTESTED = "untested"
    """No threshold had labels enough to be tested."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Counts of all rows at or above each threshold, from the highest threshold to the lowest.

    Strata in rows, thresholds in columns. Rows of a stratum had the same chance of a label.
    """

    sizes: Counts
    labelled: Counts
    errors: Counts

    @classmethod
    def cumulated(cls, sizes: Counts, labelled: Counts, errors: Counts, grid: Counts) -> "Steps":
        """Add up the counts of single scores (columns, from high to low) to those of thresholds.

        ``grid`` holds the indices of the scores that serve as thresholds, such as
        `hitl.stats.threshold_plan.quantile_grid` gives. Counts with one dimension are those of one stratum.
        """
        totals = (np.cumsum(np.atleast_2d(of), axis=1) for of in (sizes, labelled, errors))
        return cls(*(of[:, grid] for of in totals))


@dataclass(frozen=True, slots=True)
class Step:
    """What is known of one threshold.

    ``rate`` weights the labels by stratum; None where a stratum has rows and no label. ``upper``
    is its exact one-sided limit at 1 - delta, of this threshold by itself. ``p`` is the exact
    binomial p-value; None where strata are weighted, because the limit is the test there.
    """

    n_all: int
    n: int
    k: int
    rate: float | None
    upper: float
    p: float | None
    is_tested: bool
    passes: bool


@dataclass(frozen=True, slots=True)
class FixedSequence:
    """Where the walk ended, and every step of it. ``chosen`` and ``start`` are indices of steps."""

    ending: Ending
    chosen: int | None
    start: int | None
    n_tested: int
    steps: tuple[Step, ...]
    target: float
    delta: float
    is_weighted: bool
    method: str


def fixed_sequence(steps: Steps, target: float, delta: float, start: int | None) -> FixedSequence:
    """Find the lowest threshold above which errors are proved rare enough.

    Each threshold is tested at the whole of delta, from ``start`` on downwards, until one does
    not pass; the last that passed is chosen. To choose a threshold that is too low, the first
    one that is too low must have passed, which happens with a chance of at most delta. Nothing
    is shared between the tests, and nothing is assumed of the order of the scores: where they
    say nothing, the walk ends early.

    The test of a threshold is the exact binomial one where a single stratum lies above it or all
    rows have a label, and `stratified_uppers` otherwise. A log with a label for every row is
    still a sample of the decisions to come, so its tail is binomial too and not hypergeometric.

    The promise is about the mean error rate of rows with scores like those that were seen. It
    holds for every pattern of ties and every error rate by score: rows that differ in their rates
    show so few errors no more often than rows that are alike (Hoeffding 1956; for a target of at
    most a half and a delta of at most a quarter). Assumes independent rows, labels that are right
    and, within a stratum, drawn at random, and a grid and a start that were fixed without looking
    at which labels say wrong (`hitl.stats.threshold_plan` has both). It says nothing of rows
    unlike these, such as those of next year.

    Args:
        steps: the counts; they do not fall from one threshold to the next.
        target: largest error rate, strictly between 0 and 1.
        delta: chance of a threshold that is too low, strictly between 0 and 1.
        start: index of the first step that is tested. With None nothing is.

    Raises:
        ValueError: for counts that cannot be, a start that is no step, or a share outside (0, 1).

    Source: Angelopoulos et al. (2021), "Learn then Test", arXiv 2110.01052, algorithm 1 with one
    start; Maurer, Hothorn and Lehmacher (1995) for testing in a fixed order; Hoeffding (1956),
    Annals of Mathematical Statistics 27, 713, theorem 5.

    >>> steps = Steps.cumulated(
    ...     np.array([200, 200, 200]), np.array([200, 200, 200]), np.array([0, 4, 40]), np.arange(3)
    ... )
    >>> found = fixed_sequence(steps, target=0.02, delta=0.05, start=0)
    >>> found.chosen, found.n_tested, [round(step.upper, 4) for step in found.steps]
    (0, 2, [0.0149, 0.0227, 0.0933])
    """
    check_share(target, "target")
    check_share(delta, "delta")
    counted = _checked(steps, start)
    tests = _tests(counted, target, delta)
    first = tests.passes.size if start is None else start
    failing = np.flatnonzero(~tests.passes[first:])
    n_passed = int(failing[0]) if failing.size else tests.passes.size - first
    n_tested = min(n_passed + 1, tests.passes.size - first)
    ending = Ending.CERTIFIED if n_passed else Ending.FAILED if n_tested else Ending.UNTESTED
    weighted = bool(tests.is_weighted[first : first + n_tested].any())
    return FixedSequence(
        ending=ending,
        chosen=first + n_passed - 1 if n_passed else None,
        start=start,
        n_tested=n_tested,
        steps=_described(counted, tests, range(first, first + n_tested)),
        target=target,
        delta=delta,
        is_weighted=weighted,
        method=f"fixed sequence, {'stratified clopper-pearson' if weighted else 'exact binomial'}",
    )


@dataclass(frozen=True, slots=True)
class _Tests:
    rate: Numbers
    upper: Numbers
    p: Numbers
    is_weighted: NDArray[np.bool_]
    passes: NDArray[np.bool_]


def _tests(steps: Steps, target: float, delta: float) -> _Tests:
    occupied = steps.sizes > 0
    n, k = steps.labelled.sum(axis=0), steps.errors.sum(axis=0)
    weighted = (occupied.sum(axis=0) > 1) & (n < steps.sizes.sum(axis=0))
    p = lower_tails(k, n, target)
    stratified = stratified_uppers(steps.sizes, steps.labelled, steps.errors, delta)
    upper = np.where(weighted, stratified, upper_limits(k, n, delta))
    return _Tests(
        rate=_rates(steps),
        upper=upper,
        p=p,
        is_weighted=weighted,
        passes=np.where(weighted, upper <= target, p <= delta),
    )


def _rates(steps: Steps) -> Numbers:
    """Weighted error rates; NaN where nothing has rows, or a stratum has rows and no label."""
    missing = np.full(steps.sizes.shape, np.nan)
    own = np.divide(steps.errors, steps.labelled, out=missing, where=steps.labelled > 0)
    parts = np.where(steps.sizes > 0, steps.sizes * own, 0.0)
    rows = steps.sizes.sum(axis=0)
    nothing = np.full(rows.shape, np.nan)
    rates: Numbers = np.divide(parts.sum(axis=0), rows, out=nothing, where=rows > 0)
    return rates


def _described(steps: Steps, tests: _Tests, tested: range) -> tuple[Step, ...]:
    sizes, labelled, errors = (
        of.sum(axis=0).tolist() for of in (steps.sizes, steps.labelled, steps.errors)
    )
    rates, uppers, tails = tests.rate.tolist(), tests.upper.tolist(), tests.p.tolist()
    return tuple(
        Step(
            n_all=sizes[at],
            n=labelled[at],
            k=errors[at],
            rate=None if math.isnan(rates[at]) else rates[at],
            upper=uppers[at],
            p=None if tests.is_weighted[at] else tails[at],
            is_tested=at in tested,
            passes=at in tested and bool(tests.passes[at]),
        )
        for at in range(len(sizes))
    )


def _checked(steps: Steps, start: int | None) -> Steps:
    sizes = checked_counts(steps.sizes, "sizes")
    if sizes.ndim != 2:
        raise ValueError("expected strata in rows and thresholds in columns")
    labelled = checked_counts(steps.labelled, "labelled", sizes.shape)
    errors = checked_counts(steps.errors, "errors", sizes.shape)
    for more, less in ((sizes, labelled), (labelled, errors), (errors, np.zeros_like(errors))):
        if np.any(np.diff(more - less, axis=1, prepend=0) < 0):
            raise ValueError(
                "expected errors <= labelled <= sizes in each stratum, at each threshold and among"
                " the rows that a lower threshold adds"
            )
    if start is not None and not 0 <= start < sizes.shape[1]:
        raise ValueError(f"start must be one of {sizes.shape[1]} steps, not {start}")
    return Steps(sizes, labelled, errors)
