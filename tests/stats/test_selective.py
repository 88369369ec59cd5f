import math

import numpy as np
import pytest
from mapie.risk_control import control_fwer
from scipy.stats import beta, binom

from hitl.stats.fixed_sequence import Steps
from hitl.stats.selective import Rule, choose, sgr_bound


def steps(rows: list[int], errors: list[int]) -> Steps:
    counts = np.array(rows, dtype=np.int64), np.array(errors, dtype=np.int64)
    return Steps.cumulated(counts[0], *counts, np.arange(len(rows)))


def chosen(rule: Rule, counts: Steps) -> int | None:
    return choose(rule, counts, target=0.02, delta=0.05)


@pytest.fixture
def a_dip_after_many_errors() -> Steps:
    # 0 of 300, 30 of 600, 30 of 1600 (1.9 %), 30 of 4000 (0.75 %), 330 of 5000.
    return steps([300, 300, 1000, 2400, 1000], [0, 30, 0, 0, 300])


def test_each_rule_on_the_same_counts(a_dip_after_many_errors: Steps) -> None:
    found = {rule: chosen(rule, a_dip_after_many_errors) for rule in Rule}

    # 5000 labels: the walk starts at 4 * 149 = 596 of them, where 30 are wrong. The binary search
    # fails at 30 of 1600 and at 30 of 600; 0 of 300 has the limit 1 - (0.05/13)^(1/300) = 1.8 %.
    assert found == {
        Rule.FIXED_SEQUENCE: None,
        Rule.NAIVE: 3,
        Rule.POINTWISE: 3,
        Rule.SGR: 0,
        Rule.BONFERRONI: 3,
    }


def test_the_naive_rule_takes_what_only_looks_good_and_the_limit_does_not() -> None:
    # 1 of 100, then 8 of 500: 1.6 %, whose limit is 2.9 %.
    counts = steps([100, 400], [1, 7])

    assert chosen(Rule.NAIVE, counts) == 1
    assert chosen(Rule.POINTWISE, counts) is None


def test_a_rate_of_exactly_the_target_is_naively_good_enough() -> None:
    assert chosen(Rule.NAIVE, steps([50], [1])) == 0
    assert chosen(Rule.NAIVE, steps([49], [1])) is None


def test_a_binary_search_misses_what_lies_beside_its_path() -> None:
    # It looks at the middle first, fails there, and never comes back down.
    counts = steps([400, 400, 400, 8000], [0, 60, 0, 0])

    assert chosen(Rule.POINTWISE, counts) == 3
    assert chosen(Rule.SGR, counts) == 0


def test_a_binary_search_of_two_looks_at_the_lower_one_first() -> None:
    assert chosen(Rule.SGR, steps([300, 8000], [20, 0])) == 1


def test_the_limit_of_the_search_solves_its_equation() -> None:
    for k, m, delta in ((0, 100, 0.05), (10, 1000, 0.05), (3, 500, 0.1)):
        share = delta / math.ceil(math.log2(m))

        assert sgr_bound(k, m, delta) == pytest.approx(beta.ppf(1 - share, k + 1, m - k))
        assert binom.cdf(k, m, sgr_bound(k, m, delta)) == pytest.approx(share)


def test_the_limit_of_the_search_splits_the_chance_by_all_rows() -> None:
    assert sgr_bound(2, 300, 0.05, rows=10_000) == pytest.approx(beta.ppf(1 - 0.05 / 14, 3, 298))


def test_limits_at_the_ends() -> None:
    assert sgr_bound(0, 0, 0.05) == sgr_bound(7, 7, 0.05) == 1.0
    assert sgr_bound(0, 1, 0.05) == pytest.approx(0.95)


def test_bonferroni_is_mapies_on_twenty_thresholds() -> None:
    rng = np.random.default_rng(3)
    found = []
    for _ in range(100):
        rows = np.full(20, int(rng.integers(20, 200)))
        counts = steps(rows.tolist(), rng.binomial(rows, np.linspace(0.0, 0.05, 20)).tolist())
        p_values = binom.cdf(counts.errors[0], counts.labelled[0], 0.02)
        rejected = control_fwer(p_values, 0.05, "bonferroni")
        found.append(chosen(Rule.BONFERRONI, counts))

        assert found[-1] == (rejected[-1] if rejected.size else None)

    assert None in found
    assert len(set(found)) > 5


def test_bonferroni_looks_at_twenty_thresholds_of_many() -> None:
    # 200 thresholds of 20 rows: only every tenth is looked at, and 199 is the last of them.
    errors = [0] * 150 + [20] * 50

    assert chosen(Rule.BONFERRONI, steps([20] * 200, errors)) == 149
    assert chosen(Rule.BONFERRONI, steps([20] * 200, [0] * 155 + [20] * 45)) == 149


@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize(
    ("rows", "errors"),
    [
        pytest.param([], [], id="no thresholds"),
        pytest.param([0, 0], [0, 0], id="no labels"),
        pytest.param([500, 500], [500, 500], id="all wrong"),
    ],
)
def test_no_rule_chooses_without_a_right_label(
    rule: Rule, rows: list[int], errors: list[int]
) -> None:
    assert chosen(rule, steps(rows, errors)) is None


@pytest.mark.parametrize("rule", [rule for rule in Rule if rule is not Rule.NAIVE])
def test_only_the_naive_rule_chooses_with_too_few_labels(rule: Rule) -> None:
    assert chosen(rule, steps([148], [0])) is None
    assert chosen(Rule.NAIVE, steps([148], [0])) == 0


@pytest.mark.parametrize("rule", Rule)
def test_a_long_flawless_log_is_taken_whole_by_every_rule(rule: Rule) -> None:
    assert chosen(rule, steps([100] * 100, [0] * 100)) == 99


def test_weighted_labels_and_impossible_numbers_are_refused() -> None:
    two = np.array([[5], [5]])
    with pytest.raises(ValueError, match="one stratum"):
        chosen(Rule.NAIVE, Steps(two, two, two))
    with pytest.raises(ValueError, match="target"):
        choose(Rule.NAIVE, steps([5], [0]), 0.0, 0.05)
    with pytest.raises(ValueError, match="delta"):
        choose(Rule.NAIVE, steps([5], [0]), 0.02, 1.0)
    with pytest.raises(ValueError, match="0 <= k <= m <= rows"):
        sgr_bound(1, 10, 0.05, rows=9)
