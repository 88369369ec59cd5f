import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitl.stats.proportion import lower_limit
from hitl.stats.repeat import flaky, lowest_rate, pass_at_k, pass_hat_k

TEN = np.array([10])


def test_seven_of_ten_passes_by_hand() -> None:
    # C(7,2) / C(10,2) = 21/45; 1 - C(3,2) / C(10,2) = 42/45.
    assert pass_hat_k(np.array([7]), TEN, 2) == pytest.approx(21 / 45)
    assert pass_at_k(np.array([7]), TEN, 2) == pytest.approx(42 / 45)


def test_cases_count_alike_whatever_their_repeats() -> None:
    assert pass_hat_k(np.array([2, 0]), np.array([2, 6]), 2) == 0.5


@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_every_time_is_rarer_than_once_and_both_fall_together_with_passes(
    case: tuple[int, int],
) -> None:
    passes, repeats = np.array(case[:1]), np.array(case[1:])
    for k in range(1, case[1] + 1):
        assert pass_hat_k(passes, repeats, k) <= pass_at_k(passes, repeats, k) + 1e-12
        if case[0] > 0:
            assert pass_hat_k(passes - 1, repeats, k) <= pass_hat_k(passes, repeats, k)
    assert pass_hat_k(passes, repeats, 1) == pytest.approx(case[0] / case[1])


def test_a_case_that_passes_now_and_then_is_flaky() -> None:
    marked = flaky(np.array([0, 1, 2, 3, 1]), np.array([3, 3, 3, 3, 1]))

    assert marked.tolist() == [False, True, True, False, False]


def test_an_unbroken_run_proves_what_the_exact_limit_says() -> None:
    # 0.05^(1/k) for k = 3, 5, 10, 20.
    assert [round(lowest_rate(k), 2) for k in (3, 5, 10, 20)] == [0.37, 0.55, 0.74, 0.86]
    assert lowest_rate(7) == pytest.approx(lower_limit(7, 7, 0.95))


@pytest.mark.parametrize(
    ("passes", "repeats", "k"),
    [
        pytest.param([], [], 1, id="no case"),
        pytest.param([1], [1], 2, id="fewer repeats than k"),
        pytest.param([1], [1], 0, id="k of 0"),
        pytest.param([2], [1], 1, id="more passes than repeats"),
        pytest.param([-1], [1], 1, id="negative passes"),
    ],
)
def test_impossible_counts_are_refused(passes: list[int], repeats: list[int], k: int) -> None:
    for function in (pass_hat_k, pass_at_k):
        with pytest.raises(ValueError, match=r"repeats|replies"):
            function(np.array(passes, dtype=int), np.array(repeats, dtype=int), k)


def test_no_pass_proves_no_rate() -> None:
    with pytest.raises(ValueError, match="passes"):
        lowest_rate(0)
