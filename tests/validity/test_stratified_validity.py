import numpy as np
import pytest
from scipy.stats import binom

from hitl.stats.proportion import exact_interval
from hitl.stats.stratified import corrected_for_detection, stratified_rate, weighted_rate

pytestmark = pytest.mark.validity

RUNS = 2_000
# 30 % escalated and all reviewed, the rest decided alone with one in twenty audited.
SHARES, CHANCE = np.array([0.3, 0.7]), np.array([1.0, 0.05])
RATES = np.array([0.0579, 0.0209])


def most_misses(promised: float, runs: int = RUNS) -> int:
    """Misses that a kept promise exceeds once in a million simulations."""
    return int(binom.ppf(1.0 - 1e-6, runs, promised))


def test_labels_of_reviewed_rows_alone_mislead_and_weights_repair_it() -> None:
    rng, rows = np.random.default_rng(4), np.array([1740, 4060])
    only_reviewed, weighted = [], []
    for _ in range(RUNS):
        labelled = rng.binomial(rows, CHANCE)
        errors = rng.binomial(labelled, RATES)
        only_reviewed.append(errors.sum() / labelled.sum())
        found = weighted_rate(rows, CHANCE, labelled, errors).interval
        assert found is not None
        weighted.append(found.estimate)

    assert float(SHARES @ RATES) == pytest.approx(0.032, abs=1e-4)
    assert np.mean(only_reviewed) == pytest.approx(0.054, abs=0.001)
    assert np.mean(weighted) == pytest.approx(0.032, abs=0.001)
    assert np.std(weighted) == pytest.approx(0.0075, abs=0.0005)


@pytest.mark.parametrize("rows", [1_000, 5_000, 20_000])
@pytest.mark.parametrize("rates", [RATES, np.array([0.1, 0.001])], ids=["even", "rare audits"])
def test_both_intervals_cover_the_rate_of_all_rows(rows: int, rates: np.ndarray) -> None:
    rng, sizes = np.random.default_rng(rows), np.round(rows * SHARES).astype(np.int64)
    truth, exact, approximate = float(SHARES @ rates), 0, 0
    for _ in range(RUNS):
        labelled = rng.binomial(sizes, CHANCE)
        errors = rng.binomial(labelled, rates)
        one = stratified_rate(sizes, labelled, errors).interval
        other = weighted_rate(sizes, CHANCE, labelled, errors).interval
        exact += one is None or not one.low <= truth <= one.high
        approximate += other is None or not other.low <= truth <= other.high

    assert exact <= most_misses(0.05)
    assert approximate <= most_misses(0.05)


def test_many_groups_of_review_probabilities_are_covered_too() -> None:
    rng, missed = np.random.default_rng(8), 0
    sizes, chance = np.full(12, 200), np.linspace(0.1, 0.9, 12)
    rates = np.linspace(0.01, 0.15, 12)
    for _ in range(RUNS):
        labelled = rng.binomial(sizes, chance)
        found = weighted_rate(sizes, chance, labelled, rng.binomial(labelled, rates)).interval
        missed += found is None or not found.low <= rates.mean() <= found.high

    assert missed <= most_misses(0.05)


@pytest.mark.parametrize(
    "rates",
    [
        pytest.param([0.02, 0.02, 0.02, 0.02, 0.02], id="alike"),
        pytest.param([0.10, 0.0, 0.0, 0.0, 0.0], id="errors where fewest look"),
        pytest.param([0.005, 0.005, 0.01, 0.02, 0.17], id="errors where all look"),
        pytest.param([0.0, 0.0, 0.0, 0.05, 0.0], id="errors in the middle"),
        pytest.param([0.2, 0.02, 0.02, 0.02, 0.1], id="many errors"),
    ],
)
def test_labels_that_are_there_as_the_chance_cover_a_few_small_strata(rates: list[float]) -> None:
    # The review probabilities and sizes of four weeks of incident triage: 16 labels for a third of all rows.
    sizes, chance = np.array([468, 210, 42, 610, 90]), np.array([0.05, 0.1, 0.15, 0.25, 1.0])
    rng, missed = np.random.default_rng(12), 0
    for _ in range(RUNS):
        wrong = rng.binomial(sizes, rates)
        labelled = np.maximum(1, rng.binomial(sizes, chance))
        errors = rng.hypergeometric(wrong, sizes - wrong, labelled)
        found = weighted_rate(sizes, labelled / sizes, labelled, errors).interval
        truth = float(wrong.sum() / sizes.sum())
        missed += found is None or not found.low <= truth <= found.high

    assert missed <= most_misses(0.05)


def test_dividing_by_detection_covers_the_true_rate() -> None:
    # 3.3 % wrong, 60 % of it found: 2 % measured.
    rng, raw, corrected = np.random.default_rng(6), 0, 0
    for _ in range(RUNS):
        found = exact_interval(int(rng.binomial(3000, 0.033 * 0.6)), 3000, 0.975)
        result = corrected_for_detection(found, int(rng.binomial(60, 0.6)), 60).interval
        raw += found.low <= 0.033 <= found.high
        corrected += result is None or not result.low <= 0.033 <= result.high

    assert corrected <= most_misses(0.05)
    assert raw < 0.05 * RUNS
