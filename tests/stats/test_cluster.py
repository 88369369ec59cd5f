import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy.special import stdtrit
from scipy.stats import permutation_test
from statsmodels.regression.linear_model import OLS

from hitl.stats.cluster import clustered_difference, sign_flip
from hitl.stats.paired import PairedCounts, difference_interval

Numbers = NDArray[np.float64]
EIGHT = np.array([0.2, -0.1, 0.4, 0.3, 0.5, 0.1, 0.6, -0.2])

scores = hnp.arrays(
    np.float64,
    st.integers(8, 40),
    elements=st.one_of(st.sampled_from([-1.0, -0.2, 0.0, 0.2, 1.0]), st.floats(-1.0, 1.0)),
)


def grouped(size: int) -> NDArray[np.int64]:
    """Clusters of 1, 2, 3, 1, 2, 3, ... cases."""
    return np.repeat(np.arange(size), np.arange(size) % 3 + 1)[:size]


def test_the_standard_error_equals_that_of_statsmodels_with_clusters() -> None:
    rng = np.random.default_rng(5)
    clusters = rng.integers(0, 20, 90)
    differences = np.clip(rng.normal(0.05, 0.3, 90) + rng.normal(0, 0.2, 20)[clusters], -1, 1)

    result = clustered_difference(differences, clusters)

    reference = OLS(differences, np.ones(90)).fit(
        cov_type="cluster", cov_kwds={"groups": clusters, "use_correction": False}
    )
    assert result.standard_error == pytest.approx(float(reference.bse[0]), abs=1e-12)
    assert (result.n_cases, result.n_clusters) == (90, 20)


def test_ordinary_evidence_has_the_textbook_limits_and_p() -> None:
    differences = np.linspace(-0.3, 0.5, 60)  # even steps: nothing to lower, nothing rare
    result = clustered_difference(differences, np.arange(60), 0.90)

    half = float(stdtrit(59, 0.95)) * result.standard_error
    assert result.interval.low == pytest.approx(0.1 - half)
    assert result.interval.high == pytest.approx(0.1 + half)
    assert result.interval.method == "cluster-robust t"
    assert result.p_worse == 1.0
    assert result.p_two_sided == 2.0 * result.p_better


def test_no_difference_at_all_is_bounded_like_pairs_of_which_none_is_discordant() -> None:
    for clusters in (8, 59, 200):
        interval = clustered_difference(np.zeros(clusters), np.arange(clusters), 0.90).interval
        paired = difference_interval(PairedCounts(clusters, 0, 0, 0), 0.90)

        assert (interval.low, interval.high) == pytest.approx((paired.low, paired.high))
        assert interval.method == "exact, no difference"


def test_repeating_a_case_adds_no_cluster() -> None:
    once = clustered_difference(np.zeros(20), np.arange(20), 0.90).interval
    five_times = clustered_difference(np.zeros(100), np.repeat(np.arange(20), 5), 0.90).interval

    assert five_times.low == once.low


def test_one_gain_among_equals_cannot_hurt_by_its_variance() -> None:
    # Plain t: mean 1/60 and standard error 1/60, so the limit falls from 0 to -0.011.
    level = clustered_difference(np.zeros(60), np.arange(60), 0.90)
    gained = clustered_difference(np.eye(60)[0], np.arange(60), 0.90)

    assert gained.interval.low == pytest.approx(level.interval.low + 1 / 60)


@given(scores, st.data(), st.booleans())
def test_a_worse_observation_improves_no_limit_and_no_p(
    differences: Numbers, data: st.DataObject, alone: bool
) -> None:
    clusters = np.arange(differences.size) if alone else grouped(differences.size)
    worse = differences.copy()
    at = data.draw(st.integers(0, differences.size - 1))
    worse[at] = data.draw(st.floats(-1.0, float(differences[at])))

    for confidence in (0.8, 0.9, 0.99):
        before = clustered_difference(differences, clusters, confidence)
        after = clustered_difference(worse, clusters, confidence)
        assert after.interval.low <= before.interval.low + 1e-9
        assert after.interval.high <= before.interval.high + 1e-9
        assert after.p_worse <= before.p_worse + 1e-9
        assert after.p_better >= before.p_better - 1e-9
    rng = np.random.default_rng
    assert sign_flip(worse, clusters, rng(1), 200) >= sign_flip(differences, clusters, rng(1), 200)


