import pytest

from hitl.decisions.measures.rules import BaselineRules
from hitl.decisions.measures.words import Metric
from hitl.stats.proportion import exact_interval
from tests.decisions.measures.baselines import baseline_of, found, reviewed, rows, value, why


def test_a_timeout_is_neither_approval_nor_rejection_and_silence_is_nothing() -> None:
    log = [
        *reviewed(5, "approve"),
        *reviewed(2, "modify"),
        *reviewed(1, "reject"),
        *reviewed(2, "escalate"),
        *reviewed(2, "timeout", reviewer_id=None),
        *rows(8, lane="auto"),
    ]

    baseline = baseline_of(log)

    # 10 acted on (5 + 2 + 1 + 2), 8 decided, 12 came to a person.
    assert value(baseline, Metric.OVERRIDE_RATE) == pytest.approx(3 / 10)
    assert value(baseline, Metric.APPROVE_RATE) == pytest.approx(5 / 10)
    assert value(baseline, Metric.MODIFY_RATE) == pytest.approx(2 / 10)
    assert value(baseline, Metric.REJECT_RATE) == pytest.approx(1 / 10)
    assert value(baseline, Metric.PASSED_ON_RATE) == pytest.approx(2 / 10)
    assert value(baseline, Metric.TIMEOUT_RATE) == pytest.approx(2 / 12)
    assert value(baseline, Metric.REVIEWER_AGREEMENT) == pytest.approx(5 / 8)
    override = found(baseline, Metric.OVERRIDE_RATE)
    assert (override.k, override.n, override.population, override.unattributed) == (3, 10, 12, 0.0)


def test_decisions_that_a_person_should_have_seen_and_no_action_says_so_are_unattributed() -> None:
    log = [*reviewed(80, "approve"), *reviewed(21, "", reviewer_id=None)]

    reason = why(baseline_of(log), Metric.OVERRIDE_RATE)

    assert (
        reason
        == "only 79.2 % of 101 decisions that came to a person say what the person did; the floor is 80 %"
    )


def test_what_a_number_does_not_cover_is_said_even_above_the_floor() -> None:
    log = [*reviewed(90, "approve"), *reviewed(10, "", reviewer_id=None)]

    one = found(baseline_of(log), Metric.OVERRIDE_RATE)

    assert one.unattributed == 0.1
    assert one.reason.startswith("only 90 % of 100 decisions that came to a person say what the")


def test_just_the_floor_is_enough() -> None:
    log = [*reviewed(7, "approve"), *reviewed(93, "", reviewer_id=None)]

    assert value(baseline_of(log, BaselineRules(coverage_floor=0.07)), Metric.APPROVE_RATE) == 1


def test_without_lanes_the_rates_speak_for_rows_with_an_action_and_say_so() -> None:
    log = [*reviewed(9, "approve", lane=None), *reviewed(1, "reject", lane=None), *rows(30)]

    one = found(baseline_of(log), Metric.OVERRIDE_RATE)

    assert one.value == pytest.approx(0.1)
    assert "no decision names the lane" in one.reason
    assert "those with a human action" in one.reason


def test_only_timeouts_leave_no_rate_of_what_people_did() -> None:
    baseline = baseline_of(reviewed(7, "timeout", reviewer_id=None))

    assert value(baseline, Metric.TIMEOUT_RATE) == 1
    assert (
        why(baseline, Metric.OVERRIDE_RATE)
        == "a person acted on none of 7 decisions; the others timed out"
    )
    assert "a person acted on no decision" in why(baseline, Metric.REVIEW_SECONDS_MEDIAN)


def test_people_who_differ_make_the_interval_wider_than_independent_rows() -> None:
    strict = [
        row for person in range(10) for row in reviewed(20, "reject", reviewer_id=f"s{person}")
    ]
    mild = [
        row for person in range(10) for row in reviewed(20, "approve", reviewer_id=f"m{person}")
    ]

    one = found(baseline_of([*strict, *mild]), Metric.OVERRIDE_RATE)
    alone = exact_interval(200, 400)

    assert one.value == 0.5
    assert one.low is not None
    assert one.low < alone.low - 0.1
    assert "20 reviewers" in one.method


