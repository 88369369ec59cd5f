"""No order of rows, no ties, no error rates and no counts may break the promise of a threshold.

Small logs are enumerated whole: every way in which labels can fall, each with its probability,
goes through the real functions, and Hypothesis searches for the rates, ties and counts with the
largest chance of a threshold that is too low.
"""

import itertools
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from hypothesis import event, given, settings, target
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import gammaln, xlogy
from scipy.stats import binom

from hitl.stats.fixed_sequence import FixedSequence, Steps, fixed_sequence
from hitl.stats.risk_tail import binomial_tail, stratified_uppers
from hitl.stats.threshold_plan import quantile_grid, start_step

Counts = NDArray[np.int64]
Numbers = NDArray[np.float64]
SEARCH = settings(max_examples=150, deadline=None)
LIGHT = settings(max_examples=60, deadline=None)
ROUNDING = 1e-9
RATES = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0.0, 1.0))


# Rows: (score, stratum, label), the label None, right or wrong. The chance of a label is that of the stratum.
Row = tuple[float, int, bool | None]
ROWS = st.lists(
    st.tuples(
        st.sampled_from([round(0.05 * step, 2) for step in range(21)]),
        st.integers(0, 1),
        st.sampled_from([False] * 12 + [True, None]),
    ),
    min_size=15,
    max_size=120,
)


@dataclass(frozen=True)
class Outcome:
    """What does not depend on how the rows were written down."""

    threshold: float | None
    counts: tuple[int, int, int] | None
    upper: float | None
    n_tested: int


def scored(rows: list[Row], extra: tuple[float, ...] = ()) -> tuple[list[float], list[Counts]]:
    """Return scores from high to low and counts of rows, labels and errors by stratum and score."""
    scores = sorted({score for score, _, _ in rows} | set(extra), reverse=True)
    counts = [np.zeros((2, len(scores)), dtype=np.int64) for _ in range(3)]
    for score, stratum, wrong in rows:
        at = scores.index(score)
        counts[0][stratum, at] += 1
        counts[1][stratum, at] += wrong is not None
        counts[2][stratum, at] += wrong is True
    return scores, counts


def outcome(
    rows: list[Row], extra: tuple[float, ...] = (), repeats: int = 1, delta: float = 0.2
) -> Outcome:
    scores, counts = scored(rows, extra)
    grid = np.repeat(quantile_grid(counts[0].sum(axis=0), most=8), repeats)
    steps = Steps.cumulated(*counts, grid)
    start = start_step(steps.labelled.sum(axis=0), 0.3, delta)
    found = fixed_sequence(steps, 0.3, delta, start)
    distinct = {scores[at] for at, step in zip(grid, found.steps, strict=True) if step.is_tested}
    if found.chosen is None:
        return Outcome(None, None, None, len(distinct))
    step = found.steps[found.chosen]
    counted = (step.n_all, step.n, step.k)
    return Outcome(scores[grid[found.chosen]], counted, step.upper, len(distinct))


@given(ROWS, st.randoms(use_true_random=False))
@LIGHT
def test_the_order_of_rows_changes_nothing(rows: list[Row], shuffler: object) -> None:
    shuffled = list(rows)
    shuffler.shuffle(shuffled)  # type: ignore[attr-defined]

    assert outcome(shuffled) == outcome(rows)


@given(ROWS)
@LIGHT
def test_only_the_order_of_scores_counts(rows: list[Row]) -> None:
    """Any increasing map of the scores selects the same rows."""
    mapped = [(score**3 - 7.0, stratum, wrong) for score, stratum, wrong in rows]
    before, after = outcome(rows), outcome(mapped)

    assert (after.counts, after.upper, after.n_tested) == (
        before.counts,
        before.upper,
        before.n_tested,
    )
    assert after.threshold == (None if before.threshold is None else before.threshold**3 - 7.0)


