import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import beta

from hitl.stats.interval import Interval
from hitl.stats.proportion import exact_interval
from hitl.stats.stratified import corrected_for_detection, stratified_rate, weighted_rate

Counts = NDArray[np.int64]
Cells = list[tuple[int, int, int]]

strata = st.lists(
    st.integers(1, 40).flatmap(
        lambda n: st.tuples(st.integers(n, 5 * n), st.just(n), st.integers(0, n))
    ),
    min_size=1,
    max_size=6,
)


def columns(cells: Cells) -> tuple[Counts, Counts, Counts]:
    sizes, labelled, errors = np.array(cells).T
    return sizes, labelled, errors


@pytest.fixture
def escalated_and_audited() -> tuple[Counts, Counts, Counts]:
    # 300 escalated, all reviewed, 18 wrong; 700 decided alone, 35 audited, 1 wrong.
    return np.array([300, 700]), np.array([300, 35]), np.array([18, 1])


def test_strata_are_weighted_by_all_their_rows(
    escalated_and_audited: tuple[Counts, Counts, Counts],
) -> None:
    found = stratified_rate(*escalated_and_audited)

    # 0.3 * 18/300 + 0.7 * 1/35 = 0.018 + 0.02, where the labels alone say 19/335 = 0.057.
    assert found.interval is not None
    assert found.interval.estimate == pytest.approx(0.038)
    assert found.effective_n == pytest.approx(1 / (0.3**2 / 300 + 0.7**2 / 35))
    assert (found.n_all, found.n, found.k, found.unlabelled_share) == (1000, 335, 19, 0.0)


def test_the_limits_are_exact_in_each_stratum_at_a_share_of_the_level(
    escalated_and_audited: tuple[Counts, Counts, Counts],
) -> None:
    found = stratified_rate(*escalated_and_audited, confidence=0.9).interval

    # One-sided 5 %, half of it for each of the two strata.
    high = 0.3 * beta.ppf(0.975, 19, 282) + 0.7 * beta.ppf(0.975, 2, 34)
    low = 0.3 * beta.ppf(0.025, 18, 283) + 0.7 * beta.ppf(0.025, 1, 35)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-9)


def test_one_stratum_is_the_exact_interval() -> None:
    found = stratified_rate(np.array([900, 0]), np.array([60, 0]), np.array([4, 0])).interval

    plain = exact_interval(4, 60)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high))


@given(strata)
def test_both_estimates_lie_inside_their_limits_and_more_errors_raise_them(cells: Cells) -> None:
    sizes, labelled, errors = columns(cells)
    chance = labelled / sizes
    worse = np.minimum(errors + 1, labelled)

    for few, many in (
        (stratified_rate(sizes, labelled, errors), stratified_rate(sizes, labelled, worse)),
        (
            weighted_rate(sizes, chance, labelled, errors),
            weighted_rate(sizes, chance, labelled, worse),
        ),
    ):
        assert few.interval is not None
        assert many.interval is not None
        assert 0.0 <= few.interval.low <= few.interval.estimate + 1e-12
        assert few.interval.estimate <= few.interval.high + 1e-12
        assert few.interval.high <= 1.0
        assert few.interval.high > few.interval.low
        assert few.effective_n <= few.n + 1e-9
        assert many.interval.estimate >= few.interval.estimate - 1e-12


@given(strata)
def test_the_weighted_rate_is_the_stratified_one_where_the_reviewed_share_is_the_chance(
    cells: Cells,
) -> None:
    sizes, labelled, errors = columns(cells)

    one = stratified_rate(sizes, labelled, errors)
    other = weighted_rate(sizes, labelled / sizes, labelled, errors)

    assert one.interval is not None
    assert other.interval is not None
    assert other.interval.estimate == pytest.approx(one.interval.estimate, abs=1e-12)
    assert other.effective_n == pytest.approx(one.effective_n)


