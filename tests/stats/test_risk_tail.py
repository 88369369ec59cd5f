import math
from fractions import Fraction

import numpy as np
import pytest
from mapie.risk_control.methods import compute_hoeffding_bentkus_p_value
from scipy.stats import binom

from hitl.stats.proportion import upper_limit
from hitl.stats.risk_tail import (
    binomial_tail,
    hoeffding_bentkus,
    lower_tails,
    stratified_uppers,
    upper_limits,
)


def by_fractions(k: int, n: int, target: Fraction) -> float:
    terms = (math.comb(n, i) * target**i * (1 - target) ** (n - i) for i in range(k + 1))
    return float(sum(terms, Fraction(0)))


def column(*counts: int) -> np.ndarray:
    return np.array(counts)[:, np.newaxis]


def test_tails_worked_by_hand() -> None:
    assert binomial_tail(1, 3, 0.5) == pytest.approx(1 / 8 + 3 / 8, rel=1e-15)
    assert binomial_tail(0, 2, 0.1) == pytest.approx(0.81, rel=1e-15)


@pytest.mark.parametrize(("k", "n"), [(0, 149), (1, 235), (12, 1000), (13, 1000), (40, 500)])
def test_tails_equal_sums_of_fractions(k: int, n: int) -> None:
    assert binomial_tail(k, n, 0.02) == pytest.approx(by_fractions(k, n, Fraction(1, 50)))


def test_a_tail_far_out_keeps_its_digits() -> None:
    exact = by_fractions(5, 1000, Fraction(1, 5))

    assert exact < 1e-80
    assert binomial_tail(5, 1000, 0.2) == pytest.approx(exact, rel=1e-10)


def test_arrays_give_what_single_calls_give() -> None:
    k, n = np.array([0, 3, 9, 9, 0]), np.array([0, 50, 9, 400, 1])

    singly = [binomial_tail(int(few), int(many), 0.03) for few, many in zip(k, n, strict=True)]

    assert lower_tails(k, n, 0.03).tolist() == singly
    assert lower_tails(k, n, 0.03) == pytest.approx(binom.cdf(k, n, 0.03), rel=1e-12)


def test_limits_for_arrays_are_those_of_one_rate() -> None:
    k, n = np.array([0, 1, 12, 8]), np.array([149, 236, 1000, 8])

    singly = [upper_limit(int(few), int(many), 0.95) for few, many in zip(k, n, strict=True)]

    assert upper_limits(k, n, 0.05) == pytest.approx(singly, rel=1e-14)
    assert upper_limits(np.array([0]), np.array([0]), 0.05).tolist() == [1.0]


@pytest.mark.parametrize(
    ("k", "n", "rows_that_prove"),
    [(0, 149, True), (0, 148, False), (1, 236, True), (1, 235, False), (2, 312, False)],
)
def test_a_tail_is_small_exactly_where_the_limit_is_within_the_target(
    k: int, n: int, rows_that_prove: bool
) -> None:
    assert (binomial_tail(k, n, 0.02) <= 0.05) is rows_that_prove
    assert (upper_limit(k, n, 0.95) <= 0.02) is rows_that_prove


@pytest.mark.parametrize(
    ("k", "n"), [(0, 149), (1, 312), (4, 500), (12, 1000), (29, 2000), (83, 5000), (176, 10_000)]
)
def test_the_most_errors_that_still_prove_two_percent(k: int, n: int) -> None:
    assert binomial_tail(k, n, 0.02) <= 0.05 < binomial_tail(k + 1, n, 0.02)


def test_no_row_speaks_against_any_target() -> None:
    assert binomial_tail(0, 0, 0.02) == hoeffding_bentkus(0, 0, 0.02) == 1.0


def test_targets_at_the_ends_are_exact() -> None:
    assert binomial_tail(0, 10, 0.0) == hoeffding_bentkus(0, 10, 0.0) == 1.0
    assert binomial_tail(9, 10, 1.0) == hoeffding_bentkus(9, 10, 1.0) == 0.0
    assert binomial_tail(10, 10, 1.0) == hoeffding_bentkus(10, 10, 1.0) == 1.0
    assert binomial_tail(0, 10, 1e-300) == 1.0