@given(ROWS)
@LIGHT
def test_the_names_of_strata_change_nothing(rows: list[Row]) -> None:
    renamed = [(score, 1 - stratum, wrong) for score, stratum, wrong in rows]
    before, after = outcome(rows), outcome(renamed)

    assert (after.threshold, after.counts) == (before.threshold, before.counts)


@given(ROWS, st.lists(st.floats(-1.0, 2.0), max_size=6), st.integers(1, 3))
@LIGHT
def test_scores_without_rows_and_thresholds_given_twice_change_nothing(
    rows: list[Row], extra: list[float], repeats: int
) -> None:
    assert outcome(rows, tuple(extra), repeats) == outcome(rows)


@given(ROWS, st.integers(0, 2**32 - 1))
@LIGHT
def test_turning_right_labels_wrong_never_lowers_the_threshold(rows: list[Row], seed: int) -> None:
    before = outcome(rows).threshold
    turned = list(rows)
    for at in np.random.default_rng(seed).permutation(len(rows))[:5]:
        score, stratum, wrong = turned[at]
        turned[at] = (score, stratum, None if wrong is None else True)
    after = outcome(turned).threshold
    event("certified before" if before is not None else "nothing certified before")

    assert after is None or (before is not None and before <= after)


@given(ROWS, st.sampled_from([0.1, 0.05, 0.01]))
@LIGHT
def test_what_is_certified_is_proved_by_its_own_counts(rows: list[Row], delta: float) -> None:
    found = outcome([(score, 0, wrong) for score, _, wrong in rows], delta=delta)
    if found.counts is None:
        return
    _, n, k = found.counts

    assert binom.cdf(k, n, 0.3) <= delta + ROUNDING


# The adversary. A log is small enough to enumerate; the level is one that some counts just
# reach, so that there is no slack to hide in.


@dataclass(frozen=True)
class Promise:
    """A target and a level that k errors of n reach exactly."""

    target: float
    delta: float


PROMISES = st.sampled_from(
    [
        Promise(limit, binomial_tail(k, n, limit))
        for limit in (0.2, 0.3, 0.45)
        for n in range(2, 13)
        for k in (0, 1)
        if binomial_tail(k, n, limit) <= 0.3
    ]
)


def mass(k: Counts, n: Counts, share: Numbers | float) -> Numbers:
    """P(Binomial(n, share) = k), for subnormal shares too."""
    choices = gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)
    chances: Numbers = np.exp(choices + xlogy(k, share) + xlogy(n - k, 1.0 - share))
    return chances


def at_the_edge(rates: Numbers, weights: Numbers, limit: float) -> Numbers:
    """Return the rates, shrunk or raised so that their mean lies barely above the limit."""
    mean = float((rates * weights).sum() / weights.sum())
    edge = limit * (1.0 + 1e-12)
    return (
        rates * (edge / mean) if mean > edge else 1.0 - (1.0 - rates) * (1.0 - edge) / (1.0 - mean)
    )


def too_low(weights: Numbers, rates: Numbers, limit: float) -> NDArray[np.bool_]:
    """Return at which scores a threshold would have a mean error rate above the limit."""
    return np.cumsum(weights * rates) > limit * np.cumsum(weights)


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=4),
    st.lists(RATES, min_size=4, max_size=4),
    st.integers(0, 3),
    st.integers(1, 6),
    st.sampled_from([None, 0, 1]),
    PROMISES,
)
@SEARCH
def test_no_ties_rates_or_counts_certify_a_threshold_too_low_more_often_than_promised(
    ties: list[int],
    drawn: list[float],
    edge: int,
    most: int,
    forced_start: int | None,
    promise: Promise,
) -> None:
    """Given the scores, over all ways in which labels can fall."""
    rows = np.array(ties)
    grid = quantile_grid(rows, most)
    if not grid.size:
        return
    rates, down_to = np.array(drawn[: rows.size]), min(edge, rows.size - 1) + 1
    if rows[:down_to].sum():
        rates[:down_to] = at_the_edge(rates[:down_to], rows[:down_to], promise.target)
    labels = np.cumsum(rows)[grid]
    start = start_step(labels, promise.target, promise.delta)
    if forced_start is not None:
        start = min(forced_start, grid.size - 1)
    bad = too_low(rows.astype(float), rates, promise.target)
    chance = 0.0
    for errors in itertools.product(*(range(count + 1) for count in rows)):
        wrong = np.array(errors)
        steps = Steps.cumulated(rows, rows, wrong, grid)
        found = fixed_sequence(steps, promise.target, promise.delta, start)
        if found.chosen is not None and bad[grid[found.chosen]]:
            chance += float(np.prod(mass(wrong, rows, rates)))
    event("found a way" if chance > 0.0 else "never too low")
    target(chance / promise.delta)

    assert chance <= promise.delta * (1.0 + ROUNDING)


