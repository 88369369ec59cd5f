"""Limits on what reviewers would face: nothing that is missing, broken or too narrow ever passes."""

import json
import math

import pytest

from hitl.gate.authority import GateContext, GateResult, judge
from hitl.gate.forecast_rules import LEAST_COVERED, forecast_rules
from hitl.gate.rules import RuleResult, Terms
from hitl.gate.verdict import call, decide
from hitl.gate.verdict_words import State, Verdict
from hitl.manifest.forecast import FORECAST, ForecastMeasure, Setting
from hitl.manifest.gate_class import Authority, GateClass
from hitl.manifest.release import Stage
from hitl.recalibrate.forecast.parts import GROWS, Forecast, Range
from tests.render.sample_forecast import (
    a_forecast,
    a_pool,
    a_range,
    an_outlook,
    an_unforetold,
    unsaid,
)

TERMS = Terms(Authority.BLOCK, 0.95, 0.0, None)
NO_RANGE = Range(estimate=None, low=None, high=None)


def forged(estimate: float, low: float, high: float) -> Range:
    """A range that no document could hold."""
    return Range.model_construct(estimate=estimate, low=low, high=high, reason="")


def a_class(**parts: object) -> GateClass:
    values: dict[str, object] = {
        "authority": "block",
        "metric": "forecast.override_rate",
        "max": 0.08,
    }
    return GateClass.model_validate_json(json.dumps(values | parts))


def ruled(forecast: Forecast | None, **parts: object) -> RuleResult:
    (found,) = forecast_rules(a_class(**parts), forecast, TERMS)
    return found


def with_override(now: Range, before: Range | None = None) -> Forecast:
    """A forecast whose override rate is what it is, under the policy as it is; the log says nothing else."""
    old = an_outlook(None, override_rate=before or a_range(0.04, 0.03, 0.05))
    return a_forecast(
        observed=old,
        previous=old,
        outlooks=(an_outlook(Setting.AS_IT_IS, override_rate=now),),
    )


@pytest.mark.parametrize(
    ("low", "high", "state"),
    [
        (0.05, 0.08, State.PASS),
        (0.05, 0.0801, State.UNDECIDED),
        (0.08, 0.10, State.UNDECIDED),
        (0.0801, 0.10, State.FAIL),
    ],
)
def test_a_limit_holds_when_the_whole_range_respects_it(
    low: float, high: float, state: State
) -> None:
    found = ruled(with_override(a_range((low + high) / 2, low, high)))
    assert found.state is state
    assert found.low == low
    assert found.high == high
    assert found.rule == "forecast.override_rate.max"
    assert "95% a side (n = 248 cases" in found.message


@pytest.mark.parametrize(
    ("limit", "state"), [(4.0, State.PASS), (3.0, State.UNDECIDED), (1.1, State.FAIL)]
)
def test_a_ratio_is_made_of_the_far_ends_of_both_ranges(limit: float, state: State) -> None:
    # 0.06 / 0.05 = 1.2 and 0.12 / 0.03 = 4, around 0.08 / 0.04 = 2
    found = ruled(with_override(a_range(0.08, 0.06, 0.12)), max=None, max_ratio=limit)
    assert found.state is state
    assert (found.low, found.value, found.high) == pytest.approx((1.2, 2.0, 4.0))


def test_a_limit_does_not_pass_where_cases_lack_a_usable_reply() -> None:
    good = with_override(a_range(0.06, 0.05, 0.07))
    gate = a_class()
    for lost, allowed, state in [(0, 0.0, State.PASS), (1, 0.0, State.UNMEASURED), (24, 0.1, State.PASS), (25, 0.1, State.UNMEASURED)]:  # fmt: skip
        forecast = good.model_copy(update={"n_unanswered": lost})
        (found,) = forecast_rules(gate, forecast, Terms(Authority.BLOCK, 0.95, allowed, None))
        assert found.state is state, found.message
    # What is broken all the same is no less broken.
    bad = with_override(a_range(0.2, 0.15, 0.3)).model_copy(update={"n_unanswered": 200})
    assert ruled(bad).state is State.FAIL


def test_an_increase_is_made_of_the_far_ends_too() -> None:
    found = ruled(with_override(a_range(0.08, 0.06, 0.12)), max=None, max_increase=0.09)
    assert found.state is State.PASS
    assert (found.low, found.value, found.high) == pytest.approx((0.01, 0.04, 0.09))