def test_rows_without_a_person_are_one_more_cluster() -> None:
    named = [
        row for person in range(9) for row in reviewed(10, "approve", reviewer_id=f"r{person}")
    ]
    log = [*named, *reviewed(10, "reject", reviewer_id=None)]

    one = found(baseline_of(log), Metric.OVERRIDE_RATE)

    assert (one.k, one.n) == (10, 100)
    assert "10 reviewers, unnamed ones as one" in one.method


def test_where_few_rows_name_a_person_the_method_says_that_people_are_not_respected() -> None:
    log = [*reviewed(30, "approve"), *reviewed(10, "reject", reviewer_id=None)]

    one = found(baseline_of(log), Metric.OVERRIDE_RATE)
    alone = exact_interval(10, 40)

    assert (one.low, one.high) == pytest.approx((alone.low, alone.high))
    assert (
        one.method
        == "clopper-pearson, as if rows were independent: only 75 % of 40 decisions name a person"
    )


def test_one_person_alone_is_no_evidence_of_people_and_the_method_says_so() -> None:
    one = found(
        baseline_of([*reviewed(9, "approve"), *reviewed(1, "reject")]), Metric.OVERRIDE_RATE
    )

    assert "one cluster, its likeness unseen, 1 reviewer" in one.method


def test_satisfaction_is_a_mean_of_those_who_said_something() -> None:
    log = [
        *reviewed(3, "approve", satisfaction=0.9, reviewer_id="a"),
        *reviewed(1, "reject", satisfaction=0.1, reviewer_id="b"),
        *reviewed(1, "approve", reviewer_id="b"),
    ]

    one = found(baseline_of(log), Metric.SATISFACTION)

    assert one.value == pytest.approx((3 * 0.9 + 0.1) / 4)
    assert (one.n, one.population) == (4, 5)
    assert "none of 2 decisions say how content" in why(
        baseline_of(reviewed(2, "approve")), Metric.SATISFACTION
    )


def test_satisfaction_without_people_has_the_limits_of_a_share() -> None:
    log = reviewed(10, "approve", satisfaction=0.75, reviewer_id=None)

    one = found(baseline_of(log), Metric.SATISFACTION)

    # 7.5 of 10: the lower limit of 7, the upper one of 8.
    assert one.value == pytest.approx(0.75)
    assert (one.low, one.high) == pytest.approx(
        (exact_interval(7, 10).low, exact_interval(8, 10).high)
    )


def test_planted_errors_count_for_the_detection_rate_and_for_nothing_else() -> None:
    log = [
        *reviewed(10, "approve", seeded_error="false", correct="true", review_seconds=10),
        *reviewed(3, "reject", seeded_error="true", correct="false", review_seconds=900),
        *reviewed(1, "approve", seeded_error="true", correct="false", review_seconds=900),
        *reviewed(1, "timeout", seeded_error="true", reviewer_id=None),
    ]

    baseline = baseline_of(log)

    assert value(baseline, Metric.DETECTION_RATE) == pytest.approx(3 / 4)
    assert value(baseline, Metric.OVERRIDE_RATE) == 0
    assert value(baseline, Metric.TIMEOUT_RATE) == 0
    assert value(baseline, Metric.LABELLED_ERROR_RATE) == 0
    assert found(baseline, Metric.REVIEW_SECONDS_MEDIAN).n == 10
    assert (baseline.log.n, baseline.log.n_seeded) == (10, 5)


def test_a_log_of_planted_errors_alone_shows_detection_alone() -> None:
    baseline = baseline_of(reviewed(4, "reject", seeded_error="true"))

    said = [one.metric for one in baseline.groups[0].measures if one.value is not None]
    assert said == [Metric.DETECTION_RATE]
