import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import bootstrap

from hitl.stats.bootstrap import (
    PairedMeasure,
    StatisticName,
    compare_measure,
    compare_measures,
)
from hitl.stats.resample import Statistic

Numbers = NDArray[np.float64]
NAMES: tuple[StatisticName, ...] = ("mean", "median", "p95")


def a_pair(n: int, seed: int = 1) -> tuple[Numbers, Numbers]:
    rng = np.random.default_rng(seed)
    previous = rng.lognormal(size=n)
    return previous, previous * rng.lognormal(0.1, 0.3, n)


@given(
    st.integers(1, 120),
    st.integers(1, 30),
    st.sampled_from(NAMES),
    st.integers(0, 2**32),
    st.booleans(),
)
def test_a_statistic_of_counts_is_the_statistic_of_the_repeated_cases(
    n: int, clusters: int, name: StatisticName, seed: int, tied: bool
) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 5, n).astype(float) if tied else rng.normal(size=n)
    members = np.unique(rng.integers(0, clusters, n), return_inverse=True)[1]
    drawn = rng.integers(0, members.max() + 1, members.max() + 1)
    counts = np.bincount(drawn, minlength=members.max() + 1).astype(float)
    repeated = np.repeat(values, counts[members].astype(int))

    statistic = Statistic.of(values, members, name)
    cases = counts @ np.bincount(members)
    found = statistic.resampled(
        counts[None, :], np.array([counts @ statistic.totals]), np.array([cases])
    )

    def reference(numbers: Numbers) -> float:
        if name == "mean":
            return float(np.mean(numbers))
        share = 0.5 if name == "median" else 0.95
        return float(np.quantile(numbers, share, method="inverted_cdf"))

    assert statistic.point == pytest.approx(reference(values))
    assert found[0] == pytest.approx(reference(repeated))


def test_the_interval_of_a_mean_agrees_with_scipy() -> None:
    previous, candidate = a_pair(300)

    result = compare_measure(
        previous, candidate, np.arange(300), "mean", 0.95, np.random.default_rng(2), 4000
    )

    reference = bootstrap(
        (candidate - previous,), np.mean, n_resamples=4000, method="percentile",
        rng=np.random.default_rng(3),
    ).confidence_interval  # fmt: skip
    assert result.increase is not None
    assert (result.increase.low, result.increase.high) == pytest.approx(
        (reference.low, reference.high), abs=0.02
    )


@pytest.mark.parametrize("name", NAMES)
def test_twice_as_slow_everywhere_is_a_ratio_of_two_without_doubt(name: StatisticName) -> None:
    previous, _ = a_pair(200)

    result = compare_measure(
        previous, 2 * previous, np.arange(200), name, 0.95, np.random.default_rng(1)
    )

    assert result.ratio is not None
    assert result.increase is not None
    assert (result.ratio.low, result.ratio.high) == pytest.approx((2.0, 2.0))
    assert result.increase.low > 0.0
    assert result.candidate == 2 * result.previous


def test_measures_together_share_their_resamples_with_each_alone() -> None:
    previous, candidate = a_pair(60)
    clusters = np.arange(60) // 2
    measures = [PairedMeasure(previous, candidate, name) for name in NAMES]

    together = compare_measures(measures, clusters, 0.9, np.random.default_rng(7))

    for name, result in zip(NAMES, together, strict=True):
        alone = compare_measure(previous, candidate, clusters, name, 0.9, np.random.default_rng(7))
        assert result.previous == alone.previous
        assert result.ratio is not None
        assert alone.ratio is not None
        # Sums of several columns are added up in another order, so the last digit may differ.
        assert (result.ratio.low, result.ratio.high) == pytest.approx(
            (alone.ratio.low, alone.ratio.high), rel=1e-12
        )
        assert (result.n, result.n_clusters) == (60, 30)


def test_swapping_the_arms_mirrors_the_increase() -> None:
    previous, candidate = a_pair(50)
    one = compare_measure(previous, candidate, np.arange(50), "p95", 0.9, np.random.default_rng(1))
    other = compare_measure(
        candidate, previous, np.arange(50), "p95", 0.9, np.random.default_rng(1)
    )

    assert one.increase is not None
    assert other.increase is not None
    assert other.increase.low == pytest.approx(-one.increase.high)


def test_repeated_cases_of_one_cluster_do_not_narrow_the_interval() -> None:
    previous, candidate = a_pair(40)
    alone = compare_measure(
        previous, candidate, np.arange(40), "mean", 0.95, np.random.default_rng(1), 2000
    )
    tripled = compare_measure(
        np.repeat(previous, 3), np.repeat(candidate, 3), np.repeat(np.arange(40), 3), "mean", 0.95,
        np.random.default_rng(1), 2000,
    )  # fmt: skip

    assert alone.increase is not None
    assert tripled.increase is not None
    assert tripled.increase.low == pytest.approx(alone.increase.low)


def test_a_previous_arm_that_cost_nothing_has_no_ratio() -> None:
    free = compare_measure(
        np.zeros(20), np.ones(20), np.arange(20), "mean", 0.95, np.random.default_rng(1)
    )
    rarely = compare_measure(
        np.eye(20)[0], np.ones(20), np.arange(20), "mean", 0.95, np.random.default_rng(1)
    )

    assert free.ratio is None
    assert free.increase is not None
    assert rarely.previous > 0.0
    assert rarely.ratio is None


def test_fewer_than_eight_clusters_give_no_interval() -> None:
    few = compare_measure(
        np.ones(70), np.ones(70), np.arange(70) % 7, "mean", 0.95, np.random.default_rng(1)
    )

    assert (few.ratio, few.increase, few.n_clusters) == (None, None, 7)
    assert few.previous == 1.0


def test_a_ratio_beyond_the_largest_number_is_none() -> None:
    result = compare_measure(
        np.full(20, 1e-300), np.full(20, 1e100), np.arange(20), "p95", 0.9, np.random.default_rng(1)
    )

    assert result.ratio is None
    assert result.increase is not None


@pytest.mark.parametrize(
    ("previous", "candidate", "resamples", "message"),
    [
        pytest.param([], [], 100, "at least one case", id="no case"),
        pytest.param([1.0], [1.0, 2.0], 100, "one length", id="lengths differ"),
        pytest.param([1.0], [math.nan], 100, "not finite", id="missing"),
        pytest.param([math.inf], [1.0], 100, "not finite", id="endless"),
        pytest.param([1.0], [1e200], 100, "not finite", id="beyond any measure"),
        pytest.param([1.0], [1.0], 99, "100 resamples", id="too few resamples"),
    ],
)
def test_measures_that_mean_nothing_are_refused(
    previous: list[float], candidate: list[float], resamples: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        compare_measure(
            np.array(previous), np.array(candidate), np.arange(len(previous)), "p95", 0.95,
            np.random.default_rng(1), resamples,
        )  # fmt: skip
