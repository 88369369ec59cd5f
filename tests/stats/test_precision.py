import math

import pytest

from hitl.stats.precision import (
    clustered_detectable_drop,
    graded_cases_needed,
    graded_detectable,
    repeat_variance,
)


def test_miller_needs_969_cases_for_three_points() -> None:
    assert graded_cases_needed(0.03, between_variance=1 / 9) == 969


@pytest.mark.parametrize(("repeats", "difference"), [(1, 0.1327), (10, 0.0757)])
def test_miller_detects_these_differences_with_198_cases(repeats: int, difference: float) -> None:
    found = graded_detectable(198, 1 / 9, repeat_variance(1 / 6, repeats))

    assert round(found, 4) == difference


@pytest.mark.parametrize(("repeats", "ratio"), [(2, 0.667), (4, 0.5), (6, 0.444)])
def test_repeats_shrink_only_their_own_share_of_the_variance(repeats: int, ratio: float) -> None:
    # Difficulty uniform on [0, 1]: mean of p(1 - p) is 1/6, variance of p is 1/12.
    def variance(k: int) -> float:
        return 1 / 12 + repeat_variance(1 / 6, k, arms=1)

    assert round(variance(repeats) / variance(1), 3) == ratio


def test_cases_and_differences_answer_each_other() -> None:
    n = graded_cases_needed(0.04, 0.05, 0.02)

    assert graded_detectable(n, 0.05, 0.02) <= 0.04 < graded_detectable(n - 1, 0.05, 0.02)


def test_without_spread_the_unseen_limits_the_drop_that_shows() -> None:
    assert clustered_detectable_drop(0.0, 20) == pytest.approx(1 - 0.05 ** (1 / 20))


def test_a_wide_spread_needs_both_quantiles() -> None:
    # t with 99 degrees of freedom: 1.660 + 0.846 standard errors.
    assert clustered_detectable_drop(0.05, 100) == pytest.approx(2.506 * 0.05, abs=1e-4)


def test_impossible_plans_are_refused() -> None:
    for difference in (0.0, math.nan):
        with pytest.raises(ValueError, match="cannot be shown"):
            graded_cases_needed(difference, 0.1)
    with pytest.raises(ValueError, match="variances"):
        graded_detectable(10, -0.1)
    with pytest.raises(ValueError, match="n must be"):
        graded_detectable(0, 0.1)
    with pytest.raises(ValueError, match="at least one repeat"):
        repeat_variance(0.1, 0)
    with pytest.raises(ValueError, match="two clusters"):
        clustered_detectable_drop(0.1, 1)
