"""Repairs of scores: values worked by hand, other libraries, and rows that identify nothing."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from hitl.stats.calibrator import (
    FITS,
    fit_beta,
    fit_isotonic,
    fit_platt,
    fit_temperature,
)
from hitl.stats.score_map import CLIP, Method, Parameters, score_map

Counts = NDArray[np.int64]
Numbers = NDArray[np.float64]


def bold_rows(size: int = 3000, seed: int = 1) -> tuple[Counts, Counts, Numbers]:
    """Return rows of a model that is too sure: the truth has 0.6 of the log-odds, and 0.3 less."""
    rng = np.random.default_rng(seed)
    score = np.round(rng.beta(5.0, 2.0, size), 3).clip(0.001, 0.999)
    truth = 1.0 / (1.0 + np.exp(0.3 - 0.6 * np.log(score / (1.0 - score))))
    return np.ones(size, dtype=np.int64), (rng.random(size) < truth).astype(np.int64), score


def odds(score: Numbers) -> Numbers:
    return np.log(score / (1.0 - score))


def number(parameters: Parameters | None, name: str) -> float:
    assert parameters is not None
    value = parameters[name]
    assert isinstance(value, float)
    return value


def test_a_temperature_is_that_worked_by_hand() -> None:
    # Odds of 4:1 are stated on both sides of one half, and 2:1 is true: ln 4 / ln 2 = 2.
    found = fit_temperature(np.array([30, 30]), np.array([10, 20]), np.array([0.2, 0.8]))

    assert number(found.parameters, "temperature") == pytest.approx(2.0)
    assert found.apply(np.array([0.2, 0.5, 0.8])) == pytest.approx([1 / 3, 1 / 2, 2 / 3])
    assert (found.n, found.k) == (60, 30)


def test_a_line_is_that_worked_by_hand() -> None:
    # At odds 1:1 it is 1:1, at 4:1 it is 2:1: slope ln 2 / ln 4 and intercept 0.
    found = fit_platt(np.array([30, 30]), np.array([15, 20]), np.array([0.5, 0.8]))

    assert number(found.parameters, "slope") == pytest.approx(0.5)
    assert number(found.parameters, "intercept") == pytest.approx(0.0, abs=1e-9)
    # Stated odds of 9:1 are worth 3:1.
    assert found.apply(np.array([0.9])) == pytest.approx([0.75])


def test_three_scores_fix_a_beta_map() -> None:
    # At 0.2, 0.5 and 0.8 the log-odds are found as 2 ln c - ln(1 - c) + 0.5 says, but for rounding to whole rows.
    score = np.array([0.2, 0.5, 0.8])
    truth = 1.0 / (1.0 + np.exp(-(2.0 * np.log(score) - np.log1p(-score) + 0.5)))
    n = np.full(3, 10_000_000)

    found = fit_beta(n, np.round(n * truth).astype(np.int64), score)

    assert [number(found.parameters, name) for name in ("a", "b", "c0")] == pytest.approx([2.0, 1.0, 0.5], abs=1e-4)  # fmt: skip


def test_violators_are_pooled_as_by_hand() -> None:
    # 400 and 300 right of 500 each pool to 0.7; lines join the ends of the pools.
    found = fit_isotonic(
        np.array([500, 500, 500]), np.array([400, 300, 450]), np.array([0.3, 0.5, 0.9])
    )

    assert found.parameters == {"scores": (0.3, 0.5, 0.9), "values": (0.7, 0.7, 0.9)}
    assert found.apply(np.array([0.0, 0.4, 0.7, 1.0])) == pytest.approx([0.7, 0.7, 0.8, 0.9])


def test_a_line_is_that_of_two_other_libraries() -> None:
    n, k, score = bold_rows()
    terms = odds(score)[:, None]

    found = fit_platt(n, k, score)

    theirs = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(terms, k)
    others = sm.GLM(k, sm.add_constant(terms), family=sm.families.Binomial()).fit()
    assert number(found.parameters, "slope") == pytest.approx(float(theirs.coef_[0, 0]), abs=1e-4)
    assert number(found.parameters, "intercept") == pytest.approx(float(theirs.intercept_[0]), abs=1e-4)  # fmt: skip
    assert [number(found.parameters, name) for name in ("intercept", "slope")] == pytest.approx(others.params, abs=1e-7)  # fmt: skip
    assert found.apply(score) == pytest.approx(theirs.predict_proba(terms)[:, 1], abs=1e-4)


def test_a_beta_map_is_that_of_another_library() -> None:
    n, k, score = bold_rows()
    terms = np.column_stack([np.log(score), -np.log1p(-score)])

    found = fit_beta(n, k, score)

    theirs = sm.GLM(k, sm.add_constant(terms), family=sm.families.Binomial()).fit()
    assert min(theirs.params[1:]) > 0.0
    assert [number(found.parameters, name) for name in ("c0", "a", "b")] == pytest.approx(theirs.params, abs=1e-7)  # fmt: skip


def test_a_beta_map_at_its_bound_is_the_best_of_all_that_keep_order() -> None:
    # Falling at the low end: the free fit has a coefficient below 0.
    score = np.array([0.01, 0.1, 0.3, 0.6, 0.9, 0.99])
    n, k = np.full(6, 400), np.array([120, 60, 60, 90, 200, 390])

    found = fit_beta(n, k, score)

    a, b = number(found.parameters, "a"), number(found.parameters, "b")
    assert (a, b > 0.0) == (0.0, True)
    best = likelihood(found.apply(score), n, k)
    for one in np.linspace(0.0, 1.0, 21):
        for other in np.linspace(0.0, 1.5, 31):
            for intercept in np.linspace(-4.0, 1.0, 51):
                tried = score_map(Method.BETA, {"a": one, "b": other, "c0": intercept})
                assert likelihood(tried.apply(score), n, k) <= best + 1e-9


def likelihood(chance: Numbers, n: Counts, k: Counts) -> float:
    return float((k * np.log(chance) + (n - k) * np.log1p(-chance)).sum())


def test_pools_are_those_of_another_library() -> None:
    n, k, score = bold_rows()

    found = fit_isotonic(n, k, score)

    theirs = IsotonicRegression(out_of_bounds="clip").fit(score, k)
    asked = np.linspace(0.0, 1.0, 997)
    assert found.apply(asked) == pytest.approx(theirs.predict(asked), abs=1e-9)


class Stated(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A classifier whose decision function is the stated log-odds."""

    def __init__(self) -> None:
        self.classes_ = np.array([0, 1])
        self.n_features_in_ = 1

    def fit(self, rows: Numbers, right: Counts) -> "Stated":
        return self

    def predict(self, rows: Numbers) -> Counts:
        return (rows[:, 0] > 0.0).astype(np.int64)

    def decision_function(self, rows: Numbers) -> Numbers:
        return rows[:, 0]


