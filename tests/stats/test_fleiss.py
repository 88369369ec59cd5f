import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_kappa

from hitl.stats.agreement import (
    Clustering,
    design_effect,
    fleiss_kappa,
    gwet_ac1,
    pair_ratings,
    rating_influence,
)

Counts = NDArray[np.int64]

# The worked example of the encyclopaedia: 10 units, 14 ratings each, 5 categories.
FOURTEEN_RATERS = np.array(
    [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
)
# Krippendorff's reliability data "C", 0 for not rated.
FOUR_RATERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 0],
        [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 3],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
    ]
)

equal_raters = st.tuples(
    st.integers(2, 6), st.integers(2, 4), st.integers(1, 25), st.integers(0, 999)
).map(
    lambda drawn: np.random.default_rng(drawn[3]).multinomial(
        drawn[0], np.full(drawn[1], 1 / drawn[1]), drawn[2]
    )
)
any_raters = st.lists(
    st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=1, max_size=25
).map(np.array)


def test_fleiss_kappa_of_fourteen_raters_is_the_published_one() -> None:
    found = fleiss_kappa(FOURTEEN_RATERS)

    assert round(found.estimate or 0.0, 3) == 0.210
    assert (round(found.observed or 0.0, 3), round(found.by_chance or 0.0, 3)) == (0.378, 0.213)


def test_fleiss_kappa_of_raters_who_skip_units_is_what_gwets_own_package_gives() -> None:
    ratings = np.stack([(q == FOUR_RATERS).sum(axis=0) for q in range(1, 6)], axis=1)

    found = fleiss_kappa(ratings)

    assert found.estimate == pytest.approx(0.76117, abs=5e-6)
    assert found.observed == pytest.approx(0.81818, abs=5e-6)
    assert found.by_chance == pytest.approx(0.23872, abs=5e-6)


@given(equal_raters)
def test_with_equal_numbers_of_raters_it_is_that_of_statsmodels(ratings: Counts) -> None:
    found = fleiss_kappa(ratings)

    if found.estimate is None:
        assert np.count_nonzero(ratings.sum(axis=0)) == 1
    else:
        assert found.estimate == pytest.approx(statsmodels_kappa(ratings), abs=1e-12)


def test_a_unit_by_hand() -> None:
    # Units (3,0), (2,1), (1,1), (0,1): pairs agree in 1, 1/3, 0 and none; shares 1, 2/3, 1/2, 0 of the first.
    found = fleiss_kappa(np.array([[3, 0], [2, 1], [1, 1], [0, 1]]))

    observed = (1 + 1 / 3 + 0) / 3
    first = (1 + 2 / 3 + 1 / 2 + 0) / 4
    by_chance = first**2 + (1 - first) ** 2
    assert found.observed == pytest.approx(observed)
    assert found.by_chance == pytest.approx(by_chance)
    assert found.estimate == pytest.approx((observed - by_chance) / (1 - by_chance))


def test_the_error_is_near_that_of_resampled_units() -> None:
    rng = np.random.default_rng(5)
    ratings = np.repeat([[3, 0], [2, 1], [1, 2], [0, 3], [1, 0], [1, 1]], [90, 20, 15, 70, 30, 25], axis=0)  # fmt: skip
    drawn = [
        fleiss_kappa(ratings[rng.integers(0, len(ratings), len(ratings))]).estimate
        for _ in range(1_500)
    ]

    found = fleiss_kappa(ratings)

    assert found.standard_error == pytest.approx(float(np.std(np.array(drawn, float))), rel=0.1)


@pytest.mark.parametrize("copied", [0.0, 0.7], ids=["guessing", "kappa 0.49"])
def test_the_lower_limit_keeps_its_level(copied: float) -> None:
    rng, above = np.random.default_rng(11), 0
    for _ in range(500):
        truth, guesses = rng.choice(3, 60, p=[0.5, 0.3, 0.2]), rng.choice(3, (60, 3), p=[0.5, 0.3, 0.2])  # fmt: skip
        votes = np.where(rng.random((60, 3)) < copied, truth[:, None], guesses)
        found = fleiss_kappa(np.stack([(votes == q).sum(axis=1) for q in range(3)], axis=1))
        assert found.interval is not None
        # Two raters agree beyond chance where both see the truth.
        above += found.interval.low > copied**2

    assert above <= 0.04 * 500


