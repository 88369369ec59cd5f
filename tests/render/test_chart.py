from hitl.gate.verdict_words import State
from hitl.manifest.gate_class import Authority
from hitl.render.chart import difference_picture, difference_scale, ratio_picture, ratio_scale
from tests.render.sample_parts import a_measure, a_rule, a_subset, an_interval
from tests.render.sample_record import a_hold


def test_pictures_stand_in_the_order_of_their_numbers() -> None:
    record = a_hold()
    drawn = difference_picture(record.subsets[0], difference_scale(record.subsets))

    assert drawn.thin is not None
    assert drawn.thick is not None
    assert drawn.dot is not None
    assert drawn.thin.start < drawn.thick.start < drawn.dot < drawn.thick.end < drawn.thin.end
    assert drawn.thin.end < drawn.ticks[0].x < drawn.middle.x
    assert "−11.7 pt" in drawn.description
    assert "n = 180" in drawn.description


def test_a_line_that_leaves_the_scale_says_so() -> None:
    rule = a_rule("margin", Authority.BLOCK, State.UNDECIDED, value=0.0, limit=0.05, n=2)
    subset = a_subset(
        "tiny",
        Authority.BLOCK,
        State.UNDECIDED,
        rules=(rule,),
        difference=an_interval(0.0, -0.9, 0.9, 2),
    )

    drawn = difference_picture(subset, difference_scale([subset]))

    assert drawn.thin is not None
    assert (drawn.thin.leaves_left, drawn.thin.leaves_right) == (True, True)


def test_a_shift_has_a_margin_on_both_sides() -> None:
    rule = a_rule("max_shift", Authority.BLOCK, State.PASS, value=0.0, limit=0.04, n=20)
    subset = a_subset(
        "even",
        Authority.BLOCK,
        State.PASS,
        rules=(rule,),
        difference=an_interval(0.0, -0.02, 0.02, 20),
    )

    drawn = difference_picture(subset, difference_scale([subset]))

    assert [tick.label for tick in drawn.ticks] == ["−4.0 pt", "+4.0 pt"]


def test_an_unmeasured_subset_draws_no_line() -> None:
    subset = a_subset("none", Authority.BLOCK, State.UNMEASURED)

    drawn = difference_picture(subset, difference_scale([subset]))

    assert (drawn.thin, drawn.thick, drawn.dot) == (None, None, None)


def test_a_ratio_of_zero_draws_no_line() -> None:
    part = a_measure(10.0, 5.0, 0.0, 0.6)

    assert ratio_picture("cost_usd", part, ratio_scale([part])).thin is None
