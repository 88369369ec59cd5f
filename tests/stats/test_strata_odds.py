import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import StratifiedTable

from hitl.stats.fisher import at_least
from hitl.stats.strata_odds import common_log_odds

CELLS = st.integers(min_value=1, max_value=60)
TABLE = st.tuples(CELLS, CELLS, CELLS, CELLS).map(lambda cells: np.array(cells).reshape(2, 2))


@given(st.lists(TABLE, min_size=1, max_size=5))
def test_the_common_ratio_and_its_error_are_those_of_an_independent_library(
    tables: list[np.ndarray],
) -> None:
    oracle = StratifiedTable([table.astype(float) for table in tables])

    found = common_log_odds(np.array(tables, dtype=np.int64))

    assert found.estimate == pytest.approx(oracle.logodds_pooled, abs=1e-9)
    assert found.variance == pytest.approx(oracle.logodds_pooled_se**2, rel=1e-9)


def test_a_stratum_with_one_group_alone_changes_nothing() -> None:
    table = np.array([[[10, 10], [5, 15]]])

    assert common_log_odds(np.concatenate([table, [[[9, 9], [0, 0]]]])) == common_log_odds(table)


@pytest.mark.parametrize(
    ("tables", "reason"),
    [
        (np.zeros((0, 2, 2), dtype=np.int64), "no stratum holds both groups"),
        (np.array([[[3, 4], [0, 0]]]), "no stratum holds both groups"),
        (np.array([[[0, 4], [0, 9]]]), "all rows are alike"),
    ],
)
def test_where_nothing_can_be_compared_there_is_no_ratio(tables: np.ndarray, reason: str) -> None:
    found = common_log_odds(tables)

    assert found.estimate is None
    assert reason in found.reason


@given(st.lists(st.tuples(*[st.integers(0, 9)] * 4).map(lambda c: np.array(c).reshape(2, 2)), min_size=1, max_size=4))  # fmt: skip
def test_a_ratio_is_always_finite_or_has_a_reason(tables: list[np.ndarray]) -> None:
    found = common_log_odds(np.array(tables, dtype=np.int64))

    if found.estimate is None:
        assert found.reason
    else:
        assert math.isfinite(found.estimate)
        assert found.variance is not None
        assert 0 < found.variance < math.inf


def test_a_group_without_an_event_is_told_from_one_with_many() -> None:
    found = common_log_odds(np.array([[[0, 40], [20, 20]]]))

    assert found.estimate is not None
    assert found.variance is not None
    # O - E = 0 - 40 * 20 / 80; V = 40 * 40 * 20 * 60 / (80 * 80 * 79).
    assert found.variance == pytest.approx(80 * 80 * 79 / (40 * 40 * 20 * 60))
    assert found.estimate == pytest.approx(-10 * found.variance)


def test_events_on_one_side_are_as_likely_as_the_exact_test_says() -> None:
    assert at_least(3, 4, 1, 4) == pytest.approx(17 / 70)
    assert at_least(0, 4, 1, 4) == 1.0
    with pytest.raises(ValueError, match="expected 0 <= k <= n"):
        at_least(5, 4, 0, 1)
