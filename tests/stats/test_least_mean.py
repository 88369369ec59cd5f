import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from hitl.stats.least_mean import greatest_t, least_mean

Numbers = NDArray[np.float64]

numbers = hnp.arrays(
    np.float64,
    st.integers(2, 15),
    elements=st.one_of(st.sampled_from([-1.0, 0.0, 1.0]), st.floats(-1.0, 1.0)),
)
quantiles = st.floats(0.0, 6.0)


def sizes_of(sums: Numbers) -> Numbers:
    return (np.arange(sums.size) % 4 + 1).astype(np.float64)


def textbook_limit(sums: Numbers, sizes: Numbers, t: float) -> float:
    deviations = sums - sizes * (sums.sum() / sizes.sum())
    return float(sums.sum() - t * math.sqrt(deviations @ deviations)) / float(sizes.sum())


def test_a_limit_worked_by_hand() -> None:
    # 0 0 0 1 lowered to 0 0 0 x: x/4 - 2 sqrt(3/4) x / 4 falls in x, so x = 0 is best.
    assert least_mean(np.array([0.0, 0.0, 0.0, 1.0]), np.ones(4), 2.0) == pytest.approx(0.0)
    # 0 0 0 -1: nothing to gain from lowering; -1/4 - 2 sqrt(3/4) / 4 = -0.683.
    assert least_mean(np.array([0.0, 0.0, 0.0, -1.0]), np.ones(4), 2.0) == pytest.approx(
        -0.683, abs=5e-4
    )


@given(numbers, quantiles, st.integers(0, 2**32))
def test_it_is_the_greatest_textbook_limit_below_the_data(
    sums: Numbers, t: float, seed: int
) -> None:
    rng, sizes = np.random.default_rng(seed), sizes_of(sums)
    limit = least_mean(sums, sizes, t)

    assert limit >= textbook_limit(sums, sizes, t) - 1e-9
    for _ in range(20):
        lowered = np.minimum(sums, sizes * rng.normal(sums.mean(), 0.5) + rng.normal(0, 0.5))
        assert textbook_limit(lowered, sizes, t) <= limit + 1e-9


@given(numbers, st.floats(0.3, 6.0))
def test_lowering_cluster_by_cluster_reaches_it(sums: Numbers, t: float) -> None:
    sizes, lowered = sizes_of(sums), sums.copy()
    n = float(sizes.sum())
    for _ in range(3000):
        deviations = lowered - sizes * (lowered.sum() / n)
        spread = math.sqrt(deviations @ deviations)
        cap = float(deviations @ sizes) / n + spread / t
        following = np.minimum(sums, sizes * (lowered.sum() / n) + cap)
        if float(np.abs(following - lowered).max()) < 1e-13:
            break
        lowered = following

    assert least_mean(sums, sizes, t) == pytest.approx(textbook_limit(lowered, sizes, t), abs=2e-3)


@given(numbers, quantiles)
def test_it_lies_between_the_lowest_cluster_mean_and_the_mean(sums: Numbers, t: float) -> None:
    sizes = sizes_of(sums)
    limit = least_mean(sums, sizes, t)

    assert float((sums / sizes).min()) - 1e-9 <= limit <= float(sums.sum() / sizes.sum()) + 1e-9


@given(numbers, quantiles, st.floats(-3, 3))
def test_shifting_every_observation_shifts_it_as_much(sums: Numbers, t: float, by: float) -> None:
    sizes = sizes_of(sums)

    assert least_mean(sums + by * sizes, sizes, t) == pytest.approx(
        least_mean(sums, sizes, t) + by, abs=1e-6
    )


@given(numbers)
def test_the_greatest_t_is_where_the_limit_leaves_the_positive_numbers(sums: Numbers) -> None:
    sizes = sizes_of(sums)
    t = greatest_t(sums, sizes)

    if float(sums.sum()) <= 0.0:
        assert t == 0.0
    elif math.isfinite(t):
        assert least_mean(sums, sizes, t) <= 1e-6
        assert least_mean(sums, sizes, 0.9 * t) >= -1e-9


def test_alike_clusters_have_no_spread() -> None:
    sizes = np.array([1.0, 2.0, 5.0])

    assert least_mean(0.3 * sizes, sizes, 4.0) == pytest.approx(0.3)
    assert greatest_t(0.3 * sizes, sizes) == math.inf
    assert greatest_t(np.zeros(3), sizes) == 0.0
