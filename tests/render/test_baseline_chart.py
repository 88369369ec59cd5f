from math import log

import pytest

from hitl.decisions.measures.parts import Calibration, ReliabilityBin, TargetPart
from hitl.decisions.measures.words import Met, Metric
from hitl.render.baseline import reliability
from hitl.render.baseline.chart import axis_of, dot, target_dot
from hitl.render.baseline.reliability import across, up
from tests.render.sample_baseline import a_calibration, a_measured, a_refused

SMALL = a_measured(Metric.OVERRIDE_RATE, 5_000)
LARGE = a_measured(Metric.OVERRIDE_RATE, 5_000, 3.0)


def test_numbers_stand_on_one_scale_in_their_order() -> None:
    axis = axis_of([SMALL, LARGE])
    small, large = dot(SMALL, axis, "small"), dot(LARGE, axis, "large", SMALL.value)

    assert small is not None
    assert small.line is not None
    assert small.line.start < small.x < small.line.end
    assert large is not None
    assert large.x > small.x
    assert large.reference == small.x
    assert small.ticks == large.ticks
    assert [tick.label for tick in small.ticks] == ["0 %", "20 %", "40 %"]


def test_the_place_on_a_scale_of_shares_is_the_share() -> None:
    axis = axis_of([SMALL])

    assert axis is not None
    assert axis.at(0.0) == 14.0
    assert axis.at(0.1) == 150.0 + 136.0 * (axis.scale.high == 0.1)
    assert axis.at(axis.scale.high) == 286.0


def test_an_interval_that_leaves_the_scale_ends_in_an_arrow() -> None:
    wide = SMALL.model_copy(update={"high": 0.97})
    drawn = dot(wide, axis_of([SMALL, wide]), "wide")

    assert drawn is not None
    assert drawn.line is not None
    assert (drawn.line.leaves_left, drawn.line.leaves_right) == (False, True)
    assert "97.0 %" in drawn.description


def test_times_stand_on_a_logarithmic_scale() -> None:
    short = a_measured(Metric.REVIEW_SECONDS_MEDIAN, 900).model_copy(update={"value": 10.0, "low": 5.0, "high": 20.0})  # fmt: skip
    long = short.model_copy(update={"value": 1_000.0, "low": 500.0, "high": 2_000.0})
    axis = axis_of([short, long])

    assert axis is not None
    assert axis.is_log
    middle = (axis.at(10.0) + axis.at(1_000.0)) / 2
    assert axis.at(100.0) == pytest.approx(middle, abs=0.2)
    assert axis.scale.low < log(5.0)
    assert [tick.label for tick in axis.ticks][:2] == ["5 s", "20 s"]
    assert all(after.x - before.x >= 52 for before, after in zip(axis.ticks, axis.ticks[1:], strict=False))  # fmt: skip


def test_a_time_of_zero_stands_at_the_left_end() -> None:
    zero = a_measured(Metric.REVIEW_SECONDS_MEDIAN, 900).model_copy(update={"low": 0.0})
    drawn = dot(zero, axis_of([zero]), "zero")

    assert drawn is not None
    assert drawn.line is not None
    assert drawn.line.start == 14.0


def test_what_is_refused_or_of_another_unit_is_not_drawn() -> None:
    axis = axis_of([SMALL])

    assert dot(a_refused(Metric.OVERRIDE_RATE), axis, "refused") is None
    assert dot(a_measured(Metric.ESCALATIONS_PER_10000, 90), axis, "other unit") is None
    assert axis_of([a_refused(Metric.OVERRIDE_RATE), a_measured(Metric.ECE, 90)]) is None


def test_shares_of_zero_alone_have_a_scale() -> None:
    zero = SMALL.model_copy(update={"value": 0.0, "low": 0.0, "high": 0.003})
    drawn = dot(zero, axis_of([zero]), "none")

    assert drawn is not None
    assert drawn.x == 14.0


def _a_target(**changed: object) -> TargetPart:
    target = TargetPart(name="escalation_rate", at_least=0.1, at_most=0.2, value=0.15, low=0.12, high=0.18, n=90, met=Met.MET)  # fmt: skip
    return target.model_copy(update=changed)