@given(strata, st.integers(1, 500))
def test_a_stratum_without_a_label_is_a_refusal_that_says_how_much_it_holds(
    cells: Cells, silent: int
) -> None:
    sizes, labelled, errors = columns([*cells, (silent, 0, 0)])
    chance = np.append(np.full(len(cells), 0.5), 0.0)

    for found in (
        stratified_rate(sizes, labelled, errors),
        weighted_rate(sizes, chance, labelled, errors),
    ):
        assert (found.interval, found.effective_n) == (None, 0.0)
        assert found.unlabelled_share == pytest.approx(silent / sizes.sum())
        assert f"no label in stratum {len(cells)}" in found.reason


def test_nothing_labelled_at_all_is_refused() -> None:
    nothing = np.array([0, 0])

    found = stratified_rate(np.array([5, 9]), nothing, nothing)

    assert found.interval is None
    assert found.unlabelled_share == 1.0


def test_no_error_among_audits_is_not_taken_as_no_risk() -> None:
    sizes, chance = np.array([300, 6000]), np.array([1.0, 0.05])

    found = weighted_rate(sizes, chance, np.array([300, 300]), np.array([30, 0])).interval

    # 30 escalated errors alone are 30/6300 = 0.5 %; the audits could hide 1 % of 6000 more.
    assert found is not None
    assert found.high > 0.01


@pytest.mark.parametrize(
    ("sizes", "labelled", "errors", "message"),
    [
        ([5], [6], [0], "errors <= labelled <= sizes"),
        ([5], [3], [4], "errors <= labelled <= sizes"),
        ([0], [0], [0], "no row"),
        ([5.0], [3], [1], "whole numbers"),
        ([5, 5], [3], [1], "shape"),
    ],
)
def test_counts_that_cannot_be_are_refused(
    sizes: list[int], labelled: list[int], errors: list[int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        stratified_rate(np.array(sizes), np.array(labelled), np.array(errors))


def test_a_review_probability_that_contradicts_the_labels_is_refused() -> None:
    counts = np.array([10]), np.array([4]), np.array([1])

    with pytest.raises(ValueError, match="give the true one"):
        weighted_rate(counts[0], np.array([0.0]), *counts[1:])
    with pytest.raises(ValueError, match="probability"):
        weighted_rate(counts[0], np.array([math.nan]), *counts[1:])


def test_dividing_by_detection_takes_opposite_limits() -> None:
    rate = Interval(0.02, 0.015, 0.026, 0.975, "any", 2000)

    found = corrected_for_detection(rate, 60, 100)

    caught = exact_interval(60, 100, 0.975)
    assert found.interval is not None
    assert found.interval.estimate == pytest.approx(0.02 / 0.6)
    assert found.interval.low == pytest.approx(0.015 / caught.high)
    assert found.interval.high == pytest.approx(0.026 / caught.low)
    assert found.interval.confidence == pytest.approx(0.95)
    assert found.detection == caught


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n))))
def test_a_corrected_rate_is_never_below_the_found_one(seeded: tuple[int, int]) -> None:
    rate = exact_interval(7, 90)

    found = corrected_for_detection(rate, *seeded).interval

    assert found is not None
    assert rate.low <= found.low <= found.estimate <= found.high <= 1.0
    assert found.estimate >= rate.estimate


@pytest.mark.parametrize(("caught", "seeded"), [(0, 0), (0, 12)])
def test_reviewers_who_were_not_seen_to_catch_anything_correct_nothing(
    caught: int, seeded: int
) -> None:
    found = corrected_for_detection(exact_interval(7, 90), caught, seeded)

    assert found.interval is None
    assert "known-bad item" in found.reason
    assert (found.detection is None) == (seeded == 0)


def test_detection_counts_and_rates_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="caught"):
        corrected_for_detection(exact_interval(7, 90), 5, 4)
    with pytest.raises(ValueError, match="confidence above"):
        corrected_for_detection(exact_interval(7, 90, 0.4), 3, 4)
    with pytest.raises(ValueError, match="limits in"):
        corrected_for_detection(Interval(0.1, -0.1, 0.3, 0.95, "any", 9), 3, 4)
