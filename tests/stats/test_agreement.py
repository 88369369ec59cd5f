import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa

from hitl.stats.agreement import (
    Agreement,
    Clustering,
    cohen_kappa,
    complete_agreement_limit,
    cross_table,
    design_effect,
    gwet_ac1,
    kappa_influence,
    pair_ratings,
    raw_agreement,
)

Counts = NDArray[np.int64]

tables = st.integers(2, 4).flatmap(
    lambda k: st.lists(st.integers(0, 30), min_size=k * k, max_size=k * k).map(
        lambda cells: np.array(cells, dtype=np.int64).reshape(k, k)
    )
)


def units(table: Counts) -> tuple[Counts, Counts]:
    first, second = np.indices(table.shape)
    return np.repeat(first.ravel(), table.ravel()), np.repeat(second.ravel(), table.ravel())


def two_raters_ac1(table: Counts) -> Agreement:
    return gwet_ac1(pair_ratings(len(table)), times=table.ravel())


# Krippendorff's reliability data "C": 4 raters, 12 units, 5 categories, 0 for not rated.
FOUR_RATERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 0],
        [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 3],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
    ]
)


def test_ac1_of_raters_who_skip_units_is_what_gwets_own_package_gives() -> None:
    ratings = np.stack([(q == FOUR_RATERS).sum(axis=0) for q in range(1, 6)], axis=1)

    found = gwet_ac1(ratings)

    assert found.estimate is not None
    assert round(found.estimate, 5) == 0.77544
    assert found.observed == pytest.approx(0.81818, abs=5e-6)
    assert found.by_chance == pytest.approx(0.19032, abs=5e-6)


@pytest.mark.parametrize(
    ("table", "kappa"),
    [([[20, 5], [10, 15]], 0.40), ([[45, 15], [25, 15]], 0.1304), ([[25, 35], [5, 35]], 0.2593)],
)
def test_kappa_matches_textbook_values(table: list[list[int]], kappa: float) -> None:
    found = cohen_kappa(np.array(table))

    assert found.estimate == pytest.approx(kappa, abs=5e-5)


def test_kappa_of_fifty_items_has_a_large_error() -> None:
    # Agreement 35/50 = 0.7, by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5, so kappa is 0.2 / 0.5.
    found = cohen_kappa(np.array([[20, 5], [10, 15]]))

    assert (found.observed, found.by_chance) == (pytest.approx(0.7), pytest.approx(0.5))
    assert found.standard_error == pytest.approx(0.127, abs=5e-4)
    assert found.interval is not None
    assert found.interval.low < 0.151 < 0.4 < found.interval.high


def test_a_rare_label_ruins_kappa_and_not_ac1() -> None:
    table = np.array([[118, 5], [2, 0]])

    assert cohen_kappa(table).estimate == pytest.approx(-0.0234, abs=5e-5)
    assert two_raters_ac1(table).estimate == pytest.approx(0.9408, abs=5e-5)


@given(tables, st.sampled_from(["none", "quadratic"]))
def test_kappa_is_scikit_learns(table: Counts, weights: str) -> None:
    found = cohen_kappa(table, weights=weights)  # type: ignore[arg-type]  # one of the two
    first, second = units(table)

    if found.estimate is None:
        assert np.count_nonzero(table) <= 1
    else:
        oracle = cohen_kappa_score(
            first, second, labels=list(range(len(table))),
            weights=None if weights == "none" else weights,
        )  # fmt: skip
        assert found.estimate == pytest.approx(oracle, abs=1e-12)


@given(tables, st.sampled_from(["none", "quadratic"]))
def test_the_error_of_kappa_is_that_of_statsmodels(table: Counts, weights: str) -> None:
    found = cohen_kappa(table, weights=weights)  # type: ignore[arg-type]  # one of the two
    if found.standard_error is None:
        return
    kind = {"none": None, "quadratic": "fc"}[weights]
    with np.errstate(all="ignore"):
        oracle = cohens_kappa(table, wt=kind)

    # statsmodels takes the root of a difference, which near complete agreement cancels.
    assert found.standard_error**2 == pytest.approx(float(oracle.var_kappa), abs=1e-9)


@given(tables)
def test_influences_sum_to_nothing_and_give_the_variance(table: Counts) -> None:
    found = cohen_kappa(table)
    if found.standard_error is None:
        return
    influence = kappa_influence(table)[units(table)]

    assert influence.sum() == pytest.approx(0.0, abs=1e-6)
    assert found.standard_error == pytest.approx(
        float(np.sqrt((influence**2).sum())) / influence.size, abs=1e-12
    )


