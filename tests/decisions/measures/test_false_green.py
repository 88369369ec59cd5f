"""Logs that look better than they are: none of them may end in `met` without what stands against it."""

import pytest

from hitl.decisions.measures.rules import BaselineRules
from hitl.decisions.measures.words import Met, Metric
from hitl.decisions.targets import Target, Targets
from tests.decisions.measures.baselines import (
    Row,
    baseline_of,
    found,
    reviewed,
    rows,
    target,
    why,
)

PEOPLE = [f"r{number}" for number in range(10)]


def by_people(n: int, action: str, **values: object) -> list[Row]:
    """Return n rows of each of ten reviewers."""
    return [
        row
        for person in PEOPLE
        for row in reviewed(n, action, **({"reviewer_id": person, "review_seconds": 30} | values))
    ]


def audited(n: int, labels: int, chance: float = 0.1) -> list[Row]:
    """Return n rows that ran alone, some of them labelled right."""
    given = {"lane": "auto", "review_probability": chance}
    return [*rows(labels, correct="true", **given), *rows(n - labels, **given)]


@pytest.fixture
def good() -> list[Row]:
    return [*audited(7800, 780), *by_people(230, "approve"), *by_people(15, "reject")]


def met(log: list[Row], name: str) -> tuple[Met, str]:
    part = target(baseline_of(log), name)
    return part.met, part.reason


def test_a_log_without_tricks_meets_its_targets(good: list[Row]) -> None:
    states = {one.name: one.met for one in baseline_of(good).targets}

    assert states.pop("feedback_used_within_days") is Met.UNMEASURED
    assert set(states.values()) == {Met.MET}


def test_approvals_that_nobody_can_have_read_meet_nothing(good: list[Row]) -> None:
    fast = [
        row | {"review_seconds": 0.3} if row.get("human_action") == "approve" else row
        for row in good
    ]

    agreement, why_not = met(fast, "reviewer_agreement")
    latency, too_fast = met(fast, "review_latency_p95_minutes")

    assert (agreement, latency) == (Met.UNDECIDED, Met.UNDECIDED)
    assert "100 % of 2,300 approvals with a time took less than 2 seconds" in why_not
    assert "93.9 % of 2,450 reviews with a time took less than 2 seconds" in too_fast
    assert any("2,300 approvals" in note for note in baseline_of(fast).log.notes)


def test_approvals_that_software_may_have_written_are_no_agreement(good: list[Row]) -> None:
    written = [*good, *rows(3000, lane="auto", human_action="approve")]

    agreement, reason = met(written, "reviewer_agreement")

    assert agreement is Met.UNDECIDED
    assert "3,000 approvals of what ran alone, with neither a person nor a time" in reason


def test_a_later_look_at_what_ran_alone_is_no_doubt_if_somebody_signed_it(good: list[Row]) -> None:
    signed = [*good, *by_people(20, "approve", lane="auto", review_probability=1, correct="true")]

    assert met(signed, "reviewer_agreement") == (Met.MET, "")


def test_wrong_decisions_that_lost_their_lane_count_against_the_target(good: list[Row]) -> None:
    hidden = [*good, *rows(1500, correct="false")]

    state, reason = met(hidden, "error_escape_rate")

    assert state is Met.UNDECIDED
    assert "only 83.9 % of 9,300 decisions that ran alone or name no lane" in reason


def test_two_gaps_that_add_up_to_more_than_the_floor_allows_are_refused() -> None:
    # 85 % name the lane, and 85 % of those the chance: 72 % are spoken for.
    log = [*audited(8500, 850), *rows(1500, lane="auto"), *rows(1700)]

    assert "only 72.6 % of 11,700" in why(baseline_of(log), Metric.ERROR_ESCAPE_RATE)


def test_labels_that_are_missing_beyond_chance_may_all_be_wrong() -> None:
    # 780 are promised, with a standard error of 26.5.
    one = found(baseline_of(audited(7800, 705)), Metric.ERROR_ESCAPE_RATE)

    assert one.value == 0
    assert one.high is not None
    assert one.high > 75 / 780
    assert "9.6 % of the labels that `review_probability` promises are missing" in one.reason