def test_the_previous_model_is_taken_from_the_log_and_by_its_replies_only_where_the_log_is_silent() -> (
    None
):
    now = an_outlook(Setting.AS_IT_IS, override_rate=a_range(0.08, 0.06, 0.1))
    replied = an_outlook(None, override_rate=a_range(0.02, 0.019, 0.021))
    logged = an_outlook(None, override_rate=a_range(0.08, 0.075, 0.085))
    asked = {"max": None, "max_ratio": 2.0}
    both = a_forecast(observed=logged, previous=replied, outlooks=(now,))
    silent = a_forecast(
        observed=an_outlook(None, override_rate=unsaid("no label")),
        previous=replied,
        outlooks=(now,),
    )
    assert ruled(both, **asked).state is State.PASS
    assert ruled(silent, **asked).state is State.FAIL


@pytest.mark.parametrize(
    "broken",
    [
        NO_RANGE,
        unsaid("no review was timed"),
        Range(estimate=0.05, low=None, high=0.06),
        Range(estimate=0.05, low=0.04, high=None),
        Range(estimate=None, low=0.04, high=0.06),
        forged(0.05, math.nan, 0.06),
        forged(math.nan, 0.04, 0.06),
        forged(0.05, 0.04, math.nan),
        a_range(0.05, 0.07, 0.06),
        forged(0.05, -math.inf, 0.06),
    ],
)
@pytest.mark.parametrize("limits", [{"max": 1.0}, {"max": None, "max_ratio": 50.0}])
def test_a_number_that_is_missing_or_broken_never_passes(
    broken: Range, limits: dict[str, object]
) -> None:
    assert ruled(with_override(broken), **limits).state is State.UNMEASURED
    if "max_ratio" in limits:
        found = ruled(with_override(a_range(0.01, 0.005, 0.02), broken), **limits)
        assert found.state is State.UNMEASURED


@pytest.mark.parametrize(
    ("forecast", "why"),
    [
        (None, "name a `baseline` and a `policy`"),
        (an_unforetold("the log names no model"), "the log names no model"),
        (a_forecast(outlooks=()), "nothing is forecast of the candidate under `as_it_is`"),
        (a_forecast(n_cases=0), "no golden case"),
        (a_forecast().model_copy(update={"covered_share": math.nan}), "no golden case"),
        (a_forecast(confidence=0.5), "the ranges hold at 50.0%, and 90.0% two-sided is asked"),
        (
            a_forecast(outlooks=(an_outlook(Setting.AS_IT_IS, reason="no policy"),)),
            "no policy",
        ),
    ],
)
def test_a_forecast_that_is_missing_or_says_too_little_never_passes(
    forecast: Forecast | None, why: str
) -> None:
    found = ruled(forecast, max=1.0)
    assert found.state is State.UNMEASURED
    assert found.value is None
    assert why in found.message


def test_traffic_that_no_case_speaks_for_does_not_pass_as_unchanged() -> None:
    thin = with_override(a_range(0.05, 0.04, 0.06)).model_copy(
        update={"covered_share": LEAST_COVERED - 0.01}
    )
    assert ruled(thin).state is State.UNMEASURED
    assert "speak for 89.0% of the traffic" in ruled(thin).message
    bad = with_override(a_range(0.2, 0.15, 0.3)).model_copy(update={"covered_share": 0.5})
    assert ruled(bad).state is State.FAIL


@pytest.mark.parametrize("reason", ["it was made for `x`", "the certificate ended"])
def test_a_recalibration_that_does_not_stand_leaves_its_rules_unmeasured(reason: str) -> None:
    refused = an_outlook(Setting.RECALIBRATED, reason=reason)
    forecast = a_forecast(outlooks=(an_outlook(Setting.AS_IT_IS), refused))
    found = ruled(forecast, max=1.0, setting="recalibrated")
    assert found.state is State.UNMEASURED
    assert found.rule == "forecast.override_rate.recalibrated.max"
    assert reason in found.message
    assert ruled(forecast, max=1.0, setting="held").state is State.UNMEASURED


