import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binom, quantile_test

from hitl.stats.quantile import quantile_interval, quantile_rank


def test_an_upper_bound_of_p95_takes_59_values() -> None:
    # 0.95^59 = 0.0485 is the first power below one twentieth.
    assert quantile_interval(np.arange(58.0), 0.95, 0.90) is None
    bound = quantile_interval(np.arange(59.0), 0.95, 0.90)
    assert bound is not None
    assert bound.high == 58.0


def test_the_median_of_ten_lies_between_the_second_and_the_ninth() -> None:
    # P(at most 1 of 10 below) = 11/1024 = 0.0107; P(at most 2) = 0.0547 exceeds 0.025.
    bound = quantile_interval(np.arange(10, 0, -1.0), 0.5, 0.95)
    assert bound is not None
    assert (bound.low, bound.estimate, bound.high, bound.n) == (2.0, 5.0, 9.0, 10)


@given(st.integers(1, 300), st.floats(0.02, 0.98), st.floats(0.5, 0.99))
def test_the_limits_are_those_of_scipy(n: int, q: float, confidence: float) -> None:
    levels = np.array([(1 - confidence) / 2, (1 + confidence) / 2])
    assume(np.abs(binom.cdf(np.arange(n), n, q)[:, None] - levels).min() > 1e-9)  # no tie

    bound = quantile_interval(np.arange(float(n)), q, confidence)
    reference = quantile_test(np.arange(float(n)), p=q).confidence_interval(confidence)

    if bound is None:
        assert math.isnan(reference.low) or math.isnan(reference.high)
    else:
        assert (bound.low, bound.high) == (reference.low, reference.high)
        assert bound.low <= bound.estimate <= bound.high


@given(st.integers(8, 60))
def test_turning_the_values_turns_the_median_limits(n: int) -> None:
    values = np.random.default_rng(n).normal(size=n)
    one, other = quantile_interval(values, 0.5), quantile_interval(-values, 0.5)

    assert one is not None
    assert other is not None
    assert (one.low, one.high) == (-other.high, -other.low)


def test_a_rank_does_not_jump_for_binary_fractions() -> None:
    assert [quantile_rank(n, 0.95) for n in (1, 20, 40, 100, 101)] == [1, 19, 38, 95, 96]


def test_no_value_and_one_value_bound_nothing() -> None:
    assert quantile_interval(np.array([]), 0.5) is None
    assert quantile_interval(np.array([1.0]), 0.5) is None


def test_values_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        quantile_interval(np.array([1.0, math.nan]), 0.5)
    with pytest.raises(ValueError, match="q must"):
        quantile_interval(np.array([1.0]), 1.0)