def test_a_temperature_is_that_of_another_library() -> None:
    n, k, score = bold_rows()
    terms = odds(score)[:, None]

    found = fit_temperature(n, k, score)

    theirs = CalibratedClassifierCV(
        FrozenEstimator(Stated()), method="temperature", cv=2, ensemble=False
    )
    theirs.fit(terms, k)
    assert found.apply(score) == pytest.approx(theirs.predict_proba(terms)[:, 1], abs=1e-4)


@pytest.mark.parametrize("fit", FITS.values(), ids=map(str, FITS))
@pytest.mark.parametrize(
    ("n", "k", "score", "reason"),
    [
        pytest.param([900, 900], [900, 900], [0.7, 0.9], "all 1,800 rows are right", id="all right"),
        pytest.param([900, 900], [0, 0], [0.7, 0.9], "all 1,800 rows are wrong", id="all wrong"),
        pytest.param([900, 900], [450, 500], [0.7, 0.7], "single score", id="one score"),
        pytest.param([900, 0], [450, 0], [0.7, 0.9], "single score", id="one score that has rows"),
        pytest.param([900, 900], [450, 800], [0.99995, 1.0], "single score", id="one score as far as it is counted"),
    ],
)  # fmt: skip
def test_rows_that_identify_no_map_give_a_reason(
    fit: object, n: list[int], k: list[int], score: list[float], reason: str
) -> None:
    assert callable(fit)

    found = fit(np.array(n), np.array(k), np.array(score))

    assert found.parameters is None
    assert reason in found.reason
    with pytest.raises(ValueError, match="map was fitted"):
        found.apply(np.array([0.5]))


