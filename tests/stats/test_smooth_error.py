"""The smooth calibration error: its definition, published values, and what it must do at the edges."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hitl.stats.smooth_error import smooth_calibration_error, smooth_null_band

Counts = NDArray[np.int64]
Numbers = NDArray[np.float64]
RESOLUTION = 2.0**-14


def rows(score: Numbers, seed: int = 5) -> tuple[Counts, Counts, Numbers]:
    right = np.random.default_rng(seed).random(score.size) < score
    return np.ones(score.size, dtype=np.int64), right.astype(np.int64), score


def left_over(n: Counts, k: Counts, score: Numbers, width: float) -> float:
    """Smooth what is right above the scores by the kernel as it is defined, with its images in the mirrors at 0 and 1."""
    at = (np.arange(4000) + 0.5) / 4000
    total = np.zeros(at.size)
    for image in (score, -score, 2.0 - score):
        away = (at[:, None] - image[None, :]) / width
        total += np.exp(-0.5 * away**2) @ (k - n * score)
    return float(np.abs(total).mean()) / (n.sum() * width * math.sqrt(2.0 * math.pi))


@pytest.mark.parametrize("shift", [0.0, 0.05, 0.2])
def test_the_error_is_the_width_that_it_equals(shift: float) -> None:
    n, k, score = rows(np.random.default_rng(3).random(1500))
    score = np.clip(score + shift, 0.0, 1.0)

    found = smooth_calibration_error(n, k, score).value

    assert left_over(n, k, score, found) == pytest.approx(found, abs=5e-4)


def test_perfect_and_shifted_scores_have_the_errors_that_are_known() -> None:
    # 20,000 right scores, uniform: 0.009; shifted by a tenth: 0.092; both depend on the seed in the last digit.
    n, k, score = rows(np.random.default_rng(0).random(20_000))

    assert smooth_calibration_error(n, k, score).value == pytest.approx(0.009, abs=0.003)
    shifted = smooth_calibration_error(n, k, np.clip(score + 0.1, 0.0, 1.0))
    assert shifted.value == pytest.approx(0.092, abs=0.006)


def test_a_single_score_is_as_far_off_as_its_rate() -> None:
    found = smooth_calibration_error(np.array([50]), np.array([30]), np.array([0.9]))

    assert found.value == pytest.approx(0.3, abs=2 * RESOLUTION)
    assert (found.n, found.k) == (50, 30)


@pytest.mark.parametrize("score", [0.0, 1.0])
def test_certain_scores_that_are_right_have_no_error(score: float) -> None:
    k = np.array([20 if score else 0])

    found = smooth_calibration_error(np.array([20]), k, np.array([score]))

    assert found.value == pytest.approx(0.0, abs=RESOLUTION)


def test_certain_scores_that_are_wrong_are_as_wrong_as_can_be() -> None:
    found = smooth_calibration_error(np.array([20]), np.array([0]), np.array([1.0]))

    assert found.value == pytest.approx(1.0, abs=RESOLUTION)


def test_errors_of_two_sides_that_lie_far_apart_do_not_cancel() -> None:
    # 0.2 too low at 0.2, 0.2 too high at 0.8: their mean is right, and the error is not 0.
    found = smooth_calibration_error(np.array([100, 100]), np.array([40, 60]), np.array([0.2, 0.8]))

    assert 0.1 < found.value <= 0.2 + RESOLUTION


def test_a_score_that_moves_over_an_edge_changes_next_to_nothing() -> None:
    n, k = np.full(3, 100), np.array([20, 55, 90])
    before = smooth_calibration_error(n, k, np.array([0.3, 0.4999, 0.8])).value
    after = smooth_calibration_error(n, k, np.array([0.3, 0.5001, 0.8])).value

    assert after == pytest.approx(before, abs=2e-3)


cells = st.lists(
    st.tuples(st.floats(0.0, 1.0), st.integers(1, 60)).flatmap(
        lambda cell: st.tuples(st.just(cell[0]), st.just(cell[1]), st.integers(0, cell[1]))
    ),
    min_size=1,
    max_size=10,
)


@given(cells)
@settings(deadline=None)
def test_the_error_lies_between_the_mean_distance_and_the_distance_of_every_score(
    table: list[tuple[float, int, int]],
) -> None:
    score, n, k = (np.array(column) for column in zip(*table, strict=True))
    away = k - n * score
    coarse, fine = abs(away.sum()) / n.sum(), np.abs(away).sum() / n.sum()

    found = smooth_calibration_error(n, k, score).value

    assert coarse - 2e-3 <= found <= fine + 2e-3


@given(cells)
@settings(deadline=None)
def test_right_and_wrong_turned_with_the_scores_leave_the_error(
    table: list[tuple[float, int, int]],
) -> None:
    score, n, k = (np.array(column) for column in zip(*table, strict=True))

    found = smooth_calibration_error(n, k, score).value

    assert smooth_calibration_error(n, n - k, 1.0 - score).value == pytest.approx(found, abs=2e-3)


def test_scores_that_are_too_high_leave_the_band() -> None:
    n, score = np.full(10, 100), np.linspace(0.05, 0.95, 10)
    k = np.round(n * score * 0.8).astype(np.int64)

    found = smooth_null_band(n, k, score, np.random.default_rng(3))

    assert found.observed > found.high > found.mean > found.low > 0.0
    assert found.p_worse == 1 / 401
    assert (found.n, found.k, found.resamples) == (1000, int(k.sum()), 400)
    assert found.observed == smooth_calibration_error(n, k, score).value


def test_the_band_of_one_row_is_both_errors_that_it_can_have() -> None:
    # One row at 0.8 is 0.2 away with chance 0.8, 0.8 away with chance 0.2.
    found = smooth_null_band(
        np.array([1]), np.array([0]), np.array([0.8]), np.random.default_rng(2), resamples=4000
    )

    assert (found.low, found.high) == (pytest.approx(0.2, abs=1e-3), pytest.approx(0.8, abs=1e-3))
    assert found.p_worse == pytest.approx(0.2, abs=0.03)


def test_a_band_is_the_same_from_the_same_seed() -> None:
    n, k, score = np.full(4, 20), np.array([3, 8, 12, 19]), np.array([0.1, 0.4, 0.7, 0.9])

    bands = [smooth_null_band(n, k, score, np.random.default_rng(8)) for _ in range(2)]

    assert bands[0] == bands[1]


def test_what_is_no_row_and_what_is_no_chance_is_refused() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(ValueError, match="no trial"):
        smooth_calibration_error(np.array([0]), np.array([0]), np.array([0.5]))
    with pytest.raises(ValueError, match="score must lie"):
        smooth_calibration_error(np.array([2]), np.array([1]), np.array([math.nan]))
    with pytest.raises(ValueError, match="100 resamples"):
        smooth_null_band(np.array([2]), np.array([1]), np.array([0.5]), rng, resamples=99)
    with pytest.raises(ValueError, match="confidence"):
        smooth_null_band(np.array([2]), np.array([1]), np.array([0.5]), rng, confidence=1.0)
