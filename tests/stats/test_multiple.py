import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from hitl.stats.multiple import benjamini_hochberg, holm, holm_in_order

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_holm_matches_the_textbook_example() -> None:
    # Sorted .005, .01, .03, .04 times 4, 3, 2, 1 = .02, .03, .06, .04, then never falling.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))


@settings(max_examples=20)  # the reference takes 30 ms
@given(p_values)
def test_adjustments_agree_with_statsmodels(p: list[float]) -> None:
    assert holm(p) == pytest.approx(tuple(multipletests(p, method="holm")[1]), abs=1e-12)
    assert benjamini_hochberg(p) == pytest.approx(
        tuple(multipletests(p, method="fdr_bh")[1]), abs=1e-12
    )


@given(p_values)
def test_false_discovery_control_lies_between_no_correction_and_holm(p: list[float]) -> None:
    for raw, between, strict in zip(p, benjamini_hochberg(p), holm(p), strict=True):
        assert raw - 1e-12 <= between <= strict + 1e-12


@given(p_values, st.data())
def test_a_smaller_p_never_weakens_any_finding(p: list[float], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(p) - 1))
    smaller = [*p[:at], p[at] / 2, *p[at + 1 :]]

    for adjust in (holm, benjamini_hochberg):
        assert all(new <= old for new, old in zip(adjust(smaller), adjust(p), strict=True))


def test_a_later_family_neither_weakens_an_earlier_one_nor_waits_for_it() -> None:
    alone = holm_in_order([[0.02, 0.9]])
    crowded = holm_in_order([[0.02, 0.9], [0.04, 0.6, 0.7], [0.001]])

    assert crowded == ((True, False), (False, False, False), (True,))
    assert crowded[:1] == alone


def test_nothing_to_adjust_gives_nothing() -> None:
    assert holm([]) == benjamini_hochberg([]) == ()
    assert holm_in_order([[], []]) == ((), ())


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan])
def test_what_is_not_a_p_value_is_refused(value: float) -> None:
    for adjust in (holm, benjamini_hochberg):
        with pytest.raises(ValueError, match="p-values lie in"):
            adjust([0.1, value])


def test_an_impossible_level_is_refused() -> None:
    with pytest.raises(ValueError, match="alpha"):
        holm_in_order([[0.1]], alpha=0.0)
