import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import t as student

from hitl.stats.ratio_change import rate_change
from hitl.stats.standardised import MixShift, Period, mix_shift

Counts = NDArray[np.int64]


def spread_over(clusters: int, k: list[int], n: list[int]) -> Period:
    """The same counts for each of so many reviewers."""
    return Period(*(np.tile(np.array(of)[:, None], clusters) for of in (k, n)))


def worlds(strata: int, clusters: int) -> st.SearchStrategy[Period]:
    size = strata * clusters
    return (
        st.lists(
            st.integers(0, 20).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
            min_size=size,
            max_size=size,
        )
        .filter(lambda cells: sum(n for _, n in cells) > 0)
        .map(
            lambda cells: Period(
                *(np.array(of, dtype=np.int64).reshape(strata, clusters) for of in zip(*cells))  # noqa: B905
            )
        )
    )


def test_another_mix_at_the_same_rates_is_all_mix() -> None:
    # 10 % and 50 %, first 60 : 40, then 20 : 80: from 26 % to 42 %.
    found = mix_shift(spread_over(10, [6, 20], [60, 40]), spread_over(10, [2, 40], [20, 80]))

    assert found.crude.estimate == pytest.approx(0.16)
    assert found.mix_part == pytest.approx(0.16)
    assert found.within_part is not None
    assert found.within_part.estimate == pytest.approx(0.0, abs=1e-12)
    assert found.within_part.low < 0.0 < found.within_part.high
    assert (found.first_rate, found.second_rate) == (pytest.approx(0.26), pytest.approx(0.26))


def test_both_parts_are_those_worked_by_hand() -> None:
    # 20 % and 60 % in the second period. Mix: -0.4 * 0.15 + 0.4 * 0.55 = 0.16. Within: 0.4 * 0.1
    # + 0.6 * 0.1 = 0.1. On the first mix: 0.6 * 0.2 + 0.4 * 0.6 = 0.36 after 0.26.
    found = mix_shift(spread_over(10, [6, 20], [60, 40]), spread_over(10, [4, 48], [20, 80]))

    assert found.crude.estimate == pytest.approx(0.26)
    assert found.mix_part == pytest.approx(0.16)
    assert found.within_part is not None
    assert found.within_part.estimate == pytest.approx(0.1)
    assert found.standardised is not None
    assert found.standardised.estimate == pytest.approx(0.1)
    assert (found.first_rate, found.second_rate) == (pytest.approx(0.26), pytest.approx(0.36))
    assert found.support_part == pytest.approx(0.0, abs=1e-12)
    assert (found.common_share, found.n_clusters, found.n) == (1.0, 10, 2000)


@given(worlds(3, 4), worlds(3, 4))
def test_the_parts_always_add_up_to_the_crude_change(before: Period, after: Period) -> None:
    found = mix_shift(before, after, least_common=0.01)

    totals = [(p.k.sum(axis=0), p.n.sum(axis=0)) for p in (before, after)]
    assert found.crude == rate_change(*totals).interval
    if found.within_part is None or found.mix_part is None or found.support_part is None:
        assert found.common_share < 0.01
        return
    parts = found.mix_part + found.within_part.estimate + found.support_part
    assert parts == pytest.approx(found.crude.estimate, abs=1e-12)
    assert found.standardised is not None
    on_the_first_mix = (found.second_rate or 0.0) - (found.first_rate or 0.0)
    assert found.standardised.estimate == pytest.approx(on_the_first_mix, abs=1e-12)
    for bound in (found.within_part, found.standardised):
        assert -1.0 <= bound.low <= bound.estimate <= bound.high <= 1.0
        assert bound.high > bound.low


@given(worlds(2, 3), worlds(2, 3))
def test_swapping_the_periods_mirrors_kitagawas_parts(before: Period, after: Period) -> None:
    found = mix_shift(before, after, least_common=0.01)
    swapped = mix_shift(after, before, least_common=0.01)

    if found.within_part is None or swapped.within_part is None:
        assert found.within_part is swapped.within_part
        return
    mirrored = found.within_part.mirrored()
    assert swapped.within_part.estimate == pytest.approx(mirrored.estimate, abs=1e-12)
    assert swapped.within_part.low == pytest.approx(mirrored.low, abs=1e-9)
    assert swapped.mix_part == pytest.approx(-(found.mix_part or 0.0), abs=1e-12)