def test_a_target_that_is_met_draws_its_interval_inside_the_allowed_range() -> None:
    drawn = target_dot(_a_target(), "pass")

    assert drawn is not None
    assert drawn.band is not None
    assert drawn.line is not None
    end = drawn.band.x + drawn.band.width
    assert drawn.band.x < drawn.line.start < drawn.x < drawn.line.end < end
    assert [tick.label for tick in drawn.ticks] == ["10.0 %", "20.0 %"]
    assert drawn.description == "15.0 %, 12.0 to 18.0 %; target 10.0 % to 20.0 %: met."


@pytest.mark.parametrize(
    ("limits", "left", "right"),
    [
        pytest.param({"at_least": None, "at_most": 0.2}, True, False, id="at most"),
        pytest.param({"at_least": 0.1, "at_most": None}, False, True, id="at least"),
    ],
)
def test_a_range_that_is_open_reaches_to_the_end(
    limits: dict[str, float | None], left: bool, right: bool
) -> None:
    drawn = target_dot(_a_target(**limits), "pass")

    assert drawn is not None
    assert drawn.band is not None
    assert (drawn.band.x == 14.0) is left
    assert (drawn.band.x + drawn.band.width == pytest.approx(286.0)) is right


def test_a_very_wide_interval_does_not_hide_the_target() -> None:
    drawn = target_dot(_a_target(at_least=None, at_most=0.02, value=0.024, low=0.006, high=0.9), "undecided")  # fmt: skip

    assert drawn is not None
    assert drawn.line is not None
    assert drawn.line.leaves_right
    assert drawn.ticks[0].x > 60


@pytest.mark.parametrize("value", [None, float("nan")])
def test_a_target_without_a_number_has_no_picture(value: float | None) -> None:
    assert target_dot(_a_target(value=value, met=Met.UNMEASURED), "unmeasured") is None


def test_the_diagonal_is_where_confidence_is_right() -> None:
    assert (across(0.0), up(0.0)) == (46.0, 270.0)
    assert (across(1.0), up(1.0)) == (306.0, 10.0)
    assert (across(0.5), up(0.5)) == (176.0, 140.0)


def test_a_bin_is_drawn_at_what_it_said_and_how_often_it_was_right() -> None:
    one = ReliabilityBin(low=0.8, high=0.9, n_decisions=200, n=40, said=0.85, right=0.7, right_low=0.55, right_high=0.82)  # fmt: skip
    drawn = reliability.reliability(Calibration(bins=(one,)), "all")

    assert (drawn.points[0].x, drawn.points[0].y) == (across(0.85), up(0.7))
    assert drawn.points[0].y > up(0.85)
    assert (drawn.points[0].low, drawn.points[0].high) == (up(0.55), up(0.82))
    assert drawn.bars[0].height == reliability.BARS
    assert drawn.most == 200
    assert drawn.description == "confidence 0.850: 70.0 %, 55.0 to 82.0 %, n = 40."


def test_a_bin_without_a_label_is_a_bar_and_no_point() -> None:
    drawn = reliability.reliability(a_calibration(), "all")

    assert len(drawn.bars) == len(drawn.points) + 1
    assert "0.151" not in drawn.description
    assert reliability.bin_right(a_calibration().bins[0]) == "not said: no label"


def test_no_bins_are_an_empty_diagram() -> None:
    drawn = reliability.reliability(Calibration(bins=()), "all")

    assert (drawn.points, drawn.bars) == ((), ())
    assert drawn.description == "No decision has both a confidence and a label."


@pytest.mark.parametrize("right", [None, float("nan")])
def test_a_labelled_bin_whose_share_cannot_be_told_is_no_point(right: float | None) -> None:
    one = ReliabilityBin(low=0.8, high=0.9, n_decisions=20, n=4, said=0.85)
    drawn = reliability.reliability(
        Calibration(bins=(one.model_copy(update={"right": right}),)), "all"
    )

    assert drawn.points == ()
    assert drawn.description == "confidence 0.850: not said, n = 4."