@dataclass(frozen=True)
class Falls:
    """Every way in which rows and labels of a small log can fall and certify a threshold."""

    rows: Counts
    errors: Counts
    chosen: Counts


@cache
def falls(n: int, n_scores: int, promise: Promise, most: int) -> Falls:
    found: list[tuple[tuple[int, ...], tuple[int, ...], int]] = []
    for few in itertools.product(range(n + 1), repeat=n_scores - 1):
        if sum(few) > n:
            continue
        rows = np.array([*few, n - sum(few)])
        grid = quantile_grid(rows, most)
        start = start_step(np.cumsum(rows)[grid], promise.target, promise.delta)
        if start is None:
            continue
        for errors in itertools.product(*(range(count + 1) for count in rows)):
            steps = Steps.cumulated(rows, rows, np.array(errors), grid)
            walk: FixedSequence = fixed_sequence(steps, promise.target, promise.delta, start)
            if walk.chosen is not None:
                found.append((tuple(rows.tolist()), errors, int(grid[walk.chosen])))
    return Falls(*(np.array([way[part] for way in found]) for part in range(3)))


SMALL_LOGS = [
    pytest.param(10, 3, Promise(0.3, binomial_tail(0, 5, 0.3)), 100, id="each score"),
    pytest.param(10, 3, Promise(0.3, binomial_tail(1, 8, 0.3)), 2, id="halves"),
    pytest.param(12, 3, Promise(0.45, binomial_tail(0, 2, 0.45)), 3, id="thirds, later start"),
    pytest.param(7, 4, Promise(0.45, binomial_tail(0, 3, 0.45)), 3, id="four scores"),
]


@pytest.mark.parametrize(("n", "n_scores", "promise", "most"), SMALL_LOGS)
@given(data=st.data())
@SEARCH
def test_no_world_certifies_a_threshold_too_low_more_often_than_promised(
    n: int, n_scores: int, promise: Promise, most: int, data: st.DataObject
) -> None:
    """Rows drawn from a world, grid and start made of them, and the true rate of that world."""
    ways = falls(n, n_scores, promise, most)
    weights = st.lists(st.floats(0.001, 1.0), min_size=n_scores, max_size=n_scores)
    shares = np.array(data.draw(weights, "shares"))
    shares /= shares.sum()
    drawn = data.draw(st.lists(RATES, min_size=n_scores, max_size=n_scores), "rates")
    rates, down_to = np.array(drawn), data.draw(st.integers(1, n_scores), "edge")
    rates[:down_to] = at_the_edge(rates[:down_to], shares[:down_to], promise.target)
    right = ways.rows - ways.errors
    logs = (
        gammaln(n + 1)
        - (gammaln(ways.errors + 1) + gammaln(right + 1)).sum(axis=1)
        + (xlogy(ways.errors, shares * rates) + xlogy(right, shares * (1 - rates))).sum(axis=1)
    )
    bad = too_low(shares, rates, promise.target)
    chance = float(np.exp(logs)[bad[ways.chosen]].sum())
    event("found a way" if chance > 0.0 else "never too low")
    target(chance / promise.delta)

    assert chance <= promise.delta * (1.0 + ROUNDING)