def test_labels_of_one_stratum_do_not_make_up_for_those_of_another() -> None:
    # 90 and 500 labels are promised, 500 and 90 are there: together as many as promised.
    log = [*audited(9000, 500, 0.01), *audited(1000, 90, 0.5)]

    reason = why(baseline_of(log), Metric.ERROR_ESCAPE_RATE)

    assert "500 of the 9,000 decisions with review probability 0.01 have a label" in reason


def test_a_single_label_of_a_rare_stratum_is_chance() -> None:
    rare = [*audited(7800, 780), *audited(3, 1, 0.02)]

    assert found(baseline_of(rare), Metric.ERROR_ESCAPE_RATE).value == 0


def test_planted_errors_that_nobody_caught_leave_no_target_met(good: list[Row]) -> None:
    blind = [*good, *by_people(1, "approve", seeded_error="true")]

    state, reason = met(blind, "error_escape_rate")

    assert state is Met.UNDECIDED
    assert "none of 10 known-bad items was caught" in reason


def test_decisions_to_which_nobody_came_are_no_quick_reviews(good: list[Row]) -> None:
    waiting = [*good, *reviewed(500, "timeout", reviewer_id=None)]
    silent = [*good, *reviewed(500, "", reviewer_id=None)]

    for log in (waiting, silent):
        state, reason = met(log, "review_latency_p95_minutes")
        assert state is Met.UNDECIDED
        assert "500 more came to a person, or may have, and nobody acted" in reason


def test_passing_on_what_is_hard_is_no_agreement(good: list[Row]) -> None:
    state, reason = met([*good, *by_people(500, "escalate")], "reviewer_agreement")

    assert state is Met.UNDECIDED
    assert "only 32.9 % of 7,450 decisions that came to a person were decided" in reason


def test_labels_given_faster_than_anybody_reads_are_no_labels(good: list[Row]) -> None:
    log = [*good, *by_people(20, "approve", lane="auto", review_probability=1, correct="true", review_seconds=0.5)]  # fmt: skip

    state, reason = met(log, "error_escape_rate")

    assert state is Met.UNDECIDED
    assert "200 labels of `correct` after less than 2 seconds" in reason


def test_agreement_of_one_person_says_so() -> None:
    one = [*reviewed(490, "approve"), *reviewed(10, "reject")]
    named = found(baseline_of(one), Metric.REVIEWER_AGREEMENT)

    assert "one person did all that names a person" in named.reason


def test_a_target_that_only_wants_much_is_not_met_by_a_recent_version() -> None:
    rules = BaselineRules(targets=Targets(feedback_used_within_days=Target(at_least=1)))

    part = target(baseline_of(reviewed(5, "reject"), rules), "feedback_used_within_days")

    assert part.met is Met.UNMEASURED


def test_days_without_a_row_are_told(good: list[Row]) -> None:
    later = [*good, *rows(3, at="2026-05-04T00:00:00Z")]

    assert baseline_of(good).log.notes == ()
    assert baseline_of(later).log.notes == (
        "no decision on 2 of 4 days between the first and the last",
    )


def test_the_cost_of_one_in_a_handful_has_no_upper_limit() -> None:
    few = [*reviewed(19, "approve", cost_usd=1), *reviewed(1, "reject", cost_usd=1)]
    many = [*by_people(190, "approve", cost_usd=1), *by_people(10, "reject", cost_usd=1)]

    one, sure = (found(baseline_of(log), Metric.COST_PER_CORRECTED) for log in (few, many))

    assert one.value == 20
    assert one.high is None
    assert "no upper limit" in one.reason
    assert sure.high is not None
    assert sure.high < 40


def test_an_outcome_of_a_log_without_times_says_what_lacks() -> None:
    log = reviewed(20, "approve", outcome="good", at=None)

    reason = why(baseline_of(log), Metric.BAD_IF_APPROVED)

    assert reason.startswith("no decision has a time (`at`)")
