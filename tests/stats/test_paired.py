import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar

from hitl.stats.paired import (
    PairedCounts,
    difference_interval,
    mcnemar,
    newcombe_interval,
    tango_interval,
    tango_z,
)

tables = st.builds(
    PairedCounts, st.integers(0, 300), st.integers(0, 30), st.integers(0, 30), st.integers(0, 300)
).filter(lambda counts: counts.n > 0)
confidences = st.floats(0.5, 0.9999)


def table(a: int, b: int, c: int, d: int) -> PairedCounts:
    """Published tables state (b - c) / n; here b is what only the candidate passes."""
    return PairedCounts(both=a, improved=b, regressed=c, neither=d)


# Tango (1998), as found in the test suites of the R packages ratesci and contingencytables.
@pytest.mark.parametrize(
    ("cells", "confidence", "low", "high", "digits"),
    [
        ((43, 0, 1, 0), 0.90, -0.096, 0.037, 3),
        ((4, 9, 3, 16), 0.95, -0.027, 0.390, 3),
        ((53, 16, 8, 9), 0.95, -0.020, 0.207, 3),
        ((1, 1, 7, 12), 0.95, -0.517, -0.026, 3),
        ((59, 6, 16, 80), 0.95, -0.1240, -0.0054, 4),
        ((0, 3, 0, 0), 0.95, -0.1230, 1.0, 4),
    ],
)
def test_tango_matches_published_intervals(
    cells: tuple[int, int, int, int], confidence: float, low: float, high: float, digits: int
) -> None:
    interval = tango_interval(table(*cells), confidence)

    assert (round(interval.low, digits), round(interval.high, digits)) == (low, high)


def test_tango_matches_the_published_statistic() -> None:
    assert round(tango_z(table(43, 0, 1, 0), -0.10), 3) == 1.709


# Newcombe (1998), Table III, method 10.
@pytest.mark.parametrize(
    ("cells", "low", "high"),
    [
        ((36, 12, 2, 0), 0.0569, 0.3404),
        ((20, 12, 2, 16), 0.0562, 0.3292),
        ((18, 12, 2, 18), 0.0562, 0.3290),
        ((36, 14, 0, 0), 0.1528, 0.4167),
        ((35, 14, 0, 1), 0.1461, 0.4175),
        ((18, 14, 0, 18), 0.1441, 0.3963),
        ((2, 97, 1, 0), 0.8721, 0.9854),
        ((1, 97, 1, 1), 0.8736, 0.9850),
        ((0, 30, 0, 0), 0.8395, 1.0),
        ((54, 0, 0, 0), -0.0664, 0.0664),
        ((30, 0, 0, 24), -0.0358, 0.0358),
    ],
)
def test_newcombe_matches_the_published_table(
    cells: tuple[int, int, int, int], low: float, high: float
) -> None:
    interval = newcombe_interval(table(*cells), 0.95)

    # The printed digits are cut in one row (.87367) and rounded in the others.
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-4)


# Fagerland, Lydersen and Laake (2013).
@pytest.mark.parametrize(
    ("cells", "asymptotic", "corrected", "exact", "mid_p", "digits"),
    [
        ((1, 1, 7, 12), 0.034, 0.077, 0.070, 0.039, 3),
        ((59, 6, 16, 80), 0.033006, 0.055009, 0.052479, 0.034690, 6),
    ],
)
def test_mcnemar_matches_published_values(
    cells: tuple[int, int, int, int],
    asymptotic: float,
    corrected: float,
    exact: float,
    mid_p: float,
    digits: int,
) -> None:
    result = mcnemar(table(*cells))

    assert round(result.asymptotic, digits) == asymptotic
    assert round(result.corrected, digits) == corrected
    assert round(result.exact, digits) == exact
    assert round(result.mid_p, digits) == mid_p


def test_without_a_discordant_pair_no_difference_is_claimed() -> None:
    result = mcnemar(PairedCounts(5, 0, 0, 5))

    assert result.exact == result.mid_p == result.asymptotic == result.corrected == 1.0
    assert (result.worse, result.better, result.worse_exact) == (0.5, 0.5, 1.0)


def test_the_fewest_lone_regressions_that_reach_five_percent_are_four_or_five_exactly() -> None:
    # Exact: 1/2^5 = 0.031 after 1/2^4 = 0.0625. Mid-p halves the last term: 1/2^5 at four.
    worse = [mcnemar(PairedCounts(50, b, 0, 0)) for b in range(6)]

    assert [result.worse_exact <= 0.05 for result in worse] == [False] * 5 + [True]
    assert [result.worse <= 0.05 for result in worse] == [False] * 4 + [True] * 2


@given(tables)
def test_mcnemar_agrees_with_statsmodels(counts: PairedCounts) -> None:
    result = mcnemar(counts)
    cells = [[counts.both, counts.regressed], [counts.improved, counts.neither]]

    if counts.discordant:
        assert result.exact == pytest.approx(reference_mcnemar(cells, exact=True).pvalue)
        asymptotic = reference_mcnemar(cells, exact=False, correction=False).pvalue
        assert result.asymptotic == pytest.approx(asymptotic)
    if counts.regressed != counts.improved:  # statsmodels "corrects" a difference of 0 upwards
        corrected = reference_mcnemar(cells, exact=False, correction=True).pvalue
        assert result.corrected == pytest.approx(corrected)
    assert result.mid_p == pytest.approx(min(1.0, 2.0 * min(result.worse, result.better)))


