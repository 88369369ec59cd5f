import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2, chi2_contingency

from hitl.stats.distribution import Shift, jensen_shannon, psi

Counts = NDArray[np.int64]

pairs = st.integers(2, 8).flatmap(
    lambda cells: st.tuples(
        *(
            st.lists(st.integers(0, 80), min_size=cells, max_size=cells).filter(sum)
            for _ in range(2)
        )
    )
)


def test_the_index_of_a_shifted_coin_is_the_published_one() -> None:
    found = psi(np.array([500, 500]), np.array([600, 400]))

    # 0.1 ln 1.2 - 0.1 ln 0.8
    assert found.value == pytest.approx(0.1 * math.log(1.5))
    assert round(found.value or 0.0, 4) == 0.0405


def test_the_limit_is_that_of_chi_square() -> None:
    found = psi(np.arange(10, 20), np.arange(20, 30), confidence=0.99)

    unit = 1 / 145 + 1 / 245
    assert found.limit == pytest.approx(chi2.ppf(0.99, 9) * unit)
    assert found.p == pytest.approx(chi2.sf(found.value / unit, 9))
    assert (found.n_before, found.n_after, found.cells) == (145, 245, 10)


def test_the_divergence_of_a_coin_that_stops_turning_is_the_published_one() -> None:
    found = jensen_shannon(np.array([50, 50]), np.array([100, 0]))

    assert round(found.value or 0.0, 4) == 0.3113


@given(pairs)
def test_the_divergence_is_the_square_of_scipys_distance(counts: tuple[list[int], ...]) -> None:
    before, after = (np.array(of) for of in counts)

    found = jensen_shannon(before, after)

    if found.value is None:
        assert np.count_nonzero(before + after) < 2
        return
    assert found.value == pytest.approx(jensenshannon(before, after, base=2) ** 2, abs=1e-9)
    assert 0.0 <= found.value <= 1.0 + 1e-12


@given(pairs, st.sampled_from([psi, jensen_shannon]))
def test_a_shift_is_the_same_in_both_directions_and_none_is_0(
    counts: tuple[list[int], ...], of: object
) -> None:
    before, after = (np.array(side) for side in counts)
    measure: object = of

    def measured(one: Counts, other: Counts) -> Shift:
        return measure(one, other)  # type: ignore[operator,no-any-return]

    there, back, same = (
        measured(before, after),
        measured(after, before),
        measured(before, before * 3),
    )

    if there.value is not None:
        assert there.value >= -1e-12
        assert back.value == pytest.approx(there.value, abs=1e-12)
        assert back.limit == pytest.approx(there.limit)
    if same.value is not None and np.all(before > 0):
        assert same.value == pytest.approx(0.0, abs=1e-12)
        assert same.p == pytest.approx(1.0)


def test_both_measures_judge_a_small_shift_alike() -> None:
    before, after = np.array([2500, 2500, 5000]), np.array([2600, 2450, 4950])

    index, divergence = psi(before, after), jensen_shannon(before, after)

    assert divergence.p == pytest.approx(index.p, rel=0.01)
    pearson = chi2_contingency(np.array([before, after]))
    assert index.p == pytest.approx(pearson.pvalue, rel=0.01)


def test_a_cell_that_one_period_lacks_gets_half_a_row_and_says_so() -> None:
    found = psi(np.array([10, 0, 9, 0]), np.array([10, 5, 4, 0]))

    # The cell that neither has does not count; the others are 10.5, 0.5, 9.5 and 10.5, 5.5, 4.5.
    p, q = np.array([10.5, 0.5, 9.5]) / 20.5, np.array([10.5, 5.5, 4.5]) / 20.5
    assert found.value == pytest.approx(float(((q - p) * np.log(q / p)).sum()))
    assert found.cells == 3
    assert found.method.endswith("half a row added to each cell")


@pytest.mark.parametrize("measure", [psi, jensen_shannon])
@pytest.mark.parametrize("before", [[7], [7, 0]])
def test_one_cell_shows_no_shift_and_no_stability(before: list[int], measure: object) -> None:
    found = measure(np.array(before), np.array(before))  # type: ignore[operator]

    assert (found.value, found.limit, found.p) == (None, None, None)
    assert "two or more" in found.reason


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ([0, 0], [1, 2], "both periods"),
        ([1, 2], [0, 0], "both periods"),
        ([1, 2], [1, 2, 3], "shape"),
        ([1, -2], [1, 2], "negative"),
        ([1, math.nan], [1, 2], "whole numbers"),
    ],
)
def test_counts_that_cannot_be_compared_are_refused(
    before: list[int], after: list[int], message: str
) -> None:
    for measure in (psi, jensen_shannon):
        with pytest.raises(ValueError, match=message):
            measure(np.array(before), np.array(after))


def test_a_confidence_outside_0_to_1_is_refused() -> None:
    with pytest.raises(ValueError, match="confidence"):
        psi(np.array([1, 2]), np.array([2, 1]), confidence=1.0)
