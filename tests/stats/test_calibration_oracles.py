"""Calibration against published values and independent libraries."""

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu
from sklearn.metrics import roc_auc_score

from hitl.stats.calibration import expected_calibration_error, spiegelhalter
from hitl.stats.calibration_line import calibration_line
from hitl.stats.discrimination import discrimination

Counts = NDArray[np.int64]
Numbers = NDArray[np.float64]


@pytest.fixture
def bold_scores() -> tuple[Counts, Counts, Numbers]:
    score = np.linspace(0.04, 0.96, 24)
    n = np.arange(24) * 7 % 40 + 10
    rate = 1 / (1 + np.exp(0.3 - 0.6 * np.log(score / (1 - score))))
    return n, np.random.default_rng(11).binomial(n, rate), score


def test_the_error_of_five_rows_is_the_published_one() -> None:
    # .25, .25 | .55, .75, .75 with outcomes 0, 0 | 1, 1, 1, from the documentation of a metrics
    # library: l1 .2900, l2 .2918.
    found = expected_calibration_error(
        np.array([2, 3]), np.array([0, 3]), np.array([0.25, 2.05 / 3])
    )

    assert (round(found.l1, 4), round(found.rms, 4)) == (0.29, 0.2918)


def test_shifted_scores_are_found_by_spiegelhalter_and_true_ones_are_not() -> None:
    rng = np.random.default_rng(0)
    true = rng.uniform(size=20_000)
    right = (rng.uniform(size=20_000) < true).astype(np.int64)
    one = np.ones(20_000, dtype=np.int64)

    kept = spiegelhalter(one, right, true).z
    shifted = spiegelhalter(one, right, np.clip(true + 0.1, 0.0, 1.0)).z

    assert kept is not None
    assert shifted is not None
    assert abs(kept) < 2.0
    assert shifted > 2.5


def test_the_line_is_that_of_a_generalised_linear_model(
    bold_scores: tuple[Counts, Counts, Numbers],
) -> None:
    n, k, score = bold_scores
    odds = np.log(score / (1 - score))
    outcome = np.column_stack([k, n - k])
    model = sm.GLM(outcome, sm.add_constant(odds), family=sm.families.Binomial()).fit()
    offset = sm.GLM(outcome, np.ones(24), family=sm.families.Binomial(), offset=odds).fit()

    found = calibration_line(n, k, score)

    for interval, (low, high), estimate in (
        (found.intercept, model.conf_int()[0], model.params[0]),
        (found.slope, model.conf_int()[1], model.params[1]),
        (found.in_the_large, offset.conf_int()[0], offset.params[0]),
    ):
        assert interval is not None
        assert interval.estimate == pytest.approx(estimate, abs=1e-7)
        assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-6)


def test_the_area_and_its_test_are_those_of_scikit_learn_and_scipy(
    bold_scores: tuple[Counts, Counts, Numbers],
) -> None:
    n, k, score = bold_scores
    right, wrong = np.repeat(score, k), np.repeat(score, n - k)
    labels = np.r_[np.ones(right.size), np.zeros(wrong.size)]

    found = discrimination(n, k, score)

    assert found.auc is not None
    assert found.auc.estimate == pytest.approx(roc_auc_score(labels, np.r_[right, wrong]))
    oracle = mannwhitneyu(right, wrong, method="asymptotic", use_continuity=False)
    assert found.p_two_sided == pytest.approx(oracle.pvalue, rel=1e-6, abs=0.0)


def test_many_ties_change_the_test_of_an_area_as_they_do_scipys() -> None:
    # 4 of 10 right at 0.6, 8 of 10 at 0.9.
    labels, scores = np.repeat([1, 0, 1, 0], [4, 6, 8, 2]), np.repeat([0.6, 0.9], 10)
    oracle = mannwhitneyu(
        scores[labels == 1], scores[labels == 0], method="asymptotic", use_continuity=False
    )

    found = discrimination(np.array([10, 10]), np.array([4, 8]), np.array([0.6, 0.9]))

    assert found.p_two_sided == pytest.approx(oracle.pvalue, rel=1e-9)


def test_the_limits_of_an_area_are_just_within_reach() -> None:
    found = discrimination(
        np.array([20, 20, 20]), np.array([6, 11, 17]), np.array([0.3, 0.6, 0.9])
    ).auc

    assert found is not None
    for limit in (found.low, found.high):
        size = 60 / 2 - 1
        inner = size * ((1 - limit) / (2 - limit) + limit / (1 + limit))
        error = np.sqrt(limit * (1 - limit) * (1 + inner) / (34 * 26))
        assert abs(found.estimate - limit) == pytest.approx(1.959964 * error, rel=1e-5)