def test_the_interval_is_near_that_of_leaving_each_reviewer_out() -> None:
    rng = np.random.default_rng(6)
    n0, n1 = (rng.poisson([[30], [20], [10]], (3, 25)) + 5 for _ in range(2))
    bias = rng.beta(8, 8, 25)
    k0 = rng.binomial(n0, np.clip(np.array([[0.2], [0.6], [1.0]]) * bias, 0, 1))
    k1 = rng.binomial(n1, np.clip(np.array([[0.3], [0.6], [1.2]]) * bias, 0, 1))

    def without(cluster: int) -> MixShift:
        kept = np.arange(25) != cluster
        return mix_shift(Period(k0[:, kept], n0[:, kept]), Period(k1[:, kept], n1[:, kept]))

    found = mix_shift(Period(k0, n0), Period(k1, n1)).within_part
    left_out = [one.within_part.estimate for c in range(25) if (one := without(c)).within_part]

    assert found is not None
    error = math.sqrt(24 / 25 * float(((np.array(left_out) - found.estimate) ** 2).sum()))
    assert len(left_out) == 25
    reach = (found.high - found.low) / 2.0
    assert reach == pytest.approx(float(student.ppf(0.975, 24)) * error, rel=0.02)


def test_strata_of_one_period_alone_are_a_part_of_their_own() -> None:
    before = spread_over(8, [1, 9, 0], [10, 90, 0])
    after = spread_over(8, [0, 9, 5], [0, 90, 10])

    found = mix_shift(before, after)

    # The common stratum has 10 % in both periods; the new one brings 50 % of a tenth.
    assert found.common_share == pytest.approx(0.9)
    assert found.within_part is not None
    assert found.within_part.estimate == pytest.approx(0.0, abs=1e-12)
    assert found.mix_part == pytest.approx(0.0, abs=1e-12)
    assert found.support_part == pytest.approx(0.04)


def test_too_little_in_common_is_not_taken_apart() -> None:
    before = spread_over(8, [1, 9], [10, 90])
    after = spread_over(8, [3, 0], [30, 0])

    found = mix_shift(before, after)

    assert found.common_share == pytest.approx(0.1)
    assert (found.mix_part, found.within_part, found.standardised) == (None, None, None)
    assert (found.first_rate, found.second_rate, found.support_part) == (None, None, None)
    assert "10.0% of the rows; expected 80% or more" in found.reason


def test_no_event_in_either_period_keeps_a_width() -> None:
    nothing = spread_over(12, [0, 0], [30, 20])

    found = mix_shift(nothing, nothing).within_part

    assert found is not None
    assert found.low < 0.0 < found.high


def test_a_single_reviewer_is_said_to_hide_the_likeness() -> None:
    found = mix_shift(spread_over(1, [6, 20], [60, 40]), spread_over(1, [4, 48], [20, 80]))

    assert found.within_part is not None
    assert "likeness unseen" in found.within_part.method


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (([[1]], [[0]]), ([[1]], [[2]]), "k <= n"),
        (([[0]], [[0]]), ([[1]], [[2]]), "no trial"),
        (([[0]], [[1]]), ([[1], [1]], [[2], [2]]), "same shape"),
        (([0], [1]), ([1], [2]), "stratum and cluster"),
        (([[math.nan]], [[1]]), ([[1]], [[2]]), "whole numbers"),
    ],
)
def test_periods_that_do_not_fit_are_refused(
    before: tuple[list[int], list[int]], after: tuple[list[int], list[int]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        mix_shift(*(Period(np.array(k), np.array(n)) for k, n in (before, after)))


@pytest.mark.parametrize("least_common", [0.0, 1.0, math.nan])
def test_a_common_share_out_of_range_is_refused(least_common: float) -> None:
    period = spread_over(3, [1], [2])

    with pytest.raises(ValueError, match="least_common"):
        mix_shift(period, period, least_common=least_common)
