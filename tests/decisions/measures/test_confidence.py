import numpy as np
import pytest

from hitl.decisions.measures.calibration_band import LabelBins, calibration_band
from hitl.decisions.measures.words import Metric
from hitl.stats.calibration import null_band
from tests.decisions.measures.baselines import (
    Row,
    baseline_of,
    found,
    group_of,
    reviewed,
    rows,
    value,
    why,
)


def scored(n: int, confidence: float, *, right: int, **values: object) -> list[Row]:
    given = {"lane": "auto", "confidence": confidence} | values
    return [*rows(right, correct="true", **given), *rows(n - right, correct="false", **given)]


def test_the_error_is_the_mean_distance_of_confidence_and_share_right() -> None:
    log = [*scored(100, 0.905, right=80), *scored(300, 0.505, right=180)]

    baseline = baseline_of(log)

    assert value(baseline, Metric.ECE) == pytest.approx((100 * 0.105 + 300 * 0.095) / 400)
    part = group_of(baseline).calibration
    assert part is not None
    assert part.error == value(baseline, Metric.ECE)
    assert part.is_miscalibrated
    assert [(one.low, one.n, one.right) for one in part.bins] == [(0.5, 300, 0.6), (0.9, 100, 0.8)]
    assert [one.said for one in part.bins] == pytest.approx([0.505, 0.905])


def test_confidences_of_two_decimals_are_taken_as_they_are() -> None:
    log = [*scored(100, 0.9, right=90), *scored(100, 0.62, right=62)]

    baseline = baseline_of(log)

    assert value(baseline, Metric.ECE) == pytest.approx(0, abs=1e-12)
    # Labels as true as these leave Spiegelhalter's sum of (y - p)(1 - 2p) at 0.
    assert value(baseline, Metric.SPIEGELHALTER_Z) == pytest.approx(0, abs=1e-9)
    assert value(baseline, Metric.CALIBRATION_SLOPE) == pytest.approx(1, abs=1e-6)


def test_confidences_of_one_hundredth_stand_for_their_mean() -> None:
    log = [*scored(30, 0.901, right=27), *scored(10, 0.909, right=9)]

    part = group_of(baseline_of(log)).calibration

    assert part is not None
    assert part.bins[0].said == pytest.approx(0.903)
    assert part.error == pytest.approx(0.003)


def test_true_confidence_is_not_called_miscalibrated_for_its_noise() -> None:
    log = [row for tenth in range(5, 10) for row in scored(40, tenth / 10 + 0.005, right=4 * tenth)]

    part = group_of(baseline_of(log)).calibration

    assert part is not None
    assert part.is_miscalibrated is False
    assert part.null_high is not None
    assert part.null_high > 0.05


def test_certainty_lies_in_the_last_tenth_and_one_error_contradicts_it() -> None:
    baseline = baseline_of(scored(50, 1, right=48))

    part = group_of(baseline).calibration
    assert part is not None
    assert [(one.low, one.high, one.said) for one in part.bins] == [(0.9, 1.0, 1.0)]
    assert part.error == pytest.approx(0.04)
    assert part.is_miscalibrated


def test_labels_are_weighted_so_that_the_diagram_speaks_for_all() -> None:
    sure = {"review_probability": 0.1}
    log = [
        *scored(30, 0.905, right=27, **sure),
        *rows(270, confidence=0.905, lane="auto", **sure),
        *scored(40, 0.905, right=0, lane="queue", review_probability=1),
    ]

    baseline = baseline_of(log)
    part = group_of(baseline).calibration

    # 30 labels stand for 300 decisions, 40 for 40: 270 of 340 right.
    assert part is not None
    assert part.bins[0].right == pytest.approx(270 / 340)
    assert part.bins[0].n_decisions == 340
    assert value(baseline, Metric.ECE) == pytest.approx(0.905 - 270 / 340)
    one = found(baseline, Metric.ECE)
    assert (one.n, one.population, one.unattributed) == (70, 340, 0.0)
    assert "labels weighted by review probability" in one.method


