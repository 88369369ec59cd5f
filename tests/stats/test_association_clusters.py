import math

import numpy as np
import pytest
from numpy.typing import NDArray

from hitl.stats.association import association_change
from hitl.stats.association_clusters import clustered_association_change


def tables(*cells: tuple[int, int, int, int]) -> NDArray[np.int64]:
    return np.array(cells, dtype=np.int64).reshape(-1, 2, 2)


FIRST = tables((2, 8, 3, 30), (4, 6, 2, 40), (1, 9, 6, 25), (3, 3, 1, 20))
SECOND = tables((5, 5, 3, 30), (2, 9, 4, 35), (6, 4, 6, 25), (2, 3, 2, 22))


def log_odds(table: NDArray[np.int64]) -> float:
    (a, b), (c, d) = (table + 0.5).tolist()
    return math.log(a * d / (b * c))


def test_the_estimate_is_that_of_all_rows_and_the_error_the_jackknife_by_hand() -> None:
    found = clustered_association_change(FIRST, SECOND)

    whole = log_odds(SECOND.sum(axis=0)) - log_odds(FIRST.sum(axis=0))
    left = [
        log_odds(np.delete(SECOND, i, axis=0).sum(axis=0)) - log_odds(np.delete(FIRST, i, axis=0).sum(axis=0))
        for i in range(4)
    ]  # fmt: skip
    jackknife = 3 / 4 * sum((one - sum(left) / 4) ** 2 for one in left)
    alone = sum(1 / cell for one in (FIRST, SECOND) for cell in (one.sum(axis=0) + 0.5).ravel())
    assert found.difference is not None
    assert found.difference.estimate == pytest.approx(whole)
    assert found.z == pytest.approx(whole / math.sqrt(max(jackknife, alone)))


def test_turning_the_periods_turns_the_sign() -> None:
    one, other = (clustered_association_change(*pair).difference for pair in ((FIRST, SECOND), (SECOND, FIRST)))  # fmt: skip

    assert one is not None
    assert other is not None
    assert one.low == pytest.approx(-other.high)


def test_it_is_never_sharper_than_independent_rows() -> None:
    alike = np.repeat(tables((5, 5, 5, 45)), 6, axis=0)

    clustered = clustered_association_change(alike, alike).difference
    plain = association_change(alike.sum(axis=0), alike.sum(axis=0)).difference

    assert clustered is not None
    assert plain is not None
    assert clustered.high > plain.high


def test_clusters_without_rows_do_not_count() -> None:
    nobody = tables((0, 0, 0, 0))

    padded = clustered_association_change(np.vstack([FIRST, nobody]), np.vstack([SECOND, nobody]))

    assert padded == clustered_association_change(FIRST, SECOND)


def test_one_cluster_and_an_empty_row_have_no_interval_and_say_why() -> None:
    one = clustered_association_change(FIRST[:1], SECOND[:1])
    empty = clustered_association_change(FIRST * np.array([[[0], [1]]]), SECOND)

    assert one.difference is None
    assert "1 cluster" in one.reason
    assert empty.difference is None
    assert empty.reason.startswith("before: ")


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        clustered_association_change(FIRST, SECOND[:2])
