import math

import numpy as np
import pytest

from hitl.stats.proportion import cases_for_claim
from hitl.stats.risk_tail import binomial_tail
from hitl.stats.threshold_plan import (
    LARGEST_ADVICE,
    labels_needed,
    least_labels,
    quantile_grid,
    spent,
    start_step,
)

LEAST = 149  # 0.98^149 = 0.0493, 0.98^148 = 0.0503


@pytest.mark.parametrize(
    ("target", "n"), [(0.05, 59), (0.02, 149), (0.01, 299), (0.001, 2995), (0.5, 5), (0.96, 1)]
)
def test_published_least_labels(target: float, n: int) -> None:
    assert least_labels(target, 0.05) == n


def test_least_labels_are_the_cases_for_a_claim_without_errors() -> None:
    for target in (0.003, 0.02, 0.17):
        for delta in (0.2, 0.05, 0.0304, 0.001):
            assert least_labels(target, delta) == cases_for_claim(0, target, 1.0 - delta)


def test_a_chance_too_small_to_subtract_from_one_still_has_its_labels() -> None:
    # ln(1e-30) / ln(0.98) = 3419.2
    assert least_labels(0.02, 1e-30) == 3420


@pytest.mark.parametrize(
    ("total", "labels_at_start"),
    [
        pytest.param(LEAST - 1, None, id="too few to prove anything"),
        pytest.param(LEAST, LEAST, id="just enough"),
        pytest.param(6 * LEAST - 1, LEAST, id="almost 6 times as many"),
        pytest.param(6 * LEAST, 2 * LEAST, id="6 times as many"),
        pytest.param(20 * LEAST - 1, 2 * LEAST, id="almost 20 times as many"),
        pytest.param(20 * LEAST, 4 * LEAST, id="20 times as many"),
        pytest.param(100_000, 4 * LEAST, id="a great many"),
    ],
)
def test_the_start_grows_with_the_labels(total: int, labels_at_start: int | None) -> None:
    found = start_step(np.arange(1, total + 1), 0.02, 0.05)

    assert found == (None if labels_at_start is None else labels_at_start - 1)


def test_a_start_between_thresholds_is_the_next_lower_one() -> None:
    assert start_step(np.array([0, 100, 100, 160, 800]), 0.02, 0.05) == 3


def test_without_thresholds_or_labels_there_is_no_start() -> None:
    assert start_step(np.array([], dtype=np.int64), 0.02, 0.05) is None
    assert start_step(np.zeros(5, dtype=np.int64), 0.02, 0.05) is None


def test_counts_that_fall_have_no_start() -> None:
    for counts in ([200, 100], [[1, 2], [3, 4]]):
        with pytest.raises(ValueError, match="one number for each threshold"):
            start_step(np.array(counts), 0.02, 0.05)


def test_a_grid_of_quantiles_worked_by_hand() -> None:
    # Quarters of 20 rows end at the 5th, 10th, 15th and 20th: scores 0, 2, 2 and 4.
    assert quantile_grid(np.array([5, 0, 10, 3, 2]), most=4).tolist() == [0, 2, 4]


def test_few_rows_give_a_threshold_for_each_score() -> None:
    assert quantile_grid(np.array([0, 1, 1, 0, 7, 0])).tolist() == [1, 2, 4]


def test_many_rows_give_a_hundred_thresholds_of_as_many_rows() -> None:
    assert quantile_grid(np.ones(5000, dtype=np.int64)).tolist() == list(range(49, 5000, 50))


def test_one_score_is_one_threshold() -> None:
    assert quantile_grid(np.array([0, 9000, 0])).tolist() == [1]


def test_no_rows_have_no_grid() -> None:
    for rows in ([], [0, 0, 0]):
        assert quantile_grid(np.array(rows, dtype=np.int64)).tolist() == []


def test_a_grid_of_less_than_one_threshold_is_refused() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        quantile_grid(np.array([1]), most=0)


def test_large_counts_do_not_overflow_the_ranks() -> None:
    assert quantile_grid(np.array([10**12, 10**12]), most=4).tolist() == [0, 1]


def test_a_year_of_weekly_tests_spends_less_than_the_whole_chance() -> None:
    shares = [spent(0.05, number) for number in range(1, 53)]

    assert shares[:3] == pytest.approx(
        [0.05 * 0.6079271, 0.05 * 0.1519818, 0.05 * 0.0675475], rel=1e-6
    )
    assert 0.049 < sum(shares) < 0.05
    assert math.fsum(1 / j**2 for j in range(1, 10**6)) * spent(1e-3, 1) < 1e-3


@pytest.mark.parametrize("number", [0, -1])
def test_tests_are_counted_from_one(number: int) -> None:
    with pytest.raises(ValueError, match="counted from 1"):
        spent(0.05, number)


def certifies(k: int, n: int, total: int, share: float) -> bool:
    """The definition, one total at a time."""
    above = int(total * share + 1e-9)
    factor = 4 if total >= 20 * LEAST else 2 if total >= 6 * LEAST else 1
    wrong = -(-above * k // n) if n else 0
    return above >= factor * LEAST and binomial_tail(wrong, above, 0.02) <= 0.05


@pytest.mark.parametrize(
    ("k", "n", "share"),
    [
        pytest.param(0, 100, 1.0, id="no error"),
        pytest.param(0, 0, 1.0, id="no label yet"),
        pytest.param(0, 100, 0.5, id="no error, half above"),
        pytest.param(0, 100, 0.1, id="the start of many labels is the lower bound"),
        pytest.param(1, 200, 1.0, id="1 in 200"),
        pytest.param(1, 100, 0.5, id="1 in 100, half above"),
        pytest.param(3, 250, 0.25, id="12 in 1000, a quarter above"),
        pytest.param(3, 200, 1.0, id="15 in 1000"),
    ],
)
def test_advice_is_the_smallest_total_that_certifies(k: int, n: int, share: float) -> None:
    advised = labels_needed(k, n, 0.02, 0.05, share)

    assert advised is not None
    assert certifies(k, n, advised, share)
    # Totals just below the advice round the rows above the threshold down to fewer.
    assert not any(certifies(k, n, total, share) for total in range(advised))


def test_a_rate_at_the_target_or_above_it_is_never_certified() -> None:
    assert labels_needed(2, 100, 0.02, 0.05) is None
    assert labels_needed(5, 5, 0.02, 0.05) is None


def test_a_rate_too_close_to_the_target_gets_no_number() -> None:
    assert labels_needed(19_999, 1_000_000, 0.02, 0.05) is None


def test_a_share_too_small_gets_no_number() -> None:
    assert labels_needed(0, 10, 0.02, 0.05, share=1e-9) is None
    assert labels_needed(0, 10, 0.02, 0.05, share=4 * LEAST / LARGEST_ADVICE) == LARGEST_ADVICE


def test_closer_rates_take_more_labels() -> None:
    needed = [labels_needed(k, 10_000, 0.02, 0.05) for k in (0, 20, 50, 100, 150, 180)]

    assert None not in needed
    assert needed == sorted(needed, key=lambda n: n or 0)
    assert needed[0] == LEAST


def test_questions_without_sense_are_refused() -> None:
    for k, n, share in ((2, 1, 1.0), (-1, 1, 1.0), (0, 1, 0.0), (0, 1, 1.5), (0, 1, math.nan)):
        with pytest.raises(ValueError, match="0 < share <= 1"):
            labels_needed(k, n, 0.02, 0.05, share)
    for target, delta in ((0.0, 0.05), (0.02, 1.0)):
        with pytest.raises(ValueError, match="strictly between"):
            least_labels(target, delta)