def test_the_error_of_ac1_is_near_that_of_resampled_units() -> None:
    ratings, rng = (
        np.repeat(pair_ratings(3), [60, 6, 4, 5, 30, 5, 2, 8, 30], axis=0),
        np.random.default_rng(5),
    )
    drawn = [
        gwet_ac1(ratings[rng.integers(0, len(ratings), len(ratings))]).estimate for _ in range(1500)
    ]

    found = gwet_ac1(ratings)

    assert found.standard_error == pytest.approx(float(np.std(np.array(drawn, float))), rel=0.1)


@pytest.mark.parametrize("n", [8, 50, 1000])
def test_complete_agreement_leaves_a_width(n: int) -> None:
    table = np.array([[n // 2, 0], [0, n // 2]])

    kappa, ac1 = cohen_kappa(table), two_raters_ac1(table)

    for found in (kappa, ac1):
        assert found.estimate == pytest.approx(1.0)
        assert found.interval is not None
        # Chance agrees half the time, so each unseen disagreement counts twice.
        assert found.interval.low == pytest.approx(
            min(1 - 2 * (1 - 0.025 ** (1 / n)), 1 - 2 / n), abs=1e-12
        )
    assert complete_agreement_limit(n, 0.025, 0.5) == pytest.approx(1 - 2 * (1 - 0.025 ** (1 / n)))


@given(st.integers(0, 60), st.integers(0, 60))
def test_a_disagreement_more_never_raises_the_limit_near_agreement(a: int, b: int) -> None:
    agreed = np.array([[a + 10, 0], [0, b + 10]])
    missed = np.array([[a + 9, 1], [0, b + 10]])

    better, worse = cohen_kappa(agreed).interval, cohen_kappa(missed).interval

    assert better is not None
    assert worse is not None
    assert worse.low <= better.low + 1e-12


@pytest.mark.parametrize("size", [1, 2, 3])
def test_nothing_rated_is_no_agreement(size: int) -> None:
    empty = np.zeros((size, size), dtype=np.int64)

    assert cohen_kappa(empty).estimate is None
    assert cohen_kappa(empty).reason == "no unit was rated by both"
    assert two_raters_ac1(empty).estimate is None
    assert raw_agreement(empty) is None


def test_one_category_throughout_has_no_kappa_and_says_so() -> None:
    found = cohen_kappa(np.array([[100, 0], [0, 0]]))

    assert (found.estimate, found.interval, found.observed) == (None, None, 1.0)
    assert "one category only" in found.reason
    assert gwet_ac1(np.array([[2], [2]])).reason == "with one category there is no other choice"


@pytest.mark.parametrize("n", [1, 7])
def test_few_units_have_an_estimate_and_no_interval(n: int) -> None:
    found = cohen_kappa(np.array([[0, n], [0, 0]]))

    assert found.estimate == 0.0
    assert found.interval is None
    assert "too few" in found.reason


def test_units_that_share_clusters_widen_the_interval() -> None:
    table = np.array([[40, 10], [10, 40]])
    alone = cohen_kappa(table)
    shared = cohen_kappa(table, clustering=Clustering(20, design_effect=4.0))

    assert alone.interval is not None
    assert shared.interval is not None
    assert shared.estimate == alone.estimate
    assert shared.standard_error == pytest.approx(2 * (alone.standard_error or 0))
    assert shared.interval.low < alone.interval.low


def test_copies_of_units_are_no_evidence() -> None:
    first, second = units(np.array([[20, 5], [10, 15]]))
    tripled = [np.repeat(side, 3) for side in (first, second)]
    table = cross_table(*tripled, 2)

    effect = design_effect(
        kappa_influence(table)[tripled[0], tripled[1]], np.repeat(np.arange(50), 3)
    )
    found = cohen_kappa(table, clustering=Clustering(50, effect))

    assert effect == pytest.approx(3.0)
    assert found.standard_error == pytest.approx(0.127, abs=5e-4)


def test_the_raw_agreement_is_bounded_exactly() -> None:
    found = raw_agreement(np.array([[13, 3], [0, 0]]))

    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (0.5435, 0.9595)


@pytest.mark.parametrize("table", [[[1, 2, 3], [4, 5, 6]], [[1, -1], [0, 3]]])
def test_what_is_no_table_is_refused(table: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="square table"):
        cohen_kappa(np.array(table))


def test_categories_outside_the_range_are_refused() -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        cross_table(np.array([0, 2]), np.array([0, 1]), 2)
    with pytest.raises(ValueError, match="one length"):
        cross_table(np.array([0, 1]), np.array([0]), 2)


@given(tables)
def test_a_row_that_stands_for_many_units_is_those_units(table: Counts) -> None:
    listed = gwet_ac1(np.repeat(pair_ratings(len(table)), table.ravel(), axis=0))
    counted = two_raters_ac1(table)

    assert (listed.estimate is None) == (counted.estimate is None)
    if listed.estimate is not None:
        assert counted.estimate == pytest.approx(listed.estimate, abs=1e-12)
    if listed.standard_error is not None:
        assert counted.standard_error == pytest.approx(listed.standard_error, abs=1e-12)
