import pytest

from hitl.decisions.measures.words import Metric
from hitl.stats.proportion import exact_interval
from tests.decisions.measures.baselines import baseline_of, found, reviewed, rows, value, why


def test_shares_by_lane_worked_by_hand() -> None:
    log = [
        *rows(60, lane="auto"),
        *rows(10, lane="audit"),
        *reviewed(4, "approve", lane="audit"),
        *reviewed(1, "modify", lane="audit"),
        *reviewed(15, "approve"),
        *reviewed(1, "escalate"),
        *reviewed(2, "timeout", reviewer_id=None),
        *reviewed(5, "approve", lane="escalate"),
        *reviewed(1, "escalate", lane="escalate"),
        *rows(1),
    ]

    baseline = baseline_of(log)

    # 99 with a lane: 75 alone, 18 queue, 6 escalate.
    assert value(baseline, Metric.ESCALATION_RATE) == pytest.approx(24 / 99)
    assert value(baseline, Metric.SYNC_REVIEW_RATE) == pytest.approx(22 / 99)
    assert value(baseline, Metric.AUTO_RESOLVE_RATE) == pytest.approx(74 / 99)
    # Lane escalate 6, and one passed on from the queue; the seventh is in both and counts once.
    assert value(baseline, Metric.ESCALATIONS_PER_10000) == pytest.approx(70_000 / 99)
    one = found(baseline, Metric.ESCALATION_RATE)
    limits = exact_interval(24, 99)
    assert (one.low, one.high) == pytest.approx((limits.low, limits.high))
    assert (one.n, one.population) == (99, 100)


def test_without_lanes_nothing_is_said_of_lanes() -> None:
    baseline = baseline_of([*rows(70, lane="auto"), *rows(30)])

    for metric in (
        Metric.ESCALATION_RATE,
        Metric.AUTO_RESOLVE_RATE,
        Metric.ERROR_ESCAPE_RATE,
        Metric.REVIEW_PRECISION,
    ):
        assert why(baseline, metric) == "only 70 % of 100 decisions name the lane; the floor is 80 %"  # fmt: skip


def test_what_people_changed_afterwards_must_be_known_to_call_it_resolved() -> None:
    silent = baseline_of([*rows(50, lane="auto"), *rows(50, lane="queue")])
    alone = baseline_of(rows(50, lane="auto"))

    assert "none of 50 decisions that came to a person" in why(silent, Metric.AUTO_RESOLVE_RATE)
    assert "none of 50" in why(silent, Metric.SYNC_REVIEW_RATE)
    assert value(silent, Metric.ESCALATION_RATE) == 0.5
    assert "changes afterwards are not seen" in found(alone, Metric.AUTO_RESOLVE_RATE).reason


def test_a_lane_has_no_share_of_itself() -> None:
    baseline = baseline_of([*rows(5, lane="auto"), *reviewed(5, "approve")])

    assert "the group is a lane" in why(baseline, Metric.ESCALATION_RATE, lane="queue")


def test_shares_by_pool_need_pools_on_decisions_that_ran_alone() -> None:
    unnamed = baseline_of([*rows(50, lane="auto"), *reviewed(50, "approve")])
    named = baseline_of([*rows(50, lane="auto", reviewer_pool="p"), *reviewed(50, "approve")])

    assert "only 50 % of 100 decisions name a pool" in why(
        unnamed, Metric.ESCALATION_RATE, reviewer_pool="p"
    )
    assert value(unnamed, Metric.OVERRIDE_RATE, reviewer_pool="p") == 0
    assert value(named, Metric.ESCALATION_RATE, reviewer_pool="p") == 0.5
