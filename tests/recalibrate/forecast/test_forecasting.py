"""Forecasts worked by hand, and what is said where something is missing."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from hitl.policy.calibrator import Calibrator
from hitl.recalibrate.forecast.parts import Forecast, Range, Setting
from hitl.recalibrate.forecast.past import is_no_worse, was_broken
from hitl.recalibrate.forecast.replies import RoutedArms, RoutedReply
from hitl.recalibrate.forecast.traffic import Behaviour, Known, Traffic
from tests.policy.policies import one_type
from tests.recalibrate.forecast import worlds
from tests.recalibrate.forecast.situations import (
    LOW,
    a_policy_of,
    a_reply,
    estimate,
    foretold,
    outlook,
    ten_cases,
    two_weeks,
)


def test_lanes_are_those_of_the_cases_weighted_to_the_zones_of_the_traffic() -> None:
    found = foretold()
    lanes = outlook(found).lanes

    # 60 % of the traffic is sure, of which 4 of 5 stay so; of the other 40 % 2 of 5 become so.
    assert estimate(lanes["auto"]) == pytest.approx(0.6 * 4 / 5 + 0.4 * 2 / 5)
    assert estimate(lanes["queue"]) == pytest.approx(0.36)
    assert found.previous is not None
    assert estimate(found.previous.lanes["auto"]) == pytest.approx(0.6)
    assert found.covered_share == 1.0
    assert (found.n_cases, found.n_clusters, found.n_traffic) == (10, 10, 100)


def test_rates_follow_from_what_is_seen_and_what_is_wrong() -> None:
    now = outlook(foretold())

    # Of the 0.36 that people see 0.4 / 5 is wrong: nine in ten of that, and one in ten of the rest, is overridden.
    assert estimate(now.override_rate) == pytest.approx((0.08 * 0.9 + 0.28 * 0.1) / 0.36)
    # Of the 0.64 that runs alone 0.6 / 5 is wrong.
    assert estimate(now.error_escape_rate) == pytest.approx(0.12 / 0.64)
    assert estimate(now.escalation_rate) == pytest.approx(0.36)
    assert estimate(now.auto_resolve_rate) == pytest.approx(0.64)


def test_work_and_money_a_week_are_counted() -> None:
    now = outlook(foretold())

    # 50 decisions a week, 36 % of them seen, a minute each.
    assert estimate(now.reviews_per_week) == pytest.approx(18.0)
    assert estimate(now.reviewer_hours_per_week) == pytest.approx(0.3)
    # Two cents a decision in the log; its replies cost twice those of the previous model.
    assert estimate(now.cost_usd_per_week) == pytest.approx(50 * 0.04 + 0.3 * 30)


def test_the_busiest_hour_is_a_line_with_the_textbooks_wait() -> None:
    (pool,) = outlook(foretold()).pools

    # 50 decisions come in that hour, 18 for the one person, who takes 150 s each: rho 0.75.
    assert pool.busiest == "Mon 00:00"
    assert estimate(pool.utilisation) == pytest.approx(0.75)
    assert estimate(pool.p95_wait_minutes) == pytest.approx(math.log(15) * 10)
    assert estimate(pool.queue) == pytest.approx(0.75**2 / 0.25)
    assert pool.breaks_sla is False
    assert [round(one.arrivals, 6) for one in pool.by_hour[:2]] == [18.0, 0.0]
    assert pool.by_hour[0].p95_wait_minutes == pytest.approx(math.log(15) * 10)


def test_a_wait_beyond_the_sla_is_the_headline_with_the_wait_of_before() -> None:
    found = foretold(policy=a_policy_of(sla=20, targets={}))

    first = found.breaks[0]
    assert (first.setting, first.measure, first.pool) == (
        Setting.AS_IT_IS,
        "error_escape_rate",
        None,
    )
    (wait,) = [one for one in found.breaks if one.pool and one.setting is Setting.AS_IT_IS]
    # The previous model sends 20 an hour: rho 0.8333, p95 = ln(0.8333 / 0.05) / 4 hours.
    assert wait.before.estimate == pytest.approx(math.log(50 / 3) * 15)
    assert (
        wait.message == "triage queue; p95 wait 42.2 min → 27.1 min (SLA 20), already late before"
    )


def test_what_was_late_before_and_gets_better_does_not_lead_the_headline() -> None:
    lenient = {"error_escape_rate": {"at_most": 1.0}, "escalation_rate": {"at_most": 0.3}, "auto_resolve_rate": {"at_least": 0.0}}  # fmt: skip

    both = foretold(policy=a_policy_of(sla=20, targets=lenient | {"error_escape_rate": {"at_most": 0.1}}))  # fmt: skip
    now = [one for one in both.breaks if one.setting is Setting.AS_IT_IS]
    assert [one.measure for one in now] == ["error_escape_rate", "p95_wait_minutes", "escalation_rate"]  # fmt: skip
    assert [(was_broken(one), is_no_worse(one)) for one in now] == [(False, False), (True, True), (True, True)]  # fmt: skip
    assert both.headline == now[0].message

    better = foretold(policy=a_policy_of(sla=20, targets=lenient))
    assert better.headline == (
        "nothing that is known breaks anew or more than before; "
        "triage queue; p95 wait 42.2 min → 27.1 min (SLA 20), already late before; 1 more that stay broken"
    )


def test_what_was_broken_before_and_gets_worse_is_told_and_leads_what_gets_better() -> None:
    targets = {"error_escape_rate": {"at_most": 1.0}, "escalation_rate": {"at_most": 1.0}, "auto_resolve_rate": {"at_least": 0.7}}  # fmt: skip
    arms = ten_cases()
    unsure = tuple(replace(one, confidence=LOW) for one in arms.candidate)

    found = foretold(arms=replace(arms, candidate=unsure), policy=a_policy_of(targets=targets))

    now = [one for one in found.breaks if one.setting is Setting.AS_IT_IS]
    assert [one.measure for one in now] == ["p95_wait_minutes", "auto_resolve_rate"]
    assert now[1].message.endswith(", already below it before")
    assert was_broken(now[1])
    assert not is_no_worse(now[1])


def test_an_arm_in_use_that_says_no_confidence_leaves_nothing_to_forecast() -> None:
    arms = ten_cases()

    def silent(replies: tuple[RoutedReply, ...]) -> tuple[RoutedReply, ...]:
        return tuple(replace(one, confidence=None) for one in replies)

    found = foretold(arms=RoutedArms(silent(arms.previous), silent(arms.candidate)))
    assert "no reply of the previous arm says its confidence" in found.unmeasured
    # A candidate alone that says none sends everything to people, and that is told.
    alone = outlook(foretold(arms=replace(arms, candidate=silent(arms.candidate))))
    assert estimate(alone.escalation_rate) == 1.0
    # A log that has no confidence either is no reason to look for one.
    unsure = replace(two_weeks(), daily=np.array([[[0.0, 0.0, 50.0]], [[0.0, 0.0, 50.0]]]))
    assert not foretold(unsure, RoutedArms(silent(arms.previous), arms.candidate)).unmeasured


@pytest.mark.parametrize("same", [0.9, None])
def test_a_log_of_other_lanes_is_not_what_a_candidate_is_compared_with(same: float | None) -> None:
    # People overrode 40 % of the few that another policy showed them.
    observed = {name: Known(0.4, 0.3, 0.5) for name in ("override_rate", "error_escape_rate", "auto_resolve_rate")}  # fmt: skip
    own = foretold(replace(two_weeks(), observed=observed)).observed
    assert own is not None
    assert own.override_rate.estimate == 0.4

    other = foretold(replace(two_weeks(), observed=observed, same_lane=same))
    assert other.observed is not None
    assert other.observed.override_rate.estimate is None
    assert other.observed.error_escape_rate.estimate is None
    assert "lanes" in other.observed.override_rate.reason
    # Where the policy would have sent them is known all the same.
    assert estimate(other.observed.lanes["auto"]) == pytest.approx(0.6)
    (escape,) = [one for one in other.breaks if one.measure == "error_escape_rate" and one.setting is Setting.AS_IT_IS]  # fmt: skip
    assert escape.before.estimate == 0.0


def test_content_does_not_stand_in_for_a_field_of_the_decision_in_rules() -> None:
    rules = {"dynamic_risk": [{"when": "decision.severity == 'high'", "risk": "critical"}, {"when": "decision.content.severity == 'high'", "risk": "critical"}]}  # fmt: skip
    arms = ten_cases()

    def said(replies: tuple[RoutedReply, ...]) -> tuple[RoutedReply, ...]:
        return tuple(replace(one, content={"severity": "low"}) for one in replies)

    found = foretold(arms=RoutedArms(said(arms.previous), said(arms.candidate)), policy=a_policy_of(**rules))  # fmt: skip

    # The second rule is asked; of the first no reply has the field, and a rule that lacks its field would hold.
    assert "dynamic_risk:1 is left out: no golden reply says severity" in found.notes
    assert not any("dynamic_risk:2" in note for note in found.notes)
    assert estimate(outlook(found).lanes["auto"]) == pytest.approx(0.64)


def test_a_queue_that_rises_is_told_by_how_much() -> None:
    arms = ten_cases()
    unsure = tuple(replace(one, confidence=LOW) if one.case in ("c0", "c1") else one for one in arms.candidate)  # fmt: skip
    lenient = {"error_escape_rate": {"at_most": 1.0}, "escalation_rate": {"at_most": 1.0}, "auto_resolve_rate": {"at_least": 0.0}}  # fmt: skip
    small = replace(two_weeks(), hourly=two_weeks().hourly * 0.8)

    found = foretold(small, replace(arms, candidate=unsure), a_policy_of(sla=60, targets=lenient))

    # 16 an hour before, 0.6 x 40 = 24 now; one person does 24.
    assert found.headline.startswith("triage queue grows without end; p95 wait 19.4 min → without end (SLA 60)")  # fmt: skip
    assert outlook(found).pools[0].p95_wait_minutes.estimate is None
    assert outlook(found).pools[0].breaks_sla is True


def test_no_wrong_reply_is_no_proof_that_none_escapes() -> None:
    arms = ten_cases()
    right = tuple(replace(one, is_right=True) for one in arms.candidate)

    found = outlook(foretold(arms=replace(arms, candidate=right))).error_escape_rate

    assert estimate(found) == 0.0
    # Clopper and Pearson's upper limit of none in ten is 0.31; fewer than ten run alone.
    assert found.high is not None
    assert 0.2 < found.high < 0.8


def test_a_reply_that_nobody_could_grade_counts_against_the_candidate() -> None:
    arms = ten_cases()
    ungraded = tuple(replace(one, is_right=None) if one.case == "c1" else one for one in arms.candidate)  # fmt: skip

    found = foretold(arms=replace(arms, candidate=ungraded))

    assert estimate(outlook(found).error_escape_rate) == pytest.approx(0.24 / 0.64)
    assert any("could not be graded" in note for note in found.notes)


def test_a_reply_without_action_type_or_confidence_goes_to_a_person() -> None:
    arms = ten_cases()
    lost = tuple(
        replace(one, action_type=None) if one.case == "c0" else replace(one, confidence=None) if one.case == "c1" else one
        for one in arms.candidate
    )  # fmt: skip

    lanes = outlook(foretold(arms=replace(arms, candidate=lost))).lanes

    assert estimate(lanes["auto"]) == pytest.approx(0.6 * 2 / 5 + 0.4 * 2 / 5)
    assert estimate(lanes["escalate"]) == pytest.approx(0.6 / 5)


def test_repeats_of_a_case_weigh_as_much_as_the_case() -> None:
    arms = ten_cases()
    twice = tuple(one for reply in arms.candidate for one in (reply, reply))

    found, once = foretold(arms=replace(arms, candidate=twice)), foretold()

    assert outlook(found).lanes == outlook(once).lanes
    assert found.n_cases == 10


def test_the_order_of_the_replies_changes_no_estimate() -> None:
    arms = ten_cases()

    turned = foretold(arms=RoutedArms(arms.previous[::-1], arms.candidate[::-1]))

    assert estimate(outlook(turned).override_rate) == pytest.approx(estimate(outlook(foretold()).override_rate))  # fmt: skip
    assert outlook(turned).lanes["auto"].estimate == outlook(foretold()).lanes["auto"].estimate


def test_the_same_seed_gives_the_same_forecast() -> None:
    assert foretold() == foretold()
    assert foretold() != foretold(seed=2)


def test_cases_that_one_arm_did_not_answer_are_left_out() -> None:
    arms = ten_cases()

    found = foretold(arms=RoutedArms(arms.previous, (*arms.candidate, a_reply(99, LOW))))

    assert found.n_cases == 10


def test_types_without_cases_are_kept_as_the_log_has_them_and_told() -> None:
    base = two_weeks()
    traffic = replace(
        base,
        kinds=("act", "rare"),
        daily=np.concatenate([base.daily, base.daily / 3], axis=1),
        routed=np.concatenate([base.routed, base.routed / 3], axis=1),
        hourly=np.concatenate([base.hourly, base.hourly / 3]),
        behaviour=Behaviour(
            np.array([[90.0, 10.0], [0.0, 0.0]]),
            np.array([[100.0, 100.0], [0.0, 0.0]]),
            np.array([100.0, 5.0]),
            np.array([200.0, 10.0]),
        ),
        escaped=np.array([[np.nan, np.nan], [2.0, 40.0]]),
    )
    found = foretold(traffic)
    now = outlook(found)

    # A quarter of the traffic: 0.6 of it runs alone, 1 in 20 of that wrong, and half of the rest is overridden.
    assert found.covered_share == pytest.approx(0.75)
    assert estimate(now.lanes["auto"]) == pytest.approx(0.75 * 0.64 + 0.25 * 0.6)
    assert estimate(now.error_escape_rate) == pytest.approx((0.75 * 0.12 + 0.25 * 0.6 * 0.05) / (0.75 * 0.64 + 0.25 * 0.6))  # fmt: skip
    assert estimate(now.override_rate) == pytest.approx((0.75 * 0.1 + 0.25 * 0.4 * 0.5) / (0.75 * 0.36 + 0.25 * 0.4))  # fmt: skip
    assert any("25.0% of the traffic (rare) has too few golden cases" in note for note in found.notes)  # fmt: skip


def test_a_young_model_is_looked_at_more() -> None:
    indicator = {"id": "young", "model_younger_than_days": 14, "effect": {"lane": "queue"}}

    found = foretold(policy=a_policy_of(risk_indicators=[indicator]))

    assert estimate(outlook(found).lanes["queue"]) == pytest.approx(1.0)
    assert found.previous is not None
    assert estimate(found.previous.lanes["queue"]) == pytest.approx(0.4)


def test_a_rule_that_asks_for_what_no_reply_says_is_left_out_and_told() -> None:
    indicator = {"id": "format", "new_output_format": ["json-4"], "effect": {"lane": "queue"}}

    found = foretold(policy=a_policy_of(risk_indicators=[indicator]))

    assert estimate(outlook(found).lanes["auto"]) == pytest.approx(0.64)
    assert "indicator:format is left out: no golden reply says output_format" in found.notes


def test_a_rule_over_the_content_holds_where_the_content_says_so() -> None:
    arms = ten_cases()
    large = tuple(replace(one, content={"amount": 900 if one.case == "c1" else 5}) for one in arms.candidate)  # fmt: skip
    rule = {"when": "decision.content.amount > 100", "risk": "critical"}
    before = tuple(replace(one, content={"amount": 5}) for one in arms.previous)

    found = foretold(arms=RoutedArms(before, large), policy=a_policy_of(dynamic_risk=[rule]))

    assert estimate(outlook(found).lanes["escalate"]) == pytest.approx(0.6 / 5)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"members": ()}, "no members, so nobody looks; add `members`", id="nobody looks"),
        pytest.param({"pools": {}}, "the policy describes no such pool; add it under `pools`", id="no pool"),
    ],
)  # fmt: skip
def test_what_the_queue_needs_and_the_policy_lacks_is_named(
    changes: dict[str, object], reason: str
) -> None:
    if "pools" in changes:
        policy = one_type({"audit_rate": 0.0}, pools={})
    else:
        policy = a_policy_of(**changes)  # type: ignore[arg-type]  # parts of a policy
    (pool,) = outlook(foretold(policy=policy)).pools

    assert pool.p95_wait_minutes.estimate is None
    assert pool.p95_wait_minutes.reason == reason
    assert pool.breaks_sla is None
    assert estimate(pool.per_week) == pytest.approx(18.0)


def lacking(**changes: object) -> Traffic:
    return replace(two_weeks(), **changes)  # type: ignore[arg-type]  # fields of the traffic


NOBODY = Behaviour(np.zeros((1, 2)), np.zeros((1, 2)), np.array([10.0]), np.array([200.0]))


def test_without_labelled_reviews_nobody_knows_the_overrides() -> None:
    now = outlook(foretold(lacking(behaviour=NOBODY)))

    assert now.override_rate.estimate is None
    assert "no decision of the log has both a label" in now.override_rate.reason
    assert now.auto_resolve_rate.estimate is None
    assert estimate(now.escalation_rate) == pytest.approx(0.36)


def test_without_times_nothing_is_said_of_weeks_and_queues() -> None:
    found = foretold(lacking(times=np.zeros(168), hourly=np.zeros((1, 168)), weeks=None))
    now = outlook(found)

    for one in (now.reviews_per_week, now.reviewer_hours_per_week, now.cost_usd_per_week, now.pools[0].utilisation):  # fmt: skip
        assert one == Range(estimate=None, low=None, high=None, reason="the log does not say when its decisions were made")  # fmt: skip
    assert "nobody knows what comes in the busiest hour" in outlook(found, Setting.HELD).reason
    assert estimate(now.override_rate) > 0


def test_without_review_times_there_are_no_hours_and_no_waits() -> None:
    now = outlook(foretold(lacking(paces={})))

    assert now.reviewer_hours_per_week.estimate is None
    assert "review_seconds" in now.reviewer_hours_per_week.reason
    assert now.pools[0].p95_wait_minutes.estimate is None
    assert estimate(now.reviews_per_week) == pytest.approx(18.0)


def test_without_a_cost_in_the_log_there_is_none() -> None:
    assert "cost_usd" in outlook(foretold(lacking(cost_usd=None))).cost_usd_per_week.reason


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        pytest.param(lambda: foretold(lacking(problem="no decision is by X")), "no decision is by X", id="the log has none"),
        pytest.param(lambda: foretold(arms=RoutedArms((), ())), "no golden case has a reply in both arms", id="no replies"),
        pytest.param(
            lambda: foretold(arms=replace(ten_cases(), candidate=tuple(replace(one, action_type=None) for one in ten_cases().candidate))),
            "no reply of the candidate arm says its action type", id="no action type"),
        pytest.param(
            lambda: foretold(arms=RoutedArms(ten_cases().previous[:4], ten_cases().candidate[:4])),
            "five independent golden cases", id="too few cases"),
    ],
)  # fmt: skip
def test_where_nothing_can_be_forecast_the_reason_stands_there(found, reason: str) -> None:  # type: ignore[no-untyped-def]
    forecast: Forecast = found()

    assert reason in forecast.unmeasured
    assert forecast.headline == f"no forecast: {forecast.unmeasured}"
    assert forecast.outlooks == ()


def test_a_recalibrated_policy_is_forecast_beside_or_its_reason_is_said() -> None:
    strict = a_policy_of(auto="never", version="2")

    found, none = foretold(proposed=strict), foretold(proposed="the proposal is for another policy")

    later = outlook(found, Setting.RECALIBRATED)
    assert (later.policy_version, later.thresholds) == ("2", {"act": "never"})
    assert estimate(later.lanes["auto"]) == 0.0
    assert outlook(none, Setting.RECALIBRATED).reason == "the proposal is for another policy"


def test_golden_cases_that_are_harder_than_the_traffic_do_not_inflate_the_forecast() -> None:
    rng = np.random.default_rng(5)
    traffic = worlds.log_of(rng)
    hard = replace(worlds.OLD, error=0.15, slope=0.3), replace(worlds.NEW, error=0.15, slope=0.55)

    found = foretold(traffic, worlds.golden(hard, 400, rng), worlds.workflow())
    now = outlook(found).error_escape_rate

    assert found.observed is not None
    assert found.previous is not None
    assert estimate(found.previous.error_escape_rate) > 0.1
    assert estimate(now) < 0.1
    # With and without calibration lie within the range.
    assert now.high is not None
    assert now.high > 0.15
    assert any(note.startswith("error escape rate: the golden replies") for note in found.notes)


def test_a_log_under_another_policy_calibrates_no_overrides() -> None:
    known = {"override_rate": Known(0.5, 0.45, 0.55)}

    same = outlook(foretold(lacking(observed=known))).override_rate
    other = foretold(lacking(observed=known, same_lane=0.5))

    assert estimate(same) != estimate(outlook(other).override_rate)
    assert estimate(outlook(other).override_rate) == pytest.approx(0.1 / 0.36)
    assert any("only 50% of the logged lanes" in note for note in other.notes)


def test_hostile_names_and_contents_are_only_data() -> None:
    arms = ten_cases()
    evil = tuple(
        replace(one, content={"decision_id": "x", "action_type": "act", "confidence": 1.0, "risk": "low", "": None},
                risk="none at all" if one.case == "c0" else None, confidence=math.inf if one.case == "c1" else one.confidence)
        for one in arms.candidate
    )  # fmt: skip

    lanes = outlook(foretold(arms=replace(arms, candidate=evil))).lanes

    # A risk that is none of the policy's is critical, and a confidence that is no number goes to a person.
    assert estimate(lanes["escalate"]) == pytest.approx(0.6 / 5)
    assert estimate(lanes["auto"]) == pytest.approx(0.6 * 2 / 5 + 0.4 * 2 / 5)


def test_cases_of_one_cluster_are_one_piece_of_evidence() -> None:
    arms = ten_cases()
    joined = RoutedArms(*(tuple(replace(one, cluster=f"k{int(one.case[1:]) % 5}") for one in arm) for arm in (arms.previous, arms.candidate)))  # fmt: skip

    alone, together = foretold().outlooks[0].lanes["auto"], foretold(arms=joined).outlooks[0].lanes["auto"]  # fmt: skip

    assert estimate(together) == pytest.approx(estimate(alone))
    assert foretold(arms=joined).n_clusters == 5


@pytest.mark.parametrize("confidence", [0.0, 1.0, math.nan])
def test_a_confidence_that_is_none_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        foretold(confidence=confidence)


def test_more_confidence_never_gives_a_narrower_range() -> None:
    usual, sure = (outlook(foretold(confidence=one)).override_rate for one in (0.9, 0.99))

    assert usual.low is not None
    assert sure.low is not None
    assert sure.low <= usual.low
    assert (sure.high or 0.0) >= (usual.high or 1.0)


def test_the_tiers_sla_stands_in_for_that_of_the_pool() -> None:
    (pool,) = outlook(foretold(policy=a_policy_of(sla=None, tiers={"1": {"sla_minutes": 25}}))).pools  # fmt: skip

    assert (pool.sla_minutes, pool.breaks_sla) == (25, True)


@pytest.mark.parametrize("case", range(10))
def test_one_wrong_reply_more_never_makes_the_escape_smaller(case: int) -> None:
    arms = ten_cases()
    worse = tuple(replace(one, is_right=False) if one.case == f"c{case}" else one for one in arms.candidate)  # fmt: skip

    before, after = outlook(foretold()).error_escape_rate, outlook(foretold(arms=replace(arms, candidate=worse))).error_escape_rate  # fmt: skip

    assert estimate(after) >= estimate(before)
    assert (after.high or 0.0) >= (before.high or 0.0)
    assert (after.low or 0.0) >= (before.low or 0.0)


def crowded() -> Forecast:
    """Return the forecast of a spike for two reviewers who can hardly carry what there is."""
    pools = {
        "triage": {"members": ["a", "b"], "capacity_per_hour": 24, "tier": 1, "sla_minutes": 15},
        "experts": {"members": ["c"], "capacity_per_hour": 12, "tier": 2, "sla_minutes": 240},
    }
    rng = np.random.default_rng(3)
    arms = worlds.golden((worlds.OLD, worlds.NEW), 400, rng)
    return foretold(worlds.log_of(rng), arms, worlds.workflow(pools=pools))


def test_held_thresholds_keep_the_sla_and_the_escape_is_told() -> None:
    found = crowded()
    now, held = outlook(found), outlook(found, Setting.HELD)

    before, after = (next(pool for pool in one.pools if pool.pool == "triage") for one in (now, held))  # fmt: skip
    assert (before.breaks_sla, after.breaks_sla) == (True, False)
    assert estimate(after.p95_wait_minutes) <= 15
    lowered = [kind for kind, auto in held.thresholds.items() if auto != now.thresholds[kind]]
    assert lowered
    assert all(float(held.thresholds[kind]) < float(now.thresholds[kind]) for kind in lowered)
    assert estimate(held.error_escape_rate) > estimate(now.error_escape_rate)
    assert any("would keep the SLA in the busiest hour" in note for note in found.notes)


def test_where_no_pool_is_over_the_held_policy_is_the_policy_and_says_so() -> None:
    found = foretold()

    now, held = outlook(found), outlook(found, Setting.HELD)
    assert held.thresholds == now.thresholds
    assert held.lanes == now.lanes
    assert any(note.startswith("held at capacity: no pool is over") for note in found.notes)


def test_what_is_critical_is_never_let_loose_to_hold_a_queue() -> None:
    pool = {"members": ["ana"], "capacity_per_hour": 24, "sla_minutes": 1}
    policy = one_type({"risk": "critical"}, pools={"triage": pool})
    escalated = lacking(routed=np.array([[[0.0, 0.0, 0.0, 50.0, 50.0]]] * 2))

    found = foretold(escalated, policy=policy)

    held = outlook(found, Setting.HELD)
    assert held.thresholds == {"act": 0.85}
    assert estimate(held.lanes["escalate"]) == pytest.approx(1.0)
    assert any("no threshold lets triage keep the SLA" in note for note in found.notes)


def test_confidence_goes_through_the_calibrator_of_its_own_model_alone() -> None:
    fitted = {"n": 100, "data_digest": "0" * 64, "at": "2026-06-01"}
    calibrator = {
        "format": "hitl/calibrator/v1",
        "version": "1",
        "model": "acme/new",
        "all": {"method": "temperature", "parameters": {"temperature": 2.0}, "fitted_on": fitted},
    }
    policy = a_policy_of().model_copy(update={"calibrator": Calibrator.model_validate_json(json.dumps(calibrator))})  # fmt: skip
    arms = ten_cases()
    named = tuple(replace(one, fields={"resolved_model": "acme/new"}) for one in arms.candidate)

    waiting = lacking(routed=np.array([[[0.0, 0.0, 50.0, 0.0, 50.0]]] * 2))

    own = outlook(foretold(waiting, replace(arms, candidate=named), policy)).lanes
    unnamed = outlook(foretold(waiting, policy=policy)).lanes

    # 0.95 is worth sqrt(19) / (1 + sqrt(19)) = 0.813, below 0.85: answered, and then looked at. The previous model's
    # confidence is not usable, so its zones tell no cases apart, and six of ten count as six of ten.
    assert estimate(own["audit"]) == pytest.approx(0.6)
    assert estimate(own["auto"]) == 0.0
    assert estimate(unnamed["queue"]) == pytest.approx(1.0)