@given(
    st.lists(st.integers(0, 5), min_size=2, max_size=4),
    st.lists(st.integers(1, 4), min_size=2, max_size=2),
    st.lists(RATES, min_size=4, max_size=4),
    st.sampled_from([0.5, 0.7, 0.85]),
    st.sampled_from([0.1, 0.2, 0.3]),
)
@SEARCH
def test_no_strata_certify_a_threshold_too_low_more_often_than_promised(
    cells: list[int], standing_for: list[int], drawn: list[float], limit: float, delta: float
) -> None:
    """Two strata, one or two scores; each label stands for so many rows of its stratum."""
    labelled = np.array(cells[: len(cells) // 2 * 2]).reshape(2, -1)
    sizes = labelled * np.array(standing_for)[:, np.newaxis]
    if not sizes[:, 0].sum():
        return
    rates = at_the_edge(np.array(drawn[: labelled.size]).reshape(labelled.shape), sizes, limit)
    bad = np.cumsum((sizes * rates).sum(axis=0)) > limit * np.cumsum(sizes.sum(axis=0))
    grid, chance = np.arange(labelled.shape[1]), 0.0
    for errors in itertools.product(*(range(count + 1) for count in labelled.ravel())):
        wrong = np.array(errors).reshape(labelled.shape)
        found = fixed_sequence(Steps.cumulated(sizes, labelled, wrong, grid), limit, delta, 0)
        if found.chosen is not None and bad[found.chosen]:
            chance += float(np.prod(mass(wrong, labelled, rates)))
    event("found a way" if chance > 0.0 else "never too low")
    target(chance / delta)

    assert chance <= delta * (1.0 + ROUNDING)


@dataclass(frozen=True)
class Limits:
    """Every outcome of a small log of two strata, and the limit that it gives."""

    sizes: Counts
    labelled: Counts
    errors: Counts
    upper: Numbers


@cache
def limits(n: int, delta: float) -> Limits:
    found = [
        ((first, n - first), (one, other), (k, wrong))
        for first in range(n + 1)
        for one in range(first + 1)
        for other in range(n - first + 1)
        for k in range(one + 1)
        for wrong in range(other + 1)
    ]
    sizes, labelled, errors = (np.array([way[part] for way in found]).T for part in range(3))
    return Limits(sizes, labelled, errors, stratified_uppers(sizes, labelled, errors, delta))


@pytest.mark.parametrize("n", [4, 9, 13])
@pytest.mark.parametrize("delta", [0.05, 0.3])
@given(
    share=st.floats(0.0, 1.0),
    chances=st.tuples(RATES, RATES),
    rates=st.tuples(RATES, RATES),
)
@SEARCH
def test_no_world_of_two_strata_lies_above_its_limit_more_often_than_promised(
    n: int, delta: float, share: float, chances: tuple[float, float], rates: tuple[float, float]
) -> None:
    """Rows fall into strata by chance, and get their labels by chance."""
    ways = limits(n, delta)
    shares, chance, rate = np.array([share, 1 - share]), np.array(chances), np.array(rates)
    truth = float(shares @ rate)
    chances_of = mass(ways.sizes[0], np.array(n), share)
    for stratum in (0, 1):
        chances_of *= mass(ways.labelled[stratum], ways.sizes[stratum], chance[stratum])
        chances_of *= mass(ways.errors[stratum], ways.labelled[stratum], rate[stratum])
    missed = float(chances_of[ways.upper < truth - ROUNDING].sum())
    event("missed" if missed > 0.0 else "never missed")
    target(missed / delta)

    assert float(chances_of.sum()) == pytest.approx(1.0)
    assert missed <= delta * (1.0 + ROUNDING)
