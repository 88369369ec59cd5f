import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import t

from hitl.stats.cluster import clustered_difference
from hitl.stats.prediction import GuessedSample, LabelledSample, corrected_mean

Numbers = NDArray[np.float64]


def drawn(seed: int, n: int, rest: int) -> tuple[Numbers, Numbers, Numbers]:
    """Smooth labels, and guesses that follow them with noise."""
    rng = np.random.default_rng(seed)
    true = rng.uniform(-0.6, 0.6, n + rest)
    guess = np.clip(true + rng.normal(0.0, 0.3, n + rest), -1, 1)
    return guess[:n], true[:n], guess[n:]


def test_weight_nought_is_the_labels_alone() -> None:
    guess, true, rest = drawn(1, 60, 500)

    found = corrected_mean(LabelledSample(guess, true), GuessedSample(rest), tuning=0.0)

    reach = t.ppf(0.975, 59) * true.std(ddof=1) / math.sqrt(60)
    assert found.estimate == pytest.approx(true.mean(), abs=1e-12)
    assert found.low == pytest.approx(true.mean() - reach, abs=1e-9)
    assert found.high == pytest.approx(true.mean() + reach, abs=1e-9)
    assert found.method == "labels only, t"


def test_weight_one_is_prediction_powered_inference_as_first_written() -> None:
    guess, true, rest = drawn(2, 80, 700)

    found = corrected_mean(LabelledSample(guess, true), GuessedSample(rest), tuning=1.0)

    error = math.sqrt(rest.var(ddof=1) / 700 + (true - guess).var(ddof=1) / 80)
    estimate = rest.mean() + (true - guess).mean()
    assert found.estimate == pytest.approx(estimate, abs=1e-12)
    assert found.low == pytest.approx(estimate - t.ppf(0.975, 79) * error, abs=1e-9)
    assert found.high == pytest.approx(estimate + t.ppf(0.975, 79) * error, abs=1e-9)


def test_the_weight_of_least_variance_is_found() -> None:
    guess, true, rest = drawn(3, 80, 700)

    tuned = corrected_mean(LabelledSample(guess, true), GuessedSample(rest))
    others = [
        corrected_mean(LabelledSample(guess, true), GuessedSample(rest), tuning=weight)
        for weight in (0.0, 0.3, 0.6, 1.0)
    ]

    shared = np.cov(guess, true)[0, 1] / np.concatenate([guess, rest]).var(ddof=1)
    assert tuned.tuning == pytest.approx(shared / (1 + 80 / 700), abs=1e-12)
    width = (tuned.high or 0) - (tuned.low or 0)
    assert all(width < (one.high or 0) - (one.low or 0) + 1e-3 for one in others)


def test_errors_that_no_label_showed_bound_the_correction() -> None:
    # Every guess is 0.2 too high. An error of 2, the largest there can be, in a share of cases
    # that forty labels would miss is 1 - 0.025^(1/40) of them.
    true = np.linspace(-0.5, 0.5, 40)
    labelled, rest = LabelledSample(true + 0.2, true), GuessedSample(np.tile(true + 0.2, 5))

    found = corrected_mean(labelled, rest, tuning=1.0)

    assert found.estimate == pytest.approx(0.0, abs=1e-12)
    assert found.high == pytest.approx(2 * (1 - 0.025 ** (1 / 40)), abs=1e-12)


def test_guesses_that_say_the_opposite_get_no_weight() -> None:
    guess, true, rest = drawn(4, 50, 400)

    found = corrected_mean(LabelledSample(-guess, true), GuessedSample(-rest))

    assert found.tuning == 0.0
    assert found.estimate == pytest.approx(true.mean())


@pytest.mark.parametrize("rest", [[], [0.4]])
def test_without_a_rest_the_labels_stand_alone(rest: list[float]) -> None:
    guess, true, _ = drawn(5, 40, 10)

    found = corrected_mean(
        LabelledSample(guess, true), GuessedSample(np.array(rest, float)), tuning=1.0
    )

    assert found.estimate == pytest.approx(true.mean())
    assert (found.tuning, found.n_unlabelled) == (0.0, len(rest))


def test_labels_without_any_difference_still_leave_a_width() -> None:
    none = np.zeros(30)

    found = corrected_mean(LabelledSample(none, none), GuessedSample(np.zeros(300)))

    # As thirty pairs of which none is discordant: a share that large could stay unseen.
    assert found.estimate == 0.0
    assert found.low == pytest.approx(-(1 - 0.025 ** (1 / 30)))
    assert found.high == pytest.approx(1 - 0.025 ** (1 / 30))


@pytest.mark.parametrize("n", [0, 1, 7])
def test_few_labels_give_no_number_and_say_why(n: int) -> None:
    some = np.zeros(n)

    found = corrected_mean(LabelledSample(some, some), GuessedSample(np.zeros(50)))

    assert (found.estimate, found.low, found.high, found.tuning) == (None, None, None, None)
    assert found.reason == f"{n} independent labels are too few; expected 8 or more"


def test_repeats_of_a_case_count_once() -> None:
    guess, true, rest = drawn(6, 40, 200)
    thrice = LabelledSample(np.repeat(guess, 3), np.repeat(true, 3), np.repeat(np.arange(40), 3))
    twice = GuessedSample(np.repeat(rest, 2), np.repeat(np.arange(100, 300), 2))

    found = corrected_mean(thrice, twice)
    plain = corrected_mean(LabelledSample(guess, true), GuessedSample(rest))

    assert (found.n_labelled, found.n_unlabelled) == (40, 200)
    assert found.low == pytest.approx(plain.low)
    assert found.high == pytest.approx(plain.high)


