"""A small traffic and ten golden cases, of which everything can be worked out by hand."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hitl.decisions.pace import Pace
from hitl.policy import Policy
from hitl.policy.replay.volume import WEEK
from hitl.recalibrate.forecast.forecasting import forecast_release
from hitl.recalibrate.forecast.parts import Forecast, Outlook, Range, Setting
from hitl.recalibrate.forecast.replies import RoutedArms, RoutedReply
from hitl.recalibrate.forecast.traffic import Behaviour, Traffic
from tests.policy.policies import AT, one_type

HIGH, LOW = 0.95, 0.1
PACE = Pace(np.array([40], dtype=np.int64), np.array([2400.0]), np.array([284_400.0]))
"""Forty reviews by one person, of a minute each on average, that vary as Erlang C takes for granted."""


def two_weeks() -> Traffic:
    """Return 100 decisions of the type `act`, 60 sure and 40 not, all between midnight and one on two Mondays.

    People override nine in ten of what is wrong, and one in ten of what is right.
    """
    daily = np.array([[[30.0, 0.0, 20.0]], [[30.0, 0.0, 20.0]]])
    routed = np.array([[[30.0, 0.0, 20.0, 0.0, 20.0]], [[30.0, 0.0, 20.0, 0.0, 20.0]]])
    hourly, times = np.zeros((1, WEEK)), np.full(WEEK, 2.0)
    hourly[0, 0] = 100.0
    return Traffic(
        kinds=("act",),
        pools=("triage",),
        daily=daily,
        routed=routed,
        hourly=hourly,
        times=times,
        weeks=2.0,
        weekdays=np.array([0, 0], dtype=np.int64),
        behaviour=Behaviour(
            np.array([[90.0, 10.0]]),
            np.array([[100.0, 100.0]]),
            np.array([100.0]),
            np.array([200.0]),
        ),
        escaped=np.array([[np.nan, np.nan]]),
        paces={"triage": PACE},
        same_lane=1.0,
        cost_usd=0.02,
        hourly_cost_usd=30.0,
        sources=("log.parquet",),
    )


def a_policy_of(
    sla: float | None = 60,
    members: Sequence[str] = ("ana",),
    auto: float | str = 0.85,
    **changes: object,
) -> Policy:
    """Return a policy whose one pool does 24 an hour; nothing that ran is looked at."""
    pool: dict[str, object] = {"members": members, "capacity_per_hour": 24, "tier": 1}
    if sla is not None:
        pool["sla_minutes"] = sla
    limits = {"thresholds": {"auto": auto, "review": 0.6}, "audit_rate": 0.0}
    return one_type(limits, **({"pools": {"triage": pool}} | changes))


def a_reply(number: int, confidence: float | None, **changes: object) -> RoutedReply:
    """Return a right reply to a case."""
    found = RoutedReply(f"c{number}", f"c{number}", "act", confidence, is_right=True, cost=0.01)
    return replace(found, **changes)  # type: ignore[arg-type]  # fields of the reply


def ten_cases() -> RoutedArms:
    """Return ten cases; the previous model is sure of the first five.

    The candidate is unsure of one of these and sure of two of the others. It is wrong once where it is sure and once
    where it is not, and costs twice as much.
    """
    confidences = [HIGH, HIGH, HIGH, HIGH, LOW, HIGH, HIGH, LOW, LOW, LOW]
    wrong = {0, 9}
    return RoutedArms(
        tuple(a_reply(number, HIGH if number < 5 else LOW) for number in range(10)),
        tuple(
            a_reply(number, one, is_right=number not in wrong, cost=0.02)
            for number, one in enumerate(confidences)
        ),
    )


def foretold(  # each test changes one
    traffic: Traffic | None = None,
    arms: RoutedArms | None = None,
    policy: Policy | None = None,
    proposed: Policy | str | None = None,
    seed: int = 1,
    confidence: float = 0.95,
) -> Forecast:
    """Return a forecast."""
    policies: dict[Setting, Policy | str] = {Setting.AS_IT_IS: policy or a_policy_of()}
    if proposed is not None:
        policies[Setting.RECALIBRATED] = proposed
    rng = np.random.default_rng(seed)
    return forecast_release(
        traffic or two_weeks(), arms or ten_cases(), policies, AT, rng, confidence
    )


def outlook(found: Forecast, setting: Setting = Setting.AS_IT_IS) -> Outlook:
    """Return the outlook of a setting."""
    return next(one for one in found.outlooks if one.setting is setting)


def estimate(found: Range) -> float:
    """Return the estimate of a number that can be said."""
    assert found.estimate is not None, found.reason
    return found.estimate
