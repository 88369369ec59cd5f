import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hitl.stats.alpha import Scale, krippendorff_alpha

Counts = NDArray[np.int64]
SCALES: tuple[Scale, ...] = ("nominal", "ordinal", "interval", "ratio")


def by_category(ratings: list[list[int]], categories: int) -> Counts:
    """Raters by units, 0 for not rated, as counts of units by category."""
    table = np.array(ratings)
    return np.stack([(table == q).sum(axis=0) for q in range(1, categories + 1)], axis=1)


# Krippendorff's reliability data "C": 4 raters, 12 units.
FOUR_RATERS = by_category(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 0],
        [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 3],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
    ],
    5,
)
# The worked example of three raters and 15 units.
THREE_RATERS = by_category(
    [
        [0, 0, 0, 0, 0, 3, 4, 1, 2, 1, 1, 3, 3, 0, 3],
        [1, 0, 2, 1, 3, 3, 4, 3, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 2, 1, 3, 4, 4, 0, 2, 1, 1, 3, 3, 0, 4],
    ],
    4,
)

tables = st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=1, max_size=12).map(
    lambda rows: np.array(rows, dtype=np.int64)
)


def generator() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.mark.parametrize(
    ("scale", "alpha"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_alpha_of_four_raters_is_the_published_one(scale: Scale, alpha: float) -> None:
    found = krippendorff_alpha(FOUR_RATERS, scale, generator())

    assert round(found.estimate or 0.0, 3) == alpha
    assert (found.n_units, found.n_ratings) == (11, 40)


@pytest.mark.parametrize(("scale", "alpha"), [("nominal", 0.691), ("interval", 0.811)])
def test_alpha_of_three_raters_is_the_published_one(scale: Scale, alpha: float) -> None:
    found = krippendorff_alpha(THREE_RATERS, scale, generator())

    assert round(found.estimate or 0.0, 3) == alpha


@given(tables, st.sampled_from(["nominal", "interval", "ratio"]))
def test_alpha_is_that_of_every_pair_counted_one_by_one(table: Counts, scale: Scale) -> None:
    def distance(one: int, other: int) -> float:
        if scale == "nominal":
            return float(one != other)
        apart = float(one - other) ** 2
        return apart if scale == "interval" else apart / (one + other) ** 2

    units = [np.repeat([1, 2, 3], row).tolist() for row in table if row.sum() >= 2]
    pooled = [rating for unit in units for rating in unit]
    if not pooled or len(set(pooled)) == 1:
        assert krippendorff_alpha(table, scale, generator()).estimate is None
        return
    observed = sum(
        sum(distance(a, b) for a, b in itertools.permutations(unit, 2)) / (len(unit) - 1)
        for unit in units
    ) / len(pooled)
    pairs = len(pooled) * (len(pooled) - 1)
    expected = sum(distance(a, b) for a, b in itertools.permutations(pooled, 2)) / pairs

    found = krippendorff_alpha(table, scale, generator(), resamples=100)

    assert found.estimate == pytest.approx(1.0 - observed / expected, abs=1e-9)


@given(tables, st.sampled_from(SCALES))
def test_the_interval_holds_the_estimate_and_is_never_a_point(table: Counts, scale: Scale) -> None:
    found = krippendorff_alpha(table, scale, generator(), resamples=100)

    if found.interval is not None:
        assert found.n_units >= 8
        assert found.interval.low <= found.interval.estimate <= found.interval.high <= 1.0
        assert found.interval.low < 1.0


def test_complete_agreement_leaves_a_width() -> None:
    table = np.repeat([[2, 0], [0, 2]], 20, axis=0)

    found = krippendorff_alpha(table, "nominal", generator())

    assert found.estimate == 1.0
    assert found.interval is not None
    assert 0.7 < found.interval.low < 1.0


def test_units_rated_once_change_nothing() -> None:
    alone = np.vstack([FOUR_RATERS, [[0, 0, 1, 0, 0]], [[0, 0, 0, 0, 0]]])

    found = krippendorff_alpha(alone, "interval", generator())

    assert found == krippendorff_alpha(FOUR_RATERS, "interval", generator())


def test_values_of_the_categories_count_on_an_interval_scale() -> None:
    even = krippendorff_alpha(THREE_RATERS, "interval", generator(), np.array([10.0, 20, 30, 40]))
    skewed = krippendorff_alpha(THREE_RATERS, "interval", generator(), np.array([1.0, 2, 3, 99]))

    assert round(even.estimate or 0.0, 3) == 0.811
    assert round(skewed.estimate or 0.0, 3) != 0.811


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ([[1, 0], [0, 1]], "rated twice"),
        ([[2, 0], [3, 0]], "one category"),
        ([[2], [3]], "one category"),
    ],
)
def test_what_has_no_alpha_says_why(table: list[list[int]], reason: str) -> None:
    found = krippendorff_alpha(np.array(table), "nominal", generator())

    assert (found.estimate, found.interval) == (None, None)
    assert reason in found.reason


def test_few_units_have_an_alpha_and_no_interval() -> None:
    found = krippendorff_alpha(np.array([[2, 0], [0, 2], [1, 1]]), "nominal", generator())

    assert found.estimate is not None
    assert found.interval is None
    assert "expected 8 or more" in found.reason


@pytest.mark.parametrize(
    ("values", "scale", "message"),
    [
        ([2.0, 1.0], "interval", "rise"),
        ([-1.0, 1.0], "ratio", "below 0"),
        ([1.0], "interval", "2 finite values"),
        ([1.0, float("nan")], "interval", "2 finite values"),
    ],
)
def test_values_that_do_not_suit_the_scale_are_refused(
    values: list[float], scale: Scale, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        krippendorff_alpha(np.array([[2, 0], [0, 2]]), scale, generator(), np.array(values))