@given(any_raters)
def test_influences_sum_to_nothing_and_give_the_error(ratings: Counts) -> None:
    found = fleiss_kappa(ratings)
    influence = rating_influence(ratings, "fleiss")

    assert influence.shape == (len(ratings),)
    if found.standard_error is not None:
        n = np.count_nonzero(ratings.sum(axis=1))
        assert influence.sum() == pytest.approx(0.0, abs=1e-9)
        assert found.standard_error == pytest.approx(np.sqrt(influence @ influence) / n)
        assert np.all(influence[ratings.sum(axis=1) == 0] == 0.0)


@pytest.mark.parametrize("coefficient", ["fleiss", "ac1"])
def test_copies_of_units_are_no_evidence(coefficient: str) -> None:
    tripled = np.repeat(FOURTEEN_RATERS, 3, axis=0)
    influence = rating_influence(tripled, coefficient)  # type: ignore[arg-type]  # one of the two
    effect = design_effect(influence, np.repeat(np.arange(10), 3))
    of = {"fleiss": fleiss_kappa, "ac1": gwet_ac1}[coefficient]

    alone, copied = of(FOURTEEN_RATERS), of(tripled, clustering=Clustering(10, effect))

    assert effect == pytest.approx(3.0)
    assert alone.interval is not None
    assert copied.interval is not None
    assert copied.standard_error is not None
    assert copied.interval.high - copied.interval.low >= alone.interval.high - alone.interval.low


@given(any_raters)
def test_rows_that_stand_for_many_units_are_those_units(ratings: Counts) -> None:
    times = np.arange(len(ratings)) % 4
    listed, counted = (
        fleiss_kappa(np.repeat(ratings, times, axis=0)),
        fleiss_kappa(ratings, times=times),
    )

    assert (listed.estimate is None) == (counted.estimate is None)
    if listed.estimate is not None:
        assert counted.estimate == pytest.approx(listed.estimate)
        assert counted.standard_error == pytest.approx(listed.standard_error)


@pytest.mark.parametrize("n", [8, 50])
def test_complete_agreement_leaves_a_width(n: int) -> None:
    found = fleiss_kappa(np.array([[3, 0], [0, 3]] * (n // 2)))

    assert found.estimate == pytest.approx(1.0)
    assert found.interval is not None
    assert found.interval.low == pytest.approx(min(1 - 2 * (1 - 0.025 ** (1 / n)), 1 - 2 / n))


@pytest.mark.parametrize(
    ("ratings", "reason"),
    [
        (np.zeros((0, 2), np.int64), "no unit was rated twice"),
        (np.array([[1, 0], [0, 1]]), "no unit was rated twice"),
        (np.array([[2], [3]]), "no other choice"),
        (np.array([[2, 0], [3, 0]]), "all ratings are of one category"),
    ],
)
def test_what_has_no_kappa_says_why(ratings: Counts, reason: str) -> None:
    found = fleiss_kappa(ratings)

    assert (found.estimate, found.interval) == (None, None)
    assert reason in found.reason


def test_few_units_have_an_estimate_and_no_interval() -> None:
    found = fleiss_kappa(np.array([[2, 0], [0, 2], [1, 1]]))

    assert found.estimate is not None
    assert found.interval is None
    assert "too few" in found.reason


def test_two_raters_differ_from_cohen_only_by_their_habits() -> None:
    # Scott's pi of [[20, 5], [10, 15]]: shares 0.55 and 0.45 for both raters, chance 0.505.
    found = fleiss_kappa(pair_ratings(2), times=np.array([20, 5, 10, 15]))

    assert found.estimate == pytest.approx((0.7 - 0.505) / (1 - 0.505))


def test_counts_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="units by categories"):
        fleiss_kappa(np.array([1, 2]))
    with pytest.raises(ValueError, match="units by categories"):
        fleiss_kappa(np.array([[1, -1]]))
