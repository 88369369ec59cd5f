import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from statsmodels.stats.contingency_tables import Table2x2

from hitl.stats.association import association, association_change, correlation_change
from hitl.stats.proportion import exact_interval

Counts = NDArray[np.int64]

tables = (
    st.lists(st.integers(0, 60), min_size=4, max_size=4)
    .map(lambda cells: np.array(cells, dtype=np.int64).reshape(2, 2))
    .filter(lambda table: bool(table.sum(axis=0).all() and table.sum(axis=1).all()))
)


def test_an_odds_ratio_is_that_worked_by_hand() -> None:
    # Overridden: 9 bad, 9 good; approved: 9 bad, 89 good. (9.5 * 89.5) / (9.5 * 9.5).
    found = association(np.array([[9, 9], [9, 89]]))

    assert found.log_odds_ratio is not None
    assert found.log_odds_ratio.estimate == pytest.approx(math.log(89.5 / 9.5))
    assert found.standard_error == pytest.approx(math.sqrt(3 / 9.5 + 1 / 89.5))
    assert found.rates == (exact_interval(9, 18), exact_interval(9, 98))
    assert found.n == 116


@given(tables, st.floats(0.5, 0.99))
def test_the_interval_is_that_of_statsmodels_with_half_a_row_more(
    table: Counts, confidence: float
) -> None:
    found, oracle = association(table, confidence), Table2x2(table + 0.5)

    assert found.log_odds_ratio is not None
    assert found.log_odds_ratio.estimate == pytest.approx(oracle.log_oddsratio, abs=1e-9)
    assert found.standard_error == pytest.approx(oracle.log_oddsratio_se)
    low, high = oracle.log_oddsratio_confint(1.0 - confidence)
    assert found.log_odds_ratio.low == pytest.approx(low, abs=1e-7)
    assert found.log_odds_ratio.high == pytest.approx(high, abs=1e-7)


@given(tables)
def test_swapping_the_decisions_turns_the_sign(table: Counts) -> None:
    found, swapped = association(table).log_odds_ratio, association(table[::-1]).log_odds_ratio

    assert found is not None
    assert swapped is not None
    assert swapped.estimate == pytest.approx(-found.estimate, abs=1e-12)


@pytest.mark.parametrize(
    ("table", "reason", "known"),
    [
        ([[0, 0], [3, 4]], "first row", [False, True]),
        ([[3, 4], [0, 0]], "second row", [True, False]),
        ([[0, 3], [0, 4]], "first column", [True, True]),
        ([[0, 0], [0, 0]], "first and the second row", [False, False]),
    ],
)
def test_a_table_that_compares_nothing_has_no_ratio(
    table: list[list[int]], reason: str, known: list[bool]
) -> None:
    found = association(np.array(table))

    assert (found.log_odds_ratio, found.standard_error) == (None, None)
    assert reason in found.reason
    assert [rate is not None for rate in found.rates] == known


def test_a_change_is_the_interaction_of_a_logistic_model() -> None:
    before, after = np.array([[90, 310], [120, 1480]]), np.array([[60, 340], [150, 1450]])
    decision, period = np.tile([1, 0, 1, 0], 2), np.tile([0, 0, 1, 1], 2)
    terms = np.column_stack([np.ones(8), decision, period, decision * period])
    rows = np.vstack([before, after])
    model = sm.GLM(
        np.repeat([1.0, 0.0], 4), terms, family=sm.families.Binomial(), freq_weights=rows.T.ravel()
    ).fit()

    found = association_change(before, after)

    # Half a row more in each cell moves it a little.
    assert found.z == pytest.approx(float(model.tvalues[3]), rel=0.01)
    assert found.p_two_sided == pytest.approx(float(model.pvalues[3]), rel=0.03)
    assert found.difference is not None
    assert found.difference.n == 4000


@given(tables, tables, st.integers(1, 9))
def test_swapping_periods_turns_the_sign_of_a_change(
    before: Counts, after: Counts, times: int
) -> None:
    found, swapped = association_change(before, after * times), association_change(after, before)
    again = association_change(after * times, before)

    assert found.z is not None
    assert again.z == pytest.approx(-found.z, abs=1e-12)
    assert again.p_two_sided == pytest.approx(found.p_two_sided)
    assert swapped.difference is not None
    assert (swapped.p_two_sided or 0.0) <= 1.0


def test_a_change_with_an_empty_table_says_in_which_period() -> None:
    full, empty = np.array([[1, 2], [3, 4]]), np.array([[0, 0], [3, 4]])

    found = association_change(full, empty)

    assert (found.difference, found.z, found.p_two_sided) == (None, None, None)
    assert found.reason == "after: the first row of the table is empty"


@pytest.mark.parametrize("pairs", [(100, -1.67, 0.095), (103, -1.696, 0.09)])
def test_fishers_z_matches_textbook_values(pairs: tuple[int, float, float]) -> None:
    n, z, p = pairs

    found = correlation_change((0.5, n), (0.3, n))

    assert found.z == pytest.approx(z, abs=5e-3 if n == 100 else 5e-4)
    assert found.p_two_sided == pytest.approx(p, abs=5e-4)


@pytest.mark.parametrize(("r", "n"), [(1.0, 50), (-1.0, 50), (0.4, 3), (0.4, 0)])
def test_a_correlation_without_an_error_is_not_compared(r: float, n: int) -> None:
    found = correlation_change((0.2, 50), (r, n))

    assert (found.difference, found.z) == (None, None)
    assert "no known error" in found.reason


def test_what_is_no_table_or_no_correlation_is_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        association(np.array([1, 2, 3, 4]))
    with pytest.raises(ValueError, match="negative"):
        association(np.array([[1, -2], [3, 4]]))
    with pytest.raises(ValueError, match="whole numbers"):
        association(np.array([[1, math.nan], [3, 4]]))
    with pytest.raises(ValueError, match="-1 <= r <= 1"):
        correlation_change((math.nan, 50), (0.2, 50))
    with pytest.raises(ValueError, match="confidence"):
        association(np.array([[1, 2], [3, 4]]), confidence=1.0)
