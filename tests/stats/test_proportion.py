import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint

from hitl.stats.proportion import (
    cases_for_claim,
    exact_interval,
    lower_limit,
    mid_p_interval,
    upper_limit,
)

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


# Values of Clopper-Pearson and mid-p intervals in public test suites of R packages.
@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (13, 16, 0.5435, 0.9595),
        (0, 10, 0.0, 0.3085),
        (15, 148, 0.0578, 0.1617),
        (0, 20, 0.0, 0.1684),
        (1, 29, 0.0009, 0.1776),
    ],
)
def test_clopper_pearson_matches_published_values(k: int, n: int, low: float, high: float) -> None:
    interval = exact_interval(k, n)

    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)
    assert (interval.estimate, interval.n, interval.method) == (k / n, n, "clopper-pearson")


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(15, 148, 0.0601, 0.1581), (0, 20, 0.0, 0.1391), (1, 29, 0.0017, 0.1585)],
)
def test_mid_p_matches_published_values(k: int, n: int, low: float, high: float) -> None:
    interval = mid_p_interval(k, n)

    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


# Hanley and Lippman-Hand (1983): the rule of three and its exact values.
@pytest.mark.parametrize(
    ("n", "limit"),
    [(10, 0.259), (20, 0.139), (30, 0.095), (50, 0.058), (100, 0.030), (1000, 0.003)],
)
def test_no_failure_in_n_cases_proves_about_three_in_n(n: int, limit: float) -> None:
    assert round(upper_limit(0, n), 3) == limit
    assert upper_limit(0, n) == pytest.approx(1.0 - 0.05 ** (1 / n), rel=1e-12)


def test_cases_for_a_claim_match_the_exact_table() -> None:
    assert [cases_for_claim(k, 0.02) for k in range(6)] == [149, 236, 313, 386, 456, 523]
    assert [cases_for_claim(0, limit) for limit in (0.05, 0.01, 0.001)] == [59, 299, 2995]


@given(st.integers(0, 30), st.floats(0.005, 0.6), st.floats(0.5, 0.999))
def test_one_case_fewer_does_not_carry_the_claim(errors: int, limit: float, sure: float) -> None:
    n = cases_for_claim(errors, limit, sure)

    assert upper_limit(errors, n, sure) <= limit * (1 + 1e-9)
    assert n - 1 <= errors or upper_limit(errors, n - 1, sure) > limit * (1 - 1e-9)


@given(counts, st.floats(0.5, 0.999))
def test_the_exact_interval_agrees_with_scipy_and_statsmodels(
    count: tuple[int, int], confidence: float
) -> None:
    k, n = count
    interval = exact_interval(k, n, confidence)

    scipys = binomtest(k, n).proportion_ci(confidence, "exact")
    assert (interval.low, interval.high) == pytest.approx((scipys.low, scipys.high), abs=1e-9)
    models = proportion_confint(k, n, alpha=1 - confidence, method="beta")
    assert (interval.low, interval.high) == pytest.approx(models, abs=1e-9)


@given(counts)
def test_counting_successes_instead_of_failures_mirrors_the_limits(count: tuple[int, int]) -> None:
    k, n = count

    for interval in (exact_interval, mid_p_interval):
        one, other = interval(k, n, 0.9), interval(n - k, n, 0.9)
        assert one.low == pytest.approx(1.0 - other.high, abs=1e-12)


@given(counts)
def test_mid_p_lies_within_the_exact_interval(count: tuple[int, int]) -> None:
    exact, mid_p = exact_interval(*count), mid_p_interval(*count)

    assert exact.low <= mid_p.low + 1e-12
    assert mid_p.low <= mid_p.estimate <= mid_p.high <= exact.high + 1e-12


@pytest.mark.parametrize(("k", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_impossible_counts_are_refused(k: int, n: int) -> None:
    for function in (exact_interval, mid_p_interval, lower_limit, upper_limit):
        with pytest.raises(ValueError, match="expected 0 <= k <= n and n >= 1"):
            function(k, n)


def test_a_claim_needs_a_rate_and_a_confidence_inside_the_unit_interval() -> None:
    for errors, limit, confidence in ((-1, 0.1, 0.9), (0, 0.0, 0.9), (0, 0.1, math.nan)):
        with pytest.raises(ValueError, match="must"):
            cases_for_claim(errors, limit, confidence)
