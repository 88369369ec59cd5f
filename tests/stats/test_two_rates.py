import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep

from hitl.stats.two_rates import rate_difference

counts = st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


# Newcombe (1998), Statistics in Medicine 17, 873, table II, method 10; second minus first here.
@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((48, 80), (56, 70), 0.0524, 0.3339),
        ((3, 10), (9, 10), 0.1705, 0.8090),
        ((0, 20), (10, 10), 0.6791, 1.0),
        ((29, 29), (10, 10), -0.2775, 0.1170),
    ],
)
def test_the_interval_matches_published_values(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    found = rate_difference(first, second)

    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@given(counts, counts)
def test_the_interval_is_that_of_statsmodels(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    found = rate_difference(first, second)
    low, high = confint_proportions_2indep(*second, *first, method="newcomb", compare="diff")

    assert (found.low, found.high) == (pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9))


@pytest.mark.parametrize("counts", [(1, 0), (-1, 3), (4, 3)])
def test_impossible_counts_are_refused(counts: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="0 <= k <= n"):
        rate_difference(counts, (1, 2))
