import numpy as np
import pytest

from hitl.decisions.measures.words import Metric
from hitl.stats.interval import Interval
from hitl.stats.proportion import exact_interval
from hitl.stats.stratified import corrected_for_detection, weighted_rate
from tests.decisions.measures.baselines import Row, baseline_of, found, reviewed, rows, value, why


def labelled(n: int, *, wrong: int, **values: object) -> list[Row]:
    """Return n labelled rows of the lane `auto`."""
    usual = {"lane": "auto"} | values
    return [*rows(n - wrong, correct="true", **usual), *rows(wrong, correct="false", **usual)]


def audited(n: int, chance: float, *, labels: int, wrong: int, **values: object) -> list[Row]:
    """Return n rows of the lane `auto` with a review probability, some of them labelled."""
    given = {"lane": "auto", "review_probability": chance} | values
    return [*labelled(labels, wrong=wrong, **given), *rows(n - labels, **given)]


def test_where_all_have_a_label_the_rate_is_that_of_the_labels() -> None:
    one = found(baseline_of(labelled(200, wrong=6)), Metric.ERROR_ESCAPE_RATE)

    limits = exact_interval(6, 200)
    assert one.value == pytest.approx(0.03)
    assert (one.low, one.high) == pytest.approx((limits.low, limits.high))
    assert one.reason == ""


def test_the_limits_hold_whether_the_few_without_a_label_are_right_or_wrong() -> None:
    log = [*labelled(97, wrong=1), *rows(3, lane="auto")]

    one = found(baseline_of(log), Metric.ERROR_ESCAPE_RATE)

    assert one.value == pytest.approx(1 / 97)
    assert one.low == pytest.approx(exact_interval(1, 100).low)
    assert one.high == pytest.approx(exact_interval(4, 100).high)
    assert one.reason == (
        "only 97 % of 100 decisions that ran alone have a label; "
        "of the others the limits hold whether they are right or wrong"
    )


def test_the_limits_hold_if_those_were_wrong_that_a_person_saw_and_did_not_label() -> None:
    seen = {"human_action": "reject", "lane": "auto", "review_probability": 0.1}
    log = [*audited(993, 0.1, labels=93, wrong=0), *rows(7, **seen)]

    one = found(baseline_of(log), Metric.ERROR_ESCAPE_RATE)

    assert one.value == 0
    assert one.high == pytest.approx(exact_interval(7, 100).high)
    assert "7 of those that a person acted on have no label" in one.reason


def test_labels_are_weighted_by_the_chance_of_review() -> None:
    log = [
        *audited(900, 0.1, labels=90, wrong=1),
        *audited(100, 0.5, labels=50, wrong=10, lane="audit"),
        *reviewed(50, "approve", correct="false", review_probability=1),
    ]

    one = found(baseline_of(log), Metric.ERROR_ESCAPE_RATE)

    # Shares 0.9 and 0.1; rates 1 of 90 and 10 of 50.
    drawn = [90 / 900, 50 / 100]
    expected = weighted_rate(
        np.array([900, 100]), np.array(drawn), np.array([90, 50]), np.array([1, 10])
    ).interval
    assert expected is not None
    assert one.value == pytest.approx(0.9 / 90 + 0.1 * 10 / 50)
    assert (one.low, one.high) == pytest.approx((expected.low, expected.high))
    assert (one.k, one.n, one.population) == (11, 140, 1000)
    # Kish: 1 / (0.9² / 90 + 0.1² / 50) = 108.7
    assert "weighs as much as 109 labels drawn at random" in one.reason
    assert value(baseline_of(log), Metric.LABELLED_ERROR_RATE) == pytest.approx(61 / 190)


def test_without_a_review_probability_only_the_labelled_ones_are_spoken_of() -> None:
    log = [*labelled(50, wrong=4), *rows(450, lane="auto")]

    baseline = baseline_of(log)
    reason = why(baseline, Metric.ERROR_ESCAPE_RATE)

    assert reason.startswith(
        "none of 500 decisions that ran alone say how likely a person was to see them"
    )
    assert reason.endswith("(4 of 50 labelled ones are wrong, 500 ran alone)")
    one = found(baseline, Metric.LABELLED_ERROR_RATE)
    assert one.value == pytest.approx(0.08)
    assert one.reason == "only 10 % of 500 decisions have a label: it speaks for those"


def test_no_label_is_no_freedom_from_errors() -> None:
    baseline = baseline_of(audited(500, 0.1, labels=0, wrong=0))

    assert (
        why(baseline, Metric.ERROR_ESCAPE_RATE)
        == "none of 500 decisions that ran alone have a label; the floor is 80 %"
    )
    assert why(baseline, Metric.LABELLED_ERROR_RATE) == "no decision has a label (`correct`)"


def test_decisions_that_nobody_could_see_are_spoken_of_by_nobody() -> None:
    log = [*audited(900, 0.1, labels=90, wrong=1), *audited(100, 0, labels=0, wrong=0)]

    reason = why(baseline_of(log), Metric.ERROR_ESCAPE_RATE)

    assert reason.startswith("10 % of 1,000 decisions had no chance of review")


def test_a_stratum_without_a_label_is_refused_with_its_share() -> None:
    log = [*audited(900, 0.1, labels=90, wrong=1), *audited(100, 0.01, labels=0, wrong=0)]

    reason = why(baseline_of(log), Metric.ERROR_ESCAPE_RATE)

    assert "10 % of 1,000 decisions, those with review probability 0.01, have no label" in reason


