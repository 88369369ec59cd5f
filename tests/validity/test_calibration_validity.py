import numpy as np
import pytest
from scipy.stats import binom

from hitl.stats.calibration import expected_calibration_error, null_band, spiegelhalter
from hitl.stats.calibration_line import calibration_line
from hitl.stats.discrimination import discrimination

pytestmark = pytest.mark.validity

RUNS = 1_500
BINS = np.arange(0.05, 1.0, 0.1)


def most_misses(promised: float, runs: int = RUNS) -> int:
    """Misses that a kept promise exceeds once in a million simulations."""
    return int(binom.ppf(1.0 - 1e-6, runs, promised))


@pytest.mark.parametrize(
    ("rows", "mean", "above"),
    [(50, 0.112, 0.99), (100, 0.079, 0.92), (200, 0.058, 0.66), (500, 0.037, 0.11), (2000, 0.019, 0.0)],
)  # fmt: skip
def test_perfect_scores_have_an_error_all_the_same(rows: int, mean: float, above: float) -> None:
    rng, found = np.random.default_rng(rows), []
    # Scores as models state them, three in four on average.
    for _ in range(2000):
        score = rng.beta(6.0, 2.0, size=rows)
        right = rng.uniform(size=rows) < score
        cell = np.minimum((10 * score).astype(np.int64), 9)
        n = np.bincount(cell, minlength=10)
        mean_score = np.bincount(cell, weights=score, minlength=10) / np.maximum(n, 1)
        k = np.bincount(cell[right], minlength=10)
        found.append(expected_calibration_error(n, k, mean_score).l1)

    assert np.mean(found) == pytest.approx(mean, abs=0.003)
    assert np.mean(np.array(found) > 0.05) == pytest.approx(above, abs=0.05)


@pytest.mark.parametrize("rows", [50, 200, 2000])
def test_the_band_holds_as_often_as_promised_and_its_p_keeps_the_level(rows: int) -> None:
    rng = np.random.default_rng(rows + 1)
    outside = called = 0
    for _ in range(RUNS):
        n = rng.multinomial(rows, np.full(10, 0.1))
        band = null_band(n, rng.binomial(n, BINS), BINS, rng, resamples=400)
        outside += not band.low <= band.observed <= band.high
        called += band.p_worse <= 0.05

    # 400 draws add an error of their own to each limit.
    assert outside <= most_misses(0.055)
    assert called <= most_misses(0.05)


def test_scores_that_vary_within_their_bin_do_not_raise_the_level() -> None:
    rng, called = np.random.default_rng(12), 0
    for _ in range(RUNS):
        score = rng.uniform(size=300)
        right = rng.uniform(size=300) < score
        cell = np.minimum((5 * score).astype(np.int64), 4)
        n = np.bincount(cell, minlength=5)
        mean_score = np.bincount(cell, weights=score, minlength=5) / np.maximum(n, 1)
        k = np.bincount(cell[right], minlength=5)
        called += null_band(n, k, mean_score, rng, resamples=400).p_worse <= 0.05

    assert called <= most_misses(0.05)


def test_spiegelhalter_keeps_its_level_and_finds_bold_scores() -> None:
    rng = np.random.default_rng(5)
    n = np.full(10, 60)
    false = found = 0
    for _ in range(RUNS):
        false += (spiegelhalter(n, rng.binomial(n, BINS), BINS).p_two_sided or 0.0) <= 0.05
        bold = rng.binomial(n, 0.5 + 0.7 * (BINS - 0.5))
        found += (spiegelhalter(n, bold, BINS).p_two_sided or 0.0) <= 0.05

    assert false <= most_misses(0.05)
    assert found > 0.8 * RUNS


@pytest.mark.parametrize("slope", [0.5, 1.0])
def test_the_line_is_covered_as_promised(slope: float) -> None:
    rng = np.random.default_rng(7)
    n, odds = np.full(10, 40), np.log(BINS / (1 - BINS))
    of_slope = of_intercept = 0
    for _ in range(RUNS):
        line = calibration_line(n, rng.binomial(n, 1 / (1 + np.exp(0.3 - slope * odds))), BINS)
        assert line.slope is not None
        assert line.intercept is not None
        of_slope += not line.slope.low <= slope <= line.slope.high
        of_intercept += not line.intercept.low <= -0.3 <= line.intercept.high

    assert of_slope <= most_misses(0.05)
    assert of_intercept <= most_misses(0.05)


@pytest.mark.parametrize("lift", [0.0, 0.25, 0.45])
def test_an_area_is_covered_as_promised_and_its_test_keeps_its_level(lift: float) -> None:
    rng, missed, called = np.random.default_rng(int(100 * lift)), 0, 0
    n, rate = np.full(10, 15), 0.5 + lift * np.linspace(-1, 1, 10)
    right, wrong = rate / rate.sum(), (1 - rate) / (1 - rate).sum()
    area = float(right @ (np.cumsum(wrong) - wrong / 2))
    for _ in range(RUNS):
        found = discrimination(n, rng.binomial(n, rate), BINS)
        assert found.auc is not None
        missed += not found.auc.low <= area <= found.auc.high
        called += (found.p_two_sided or 0.0) <= 0.05

    assert missed <= most_misses(0.05)
    assert called <= most_misses(0.05) if lift == 0.0 else called > 0.9 * RUNS
