"""Thresholds that the reviewers can carry, by hand for one and two action types."""

import numpy as np
import pytest

from hitl.policy import Policy
from hitl.recalibrate.held import Candidates, Held, Load, Routes, hold, with_thresholds
from tests.policy.policies import a_policy, a_type

NAN = float("nan")


def candidates(
    kinds: list[str | None], confidence: list[float], wrong: list[float], auto: float = 0.85
) -> Candidates:
    """Return replies of which each stands for one decision in the first hour; one pool looks at what is not sure."""
    n = len(kinds)
    sure = np.array(confidence) >= auto
    hourly = np.zeros((n, 168))
    hourly[:, 0] = 1.0
    pool, none = np.zeros(n, dtype=np.int64), np.zeros(n)
    able = (~np.isnan(np.array(confidence))).astype(np.float64)
    return Candidates(
        kinds,
        np.array(confidence),
        hourly,
        np.array(wrong),
        Routes(pool, np.where(sure, 0.0, 1.0), sure.astype(np.float64)),
        Routes(pool, none + 1.0 - able, able),
    )


def two_types(cost_a: float | None = None, cost_b: float | None = None) -> Policy:
    return a_policy(action_types={"a": a_type(error_cost_usd=cost_a), "b": a_type(error_cost_usd=cost_b)})  # fmt: skip


def load(now: float, limit: float) -> Load:
    hourly = np.zeros((1, 168))
    hourly[0, 0] = now
    return Load(hourly, np.array([limit]))


def test_a_pool_within_its_capacity_changes_nothing() -> None:
    found = hold(two_types(), candidates(["a", "b"], [0.5, 0.5], [0, 0]), load(2, 2))

    assert found == Held({}, (), ())


def test_the_threshold_falls_only_as_far_as_it_must() -> None:
    replies = candidates(["a"] * 4, [0.8, 0.7, 0.6, 0.5], [0, 0, 0, 1])

    # Four wait, two can be carried: the two surest run.
    assert hold(two_types(), replies, load(4, 2)).thresholds == {"a": 0.7}


def test_the_type_whose_errors_harm_least_comes_first() -> None:
    replies = candidates(["a", "a", "b", "b"], [0.8, 0.7, 0.8, 0.7], [1, 1, 0, 0])

    assert hold(two_types(), replies, load(4, 2)).thresholds == {"b": 0.7}
    # An error of b that costs a thousand times as much, even if it is ten times as rare.
    rare = candidates(["a", "a", "b", "b"], [0.8, 0.7, 0.8, 0.7], [1, 1, 0.1, 0.1])
    assert hold(two_types(1.0, 1000.0), rare, load(4, 2)).thresholds == {"a": 0.7}


def test_a_type_without_a_cost_is_as_dear_as_the_dearest() -> None:
    rare = candidates(["a", "a", "b", "b"], [0.8, 0.7, 0.8, 0.7], [1, 1, 0.1, 0.1])

    assert hold(two_types(1.0, None), rare, load(4, 2)).thresholds == {"b": 0.7}
    assert hold(two_types(None, 1000.0), rare, load(4, 2)).thresholds == {"b": 0.7}


def test_one_lucky_reply_does_not_choose_the_threshold() -> None:
    # b is right at 0.5 by luck; made to fall as confidence rises it is no better than a at the top.
    replies = candidates(["a", "a", "b", "b"], [0.8, 0.5, 0.8, 0.5], [0, 1, 1, 0])

    assert hold(two_types(), replies, load(4, 3)).thresholds == {"a": 0.8}


def test_where_no_threshold_is_enough_the_pool_stays_over() -> None:
    replies = candidates(["a", "a", None], [0.8, NAN, 0.9], [0, 0, 0])

    found = hold(two_types(), replies, load(5, 2))

    assert found.thresholds == {"a": 0.8}
    assert (found.was_over, found.over) == ((0,), (0,))


def test_what_never_runs_alone_does_not_begin_to_because_a_queue_is_full() -> None:
    never = a_type(thresholds={"auto": "never", "review": 0.5})
    policy = a_policy(action_types={"a": a_type(), "b": never})
    replies = candidates(["a", "a", "b", "b"], [0.8, 0.7, 0.8, 0.7], [1, 1, 0, 0])

    found = hold(policy, replies, load(4, 1))

    assert found.thresholds == {"a": 0.7}
    assert found.over == (0,)


def test_what_goes_to_a_person_at_any_confidence_is_left_alone() -> None:
    closed = candidates(["a", "a"], [0.8, 0.7], [0, 0])
    closed = Candidates(closed.action_type, closed.confidence, closed.hourly, closed.wrong, closed.now, closed.now)  # fmt: skip

    found = hold(two_types(), closed, load(2, 1))

    assert found == Held({}, (0,), (0,))


def test_equal_confidences_run_together_or_not_at_all() -> None:
    replies = candidates(["a"] * 3, [0.7, 0.7, 0.7], [0, 0, 0])

    assert hold(two_types(), replies, load(3, 2)).thresholds == {"a": 0.7}


def test_the_hour_that_matters_is_the_busiest_of_what_is_left() -> None:
    replies = candidates(["a", "b"], [0.8, 0.8], [0, 0])
    replies.hourly[1] = np.roll(replies.hourly[1], 5)
    hourly = np.zeros((1, 168))
    hourly[0, 0], hourly[0, 5] = 2.0, 2.0

    found = hold(two_types(), replies, Load(hourly, np.array([1.0])))

    assert found.thresholds == {"a": 0.8, "b": 0.8}
    assert found.over == ()


@pytest.mark.parametrize("confidence", [0.29, 0.57, 0.12345, 0.00001, 0.7])
def test_a_threshold_is_a_whole_ten_thousandth_that_the_confidence_reaches(
    confidence: float,
) -> None:
    (auto,) = hold(two_types(), candidates(["a"], [confidence], [0]), load(1, 0)).thresholds.values()  # fmt: skip

    assert confidence >= auto
    assert auto == round(auto, 4)
    assert confidence - auto < 1e-4


def test_a_lower_threshold_takes_review_with_it_and_leaves_all_else() -> None:
    policy = two_types()

    found = with_thresholds(policy, {"a": 0.4})

    changed, kept = found.action_types["a"].thresholds, found.action_types["b"].thresholds
    assert changed is not None
    assert (changed.auto, changed.review) == (0.4, 0.4)
    assert kept == policy.action_types["b"].thresholds
    assert found.version == policy.version
