import math

import numpy as np
import pytest
from mapie.risk_control import control_fwer
from scipy.stats import beta, binom

from hitl.stats.fixed_sequence import Ending, FixedSequence, Steps, fixed_sequence
from hitl.stats.risk_tail import hoeffding_bentkus, stratified_uppers

Counts = list[int]


def all_labelled(rows: Counts, errors: Counts) -> Steps:
    """Counts of single scores from high to low, each of them a threshold."""
    counts = np.array(rows, dtype=np.int64), np.array(errors, dtype=np.int64)
    return Steps.cumulated(counts[0], *counts, np.arange(len(rows)))


def walk(steps: Steps, start: int | None = 0) -> FixedSequence:
    return fixed_sequence(steps, target=0.02, delta=0.05, start=start)


@pytest.fixture
def a_steep_curve() -> Steps:
    # 0 of 200, 1 of 400, 3 of 600, 20 of 800, 20 of 3000.
    return all_labelled([200, 200, 200, 200, 2200], [0, 1, 2, 17, 0])


@pytest.fixture
def audits_above_and_reviews_below() -> Steps:
    """1 in 5 of what ran alone was audited; everything below the old threshold was reviewed."""
    sizes = np.array([[1500, 1500, 0, 0], [0, 0, 300, 700]])
    labelled = np.array([[300, 300, 0, 0], [0, 0, 300, 700]])
    errors = np.array([[0, 2, 0, 0], [0, 0, 4, 90]])
    return Steps.cumulated(sizes, labelled, errors, np.arange(4))


def test_the_walk_stops_at_the_first_failure_and_takes_the_step_before(
    a_steep_curve: Steps,
) -> None:
    found = walk(a_steep_curve)

    assert (found.ending, found.chosen, found.n_tested) == (Ending.CERTIFIED, 2, 4)
    assert [(step.n, step.k) for step in found.steps[:3]] == [(200, 0), (400, 1), (600, 3)]
    assert [step.passes for step in found.steps] == [True, True, True, False, False]
    assert [step.is_tested for step in found.steps] == [True, True, True, True, False]


def test_what_would_pass_below_a_failure_stays_untouched(a_steep_curve: Steps) -> None:
    last = walk(a_steep_curve).steps[-1]

    assert last.p is not None
    assert last.p <= 0.05
    assert (last.is_tested, last.passes) == (False, False)


def test_p_values_and_limits_are_the_exact_binomial_ones(a_steep_curve: Steps) -> None:
    steps = walk(a_steep_curve).steps

    n, k = np.array([200, 400, 600, 800, 3000]), np.array([0, 1, 3, 20, 20])
    assert [step.p for step in steps] == pytest.approx(binom.cdf(k, n, 0.02), rel=1e-12)
    assert [step.upper for step in steps] == pytest.approx(beta.ppf(0.95, k + 1, n - k), rel=1e-12)
    assert [step.rate for step in steps] == pytest.approx(k / n)


def test_a_failure_at_the_start_certifies_nothing(a_steep_curve: Steps) -> None:
    found = walk(a_steep_curve, start=3)

    assert (found.ending, found.chosen, found.n_tested) == (Ending.FAILED, None, 1)
    assert not any(step.passes for step in found.steps)


def test_a_walk_to_the_lowest_threshold_takes_it(a_steep_curve: Steps) -> None:
    found = walk(a_steep_curve, start=4)

    assert (found.ending, found.chosen, found.n_tested) == (Ending.CERTIFIED, 4, 1)


def test_without_a_start_nothing_is_tested(a_steep_curve: Steps) -> None:
    found = walk(a_steep_curve, start=None)

    assert (found.ending, found.chosen, found.n_tested) == (Ending.UNTESTED, None, 0)
    assert not any(step.is_tested or step.passes for step in found.steps)
    assert found.steps[0].rate == 0.0


def test_no_rows_and_no_thresholds_certify_nothing() -> None:
    nothing = walk(all_labelled([], []), start=None)
    empty = walk(all_labelled([0, 0], [0, 0]))

    assert (nothing.ending, nothing.steps) == (Ending.UNTESTED, ())
    assert (empty.ending, empty.chosen) == (Ending.FAILED, None)
    assert (empty.steps[0].rate, empty.steps[0].upper, empty.steps[0].p) == (None, 1.0, 1.0)


