import re

import pytest

from hitl.recalibrate.parts import CurvePoint, TypeResult
from hitl.recalibrate.words import Direction, State
from hitl.render.recalibration.chart import Upright, picture
from hitl.render.recalibration.points import (
    MOST_ROWS,
    at,
    first_failed,
    first_tested,
    marks,
    thinned,
)
from hitl.render.recalibration.sight import (
    FLOOR,
    LEFT,
    LOW_FLOOR,
    LOW_TOP,
    RIGHT,
    TOP,
    WIDTH,
    Sight,
    share_y,
    sight_of,
)
from tests.render.sample_recalibration import TARGET, a_curve, a_point, a_type

GAINS = a_type()


def _with(curve: tuple[CurvePoint, ...], previous: tuple[CurvePoint, ...] = ()) -> TypeResult:
    return GAINS.model_copy(update={"curve": curve, "previous_curve": previous})


def _places(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


def _span(mark: Upright) -> tuple[float, float]:
    width = len(mark.label) * (6.2 if mark.css == "inforce" else 7.2)
    starts = {"start": mark.text_x, "end": mark.text_x - width, "middle": mark.text_x - width / 2}
    return starts[mark.anchor], starts[mark.anchor] + width


def test_a_threshold_and_an_error_stand_where_the_scales_say() -> None:
    sight = Sight(low=0.5, high=1.0, step=0.1, top=0.1, rise=0.05)

    assert (sight.across(0.5), sight.across(0.75), sight.across(1.0)) == (LEFT, 216.0, RIGHT)
    assert (sight.up(0.0), sight.up(0.05), sight.up(0.1)) == (FLOOR, 125.0, TOP)
    assert sight.up(0.9) < TOP
    assert [tick.label for tick in sight.thresholds()] == ["0.5", "0.6", "0.7", "0.8", "0.9", "1"]
    assert [tick.label for tick in sight.errors()] == ["0 %", "5 %", "10 %"]
    assert (share_y(0.0), share_y(1.0)) == (LOW_FLOOR, LOW_TOP)


def test_the_line_runs_through_every_point_and_the_band_up_to_its_limits() -> None:
    few = tuple(a_point(threshold) for threshold in (0.9, 0.85, 0.8))
    result = _with(few)
    drawn = picture(result, TARGET)
    sight = sight_of(result, TARGET)

    assert drawn is not None
    assert _places(drawn.candidate.line) == [
        (sight.across(one.threshold), sight.up(one.error or 0.0)) for one in few
    ]
    band = _places(drawn.candidate.band)
    assert len(band) == 6
    assert all(high[1] < low[1] for high, low in zip(band[:3], reversed(band[3:]), strict=True))
    assert _places(drawn.candidate.coverage) == [
        (sight.across(one.threshold), share_y(one.coverage)) for one in few
    ]
    assert len(drawn.candidate.dots) == 3


def test_the_target_is_always_in_the_picture() -> None:
    for curve in (
        a_curve(),
        tuple(one.model_copy(update={"error": 0.0, "error_high": 0.001, "k": 0}) for one in a_curve()),
        tuple(one.model_copy(update={"error": 1.0, "error_high": 1.0}) for one in a_curve()),
    ):  # fmt: skip
        drawn = picture(_with(curve), TARGET)

        assert drawn is not None
        assert TOP < drawn.target < FLOOR


def test_errors_that_are_all_far_above_the_target_still_stand_in_the_picture() -> None:
    worst = tuple(one.model_copy(update={"error": 1.0, "error_high": 1.0}) for one in a_curve())
    drawn = picture(_with(worst), TARGET)

    assert drawn is not None
    assert not drawn.is_cut
    assert {y for _, y in _places(drawn.candidate.line)} == {float(TOP)}


def test_errors_beyond_the_picture_are_told() -> None:
    drawn = picture(GAINS, TARGET)

    assert drawn is not None
    assert drawn.is_cut
    highest = max(one.error or 0.0 for one in GAINS.curve)
    assert drawn.highest == f"{highest * 100:.1f} %"


def test_where_no_label_speaks_the_line_is_interrupted() -> None:
    curve = list(a_curve())
    curve[20] = curve[20].model_copy(update={"error": None, "error_high": None, "n": 0, "k": 0})
    drawn = picture(_with(tuple(curve)), TARGET)

    assert drawn is not None
    assert drawn.candidate.line.count("M") == 2
    assert drawn.candidate.coverage.count("M") == 1


def test_one_point_is_a_dot_and_a_column() -> None:
    drawn = picture(_with((a_point(0.85),)), TARGET)

    assert drawn is not None
    assert drawn.candidate.line == ""
    assert len(drawn.candidate.dots) == 1
    assert drawn.candidate.band.endswith("Z")
    assert drawn.candidate.area == ""


@pytest.mark.parametrize(
    "curve",
    [(), (a_point(0.9).model_copy(update={"error": None, "error_high": None, "n": 0, "k": 0}),)],
)
def test_without_any_error_rate_there_is_no_picture(curve: tuple[CurvePoint, ...]) -> None:
    assert picture(_with(curve), TARGET) is None


@pytest.mark.parametrize(
    ("auto", "proposed"),
    [(0.85, 0.78), (0.79, 0.78), (0.99, 0.98), (0.4, 0.42), (0.4, 0.99), (0.9, "never"), (0.9999, "never"), ("never", 0.4)],
)  # fmt: skip
def test_the_labels_of_thresholds_never_meet_and_never_leave_the_picture(
    auto: float | str, proposed: float | str
) -> None:
    drawn = picture(GAINS.model_copy(update={"auto": auto, "proposed": proposed}), TARGET)

    assert drawn is not None
    first, second = drawn.uprights
    (a, b), (c, d) = _span(first), _span(second)
    assert first.text_y != second.text_y or b <= c or d <= a
    assert min(a, c) >= -0.1
    assert max(b, d) <= WIDTH + 0.1
    assert {one.text_y for one in drawn.uprights} <= {14.0, 29.0}


def test_never_has_a_label_and_no_line() -> None:
    drawn = picture(a_type("hold", State.UNCERTIFIED, 0.9, "never", Direction.LOSES), TARGET)

    assert drawn is not None
    assert [(one.label, one.has_line) for one in drawn.uprights] == [
        ("in force 0.90", True),
        ("proposed never", False),
    ]


def test_one_threshold_that_stays_has_one_mark() -> None:
    drawn = picture(GAINS.model_copy(update={"auto": 0.78}), TARGET)

    assert drawn is not None
    assert [one.label for one in drawn.uprights] == ["in force and proposed 0.78"]


def test_a_type_without_thresholds_has_no_marks() -> None:
    drawn = picture(GAINS.model_copy(update={"auto": None, "proposed": None}), TARGET)

    assert drawn is not None
    assert drawn.uprights == ()


def test_the_stretch_that_passed_ends_where_the_test_stopped() -> None:
    drawn = picture(GAINS, TARGET)
    sight = sight_of(GAINS, TARGET)

    assert drawn is not None
    assert drawn.tested.start == sight.across(0.78)
    assert drawn.tested.failed == sight.across(0.77)
    begun = first_tested(GAINS.curve)
    assert begun is not None
    assert drawn.tested.end == sight.across(begun.threshold)


def test_a_test_that_fails_at_once_shows_no_stretch() -> None:
    curve = tuple(one.model_copy(update={"passes": False}) for one in GAINS.curve)
    drawn = picture(_with(curve), TARGET)

    assert drawn is not None
    assert (drawn.tested.start, drawn.tested.end) == (None, None)
    assert drawn.tested.failed is not None


def test_a_picture_says_its_numbers() -> None:
    drawn = picture(GAINS, TARGET)

    assert drawn is not None
    assert drawn.description.startswith(
        "Target 2.0 %. In force 0.85, proposed 0.78. At 0.99: error"
    )
    assert "At 0.78: error 0.9 %, at most 1.4 %; 55.4 % of what could run alone does." in drawn.description  # fmt: skip


def test_a_table_of_few_rows_keeps_both_ends_and_every_point_that_is_something() -> None:
    rows = thinned(GAINS)

    assert len(rows) == MOST_ROWS
    assert rows[0] is GAINS.curve[0]
    assert rows[-1] is GAINS.curve[-1]
    for wanted in (0.85, 0.78):
        assert at(rows, wanted) is not None
    assert first_failed(GAINS.curve) in rows
    assert first_tested(GAINS.curve) in rows
    assert [one.threshold for one in rows] == sorted({one.threshold for one in rows}, reverse=True)


@pytest.mark.parametrize("points", [0, 1, 2, 14, 15, 16, 17, 100])
def test_a_table_never_has_more_rows_than_it_may_nor_a_row_twice(points: int) -> None:
    grid = tuple(a_point(round(1 - place / 200, 4)) for place in range(points))
    rows = thinned(_with(grid))

    assert len(rows) == min(points, MOST_ROWS)
    assert len({one.threshold for one in rows}) == len(rows)


def test_a_point_says_what_it_is() -> None:
    def of(threshold: float) -> tuple[str, ...]:
        point = at(GAINS.curve, threshold)
        assert point is not None
        return marks(GAINS, point)

    assert of(0.85) == ("in force",)
    assert of(0.78) == ("proposed",)
    assert of(0.77) == ("test stops",)
    assert of(0.6) == ()
    same = GAINS.model_copy(update={"auto": 0.78})
    point = at(same.curve, 0.78)
    assert point is not None
    assert marks(same, point) == ("in force and proposed",)
