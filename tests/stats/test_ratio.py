import math
from itertools import pairwise

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import beta, norm
from scipy.stats import t as student

from hitl.stats.proportion import exact_interval
from hitl.stats.ratio import clustered_mean, clustered_rate, plain_rate, rate_spread
from hitl.stats.ratio_change import mean_change, rate_change

Counts = NDArray[np.int64]

reviewers = st.lists(
    st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=1,
    max_size=15,
).filter(lambda cells: sum(n for _, n in cells) > 0)
paired = st.lists(
    st.tuples(
        *(st.integers(0, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),) * 2
    ),
    min_size=1,
    max_size=12,
).filter(lambda rows: all(sum(row[period][1] for row in rows) > 0 for period in (0, 1)))


def columns(cells: list[tuple[int, int]]) -> tuple[Counts, Counts]:
    k, n = np.array(cells).T
    return k, n


def test_the_design_effect_of_two_reviewers_is_that_worked_by_hand() -> None:
    # 1 of 4 and 3 of 4: rate 1/2. Without the one or the other it is 3/4 or 1/4, a move of 1/4
    # each, so the variance is 1/2 * 2 * 1/16 = 1/16. Independent rows: 1/4 / 8 = 1/32.
    found = clustered_rate(np.array([1, 3]), np.array([4, 4]))

    assert rate_spread(np.array([1, 3]), np.array([4, 4])).variance == pytest.approx(1 / 16)
    assert found.design_effect == pytest.approx(2.0)
    assert (found.interval.estimate, found.k, found.interval.n) == (0.5, 4, 8)
    assert found.interval.method == "korn-graubard, by cluster, few clusters"


def test_unequal_reviewers_count_as_the_equal_ones_that_carry_as_much() -> None:
    # 10, 10 and 20 rows: 40² / (100 + 100 + 400) = 8/3 reviewers, 5/3 degrees of freedom.
    k, n = np.array([5, 3, 12]), np.array([10, 10, 20])

    found = clustered_rate(k, n)

    assert rate_spread(k, n).freedom == pytest.approx(5 / 3)
    rows = 40 / found.design_effect / (student.ppf(0.975, 5 / 3) / norm.ppf(0.975)) ** 2
    assert found.interval.low == pytest.approx(beta.ppf(0.025, rows / 2, rows / 2 + 1), rel=1e-6)


def test_the_limits_are_clopper_pearsons_at_the_rows_that_remain() -> None:
    k, n = np.array([3, 5, 9, 12, 2, 8, 7, 6, 11, 4]), np.full(10, 40)

    found = clustered_rate(k, n)

    variance = float(np.var(k / n, ddof=1)) / 10
    effect = variance / (67 / 400 * 333 / 400 / 400)
    rows = 400 / effect / (student.ppf(0.975, 9) / norm.ppf(0.975)) ** 2
    x = 67 / 400 * rows
    assert found.design_effect == pytest.approx(effect, rel=1e-12)
    assert found.interval.low == pytest.approx(beta.ppf(0.025, x, rows - x + 1), rel=1e-9)
    assert found.interval.high == pytest.approx(beta.ppf(0.975, x + 1, rows - x), rel=1e-9)


@given(reviewers, st.floats(0.5, 0.99))
def test_likeness_never_makes_an_interval_narrower_than_independent_rows(
    cells: list[tuple[int, int]], confidence: float
) -> None:
    k, n = columns(cells)

    found = clustered_rate(k, n, confidence).interval

    plain = exact_interval(int(k.sum()), int(n.sum()), confidence)
    assert 0.0 <= found.low <= plain.low <= found.estimate <= plain.high <= found.high <= 1.0
    assert found.high > found.low


@given(reviewers, st.randoms(use_true_random=False))
def test_the_order_of_reviewers_and_those_without_rows_change_nothing(
    cells: list[tuple[int, int]], random: object
) -> None:
    shuffled = [*cells, (0, 0)]
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    found, again = clustered_rate(*columns(cells)), clustered_rate(*columns(shuffled))

    assert again.n_clusters == found.n_clusters
    assert again.interval.method == found.interval.method
    assert (again.interval.low, again.interval.high) == pytest.approx(
        (found.interval.low, found.interval.high), abs=1e-9
    )