def test_confidences_near_which_no_label_is_are_not_spoken_for() -> None:
    chance = {"review_probability": 0.2}
    log = [
        *scored(20, 0.505, right=10, **chance),
        *rows(80, confidence=0.505, lane="auto", **chance),
        *rows(100, confidence=0.955, lane="auto", review_probability=0.01),
    ]

    baseline = baseline_of(log)

    assert "only 50 % of 200 decisions have a confidence near which some label is" in why(
        baseline, Metric.ECE
    )
    part = group_of(baseline).calibration
    assert part is not None
    assert (part.error, part.is_miscalibrated) == (None, None)
    assert [(one.n_decisions, one.n, one.right) for one in part.bins] == [
        (100, 20, 0.5),
        (100, 0, None),
    ]


def test_labels_of_reviewed_decisions_alone_speak_for_those_alone() -> None:
    log = [
        *reviewed(20, "approve", confidence=0.505, correct="true"),
        *rows(80, confidence=0.905, lane="auto"),
    ]

    one = found(baseline_of(log), Metric.ECE)

    assert (one.n, one.population) == (20, 20)
    assert "it speaks for reviewed decisions only" in one.reason


def test_labels_that_are_fewer_than_their_probability_promises_are_not_weighted() -> None:
    chance = {"review_probability": 0.5, "confidence": 0.905}
    log = [*scored(10, 0.905, right=9, review_probability=0.5), *rows(190, lane="auto", **chance)]

    one = found(baseline_of(log), Metric.ECE)

    assert "it speaks for labelled decisions only" in one.reason
    assert "labels unweighted" in one.method


def test_one_confidence_for_everything_tells_nothing_apart_and_says_so() -> None:
    baseline = baseline_of(scored(100, 0.905, right=80))

    for metric in (Metric.CALIBRATION_SLOPE, Metric.AUC):
        assert (
            why(baseline, metric)
            == "all labelled decisions have one confidence, about 0.91: it tells nothing apart"
        )
    part = group_of(baseline).calibration
    assert part is not None
    assert "one confidence, about 0.91" in part.note


def test_labels_without_a_confidence_calibrate_nothing() -> None:
    log = [*scored(10, 0.905, right=9), *rows(10, lane="auto", correct="true")]

    baseline = baseline_of(log)

    assert (
        why(baseline, Metric.ECE)
        == "only 50 % of 20 decisions that are labelled have a confidence; the floor is 80 %"
    )
    assert group_of(baseline).calibration is None
    assert (
        why(baseline_of(rows(3, confidence=0.5)), Metric.AUC)
        == "no decision has a label (`correct`)"
    )


def test_equal_weights_give_the_band_of_unweighted_labels() -> None:
    n, k = np.array([50, 80]), np.array([30, 70])
    score, cells = np.array([0.6, 0.9]), np.array([0, 1])
    bins = LabelBins.of(score, n, (cells, np.array([4.0, 4.0]), n, k))

    band = calibration_band(bins, np.random.default_rng(3), 0.95)
    plain = null_band(n, k, score, np.random.default_rng(3), resamples=1000)

    assert band.error == pytest.approx(plain.observed)
    assert band.low == pytest.approx(plain.low)
    assert band.high == pytest.approx(plain.high)


def test_uneven_weights_draw_as_few_labels_as_say_as_much() -> None:
    cells = (np.array([0, 0]), np.array([1.0, 10.0]), np.array([90, 10]), np.array([0, 10]))

    bins = LabelBins.of(np.array([0.5]), np.array([190]), cells)

    # (90 + 100)² / (90 + 1000) = 33.1
    assert (bins.even.tolist(), bins.n.tolist()) == ([33], [100])
    assert bins.truth.tolist() == pytest.approx([100 / 190])