@pytest.mark.parametrize("test", [binomial_tail, hoeffding_bentkus])
def test_counts_and_targets_that_cannot_be_are_refused(test: object) -> None:
    assert callable(test)
    for k, n in ((-1, 5), (6, 5), (0, -1)):
        with pytest.raises(ValueError, match="0 <= k <= n"):
            test(k, n, 0.1)
    for target in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="target must lie"):
            test(1, 5, target)


@pytest.mark.parametrize(
    ("k", "n", "target", "general", "exact"),
    [
        # Printed by MAPIE for losses in [0, 1]; the exact binomial tails beside them.
        (10, 1000, 0.02, 0.027826, 0.010237),
        (10, 200, 0.1, 0.02194, 0.008071),
        (0, 149, 0.02, 0.049282, 0.049282),
        (50, 100, 0.6, 0.073663, 0.027099),
    ],
)
def test_published_hoeffding_bentkus_values(
    k: int, n: int, target: float, general: float, exact: float
) -> None:
    assert hoeffding_bentkus(k, n, target) == pytest.approx(general, abs=6e-7)
    assert binomial_tail(k, n, target) == pytest.approx(exact, abs=6e-7)


@pytest.mark.parametrize("target", [0.01, 0.02, 0.3])
def test_hoeffding_bentkus_equals_mapie_where_its_floats_keep_the_count(target: float) -> None:
    n_equal = 0
    for n in (1, 2, 50, 149, 337, 1000):
        for k in range(min(n, 40) + 1):
            theirs = float(compute_hoeffding_bentkus_p_value(np.array([k / n]), n, target)[0, 0])
            ours = hoeffding_bentkus(k, n, target)
            if math.ceil(n * (k / n)) == k:
                assert ours == pytest.approx(min(1.0, theirs), rel=1e-9), (k, n)
                n_equal += 1
            else:
                assert ours <= theirs * (1 + 1e-9), (k, n)

    assert n_equal > 150


def test_the_exact_tail_is_never_above_hoeffding_bentkus() -> None:
    for n in (1, 7, 60, 400):
        for k in range(n + 1):
            assert binomial_tail(k, n, 0.1) <= hoeffding_bentkus(k, n, 0.1) + 1e-15


def test_a_stratified_limit_worked_by_hand() -> None:
    # No error: each stratum is bounded by 1 - 0.025^(1/10) of the ten rows, and the second
    # counts 6/3 times over because only half of its rows have a label.
    each = 1.0 - 0.025 ** (1 / 10)

    found = stratified_uppers(column(4, 6), column(4, 3), column(0, 0), 0.05)

    assert found == pytest.approx([min(1.0, each + 2 * each)])


def test_rare_errors_give_nearly_the_limit_that_takes_shares_as_known() -> None:
    sizes, labelled, errors = (3000, 7000), (3000, 350), (20, 1)
    known = sum(
        n_all / 10_000 * upper_limit(k, n, 0.975)
        for n_all, n, k in zip(sizes, labelled, errors, strict=True)
    )

    found = float(stratified_uppers(column(*sizes), column(*labelled), column(*errors), 0.05)[0])

    assert known <= found <= 1.02 * known


def test_a_small_stratum_of_errors_is_bounded_by_how_often_it_occurs() -> None:
    # Two in a hundred rows lie in the first stratum, and all of them are wrong.
    found = stratified_uppers(column(20, 980), column(20, 980), column(20, 0), 0.05)

    assert float(found[0]) >= upper_limit(20, 1000, 0.975)


def test_a_stratum_without_rows_takes_no_share_of_the_chance() -> None:
    with_it = stratified_uppers(column(300, 0, 700), column(300, 0, 70), column(3, 0, 1), 0.05)
    without = stratified_uppers(column(300, 700), column(300, 70), column(3, 1), 0.05)

    assert with_it.tolist() == without.tolist()


def test_a_stratum_without_labels_or_nothing_at_all_leaves_everything_possible() -> None:
    assert stratified_uppers(column(300, 1), column(300, 0), column(0, 0), 0.05).tolist() == [1.0]
    assert stratified_uppers(column(0, 0), column(0, 0), column(0, 0), 0.05).tolist() == [1.0]


def test_one_stratum_where_all_is_wrong_reaches_one_and_no_more() -> None:
    assert stratified_uppers(column(9, 1), column(9, 1), column(9, 1), 0.05).tolist() == [1.0]