def test_a_cluster_that_is_labelled_in_part_is_refused() -> None:
    guess, true, rest = drawn(7, 40, 200)
    numbers = np.arange(240)

    found = corrected_mean(
        LabelledSample(guess, true, numbers[:40]), GuessedSample(rest, numbers[39:239])
    )

    assert found.estimate is None
    assert "1 clusters are labelled in part" in found.reason


def test_swapping_the_arms_turns_the_signs() -> None:
    guess, true, rest = drawn(8, 40, 200)

    found = corrected_mean(LabelledSample(guess, true), GuessedSample(rest))
    mirrored = corrected_mean(LabelledSample(-guess, -true), GuessedSample(-rest))

    assert mirrored.estimate == pytest.approx(-(found.estimate or 0))
    assert mirrored.low == pytest.approx(-(found.high or 0))


@pytest.mark.parametrize("value", [math.nan, math.inf, 1.5])
def test_values_that_are_no_difference_are_refused(value: float) -> None:
    fine, broken = np.zeros(10), np.array([value] + [0.0] * 9)

    for labelled, rest in (
        (LabelledSample(broken, fine), fine),
        (LabelledSample(fine, broken), fine),
        (LabelledSample(fine, fine), broken),
    ):
        with pytest.raises(ValueError, match="none may be missing"):
            corrected_mean(labelled, GuessedSample(rest))


def test_arrays_of_unequal_length_and_weights_outside_their_range_are_refused() -> None:
    with pytest.raises(ValueError, match="a guess and a label"):
        corrected_mean(LabelledSample(np.zeros(9), np.zeros(10)), GuessedSample(np.zeros(9)))
    with pytest.raises(ValueError, match="one cluster"):
        corrected_mean(
            LabelledSample(np.zeros(9), np.zeros(9), np.arange(8)), GuessedSample(np.zeros(9))
        )
    with pytest.raises(ValueError, match="weight"):
        corrected_mean(
            LabelledSample(np.zeros(9), np.zeros(9)), GuessedSample(np.zeros(9)), tuning=1.1
        )


def unequal(seed: int) -> tuple[Numbers, Numbers, Numbers]:
    """Guesses, labels and clusters of 1 to 20 cases."""
    rng = np.random.default_rng(seed)
    clusters = np.repeat(np.arange(30), rng.integers(1, 21, 30))
    shift = rng.uniform(-0.5, 0.5, 30)[clusters]
    true = np.clip(shift + rng.normal(0.0, 0.2, clusters.size), -1, 1)
    return np.clip(true + 0.1, -1, 1), true, clusters


def test_with_labels_alone_it_is_the_clustered_difference() -> None:
    guess, true, clusters = unequal(21)

    found = corrected_mean(
        LabelledSample(guess, true, clusters), GuessedSample(np.zeros(0)), tuning=0.0
    )
    plain = clustered_difference(true, clusters)

    assert found.estimate == pytest.approx(plain.interval.estimate, abs=1e-12)
    # G/(G-1) more variance: few labels are what this is for.
    assert found.standard_error == pytest.approx(
        plain.standard_error * math.sqrt(30 / 29), abs=1e-12
    )


def test_a_lineage_counts_by_its_cases_and_cannot_hide_in_the_mean_of_clusters() -> None:
    """A hundred single cases without change, and one lineage of fifty that are all lost."""
    true = np.concatenate([np.zeros(100), -np.ones(50)])
    clusters = np.concatenate([np.arange(100), np.full(50, 100)])

    found = corrected_mean(
        LabelledSample(true, true, clusters), GuessedSample(np.zeros(0)), confidence=0.9
    )

    assert found.estimate == pytest.approx(-1 / 3)
    # Deviations: 100 of 1/3, and one of -50 + 50/3.
    error = math.sqrt((100 / 9 + (100 / 3) ** 2) * 101 / 100) / 150
    assert found.standard_error == pytest.approx(error)
    assert found.low == pytest.approx(-1 / 3 - t.ppf(0.95, 100) * error)


def test_sums_over_unequal_clusters_give_weight_and_error() -> None:
    """Ten labelled clusters and three others, put together by hand."""
    sizes = np.array([1, 2] * 5)
    clusters = np.repeat(np.arange(10), sizes)
    guess = np.where(np.arange(15) % 4 == 0, 0.5, -0.25)
    true = np.where(np.arange(15) % 4 < 2, 0.5, -0.5)
    rest, others = np.array([0.5, 0.0, -0.5, 0.25]), np.array([20, 20, 21, 22])

    found = corrected_mean(
        LabelledSample(guess, true, clusters), GuessedSample(rest, others), tuning=0.5
    )

    residual = true - 0.5 * guess
    own = sum(((residual - residual.mean())[clusters == g].sum()) ** 2 for g in range(10))
    more = sum(((rest - rest.mean())[others == g].sum()) ** 2 for g in (20, 21, 22))
    error = math.sqrt(own * 10 / 9 / 15**2 + 0.25 * more * 3 / 2 / 4**2)
    assert found.estimate == pytest.approx(0.5 * rest.mean() + residual.mean())
    assert found.standard_error == pytest.approx(error)


def test_a_weight_that_is_found_is_near_the_one_of_least_error() -> None:
    guess, true, clusters = unequal(22)
    labelled = LabelledSample(guess[clusters < 15], true[clusters < 15], clusters[clusters < 15])
    rest = GuessedSample(guess[clusters >= 15], clusters[clusters >= 15])

    tuned = corrected_mean(labelled, rest)
    errors = [
        corrected_mean(labelled, rest, tuning=weight).standard_error or 1.0
        for weight in np.linspace(0, 1, 21)
    ]

    assert (tuned.standard_error or 1.0) < errors[0]
    assert (tuned.standard_error or 1.0) < min(errors) * 1.05
