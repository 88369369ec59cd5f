import numpy as np
import pytest

from hitl.stats.misclassified import (
    ErrorCounts,
    MeasuredSample,
    corrected_rate,
    corrected_rate_difference,
)

GOOD = ErrorCounts(positives=(96, 100), negatives=(89, 100))
POOR = ErrorCounts(positives=(60, 100), negatives=(60, 100))


def test_the_true_rate_behind_a_test_matches_the_published_value() -> None:
    # The example of rogan-gladen in the help of R's epiR: 23 of 150 positive.
    found = corrected_rate(23 / 150, 0.96, 0.89)

    assert found is not None
    assert round(found, 4) == 0.0510


def test_a_test_without_errors_corrects_nothing() -> None:
    assert corrected_rate(0.3, 1.0, 1.0) == pytest.approx(0.3)


@pytest.mark.parametrize(("observed", "expected"), [(0.0, 0.0), (1.0, 1.0)])
def test_a_corrected_rate_stays_a_rate(observed: float, expected: float) -> None:
    assert corrected_rate(observed, 0.9, 0.8) == expected


def test_a_test_near_guessing_is_refused() -> None:
    assert corrected_rate(0.5, 0.65, 0.64) is None
    assert corrected_rate(0.5, 0.65, 0.66) is not None
    sample = MeasuredSample(50, 100, POOR)
    rng = np.random.default_rng(1)
    assert corrected_rate_difference(sample, MeasuredSample(50, 100, GOOD), 0.95, rng) is None


def test_a_kinder_judge_of_the_candidate_is_seen_through() -> None:
    # True rates 0.90 and 0.85: 0.9 * 0.93 + 0.1 * 0.25 = 0.862, 0.85 * 0.96 + 0.15 * 0.4 = 0.876.
    previous = MeasuredSample(862, 1000, ErrorCounts((930, 1000), (750, 1000)))
    candidate = MeasuredSample(876, 1000, ErrorCounts((960, 1000), (600, 1000)))

    found = corrected_rate_difference(previous, candidate, 0.95, np.random.default_rng(2))

    assert candidate.k > previous.k
    assert found is not None
    assert found.estimate == pytest.approx(-0.05, abs=1e-9)
    assert found.low < -0.05 < found.high


def test_the_same_seed_gives_the_same_interval() -> None:
    samples = MeasuredSample(80, 100, GOOD), MeasuredSample(70, 100, GOOD)

    found = [corrected_rate_difference(*samples, 0.95, np.random.default_rng(3)) for _ in range(2)]

    assert found[0] == found[1]


@pytest.mark.parametrize("counts", [(0, 0), (-1, 4), (5, 4)])
def test_impossible_counts_are_refused(counts: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="0 <= k <= n"):
        ErrorCounts(counts, (1, 1))
    with pytest.raises(ValueError, match="0 <= k <= n"):
        corrected_rate_difference(
            MeasuredSample(*counts, GOOD), MeasuredSample(1, 2, GOOD), 0.9, np.random.default_rng(1)
        )