def test_rows_without_a_label_certify_nothing() -> None:
    found = walk(Steps(np.array([[5000]]), np.array([[0]]), np.array([[0]])))

    assert (found.ending, found.steps[0].n_all, found.steps[0].rate) == (Ending.FAILED, 5000, None)


@pytest.mark.parametrize(("rows", "ending"), [(148, Ending.FAILED), (149, Ending.CERTIFIED)])
def test_a_flawless_sample_proves_two_percent_from_149_rows_on(rows: int, ending: Ending) -> None:
    assert walk(all_labelled([rows], [0])).ending is ending


def test_a_log_of_errors_alone_fails() -> None:
    found = walk(all_labelled([500], [500]))

    assert found.ending is Ending.FAILED
    assert (found.steps[0].p, found.steps[0].upper, found.steps[0].rate) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("target", "delta", "errors", "ending"),
    [
        pytest.param(1e-9, 0.05, 0, Ending.FAILED, id="target near 0"),
        pytest.param(1 - 1e-9, 0.05, 999, Ending.CERTIFIED, id="target near 1"),
        pytest.param(1 - 1e-9, 0.05, 1000, Ending.FAILED, id="target near 1, all wrong"),
        pytest.param(0.02, 1e-8, 0, Ending.CERTIFIED, id="tiny delta that 1000 rows reach"),
        pytest.param(0.02, 1e-9, 0, Ending.FAILED, id="tiny delta that 1000 rows do not reach"),
        pytest.param(0.02, 1e-300, 0, Ending.FAILED, id="next to no chance"),
    ],
)
def test_extreme_promises_are_still_exact(
    target: float, delta: float, errors: int, ending: Ending
) -> None:
    # 0.98^1000 = 1.7e-9.
    assert fixed_sequence(all_labelled([1000], [errors]), target, delta, start=0).ending is ending


def test_a_fully_reviewed_log_is_still_a_sample() -> None:
    # Were it the whole population, 12 wrong of 1000 would prove 1.2 % for certain.
    found = fixed_sequence(all_labelled([1000], [12]), target=0.013, delta=0.05, start=0)

    assert found.ending is Ending.FAILED


def test_one_stratum_is_exact_and_several_are_weighted(
    audits_above_and_reviews_below: Steps,
) -> None:
    found = walk(audits_above_and_reviews_below)

    assert [step.p is None for step in found.steps] == [False, False, True, True]
    assert found.steps[1].p == pytest.approx(binom.cdf(2, 600, 0.02))
    assert (found.chosen, found.is_weighted) == (2, True)
    assert found.method == "fixed sequence, stratified clopper-pearson"
    # 3000 rows of which 600 were audited with 2 errors, and 300 reviewed with 4.
    weighted = (3000 * 2 / 600 + 300 * 4 / 300) / 3300
    limit = 5 * beta.ppf(0.975, 3, 3298) + beta.ppf(0.975, 5, 3296)
    assert found.steps[2].rate == pytest.approx(weighted)
    assert found.steps[2].upper == pytest.approx(limit)


def test_weighted_steps_pass_exactly_where_their_limit_is_within_the_target(
    audits_above_and_reviews_below: Steps,
) -> None:
    limit = walk(audits_above_and_reviews_below).steps[2].upper
    at, below = (
        fixed_sequence(audits_above_and_reviews_below, target, 0.05, start=2)
        for target in (limit, np.nextafter(limit, 0.0))
    )

    assert (at.ending, below.ending) == (Ending.CERTIFIED, Ending.FAILED)


def test_strata_with_every_row_labelled_are_pooled_and_exact() -> None:
    sizes = np.array([[400, 700], [300, 400]])
    errors = np.array([[1, 2], [2, 3]])

    found = walk(Steps(sizes, sizes, errors))

    assert [step.p for step in found.steps] == pytest.approx(binom.cdf([3, 5], [700, 1100], 0.02))
    assert found.method == "fixed sequence, exact binomial"


def test_a_stratum_with_rows_and_no_label_fails_the_step() -> None:
    sizes = np.array([[1000, 1000], [0, 1]])
    labelled = np.array([[1000, 1000], [0, 0]])

    found = walk(Steps(sizes, labelled, np.zeros_like(sizes)))

    assert (found.chosen, found.n_tested) == (0, 2)
    assert (found.steps[1].rate, found.steps[1].upper, found.steps[1].p) == (None, 1.0, None)


