import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hitl.stats.draw import inclusion_probabilities, systematic_draw

Numbers = NDArray[np.float64]

sizes_of_units = st.lists(st.floats(0.0, 1e6), min_size=1, max_size=30).map(np.array)
seeds = st.integers(0, 2**32 - 1)


def draws(probabilities: Numbers, times: int, seed: int = 7) -> NDArray[np.bool_]:
    """Who is taken in each of many draws, in an order that is not the units' own."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(probabilities.size)
    taken = np.zeros((times, probabilities.size), bool)
    for row in taken:
        row[systematic_draw(probabilities, order, rng)] = True
    return taken


def test_chances_follow_sizes_and_large_units_are_sure() -> None:
    # 3 of sizes 1, 1, 2, 12: the last would have 36/16, so it is sure; 2 of 4 are left, so 2 is sure; 1 of 2.
    found = inclusion_probabilities(np.array([1.0, 1.0, 2.0, 12.0]), 3)

    assert found.tolist() == [0.5, 0.5, 1.0, 1.0]


def test_certain_units_are_taken_off_the_number() -> None:
    found = inclusion_probabilities(np.array([0.0, 1.0, 2.0, 3.0]), 3, np.array([True, False, False, False]))  # fmt: skip

    # 2 of sizes 1, 2, 3: the last would have 2 * 3/6, just 1; then 1 of 1, 2.
    assert found.tolist() == pytest.approx([1.0, 1 / 3, 2 / 3, 1.0])


@given(sizes_of_units, st.integers(0, 35), st.data())
def test_chances_sum_to_the_number_and_rise_with_size(
    sizes: Numbers, n: int, data: st.DataObject
) -> None:
    certain = np.array(data.draw(st.lists(st.booleans(), min_size=sizes.size, max_size=sizes.size)))
    assume(n >= certain.sum())

    found = inclusion_probabilities(sizes, n, certain)

    assert np.all((found >= 0.0) & (found <= 1.0))
    assert found.sum() == pytest.approx(min(n, np.count_nonzero(certain | (sizes > 0.0))))
    assert np.all(found[certain] == 1.0)
    rest = ~certain
    ordered = found[rest][np.argsort(sizes[rest], kind="stable")]
    assert np.all(np.diff(ordered) >= -1e-12)


@given(sizes_of_units, st.integers(0, 35), seeds)
def test_exactly_as_many_units_are_drawn_as_the_chances_sum_to(
    sizes: Numbers, n: int, seed: int
) -> None:
    probabilities = inclusion_probabilities(sizes, n)
    rng = np.random.default_rng(seed)

    found = systematic_draw(probabilities, rng.permutation(sizes.size), rng)

    assert found.size == round(probabilities.sum())
    assert np.all(np.diff(found) > 0)
    assert np.all(probabilities[found] > 0.0)
    assert set(np.flatnonzero(probabilities == 1.0)) <= set(found.tolist())


def test_each_unit_is_drawn_as_often_as_it_should_be() -> None:
    sizes = np.random.default_rng(3).gamma(0.8, 1.0, 40)
    probabilities = inclusion_probabilities(sizes, 12)

    often = draws(probabilities, 20_000).mean(axis=0)

    # Five standard errors of a share of 20,000 draws, and nothing where the chance is 1.
    error = np.sqrt(probabilities * (1.0 - probabilities) / 20_000)
    assert np.all(np.abs(often - probabilities) <= 5.0 * error)


def test_totals_weighted_by_one_over_the_chance_are_unbiased() -> None:
    rng = np.random.default_rng(4)
    sizes = rng.gamma(2.0, 1.0, 60) + 0.1
    values = (rng.random(60) < sizes / sizes.max()).astype(float)
    probabilities = inclusion_probabilities(sizes, 15)

    taken = draws(probabilities, 10_000)
    totals = taken @ (values / probabilities)
    unweighted = 60 / 15 * (taken @ values)

    assert abs(totals.mean() - values.sum()) < 5.0 * totals.std() / np.sqrt(10_000)
    assert abs(unweighted.mean() - values.sum()) > 20.0 * unweighted.std() / np.sqrt(10_000)


def test_an_order_by_stratum_gives_each_stratum_its_share() -> None:
    rng = np.random.default_rng(5)
    strata = np.repeat([0, 1, 2], [50, 30, 20])
    probabilities = inclusion_probabilities(np.ones(100), 10)

    for _ in range(200):
        found = systematic_draw(probabilities, np.arange(100), rng)
        assert np.bincount(strata[found], minlength=3).tolist() == [5, 3, 2]


@pytest.mark.parametrize(
    ("sizes", "n", "expected"),
    [
        pytest.param([], 0, [], id="no unit"),
        pytest.param([1.0, 2.0], 0, [0.0, 0.0], id="none to draw"),
        pytest.param([1.0, 2.0], 2, [1.0, 1.0], id="all"),
        pytest.param([1.0, 2.0], 9, [1.0, 1.0], id="more than there are"),
        pytest.param([0.0, 2.0, 1.0], 3, [0.0, 1.0, 1.0], id="a unit without size is never drawn"),
        pytest.param([0.0, 0.0], 1, [0.0, 0.0], id="no size at all"),
        pytest.param([1e308, 1e308, 1e308], 1, [1 / 3] * 3, id="huge sizes"),
        pytest.param([5e-324, 5e-324], 1, [0.5, 0.5], id="tiny sizes"),
        pytest.param([1e300, 5e-324], 2, [1.0, 1.0], id="huge beside tiny"),
    ],
)
def test_degenerate_sizes(sizes: list[float], n: int, expected: list[float]) -> None:
    found = inclusion_probabilities(np.array(sizes), n)

    assert found.tolist() == pytest.approx(expected)
    drawn = systematic_draw(found, np.arange(len(sizes)), np.random.default_rng(1))
    assert drawn.size == round(sum(expected))


@pytest.mark.parametrize(
    ("sizes", "n", "certain", "message"),
    [
        ([1.0, np.nan], 1, None, "finite"),
        ([1.0, np.inf], 1, None, "finite"),
        ([1.0, -1.0], 1, None, "0 or more"),
        ([1.0, 1.0], -1, None, "cannot draw -1"),
        ([1.0, 1.0], 1, [True, True], "2 certain"),
        ([1.0, 1.0], 1, [True], "2 marks"),
    ],
)
def test_sizes_that_are_none_are_refused(
    sizes: list[float], n: int, certain: list[bool] | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        inclusion_probabilities(np.array(sizes), n, None if certain is None else np.array(certain))


@pytest.mark.parametrize(
    ("probabilities", "order", "message"),
    [
        ([0.5, np.nan], [0, 1], "lie in"),
        ([0.5, 1.5], [0, 1], "lie in"),
        ([0.5, 0.4], [0, 1], "whole sum"),
        ([0.5, 0.5], [0, 0], "each place"),
        ([0.5, 0.5], [0], "each place"),
    ],
)
def test_draws_that_cannot_be_made_are_refused(
    probabilities: list[float], order: list[int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        systematic_draw(np.array(probabilities), np.array(order), np.random.default_rng(1))


def test_the_same_seed_draws_the_same_units() -> None:
    probabilities = inclusion_probabilities(np.arange(1.0, 21.0), 6)

    first, second = (
        systematic_draw(probabilities, np.arange(20), np.random.default_rng(9)) for _ in range(2)
    )

    assert first.tolist() == second.tolist()