@given(scores, st.sampled_from([0.6, 0.9, 0.99]))
def test_swapping_the_arms_mirrors_the_result_exactly(
    differences: Numbers, confidence: float
) -> None:
    one = clustered_difference(differences, grouped(differences.size), confidence)
    other = clustered_difference(-differences, grouped(differences.size), confidence)

    assert other.interval == one.interval.mirrored()
    assert (other.p_worse, other.p_better) == (one.p_better, one.p_worse)


@given(scores, st.floats(0.005, 0.45))
def test_limits_and_p_values_agree(differences: Numbers, alpha: float) -> None:
    result = clustered_difference(differences, np.arange(differences.size), 1 - 2 * alpha)

    if abs(result.p_worse - alpha) > 1e-6 and abs(result.interval.high) > 1e-9:
        assert (result.p_worse < alpha) == (result.interval.high < 0.0)
    if abs(result.p_better - alpha) > 1e-6 and abs(result.interval.low) > 1e-9:
        assert (result.p_better < alpha) == (result.interval.low > 0.0)


@given(scores, st.integers(0, 2**32))
def test_neither_the_order_nor_the_names_of_clusters_matter(
    differences: Numbers, seed: int
) -> None:
    clusters = grouped(differences.size)
    order = np.random.default_rng(seed).permutation(differences.size)

    one = clustered_difference(differences, clusters)
    other = clustered_difference(differences[order], 1000 - 7 * clusters[order])

    assert other.interval.low == pytest.approx(one.interval.low, abs=1e-12)
    assert other.p_two_sided == pytest.approx(one.p_two_sided, abs=1e-9)


@given(scores)
def test_the_interval_holds_its_estimate(differences: Numbers) -> None:
    interval = clustered_difference(differences, np.arange(differences.size)).interval

    assert -1.0 - 1e-12 <= interval.low <= interval.estimate + 1e-12
    assert interval.estimate - 1e-12 <= interval.high <= 1.0 + 1e-12


def test_sign_flips_of_eight_cases_match_the_hand_count() -> None:
    # 11 of the 256 sign patterns have a mean of at least 1.8 / 8.
    assert sign_flip(EIGHT, np.arange(8), np.random.default_rng(1)) == 11 / 256


def test_sign_flips_agree_with_scipy() -> None:
    rng = np.random.default_rng(3)
    differences = rng.uniform(-0.4, 0.6, 12)

    reference = permutation_test(
        (differences,), np.mean, permutation_type="samples", alternative="greater"
    )

    assert sign_flip(differences, np.arange(12), rng) == pytest.approx(reference.pvalue)


def test_sampled_sign_flips_are_near_the_enumerated_ones_and_never_zero() -> None:
    rng = np.random.default_rng(4)
    differences = np.concatenate([EIGHT, np.zeros(10)])  # zeros change no sum

    sampled = sign_flip(differences, np.arange(18), rng, flips=20_000)

    # Four standard errors of 20,000 draws at 0.043.
    assert sampled == pytest.approx(11 / 256, abs=4 * math.sqrt(0.043 / 20_000))
    assert sign_flip(np.full(40, 0.5), np.arange(40), rng, flips=99) == 1 / 100


@pytest.mark.parametrize(
    ("differences", "clusters", "message"),
    [
        pytest.param(np.array([]), np.array([], dtype=int), "0 cluster", id="no case"),
        pytest.param(np.zeros(5), np.zeros(5, dtype=int), "1 cluster", id="one cluster"),
        pytest.param(np.array([0.1, math.nan]), np.arange(2), "none may be missing", id="missing"),
        pytest.param(np.array([0.1, 1.5]), np.arange(2), "lie in", id="not a share"),
        pytest.param(np.zeros(3), np.arange(2), "one cluster for each", id="lengths differ"),
    ],
)
def test_evidence_that_cannot_be_judged_is_refused(
    differences: Numbers, clusters: NDArray[np.int64], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        clustered_difference(differences, clusters)
    with pytest.raises(ValueError, match=message):
        sign_flip(differences, clusters, np.random.default_rng(1))


def test_a_test_without_flips_is_refused() -> None:
    with pytest.raises(ValueError, match="flips"):
        sign_flip(EIGHT, np.arange(8), np.random.default_rng(1), flips=0)
