"""Forecast rules: limits on what reviewers would face."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from hitl.gate.rules import RuleResult, Terms
from hitl.gate.verdict_words import State
from hitl.manifest.forecast import ForecastMeasure, forecast_measure
from hitl.manifest.gate_class import GateClass
from hitl.recalibrate.forecast.parts import GROWS, Forecast, Outlook, PoolForecast, Range

LEAST_COVERED = 0.9
"""Share of the traffic that golden cases must speak for: the rest is kept as observed, and a model that nobody asked
about it would pass by its absence."""
_BY_POOL = (ForecastMeasure.P95_WAIT_MINUTES, ForecastMeasure.UTILISATION)
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a number reaches; infinite where nothing bounds it."""

    estimate: float
    low: float
    high: float


def forecast_rules(gate: GateClass, forecast: Forecast | None, terms: Terms) -> list[RuleResult]:
    """Apply the limits that a gate class puts on the forecast.

    A limit holds when the upper end of the range respects it, is broken when the lower end does not, and is
    undecided between. The ranges are two-sided at 2c - 1, so that each end is one-sided at the release's
    confidence c. Ratio and increase against the previous model (as the log has it, else by its replies) are made of the
    ends of both ranges, which errs on the safe side whatever the two have in common.

    What is not said, or said of too little of the traffic, never passes.
    """
    limits = (
        ("max", gate.max),
        ("max_ratio", gate.max_ratio),
        ("max_increase", gate.max_increase),
    )
    return [
        _judge(gate, rule, limit, forecast, terms) for rule, limit in limits if limit is not None
    ]


def _judge(
    gate: GateClass, rule: str, limit: float, forecast: Forecast | None, terms: Terms
) -> RuleResult:
    under = "" if "setting" not in gate.model_fields_set else f".{gate.setting}"
    n = forecast.n_cases if forecast else 0
    name = f"{gate.metric}{under}.{rule}"
    empty = RuleResult(name, terms.authority, None, limit, State.UNMEASURED, n, None, None, "")
    reach = _reach(gate, rule, forecast, terms)
    if forecast is None or isinstance(reach, str):
        return replace(empty, message=f"not measured: {reach}")
    state, word = _state(reach, limit)
    seen = (
        f"{_figure(reach.estimate)} [{_figure(reach.low)}, {_figure(reach.high)}] at {terms.confidence * 100:g}% a side"
        f" (n = {n} cases, projected onto {forecast.n_traffic} decisions), limit {limit:g}"
    )
    if state is not State.FAIL and (problem := _absence(forecast, terms)):
        return replace(empty, message=f"not measured: {problem} ({seen})")
    return replace(
        empty,
        value=_finite(reach.estimate),
        state=state,
        low=_finite(reach.low),
        high=_finite(reach.high),
        message=f"{word}: {seen}",
    )


def _absence(forecast: Forecast, terms: Terms) -> str:
    """Return what of the traffic, or of the replies, nobody has seen; empty if that is little."""
    if forecast.covered_share < LEAST_COVERED:
        return f"the cases speak for {forecast.covered_share:.1%} of the traffic, and {LEAST_COVERED:.0%} are needed"
    asked = max(forecast.n_cases, forecast.n_unanswered)
    if forecast.n_unanswered > terms.max_missing * asked:
        return f"{forecast.n_unanswered} of {asked} cases lack a usable reply in one of the arms, and {terms.max_missing:.1%} may"
    return ""


def _state(reach: Reach, limit: float) -> tuple[State, str]:
    if reach.high <= limit:
        return State.PASS, "within the limit"
    if reach.low > limit:
        return State.FAIL, "above the limit"
    return State.UNDECIDED, "straddles the limit"


def _reach(gate: GateClass, rule: str, forecast: Forecast | None, terms: Terms) -> Reach | str:
    """Return what a rule reads, or why it cannot be said."""
    measure = forecast_measure(gate.metric)
    if forecast is None or measure is None:
        return "the release has no forecast; name a `baseline` and a `policy`"
    if problem := _unusable(forecast, terms):
        return problem
    outlook = next((one for one in forecast.outlooks if one.setting is gate.setting), None)
    after = _found(measure, outlook, f"the candidate under `{gate.setting}`")
    if isinstance(after, str) or rule == "max":
        return after
    before = _before(measure, forecast)
    if isinstance(before, str):
        return before
    return _increase(before, after) if rule == "max_increase" else _ratio(before, after)


def _before(measure: ForecastMeasure, forecast: Forecast) -> Reach | str:
    """Return the previous model's: as the log has it, which is what the candidate is calibrated on, else by its replies."""
    logged = _found(measure, forecast.observed, "the log")
    if isinstance(logged, Reach):
        return logged
    return _found(measure, forecast.previous, "the previous model")


def _unusable(forecast: Forecast, terms: Terms) -> str:
    if forecast.unmeasured:
        return forecast.unmeasured
    if not (math.isfinite(forecast.covered_share) and forecast.n_cases > 0):
        return "no golden case speaks for the traffic"
    if forecast.confidence + _SLACK < (needed := 2 * terms.confidence - 1):
        return f"the ranges hold at {forecast.confidence:.1%}, and {needed:.1%} two-sided is asked"
    return ""


def _found(measure: ForecastMeasure, outlook: Outlook | None, who: str) -> Reach | str:
    if outlook is None:
        return f"nothing is forecast of {who}"
    if outlook.reason:
        return f"{who}: {outlook.reason}"
    found = (
        _worst(list(_pools(measure, outlook.pools)))
        if measure in _BY_POOL
        else read_range(getattr(outlook, measure))
    )
    return f"{who}: {found}" if isinstance(found, str) else found


def read_range(given: Range) -> Reach | str:
    """Return a range as numbers, or why it says nothing; a queue that grows without end has no upper end."""
    if given.reason.startswith(GROWS):
        low = math.inf if given.low is None else given.low
        found = Reach(math.inf if given.estimate is None else given.estimate, low, math.inf)
    elif given.low is None or given.estimate is None or given.high is None:
        return given.reason or "no range"
    else:
        found = Reach(given.estimate, given.low, given.high)
    is_range = found.low <= found.estimate <= found.high and found.low != -math.inf
    return found if is_range else "its range is no range"


def _pools(measure: ForecastMeasure, pools: Iterable[PoolForecast]) -> Iterator[Reach | str]:
    for pool in pools:
        found = read_range(getattr(pool, measure))
        yield f"{pool.pool or 'nobody named'}: {found}" if isinstance(found, str) else found


def _worst(pools: list[Reach | str]) -> Reach | str:
    """Return the reach of the largest; one pool that says nothing may be the worst."""
    if not pools:
        return "the policy sends nothing to a pool"
    silent = next((one for one in pools if isinstance(one, str)), None)
    if silent is not None:
        return silent
    said = [one for one in pools if isinstance(one, Reach)]
    return Reach(
        max(one.estimate for one in said),
        max(one.low for one in said),
        max(one.high for one in said),
    )


def _increase(before: Reach, after: Reach) -> Reach | str:
    if math.isinf(before.high):
        return "nothing bounds what the previous model would mean"
    return Reach(after.estimate - before.estimate, after.low - before.high, after.high - before.low)


def _ratio(before: Reach, after: Reach) -> Reach | str:
    if before.estimate <= 0 or before.low < 0:
        return "the previous model has nothing to divide by"
    if math.isinf(before.high):
        return "nothing bounds what the previous model would mean"
    high = after.high / before.low if before.low > 0 else math.inf
    return Reach(after.estimate / before.estimate, after.low / before.high, high)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _figure(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else "no end"