@given(reviewers)
def test_counting_the_opposite_mirrors_the_interval(cells: list[tuple[int, int]]) -> None:
    k, n = columns(cells)

    found, opposite = clustered_rate(k, n).interval, clustered_rate(n - k, n).interval

    assert opposite.low == pytest.approx(1.0 - found.high, abs=1e-9)
    assert opposite.high == pytest.approx(1.0 - found.low, abs=1e-9)


@pytest.mark.parametrize("all_of_them", [False, True])
@pytest.mark.parametrize("reviewers", [2, 8, 40])
def test_no_event_and_all_events_keep_a_width(reviewers: int, all_of_them: bool) -> None:
    n = np.full(reviewers, 50)

    found = clustered_rate(n if all_of_them else 0 * n, n).interval

    assert found.high - found.low > 3.0 / (50 * reviewers)
    assert found.method.endswith("fewer events than clusters")


def test_one_more_event_never_lowers_the_upper_limit_of_even_reviewers() -> None:
    n, reviewer = np.full(20, 100), np.arange(20)
    highs = [clustered_rate((k + 19 - reviewer) // 20, n).interval.high for k in range(80)]

    assert all(one < other for one, other in pairwise(highs))


def test_a_single_reviewer_gets_the_exact_interval_and_a_warning() -> None:
    found, plain = clustered_rate(np.array([5]), np.array([50])), plain_rate(5, 50)

    assert (found.interval.low, found.interval.high) == (plain.interval.low, plain.interval.high)
    assert "likeness unseen" in found.interval.method
    assert found.n_clusters == 1


def test_fewer_reviewers_with_as_many_rows_widen_the_interval() -> None:
    widths = []
    for reviewers in (40, 20, 8, 4, 2):
        k = np.tile([6, 10], reviewers // 2) * 40 // reviewers
        found = clustered_rate(k, np.full(reviewers, 40 * 40 // reviewers)).interval
        widths.append(found.high - found.low)

    assert widths == sorted(widths)


@pytest.mark.parametrize(
    ("k", "n", "message"),
    [
        ([1], [0], "k <= n"),
        ([0, 0], [0, 0], "no trial"),
        ([-1], [3], "negative"),
        ([1.0], [3.0], "whole numbers"),
        ([math.nan], [3], "whole numbers"),
        ([1, 2], [3], "shape"),
    ],
)
def test_counts_that_cannot_have_been_counted_are_refused(
    k: list[int], n: list[int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        clustered_rate(np.array(k), np.array(n))


def test_the_error_of_a_mean_is_the_cluster_robust_one_of_statsmodels() -> None:
    values = np.random.default_rng(4).normal(2.0, 1.0, (12, 7)) + np.arange(12)[:, None] / 4
    ols = sm.OLS(values.ravel(), np.ones(84)).fit(
        cov_type="cluster",
        cov_kwds={"groups": np.repeat(np.arange(12), 7), "use_correction": False},
    )

    found = clustered_mean(values.sum(axis=1), np.full(12, 7))

    # Leaving clusters out is larger by G / (G - 1) when they are of one size.
    assert found.standard_error == pytest.approx(float(ols.bse[0]) * math.sqrt(12 / 11), rel=1e-9)
    assert found.interval is not None
    reach = student.ppf(0.975, 11) * found.standard_error
    assert found.interval.high - found.estimate == pytest.approx(reach, rel=1e-9)


def test_squares_keep_a_mean_from_being_surer_than_independent_rows() -> None:
    # Both clusters hold 0 and 2, so their means are alike; four rows have a variance of 4/3.
    sums, n, squares = np.array([2.0, 2.0]), np.array([2, 2]), np.array([4.0, 4.0])

    blind, found = clustered_mean(sums, n), clustered_mean(sums, n, squares=squares)

    assert (blind.interval, blind.standard_error) == (None, None)
    assert "without any spread" in blind.reason
    assert found.standard_error == pytest.approx(math.sqrt(4 / 3 / 4))


def test_a_mean_of_one_reviewer_has_an_interval_only_with_squares() -> None:
    alone = clustered_mean(np.array([6.0]), np.array([3]))
    known = clustered_mean(np.array([6.0]), np.array([3]), squares=np.array([14.0]))

    # 1, 2 and 3: standard error 1 / sqrt 3, and t with 2 degrees of freedom.
    assert alone.interval is None
    assert known.interval is not None
    assert known.interval.high == pytest.approx(2.0 + student.ppf(0.975, 2) / math.sqrt(3))
    assert "likeness unseen" in known.interval.method


def test_means_of_nothing_or_of_missing_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="no row"):
        clustered_mean(np.array([0.0]), np.array([0]))
    with pytest.raises(ValueError, match="finite"):
        clustered_mean(np.array([math.nan, 1.0]), np.array([1, 1]))


def test_reviewers_who_stay_as_they_are_cancel_out_of_a_change() -> None:
    k, n = np.array([2, 30, 5, 22, 11, 35, 3, 18, 9, 27]), np.full(10, 50)

    found = rate_change((k, n), (k, n))

    unpaired = math.hypot(
        found.after.interval.estimate - found.after.interval.low,
        found.before.interval.high - found.before.interval.estimate,
    )
    assert found.correlation == pytest.approx(1.0)
    assert found.interval.estimate == 0.0
    assert -found.interval.low < 0.3 * unpaired


def test_separate_reviewers_do_not_correlate() -> None:
    before = np.array([5, 9, 4, 0, 0, 0]), np.array([20, 20, 20, 0, 0, 0])
    after = np.array([0, 0, 0, 6, 3, 8]), np.array([0, 0, 0, 20, 20, 20])

    found = rate_change(before, after)

    assert (found.correlation, found.n_clusters) == (0.0, 6)
    assert (found.before.n_clusters, found.after.n_clusters) == (3, 3)


@given(paired)
def test_swapping_the_periods_mirrors_the_change(
    rows: list[tuple[tuple[int, int], tuple[int, int]]],
) -> None:
    before, after = (columns([row[period] for row in rows]) for period in (0, 1))

    found, swapped = rate_change(before, after).interval, rate_change(after, before).interval

    assert -1.0 <= found.low <= found.estimate <= found.high <= 1.0
    assert found.high - found.low > 0.0 or abs(found.estimate) == 1.0
    assert (swapped.estimate, swapped.low, swapped.high) == pytest.approx(
        (-found.estimate, -found.high, -found.low), abs=1e-9
    )


def test_a_change_from_none_to_none_keeps_a_width() -> None:
    nothing = np.zeros(10, dtype=np.int64), np.full(10, 30)

    found = rate_change(nothing, nothing).interval

    assert found.low < -0.01 < 0.01 < found.high


def test_a_change_needs_the_same_reviewers_in_the_same_order() -> None:
    with pytest.raises(ValueError, match="same clusters"):
        rate_change((np.array([1]), np.array([2])), (np.array([1, 1]), np.array([2, 2])))


def test_a_change_of_means_is_the_paired_t_test_when_each_reviewer_decides_as_often() -> None:
    rng = np.random.default_rng(9)
    before = rng.normal(3.0, 1.0, 15)
    after = before + rng.normal(0.3, 0.4, 15)
    n = np.full(15, 6)

    found = mean_change((before * 6, n), (after * 6, n))

    change = after - before
    assert found.estimate == pytest.approx(float(change.mean()))
    assert found.standard_error == pytest.approx(float(change.std(ddof=1)) / math.sqrt(15))
    assert found.interval is not None
    reach = student.ppf(0.975, 14) * found.standard_error
    assert found.interval.low == pytest.approx(found.estimate - reach)


def test_a_change_of_means_without_spread_has_no_interval() -> None:
    n = np.array([2, 2, 2])

    moved = mean_change((np.array([2.0, 4.0, 6.0]), n), (np.array([4.0, 6.0, 8.0]), n))
    alone = mean_change((np.array([2.0]), n[:1]), (np.array([3.0]), n[:1]))

    assert (moved.estimate, moved.interval) == (pytest.approx(1.0), None)
    assert alone.interval is None
    assert "cluster" in alone.reason