def test_fewer_labels_than_the_probability_promises_are_refused() -> None:
    reason = why(baseline_of(audited(1000, 0.2, labels=120, wrong=0)), Metric.ERROR_ESCAPE_RATE)

    assert "120 decisions with a label where `review_probability` promises 200" in reason
    assert "only 60 % of them are there, the floor is 80 %" in reason


def test_more_labels_than_the_probability_promises_came_in_other_ways() -> None:
    reason = why(baseline_of(audited(1000, 0.1, labels=400, wrong=0)), Metric.ERROR_ESCAPE_RATE)

    assert "labels came in other ways, so they are no random sample" in reason


def test_labels_that_lack_beyond_chance_are_said_even_above_the_floor() -> None:
    one = found(baseline_of(audited(1000, 0.9, labels=830, wrong=0)), Metric.ERROR_ESCAPE_RATE)

    # 900 are promised, with a standard error of 9.5.
    assert one.value == 0
    assert "7.8 % of the labels that `review_probability` promises are missing" in one.reason


def test_rows_without_a_review_probability_are_named_and_below_the_floor_refused() -> None:
    known = audited(900, 0.1, labels=90, wrong=3)
    few = [*known, *rows(100, lane="auto")]
    many = [*known, *rows(300, lane="auto")]

    one = found(baseline_of(few), Metric.ERROR_ESCAPE_RATE)

    assert one.value == pytest.approx(3 / 90)
    assert one.unattributed == pytest.approx(0.1)
    assert one.reason.startswith("only 90 % of 1,000 decisions that ran alone say how likely")
    assert "only 75 % of 1,200" in why(baseline_of(many), Metric.ERROR_ESCAPE_RATE)


def test_many_probabilities_are_weighted_one_by_one() -> None:
    strata = [(200, 0.1 + 0.05 * step, 20 + 10 * step, step % 3) for step in range(12)]
    log = [row for n, chance, labels, wrong in strata for row in audited(n, round(chance, 2), labels=labels, wrong=wrong)]  # fmt: skip

    one = found(baseline_of(log), Metric.ERROR_ESCAPE_RATE)

    weights = [1 / round(chance, 2) for _, chance, _, _ in strata]
    wrong = sum(weight * errors for weight, (_, _, _, errors) in zip(weights, strata, strict=True))
    labels = sum(weight * n for weight, (_, _, n, _) in zip(weights, strata, strict=True))
    assert one.value == pytest.approx(wrong / labels)
    assert "hájek" in one.method


def test_what_people_miss_is_counted_by_the_errors_that_were_planted() -> None:
    log = [
        *labelled(500, wrong=20),
        *reviewed(15, "reject", seeded_error="true"),
        *reviewed(5, "approve", seeded_error="true"),
    ]

    one = found(baseline_of(log), Metric.DETECTED_ESCAPE_RATE)

    at = exact_interval(20, 500, 0.975)
    rate = Interval(0.04, at.low, at.high, 0.975, "any", 500)
    expected = corrected_for_detection(rate, 15, 20).interval
    assert expected is not None
    assert one.value == pytest.approx(0.04 / 0.75)
    assert (one.low, one.high) == pytest.approx((expected.low, expected.high))
    assert "people noticed 15 of 20 planted errors" in one.reason
    assert "planted" in why(baseline_of(labelled(9, wrong=1)), Metric.DETECTED_ESCAPE_RATE)


def test_planted_errors_that_nobody_noticed_leave_any_rate_possible() -> None:
    log = [*labelled(100, wrong=1), *reviewed(5, "approve", seeded_error="true")]

    assert "none of 5" in why(baseline_of(log), Metric.DETECTED_ESCAPE_RATE)


def test_how_much_review_was_needed_and_how_much_harm_it_was_sent() -> None:
    log = [
        *reviewed(30, "approve", correct="true"),
        *reviewed(10, "reject", correct="false"),
        *audited(950, 0.1, labels=95, wrong=1),
    ]

    baseline = baseline_of(log)

    # 10 wrong were sent; 1 of 95 of 950 makes 10 wrong that ran alone.
    assert value(baseline, Metric.REVIEW_PRECISION) == pytest.approx(10 / 40)
    recall = found(baseline, Metric.REVIEW_RECALL)
    assert recall.value == pytest.approx(0.5)
    sent, alone = exact_interval(10, 40, 0.975), exact_interval(1, 95, 0.975)
    assert recall.low == pytest.approx(40 * sent.low / (40 * sent.low + 950 * alone.high))
    assert recall.high == pytest.approx(40 * sent.high / (40 * sent.high + 950 * alone.low))


def test_the_harm_that_routing_catches_needs_to_know_the_harm_that_escapes() -> None:
    sent = reviewed(40, "reject", correct="false")

    unknown = baseline_of([*sent, *labelled(10, wrong=0), *rows(90, lane="auto")])
    nothing = baseline_of(sent)
    right = baseline_of([*reviewed(40, "approve", correct="true"), *labelled(50, wrong=0)])

    assert "review_probability" in why(unknown, Metric.REVIEW_RECALL)
    assert "no decision ran alone" in why(nothing, Metric.REVIEW_RECALL)
    assert why(right, Metric.REVIEW_RECALL) == "no decision is known to be wrong"
    assert "only 50 % of 80" in why(
        baseline_of([*sent, *reviewed(40, "approve")]), Metric.REVIEW_PRECISION
    )