@pytest.mark.parametrize("method", [Method.TEMPERATURE, Method.PLATT, Method.BETA])
def test_scores_that_divide_right_from_wrong_give_a_reason(method: Method) -> None:
    found = FITS[method](np.full(4, 9), np.array([0, 0, 9, 9]), np.array([0.2, 0.4, 0.6, 0.8]))

    assert found.parameters is None
    assert "divides right from wrong" in found.reason


@pytest.mark.parametrize("method", FITS)
@pytest.mark.parametrize("right", [[900, 500, 200, 100], [1000, 1000, 0, 0]])
def test_a_score_that_points_the_wrong_way_gives_a_reason(method: Method, right: list[int]) -> None:
    found = FITS[method](np.full(4, 1000), np.array(right), np.array([0.2, 0.4, 0.6, 0.8]))

    assert found.parameters is None
    assert "lower scores are right as often" in found.reason


def test_isotonic_asks_for_more_than_a_thousand_rows() -> None:
    score, k = np.array([0.3, 0.9]), np.array([100, 400])

    assert "1,000 rows" in fit_isotonic(np.array([500, 500]), k, score).reason
    assert fit_isotonic(np.array([500, 501]), k, score).parameters is not None


def test_beta_asks_for_three_scores() -> None:
    found = fit_beta(np.array([90, 90]), np.array([30, 60]), np.array([0.3, 0.9]))

    assert "two scores" in found.reason


def test_scores_of_0_and_1_are_held_off_their_ends() -> None:
    # Half right at 0.5, nine in ten at 1: ln 9 over the log-odds of 1 - 1e-4, which is ln 9999.
    found = fit_platt(np.array([100, 100]), np.array([50, 90]), np.array([0.5, 1.0]))

    assert number(found.parameters, "slope") == pytest.approx(math.log(9) / math.log(9999))
    ends = found.apply(np.array([0.0, CLIP, 1.0 - CLIP, 1.0]))
    assert ends == pytest.approx([0.1, 0.1, 0.9, 0.9])


cells = st.lists(
    st.tuples(st.floats(0.0, 1.0), st.integers(1, 400)).flatmap(
        lambda cell: st.tuples(st.just(cell[0]), st.just(cell[1]), st.integers(0, cell[1]))
    ),
    min_size=1,
    max_size=12,
)


@given(cells, st.lists(st.floats(0.0, 1.0), min_size=2, max_size=30))
@settings(deadline=None)
@pytest.mark.parametrize("method", FITS)
def test_no_fit_turns_the_order_of_scores_or_leaves_0_to_1(
    method: Method, rows: list[tuple[float, int, int]], asked: list[float]
) -> None:
    score, n, k = (np.array(column) for column in zip(*rows, strict=True))

    found = FITS[method](n, k, score)

    assert (found.parameters is None) == bool(found.reason)
    if found.parameters is not None:
        chance = found.apply(np.sort(asked))
        assert np.all(np.diff(chance) >= 0.0)
        assert np.all((chance >= 0.0) & (chance <= 1.0))


@given(cells, st.randoms(use_true_random=False))
@settings(deadline=None)
@pytest.mark.parametrize("method", FITS)
def test_neither_the_order_of_cells_nor_splitting_them_changes_a_fit(
    method: Method, rows: list[tuple[float, int, int]], shuffle: object
) -> None:
    score, n, k = (np.array(column) for column in zip(*rows, strict=True))
    turned = np.concatenate([score, score])[::-1]

    whole = FITS[method](2 * n, 2 * k, score)
    parts = FITS[method](np.tile(n, 2)[::-1], np.tile(k, 2)[::-1], turned)

    assert (whole.n, whole.k, whole.reason) == (parts.n, parts.k, parts.reason)
    assert whole.parameters == parts.parameters


