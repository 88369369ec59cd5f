import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hitl.stats.calibration import (
    calibration_error,
    expected_calibration_error,
    null_band,
    reliability,
    spiegelhalter,
)
from hitl.stats.calibration_line import calibration_line
from hitl.stats.discrimination import discrimination
from hitl.stats.proportion import exact_interval

Counts = NDArray[np.int64]
Numbers = NDArray[np.float64]
Bins = list[tuple[tuple[int, int], float]]

bins = st.lists(
    st.tuples(
        st.integers(0, 50).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        st.floats(0.0, 1.0),
    ),
    min_size=1,
    max_size=12,
).filter(lambda cells: sum(n for (_, n), _ in cells) > 0)


def columns(cells: Bins) -> tuple[Counts, Counts, Numbers]:
    k, n = np.array([counts for counts, _ in cells]).T
    return n, k, np.array([score for _, score in cells])


def test_distances_are_weighted_by_the_rows_of_a_cell() -> None:
    # 3/4 of the rows are 0.1 away, 1/4 are 0.3: mean 0.15, mean square 0.03.
    found = calibration_error(
        np.array([30, 10, 0]), np.array([0.5, 0.9, 0.1]), np.array([0.6, 0.6, 1.0])
    )

    assert found.l1 == pytest.approx(0.15)
    assert found.rms == pytest.approx(math.sqrt(0.03))
    assert found.largest == pytest.approx(0.3)
    assert (found.n, found.cells) == (40, 2)


@given(bins)
def test_errors_are_ordered_and_lie_between_0_and_1(cells: Bins) -> None:
    found = expected_calibration_error(*columns(cells))

    assert 0.0 <= found.l1 <= found.rms + 1e-12
    assert found.rms <= found.largest + 1e-12
    assert found.largest <= 1.0


@given(bins)
def test_splitting_a_bin_into_two_of_the_same_score_never_lowers_the_error(cells: Bins) -> None:
    n, k, score = columns(cells)
    right, wrong = np.column_stack([k, k]), np.column_stack([n - k, n - k])
    right[:, 1], wrong[:, 0] = 0, 0

    whole = expected_calibration_error(n, k, score).l1
    split = expected_calibration_error(right + wrong, right, np.column_stack([score, score])).l1

    assert split >= whole - 1e-12


def test_a_bin_of_one_right_row_is_as_far_off_as_its_score_falls_short() -> None:
    found = expected_calibration_error(np.array([1, 0]), np.array([1, 0]), np.array([0.7, 0.2]))

    assert found.l1 == pytest.approx(0.3)


def test_a_band_of_certain_scores_is_a_point() -> None:
    found = null_band(
        np.array([5, 7]), np.array([5, 0]), np.array([1.0, 0.0]), np.random.default_rng(1)
    )

    assert (found.observed, found.mean, found.low, found.high) == (0.0, 0.0, 0.0, 0.0)
    assert found.p_worse == 1.0


def test_the_band_of_one_row_is_both_errors_that_it_can_have() -> None:
    # One row at 0.8 is 0.2 away with chance 0.8, 0.8 away with chance 0.2: mean 0.32.
    found = null_band(
        np.array([1]), np.array([0]), np.array([0.8]), np.random.default_rng(2), resamples=20_000
    )

    assert (found.low, found.high) == (pytest.approx(0.2), pytest.approx(0.8))
    assert found.mean == pytest.approx(0.32, abs=0.015)
    assert found.p_worse == pytest.approx(0.2, abs=0.015)


def test_scores_that_are_too_high_leave_the_band() -> None:
    n, score = np.full(10, 100), np.linspace(0.05, 0.95, 10)
    k = np.round(n * score * 0.8).astype(np.int64)

    found = null_band(n, k, score, np.random.default_rng(3))

    assert found.observed > found.high > found.mean > found.low > 0.0
    assert found.p_worse == 1 / 2001
    assert (found.n, found.k, found.resamples) == (1000, int(k.sum()), 2000)