def test_an_empty_stratum_changes_nothing(a_steep_curve: Steps) -> None:
    empty = np.zeros_like(a_steep_curve.sizes)
    wider = Steps(
        *(
            np.concatenate([empty, of])
            for of in (a_steep_curve.sizes, a_steep_curve.labelled, a_steep_curve.errors)
        )
    )

    assert walk(wider) == walk(a_steep_curve)


def test_the_walk_is_mapies_fixed_sequence_from_the_start_on() -> None:
    rng = np.random.default_rng(5)
    chosen = []
    for _ in range(200):
        rows = rng.integers(1, 60, 30)
        errors = rng.binomial(rows, np.linspace(0.0, 0.06, 30))
        found = walk(all_labelled(rows.tolist(), errors.tolist()), start=7)
        p_values = np.array([step.p for step in found.steps[7:]])
        rejected = control_fwer(p_values, 0.05, "fixed_sequence")
        chosen.append(found.chosen)

        assert found.chosen == (7 + rejected[-1] if rejected.size else None)

    assert None in chosen
    assert len(set(chosen)) > 10


def test_the_wider_tails_of_mapie_never_reach_lower() -> None:
    rng = np.random.default_rng(6)
    lower = 0
    for _ in range(100):
        rows = rng.integers(20, 90, 20)
        errors = rng.binomial(rows, np.linspace(0.0, 0.03, 20))
        found = walk(all_labelled(rows.tolist(), errors.tolist()), start=4)
        p_values = np.array([hoeffding_bentkus(step.k, step.n, 0.02) for step in found.steps[4:]])
        rejected = control_fwer(p_values, 0.05, "fixed_sequence")
        reached = 4 + int(rejected[-1]) if rejected.size else -1
        lower += reached < (-1 if found.chosen is None else found.chosen)

        assert reached <= (-1 if found.chosen is None else found.chosen)

    assert lower > 10


def test_cumulated_counts_are_those_at_or_above_each_threshold() -> None:
    steps = Steps.cumulated(
        np.array([[3, 4, 5], [1, 0, 2]]),
        np.array([[3, 2, 5], [1, 0, 1]]),
        np.array([[0, 1, 2], [1, 0, 0]]),
        np.array([0, 2]),
    )

    assert steps.sizes.tolist() == [[3, 12], [1, 3]]
    assert steps.labelled.tolist() == [[3, 10], [1, 2]]
    assert steps.errors.tolist() == [[0, 3], [1, 1]]


def test_limits_of_weighted_steps_are_those_of_the_strata(
    audits_above_and_reviews_below: Steps,
) -> None:
    steps = audits_above_and_reviews_below
    limits = stratified_uppers(steps.sizes, steps.labelled, steps.errors, 0.05)

    assert [step.upper for step in walk(steps).steps[2:]] == limits[2:].tolist()


@pytest.mark.parametrize(
    ("sizes", "labelled", "errors", "message"),
    [
        pytest.param([[5]], [[6]], [[0]], "errors <= labelled <= sizes", id="labels of no rows"),
        pytest.param([[5]], [[3]], [[4]], "errors <= labelled <= sizes", id="errors unlabelled"),
        pytest.param([[5, 4]], [[3, 3]], [[0, 0]], "lower threshold adds", id="falling rows"),
        pytest.param([[5, 6]], [[3, 3]], [[0, 1]], "lower threshold adds", id="error from nowhere"),
        pytest.param([[5]], [[3], [1]], [[0]], "labelled has the shape", id="another shape"),
        pytest.param([5], [5], [0], "strata in rows", id="one dimension"),
        pytest.param([[-1]], [[0]], [[0]], "must not be negative", id="negative"),
        pytest.param([[math.nan]], [[0]], [[0]], "whole numbers", id="no number"),
    ],
)
def test_counts_that_cannot_be_are_refused(
    sizes: object, labelled: object, errors: object, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        walk(Steps(np.array(sizes), np.array(labelled), np.array(errors)))


@pytest.mark.parametrize("start", [-1, 5])
def test_a_start_that_is_no_step_is_refused(a_steep_curve: Steps, start: int) -> None:
    with pytest.raises(ValueError, match="one of 5 steps"):
        walk(a_steep_curve, start)


@pytest.mark.parametrize("share", [0.0, 1.0, math.nan])
def test_promises_outside_their_range_are_refused(a_steep_curve: Steps, share: float) -> None:
    with pytest.raises(ValueError, match="target"):
        fixed_sequence(a_steep_curve, share, 0.05, 0)
    with pytest.raises(ValueError, match="delta"):
        fixed_sequence(a_steep_curve, 0.02, share, 0)