def test_the_pool_that_waits_longest_counts_and_a_silent_one_may_be_it() -> None:
    def waiting(*pools: tuple[str, Range]) -> Forecast:
        found = tuple(a_pool(name, 1.0, 72, p95_wait_minutes=wait) for name, wait in pools)
        return a_forecast(outlooks=(an_outlook(Setting.AS_IT_IS, pools=found),))

    asked = {"metric": "forecast.p95_wait_minutes", "max": 60.0}
    quick, slow = ("triage", a_range(4, 2, 9)), ("experts", a_range(70, 61, 90))
    assert ruled(waiting(quick), **asked).state is State.PASS
    assert ruled(waiting(quick, slow), **asked).state is State.FAIL
    silent = ruled(waiting(quick, ("night", unsaid("no members"))), **asked)
    assert silent.state is State.UNMEASURED
    assert "night: no members" in silent.message
    assert ruled(waiting(), **asked).state is State.UNMEASURED


def test_a_queue_without_end_breaks_every_limit_on_waits() -> None:
    def growing(wait: Range) -> Forecast:
        pool = a_pool("triage", 4.0, 72, p95_wait_minutes=wait)
        return a_forecast(outlooks=(an_outlook(Setting.AS_IT_IS, pools=(pool,)),))

    asked = {"metric": "forecast.p95_wait_minutes", "max": 1e9}
    surely = unsaid(f"{GROWS}, at the lower end too")
    perhaps = Range(estimate=None, low=12.0, high=None, reason=GROWS)
    above = Range(estimate=31.0, low=12.0, high=None, reason=f"{GROWS} at the upper end")
    assert ruled(growing(surely), **asked).state is State.FAIL
    assert ruled(growing(perhaps), **asked).state is State.UNDECIDED
    assert ruled(growing(above), **asked).state is State.UNDECIDED
    assert ruled(growing(surely), **asked).high is None


@pytest.mark.parametrize("measure", ForecastMeasure)
def test_every_number_that_a_class_may_name_can_be_read(measure: ForecastMeasure) -> None:
    found = ruled(a_forecast(), metric=f"forecast.{measure}", max=1e9)
    assert found.state is State.PASS
    assert found.value is not None


def test_nothing_to_divide_by_is_not_a_small_ratio() -> None:
    zero = a_range(0.0, 0.0, 0.01)
    asked = {"max": None, "max_ratio": 1e6}
    assert ruled(with_override(a_range(0.1, 0.09, 0.2), zero), **asked).state is State.UNMEASURED
    rare = a_range(0.001, 0.0, 0.01)
    assert ruled(with_override(a_range(0.1, 0.09, 0.2), rare), **asked).state is State.UNDECIDED


def judged(forecast: Forecast | None, *classes: GateClass) -> tuple[GateResult, ...]:
    context = GateContext(0.95, 0.0, frozenset(), {}, lambda _: pytest.fail("drew"), {}, forecast)
    return judge(classes, {}, context)


def test_a_class_without_a_subset_is_about_the_forecast_and_has_its_authority() -> None:
    flood = with_override(a_range(0.2, 0.15, 0.3))
    (gate,) = judged(flood, a_class())
    assert gate.subset == FORECAST
    assert gate.state is State.FAIL
    assert call(gate, Stage.PRE_CUTOVER) is Verdict.HOLD
    assert call(gate, Stage.CANARY) is Verdict.REVERT
    (signal,) = judged(flood, a_class(authority="signal"))
    assert call(signal, Stage.CANARY) is Verdict.SHIP


def test_conditions_cover_a_failed_forecast_and_never_an_unmeasured_one() -> None:
    lenient = a_class(authority="conditional", on_failure=[{"rollout_percent": 5}])
    (failed,) = judged(with_override(a_range(0.2, 0.15, 0.3)), lenient)
    (absent,) = judged(None, lenient)
    assert call(failed, Stage.PRE_CUTOVER) is Verdict.SHIP
    assert call(absent, Stage.PRE_CUTOVER) is Verdict.HOLD
    assert decide([failed], (), Stage.PRE_CUTOVER).conditions[0].subset == FORECAST


def test_classes_of_one_authority_are_taken_together() -> None:
    found = judged(
        with_override(a_range(0.05, 0.04, 0.06)),
        a_class(),
        a_class(metric="forecast.utilisation", max=0.01),
    )
    assert [gate.state for gate in found] == [State.FAIL]
    assert len(found[0].rules) == 2