def test_a_band_is_the_same_from_the_same_seed() -> None:
    n, k, score = np.full(4, 20), np.array([3, 8, 12, 19]), np.array([0.1, 0.4, 0.7, 0.9])

    bands = [null_band(n, k, score, np.random.default_rng(8)) for _ in range(2)]

    assert bands[0] == bands[1]


def test_spiegelhalters_z_is_that_worked_by_hand() -> None:
    # 10 rows at 0.9 of which 8 are right, 10 at 0.6 of which 7 are. Numerator
    # (8 - 9)(-0.8) + (7 - 6)(-0.2) = 0.6; variance 10 * .64 * .09 + 10 * .04 * .24 = 0.672.
    found = spiegelhalter(np.array([10, 10]), np.array([8, 7]), np.array([0.9, 0.6]))

    assert found.z == pytest.approx(0.6 / math.sqrt(0.672))
    assert found.p_two_sided == pytest.approx(0.4642, abs=5e-5)


@given(bins)
def test_turning_right_into_wrong_leaves_spiegelhalters_z(cells: Bins) -> None:
    n, k, score = columns(cells)

    found, turned = spiegelhalter(n, k, score), spiegelhalter(n, n - k, 1.0 - score)

    if found.z is not None and turned.z is not None and np.all(np.abs(score - 0.5) < 0.49):
        assert turned.z == pytest.approx(found.z, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("score", [0.0, 0.5, 1.0])
def test_scores_without_variance_leave_spiegelhalter_nothing_to_test(score: float) -> None:
    found = spiegelhalter(np.array([10]), np.array([5]), np.array([score]))

    assert (found.z, found.p_two_sided) == (None, None)
    assert "no variance" in found.reason


def test_a_reliability_bin_without_rows_has_no_interval() -> None:
    filled, empty = reliability(np.array([20, 0]), np.array([13, 0]), np.array([0.7, 0.9]))

    assert filled.interval == exact_interval(13, 20)
    assert (empty.score, empty.n, empty.interval) == (0.9, 0, None)


def test_a_line_through_two_scores_is_that_worked_by_hand() -> None:
    # At odds 1:1 half is right, at odds 4:1 the odds are 2:1: slope ln 2 / ln 4 = 1/2.
    found = calibration_line(np.array([30, 30]), np.array([15, 20]), np.array([0.5, 0.8]))

    assert found.slope is not None
    assert found.intercept is not None
    assert found.slope.estimate == pytest.approx(0.5)
    assert found.intercept.estimate == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("n", "k", "score", "reason"),
    [
        ([9, 9], [9, 9], [0.7, 0.9], "all 18 rows are right"),
        ([9, 9], [0, 0], [0.7, 0.9], "all 18 rows are wrong"),
        ([9, 0], [4, 0], [0.7, 0.9], "single score"),
        ([9, 9], [0, 9], [0.7, 0.9], "divides right from wrong"),
        ([9, 9], [0, 4], [0.7, 0.9], "divides right from wrong"),
        ([9, 9], [9, 0], [0.7, 0.9], "divides right from wrong"),
    ],
)
def test_a_line_that_is_not_identified_says_why(
    n: list[int], k: list[int], score: list[float], reason: str
) -> None:
    found = calibration_line(np.array(n), np.array(k), np.array(score))

    assert (found.slope, found.intercept) == (None, None)
    assert reason in found.reason
    assert (found.in_the_large is None) == reason.startswith("all")


def test_a_single_score_still_shows_that_it_is_too_high() -> None:
    # Odds 4:1 are stated and 1:1 found, which is ln 4 too high.
    found = calibration_line(np.array([400]), np.array([200]), np.array([0.8]))

    assert found.in_the_large is not None
    assert found.in_the_large.estimate == pytest.approx(-math.log(4.0))
    assert found.in_the_large.high < 0.0


