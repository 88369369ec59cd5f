import math

import numpy as np
import pytest
from scipy.stats import binom, multinomial

from hitl.stats.binomial import binomial_mass, binomial_tail, likely_counts
from hitl.stats.paired import PairedCounts, difference_interval, mcnemar
from hitl.stats.power import (
    CASES_CAP,
    CasesToProve,
    cases_needed,
    cases_to_prove,
    detectable_drop,
    noninferiority_power,
)


# Closed forms z²(1 - m)/m and ln(.05)/ln(1 - m); the first is Tango's and Newcombe's limit.
@pytest.mark.parametrize(
    ("margin", "score", "exact"),
    [(0.10, 25, 29), (0.05, 52, 59), (0.02, 133, 149), (0.01, 268, 299)],
)
def test_perfect_agreement_needs_this_many_cases(margin: float, score: int, exact: int) -> None:
    assert cases_to_prove(margin) == CasesToProve(score, exact)


def test_power_adds_up_every_table_that_clears() -> None:
    n, margin, half = 40, 0.1, 0.06
    cleared = 0.0
    for b in range(n + 1):
        for c in range(n + 1 - b):
            if difference_interval(PairedCounts(n - b - c, b, c, 0), 0.90).low > -margin:
                cleared += float(multinomial.pmf([b, c, n - b - c], n, [half, half, 1 - 2 * half]))
        if b > 8:
            break

    assert noninferiority_power(n, margin, 2 * half) == pytest.approx(cleared, abs=1e-9)


# Enumerated for the score test at the sizes that the normal formula takes for 80 % power.
@pytest.mark.parametrize(
    ("n", "discordance", "power"), [(124, 0.05, 0.71), (248, 0.10, 0.77), (50, 0.02, 0.25)]
)
def test_the_normal_formula_promises_too_much(n: int, discordance: float, power: float) -> None:
    if n == 50:  # below 59 the exact bound no longer clears perfect agreement as such a table
        assert noninferiority_power(n, 0.05, discordance) < power
    else:
        assert round(noninferiority_power(n, 0.05, discordance), 2) == power


def test_arms_that_never_differ_are_cleared_from_the_exact_number_on() -> None:
    assert noninferiority_power(58, 0.05, 0.0) == 0.0
    assert noninferiority_power(59, 0.05, 0.0) == 1.0


def test_arms_that_always_differ_have_a_power_too() -> None:
    assert 0.0 <= noninferiority_power(50, 0.05, 1.0) < 0.2


@pytest.mark.parametrize("discordance", [0.0, 0.02, 0.1, 0.4])
def test_the_cases_needed_suffice_and_one_fewer_does_not(discordance: float) -> None:
    n = cases_needed(0.05, discordance)

    assert noninferiority_power(n, 0.05, discordance) >= 0.8
    assert noninferiority_power(n - 1, 0.05, discordance) < 0.8


def test_a_hopeless_margin_gives_the_cap() -> None:
    assert cases_needed(0.0001, 0.5) == CASES_CAP


def test_the_drop_found_is_flagged_with_the_power_asked_for() -> None:
    n, churn = 30, 0.05
    drop = detectable_drop(n, churn)
    assert drop is not None

    chance = [churn + drop, churn, 1 - 2 * churn - drop]
    power = sum(
        float(multinomial.pmf([b, c, n - b - c], n, chance))
        for b in range(n + 1)
        for c in range(n + 1 - b)
        if mcnemar(PairedCounts(n - b - c, b, c, 0)).worse <= 0.05
    )
    assert power == pytest.approx(0.8, abs=1e-4)


def test_more_cases_show_a_smaller_drop() -> None:
    drops = [detectable_drop(n, 0.03) for n in (20, 50, 100, 400, 2_000)]

    assert None not in drops
    assert drops == sorted(drops, reverse=True)  # type: ignore[type-var]


def test_a_large_sample_agrees_with_the_normal_formula() -> None:
    drop = detectable_drop(100_000, 0.05)

    # (1.645 + 0.842) sqrt((0.1 + d) / n) with d = 0.0025
    assert drop == pytest.approx(2.486 * math.sqrt(0.1025 / 100_000), rel=0.01)


def test_too_few_cases_show_no_drop_at_all() -> None:
    # Mid-p of three lone regressions is 1/16; of four, 1/32.
    assert detectable_drop(3, 0.0) is None
    assert detectable_drop(4, 0.0) == pytest.approx(0.8**0.25, abs=1e-6)


def test_binomial_masses_and_tails_agree_with_scipy() -> None:
    for n, share in ((1, 0.5), (30, 0.0), (30, 1.0), (1000, 0.02)):
        k = likely_counts(n, share)
        assert binomial_mass(k, n, share) == pytest.approx(binom.pmf(k, n, share), abs=1e-12)
        assert float(binomial_mass(k, n, share).sum()) == pytest.approx(1.0, abs=1e-9)
        tail = binomial_tail(k, np.full(k.shape, float(n)), share)
        assert tail == pytest.approx(binom.sf(k - 1, n, share), abs=1e-12)


def test_impossible_plans_are_refused() -> None:
    with pytest.raises(ValueError, match="n must be"):
        noninferiority_power(0, 0.05, 0.1)
    with pytest.raises(ValueError, match="discordance"):
        noninferiority_power(10, 0.05, math.nan)
    with pytest.raises(ValueError, match="one-sided confidence"):
        noninferiority_power(10, 0.05, 0.1, confidence=0.5)
    with pytest.raises(ValueError, match="churn"):
        detectable_drop(10, 0.5)
    with pytest.raises(ValueError, match="margin"):
        cases_to_prove(0.0)
    with pytest.raises(ValueError, match="power"):
        cases_needed(0.05, 0.1, power=1.0)