def test_scores_that_are_none_have_no_chance() -> None:
    for method, parameters in MAPS:
        found = score_map(method, parameters).apply(np.array([math.nan, -0.1, 1.1, math.inf, 0.5]))

        assert np.isnan(found).tolist() == [True, True, True, True, False]


MAPS: list[tuple[Method, Parameters]] = [
    (Method.NONE, {}),
    (Method.TEMPERATURE, {"temperature": 1.7}),
    (Method.PLATT, {"slope": 0.4, "intercept": 1.0}),
    (Method.BETA, {"a": 0.0, "b": 2.0, "c0": -1.0}),
    (Method.ISOTONIC, {"scores": (0.1, 0.3, 0.31), "values": (0.2, 0.2, 0.9)}),
    (Method.ISOTONIC, {"scores": (0.5,), "values": (1.0,)}),
]


@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=50))
@pytest.mark.parametrize(("method", "parameters"), MAPS)
def test_one_score_has_the_chance_that_it_has_among_many(
    method: Method, parameters: Parameters, asked: list[float]
) -> None:
    found = score_map(method, parameters)

    alone = [float(found.apply(np.array([one]))[0]) for one in asked]

    assert found.apply(np.array(asked)).tolist() == alone
    assert found.apply(np.repeat(np.array(asked), 2)[::2]).tolist() == alone


@pytest.mark.parametrize(
    ("method", "parameters", "says"),
    [
        (Method.NONE, {"slope": 1.0}, "none has the parameters slope; expected none"),
        (Method.TEMPERATURE, {}, "temperature has the parameters none; expected temperature"),
        (Method.TEMPERATURE, {"temperature": 0.0}, "expected more than 0"),
        (Method.TEMPERATURE, {"temperature": math.inf}, "finite"),
        (Method.TEMPERATURE, {"temperature": 1e-310}, "expected more than 0, and at least 1e-09"),
        (Method.PLATT, {"slope": 1e308, "intercept": 1e308}, "at most 1e\\+09"),
        (Method.BETA, {"a": 0.0, "b": 0.0, "c0": -1e308}, "at most 1e\\+09"),
        (Method.PLATT, {"slope": -0.1, "intercept": 0.0}, "turns the order"),
        (Method.PLATT, {"slope": (1.0,), "intercept": 0.0}, "finite number"),
        (Method.BETA, {"a": 1.0, "b": -1.0, "c0": 0.0}, "turns the order"),
        (Method.ISOTONIC, {"scores": (0.1,), "values": 0.4}, "two lists"),
        (Method.ISOTONIC, {"scores": (), "values": ()}, "one or more"),
        (Method.ISOTONIC, {"scores": (0.1, 0.2), "values": (0.4,)}, "2 scores and 1 values"),
        (Method.ISOTONIC, {"scores": (0.1, 0.1), "values": (0.4, 0.5)}, "must rise"),
        (Method.ISOTONIC, {"scores": (0.1, 0.2), "values": (0.5, 0.4)}, "must not fall"),
        (Method.ISOTONIC, {"scores": (0.1, 0.2), "values": (0.5, 1.4)}, "between 0 and 1"),
        (Method.ISOTONIC, {"scores": (0.1, math.nan), "values": (0.5, 0.6)}, "between 0 and 1"),
    ],
)
def test_parameters_that_are_no_map_are_refused(
    method: Method, parameters: Parameters, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        score_map(method, parameters)


@pytest.mark.parametrize("method", FITS)
def test_counts_that_are_none_are_refused(method: Method) -> None:
    with pytest.raises(ValueError, match="k <= n"):
        FITS[method](np.array([3]), np.array([4]), np.array([0.5]))
    with pytest.raises(ValueError, match="no trial"):
        FITS[method](np.array([0]), np.array([0]), np.array([0.5]))
    with pytest.raises(ValueError, match="score must lie"):
        FITS[method](np.array([3]), np.array([2]), np.array([1.5]))