@pytest.mark.parametrize(
    ("margin", "n"), [(0.10, 25), (0.05, 52), (0.03, 88), (0.02, 133), (0.01, 268)]
)
def test_score_limits_clear_a_margin_from_the_closed_form_number_of_cases(
    margin: float, n: int
) -> None:
    for interval in (tango_interval, newcombe_interval):
        assert interval(PairedCounts(n, 0, 0, 0), 0.90).low > -margin
        assert interval(PairedCounts(n - 1, 0, 0, 0), 0.90).low <= -margin


@pytest.mark.parametrize(("margin", "n"), [(0.10, 29), (0.05, 59), (0.02, 149), (0.01, 299)])
def test_the_deciding_interval_takes_the_exact_number_of_cases(margin: float, n: int) -> None:
    interval = difference_interval(PairedCounts(0, 0, 0, n), 0.90)

    assert interval.low > -margin
    assert interval.high == -interval.low
    assert interval.method == "exact, no discordant pair"
    assert difference_interval(PairedCounts(n - 1, 0, 0, 0), 0.90).low <= -margin


@given(tables, st.floats(0.005, 0.5), st.floats(0.005, 0.2))
def test_the_lower_limit_and_the_noninferiority_test_agree(
    counts: PairedCounts, margin: float, alpha: float
) -> None:
    if not counts.discordant or (alpha < 0.01 and not counts.improved):
        return
    z, limit = tango_z(counts, -margin), -float(ndtri(alpha))
    if abs(z - limit) > 1e-9:
        assert (difference_interval(counts, 1 - 2 * alpha).low > -margin) == (z > limit)


@given(tables, confidences)
def test_swapping_the_arms_mirrors_every_interval_exactly(
    counts: PairedCounts, confidence: float
) -> None:
    for interval in (tango_interval, newcombe_interval, difference_interval):
        assert interval(counts.mirrored(), confidence) == interval(counts, confidence).mirrored()
    one, other = mcnemar(counts), mcnemar(counts.mirrored())
    assert (one.worse, one.better, one.exact) == (other.better, other.worse, other.exact)


@given(tables, confidences)
def test_an_interval_holds_its_estimate_and_stays_within_the_possible(
    counts: PairedCounts, confidence: float
) -> None:
    for interval in (tango_interval, newcombe_interval, difference_interval):
        found = interval(counts, confidence)
        assert -1.0 - 1e-12 <= found.low <= found.estimate <= found.high <= 1.0 + 1e-12


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.99, 0.999, 0.99998])
@pytest.mark.parametrize("n", [1, 2, 3, 7, 20, 60])
def test_a_pass_turned_into_a_failure_never_raises_the_limit_or_the_p(
    n: int, confidence: float
) -> None:
    span = range(n + 1) if n < 60 or confidence == 0.9 else range(9)
    counts = {(b, c): PairedCounts(n - b - c, b, c, 0) for b in span for c in span if b + c <= n}
    lows = {cell: difference_interval(counts[cell], confidence).low for cell in counts}
    p = {cell: mcnemar(counts[cell]).worse for cell in counts}

    for b, c in counts:
        for worse in ((b + 1, c), (b, c - 1)):
            if worse in counts:
                assert lows[worse] <= lows[b, c] + 1e-12, (n, b, c, worse)
                assert p[worse] <= p[b, c] + 1e-12


def test_a_million_cases_are_as_precise_as_the_normal_limit() -> None:
    counts = PairedCounts(900_000, 10_000, 10_400, 79_600)
    interval = difference_interval(counts, 0.90)

    # 0.0004 -+ 1.645 sqrt(20400) / 1e6 = 0.0004 -+ 0.000235
    assert (interval.low, interval.high) == pytest.approx((0.000165, 0.000635), abs=1e-6)
    assert difference_interval(PairedCounts(10**6, 0, 0, 0), 0.90).low == pytest.approx(
        -3e-6, rel=0.01
    )


def test_pairs_are_counted_case_by_case() -> None:
    previous = np.array([True, True, True, False, False])
    candidate = np.array([True, False, False, True, False])

    assert PairedCounts.of(previous, candidate) == PairedCounts(1, 2, 1, 1)
    assert PairedCounts.of(previous, candidate).difference == pytest.approx(-0.2)


@pytest.mark.parametrize(
    "candidate", [np.array([True]), np.array([1.0, 0.0]), np.array([[True, False]])]
)
def test_arms_that_are_not_one_flat_boolean_array_each_are_refused(candidate: np.ndarray) -> None:
    with pytest.raises(ValueError, match="flat boolean"):
        PairedCounts.of(np.array([True, False]), candidate)


def test_no_case_and_impossible_questions_are_refused() -> None:
    nothing = PairedCounts(0, 0, 0, 0)
    for interval in (tango_interval, newcombe_interval, difference_interval):
        with pytest.raises(ValueError, match="no case was compared"):
            interval(nothing)
        with pytest.raises(ValueError, match="confidence"):
            interval(PairedCounts(1, 0, 0, 0), 1.0)
    with pytest.raises(ValueError, match="difference of rates"):
        tango_z(PairedCounts(1, 0, 0, 0), math.nan)
    with pytest.raises(ValueError, match="0 or more"):
        PairedCounts(1, -1, 0, 0)