def test_a_model_that_is_sure_and_always_wrong_is_still_fitted() -> None:
    # Odds 999:1 are stated and 1:999 found. A plain Newton step from 0 overshoots to -998.
    found = calibration_line(np.array([1000]), np.array([1]), np.array([0.999]))

    assert found.in_the_large is not None
    assert found.in_the_large.estimate == pytest.approx(-2.0 * math.log(999.0))


def test_scores_of_0_and_1_are_held_off_their_ends() -> None:
    found = calibration_line(np.array([50, 50]), np.array([5, 45]), np.array([0.0, 1.0]))

    # ln 9 on either side of 0, over the log-odds of 0.999.
    assert found.slope is not None
    assert found.slope.estimate == pytest.approx(math.log(9.0) / math.log(999.0))


def test_an_area_is_that_worked_by_hand() -> None:
    # Of 12 right and 8 wrong: 8 right at 0.9 beat 6 wrong at 0.6 and tie 2; 4 tie 6.
    found = discrimination(np.array([10, 10]), np.array([4, 8]), np.array([0.6, 0.9]))

    assert found.auc is not None
    assert found.auc.estimate == pytest.approx((8 * 6 + 8 * 2 / 2 + 4 * 6 / 2) / 96)


@pytest.mark.parametrize("rows", [1, 5, 500])
def test_perfect_order_keeps_a_width(rows: int) -> None:
    found = discrimination(np.array([rows, rows]), np.array([0, rows]), np.array([0.2, 0.9])).auc

    assert found is not None
    assert (found.estimate, found.high) == (1.0, 1.0)
    assert found.low < 1.0


@given(bins)
def test_turning_the_order_of_scores_mirrors_the_area(cells: Bins) -> None:
    n, k, score = columns(cells)

    found, turned = discrimination(n, k, score), discrimination(n, k, 1.0 - score)

    if found.auc is None or turned.auc is None or len(set(score)) != len(set(1.0 - score)):
        return
    assert 0.0 <= found.auc.low <= found.auc.estimate <= found.auc.high <= 1.0
    assert turned.auc.estimate == pytest.approx(1.0 - found.auc.estimate)
    assert turned.auc.low == pytest.approx(1.0 - found.auc.high, abs=1e-9)
    assert turned.p_two_sided == pytest.approx(found.p_two_sided)


@pytest.mark.parametrize(
    ("k", "score", "reason"),
    [
        ([9, 9], [0.7, 0.9], "are right"),
        ([0, 0], [0.7, 0.9], "are wrong"),
        ([3, 4], [0.7, 0.7], "one score"),
    ],
)
def test_an_area_without_both_kinds_of_rows_has_no_value(
    k: list[int], score: list[float], reason: str
) -> None:
    found = discrimination(np.array([9, 9]), np.array(k), np.array(score))

    assert (found.auc, found.p_two_sided) == (None, None)
    assert reason in found.reason


@pytest.mark.parametrize("score", [[math.nan, 0.5], [1.1, 0.5], [-0.1, 0.5], [0.5]])
def test_scores_outside_0_to_1_are_refused_everywhere(score: list[float]) -> None:
    n, k, scores = np.array([4, 4]), np.array([2, 2]), np.array(score)

    for of in (expected_calibration_error, spiegelhalter, reliability, calibration_line):
        with pytest.raises(ValueError, match="score"):
            of(n, k, scores)
    with pytest.raises(ValueError, match="score"):
        discrimination(n, k, scores)


def test_no_row_is_refused_everywhere() -> None:
    nothing, score = np.array([0, 0]), np.array([0.2, 0.8])

    with pytest.raises(ValueError, match="no row"):
        calibration_error(nothing, score, score)
    for of in (expected_calibration_error, spiegelhalter, reliability, calibration_line):
        with pytest.raises(ValueError, match="no trial"):
            of(nothing, nothing, score)
